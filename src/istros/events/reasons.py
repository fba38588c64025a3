"""What the law asks of every watchlist entry, of a plate or of a person: one place, so that neither asks less (rule L9)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from istros.base.plain_words import is_plain
from istros.base.time import DAY, HOUR, Time
from istros.base.week_hours import in_week_hours, is_week_hours
from istros.events.errors import EntryRefused
from istros.store.rows import Category, Handling, Priority

MOST_LETTERS = 300
"""Of each text of an entry."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why, for whom and where somebody or something is sought; `owner` is the organisation whose case it is.

    `cameras` empty: all; `hours` as `base.week_hours` says, empty: always. `renews` names the entry that this one goes on
    with, and `renewal_reason` says why.
    """

    purpose: str
    ground: str
    case_ref: str
    owner: str
    priority: Priority
    category: Category
    requester: str
    handling: Handling
    provenance: str
    expires: Time
    review: Time
    handling_note: str = ""
    cameras: tuple[str, ...] = ()
    hours: str = ""
    renews: str | None = None
    renewal_reason: str = ""


def check_reasons(reasons: Reasons, now: Time, longest: int, known_cameras: Collection[str] | None = None) -> None:
    """Raise EntryRefused for the first thing that is missing or too much; `longest` is microseconds.

    Cameras are compared with `known_cameras` where those are given.
    """
    _check_texts(reasons)
    _check_times(reasons, now, longest)
    _check_scope(reasons, known_cameras)


def in_scope(cameras: tuple[str, ...], hours: str, camera_id: str, time: Time) -> bool:
    """Whether what a camera saw at a moment is within an entry's scope."""
    return (not cameras or camera_id in cameras) and in_week_hours(hours, time)


def _check_texts(reasons: Reasons) -> None:
    needed = {
        "purpose": ("purpose", reasons.purpose),
        "ground": ("legal ground", reasons.ground),
        "case": ("case number", reasons.case_ref),
        "requester": ("requester", reasons.requester),
        "provenance": ("provenance", reasons.provenance),
    }
    for field, (name, text) in needed.items():
        if not text.strip():
            raise EntryRefused(
                f"The watchlist entry has no {name}.",
                f"Write its {name}: without one nobody is sought.",
                field,
                "missing",
            )
    if reasons.handling == "H3" and not reasons.handling_note.strip():
        raise EntryRefused(
            "The handling code H3 says nothing without a note.",
            "Write what must not be done with it.",
            "handling_note",
            "missing",
        )
    texts = {field: text for field, (_, text) in needed.items()}
    texts |= {"handling_note": reasons.handling_note, "renewal_reason": reasons.renewal_reason}
    for field, text in texts.items():
        if not is_plain(text, MOST_LETTERS):
            raise EntryRefused(
                f"The field '{field}' is too long or holds control characters.",
                f"Keep it to {MOST_LETTERS} letters.",
                field,
                "too-long",
            )


def _check_times(reasons: Reasons, now: Time, longest: int) -> None:
    if reasons.expires <= now:
        raise EntryRefused(
            "The watchlist entry would have expired already.", "Choose a time to come.", "expires", "past"
        )
    if reasons.expires - now > longest:
        raise EntryRefused(
            f"Such an entry lasts {_said(longest)} at most.",
            "Choose an earlier end; it can be renewed by a new decision.",
            "expires",
            "too-late",
        )
    if not now <= reasons.review <= reasons.expires:
        raise EntryRefused(
            "The entry must be looked at again before it ends.",
            "Choose a review date between now and its end.",
            "review",
            "outside",
        )


def _check_scope(reasons: Reasons, known: Collection[str] | None) -> None:
    strange = [] if known is None else [camera for camera in reasons.cameras if camera not in known]
    if strange:
        raise EntryRefused(
            f"There is no camera {strange[0]} on this node.", "Choose from its cameras.", "cameras", "unknown-camera"
        )
    if not is_week_hours(reasons.hours):
        raise EntryRefused(
            f"'{reasons.hours}' are no hours of the day or the week.",
            "Write them like 07:00-19:30, mon,tue or fri,sat 22:00-06:00.",
            "hours",
            "not-hours",
        )


def _said(longest: int) -> str:
    return f"{longest // DAY} days" if longest % DAY == 0 and longest > 3 * DAY else f"{longest // HOUR} hours"
