"""Whether a camera shows what it should: not covered, in focus, not moved, not frozen, not too dark (docs/design/0022).

One look a second at the luma plane, compared with what the camera usually shows in that part of the day. What is told
is a measure; how long it must last before it is a state, and when it is left, is said by the bounds of the state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from istros.base.time import HOUR, SECOND, Time
from istros.recognition.picture import Picture
from istros.recognition.picture_reference import ENOUGH, Reference, View, changed_share, edge_share, view_of

EVERY = SECOND
"""Microseconds between two looks."""

SLOTS = 8
"""Parts of the day (of three hours, UTC), each with a reference of its own."""

_LIKE = 0.5
"""Share of the usual likeness from which the picture counts as the one that was learnt."""
_WHOLE = 0.75
"""Share of the usual likeness from which nothing of the picture is missing."""
_MOVED_COLUMNS = 2.0
"""Shift in columns of 160 that is a move: 1.25 % of the picture's width, more than a mast sways."""
_PARTLY = 0.2
"""Share of tiles that are as they were, from which something stands before the rest; a turned camera leaves fewer."""
_BLIND = 45.0
"""Grey level that 98 % of a picture do not reach when nothing can be seen in it (16 is black)."""
_DARK_USUAL = 0.5
"""Share of its usual brightness at which a picture is dark although its edges can still be seen."""
_SHARP = 0.62
"""Share of the usual fineness below which a picture is out of focus."""
_FROZEN_SHARE = 0.02
_LIVELY = 0.1
"""Share of tiles that usually change within ten seconds, at least, for a still picture to be a frozen one."""
_COMPARE = 10 * SECOND


@dataclass(frozen=True, slots=True)
class PictureMeasures:
    """What one look gave: of each kind how bad it is (0 to 1; `frozen` in seconds), None where it cannot be told yet."""

    time: Time
    badness: dict[str, float | None]


class PictureBook(Protocol):
    """Where picture health is kept beyond one process."""

    def health_of(self, camera_id: str) -> PictureHealth:
        """What to look with at a camera's pictures."""
        ...

    def take(self, camera_id: str, measures: PictureMeasures) -> None:
        """What a look gave."""
        ...


class PictureHealth:
    """The picture health of one camera; plain code that one caller at a time calls."""

    def __init__(self, references: dict[str, Reference] | None = None) -> None:
        self._references = references if references is not None else {}
        self._looked: Time | None = None
        self._past: list[tuple[Time, View]] = []
        self._still_since: Time | None = None
        self._wants_saving: set[str] = set()
        self._forget_before: Time | None = None
        self.learns_unknown = True
        """Whether a picture may be learnt that nothing is known to compare it with: not while a head is steered away."""

    def see(self, luma: Picture, time: Time) -> PictureMeasures | None:
        """Look at a picture, unless one was looked at within the last second."""
        if self._looked is not None and 0 <= time - self._looked < EVERY:
            return None
        self._looked = time
        self._forget_now()
        view = view_of(luma)
        lively = self._liveliness(view, time)
        slot = slot_of(time)
        mine = self._references.get(slot)
        reference, likeness = self._best(view, slot)
        badness = self._judge(view, reference, likeness, lively, time)
        suspicious = any(value is not None and value > _LIKE for kind, value in badness.items() if kind != "frozen")
        unknown = reference is None and not self.learns_unknown
        if not suspicious and not unknown and (badness["frozen"] or 0) < _COMPARE / SECOND:
            mine = mine or self._references.setdefault(slot, Reference(time))
            mine.learn(view, mine.lively if lively is None else lively, time)
            self._wants_saving.add(slot)
        return PictureMeasures(time, badness)

    def forget(self, time: Time) -> None:
        """A person asked for it: what was learnt before that time is nothing any more, from the next look on."""
        self._forget_before = time

    def _forget_now(self) -> None:
        before, self._forget_before = self._forget_before, None
        if before is not None:
            self._references = {slot: each for slot, each in self._references.items() if each.learned >= before}
            self._wants_saving &= set(self._references)
            self._past, self._still_since = [], None

    def unsaved(self) -> list[tuple[str, Reference]]:
        """References that changed since they were last asked for."""
        slots, self._wants_saving = self._wants_saving, set()
        return [(slot, self._references[slot]) for slot in sorted(slots) if slot in self._references]

    def _best(self, view: View, slot: str) -> tuple[Reference | None, float]:
        """The reference that the picture is most like, and the share of its usual likeness; that of the hour first."""
        known = {name: each for name, each in self._references.items() if each.is_known}
        mine = known.get(slot)
        if mine is not None and (likeness := _share(mine, view)) >= _WHOLE:
            return mine, likeness
        return max(
            ((each, _share(each, view)) for each in known.values()), key=lambda pair: pair[1], default=(None, 0.0)
        )

    def _liveliness(self, view: View, time: Time) -> float | None:
        """Share of tiles that changed against the picture ten seconds before."""
        if self._past and time < self._past[-1][0]:
            self._past = []
        self._past.append((time, view))
        while len(self._past) > 1 and time - self._past[1][0] >= _COMPARE:
            self._past.pop(0)
        then, old = self._past[0]
        if not _COMPARE <= time - then <= 3 * _COMPARE:
            self._past = self._past[-1:] if time - then > 3 * _COMPARE else self._past
            return None
        return changed_share(view, old)

    def _judge(
        self, view: View, reference: Reference | None, likeness: float, lively: float | None, time: Time
    ) -> dict[str, float | None]:
        blind = view.bright < _BLIND
        if reference is None:
            return {"covered": None, "moved": None, "defocused": None, "dark": float(blind), "frozen": None}
        frozen = self._frozen(reference, lively, time)
        if likeness >= _LIKE:
            sharp = view.fine / max(1e-3, reference.fine)
            darker = view.bright < _DARK_USUAL * reference.bright and view.bright < 2 * _BLIND
            soft = _beyond(sharp, _SHARP)
            covered = reference.lost_and_kept(view)[0] if likeness < _WHOLE else 0.0
            dark = float(blind or darker)
            return {"covered": covered, "moved": 0.0, "defocused": soft, "dark": dark, "frozen": frozen}
        return self._without_likeness(view, reference, likeness, blind) | {"frozen": None}

    @staticmethod
    def _without_likeness(view: View, reference: Reference, likeness: float, blind: bool) -> dict[str, float | None]:
        """What was learnt is not there: it is shifted, or it is dark, or something is before it, or it is elsewhere."""
        if blind:
            return {"covered": 0.0, "moved": 0.0, "defocused": 0.0, "dark": 1.0}
        columns, rows, back = reference.shift(view)
        far = max(abs(columns), abs(rows))
        if far >= _MOVED_COLUMNS and back > max(_LIKE * reference.kept, (likeness + 0.15) * reference.kept):
            return {"covered": 0.0, "moved": 1.0, "defocused": 0.0, "dark": 0.0}
        if reference.lost_and_kept(view)[1] > _PARTLY:
            return {"covered": 1.0, "moved": 0.0, "defocused": 0.0, "dark": 0.0}
        sharp = view.fine / max(1e-3, reference.fine)
        if sharp > _SHARP and edge_share(view) > 0.4 * reference.edges():
            return {"covered": 0.0, "moved": 1.0, "defocused": 0.0, "dark": 0.0}
        if likeness > 0.25 and sharp < _SHARP:
            return {"covered": 0.0, "moved": 0.0, "defocused": 1.0, "dark": 0.0}
        return {"covered": 1.0, "moved": 0.0, "defocused": 0.0, "dark": 0.0}

    def _frozen(self, reference: Reference, lively: float | None, time: Time) -> float | None:
        """Seconds for which nothing changed, not even noise; None for a camera whose picture usually stands still."""
        if lively is None or reference.lively < _LIVELY or reference.looks < ENOUGH:
            return None
        if lively > _FROZEN_SHARE:
            self._still_since = None
            return 0.0
        if self._still_since is None or self._still_since > time:
            self._still_since = self._past[0][0]
        return (time - self._still_since) / SECOND


def slot_of(time: Time) -> str:
    """The part of the day, e.g. `09` for 9 to 12 o'clock UTC."""
    hour = time // HOUR % 24
    return f"{hour // (24 // SLOTS) * (24 // SLOTS):02d}"


def _share(reference: Reference, view: View) -> float:
    return max(0.0, reference.likeness(view)) / max(0.1, reference.kept)


def _beyond(value: float, bound: float) -> float:
    """0 where a value is well above its bound, 0.5 at it, 1 far below."""
    return min(1.0, max(0.0, 0.5 + (bound - value)))
