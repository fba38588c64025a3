"""The plates that are sought: every entry has a purpose, a ground, a case, an owner and an end."""

from __future__ import annotations

from dataclasses import dataclass

from istros.base.environment import Environment
from istros.base.plate_text import fold
from istros.base.time import DAY, Time
from istros.events.errors import EntryRefused, EntryStateConflict, EntryUnknown
from istros.events.record import Author, record
from istros.store import Transaction
from istros.store.rows import Priority, WatchlistEntryRow

LONGEST = 30 * DAY
"""Microseconds that an entry may stay open; a longer search is asked for again, by a person (docs/design/0015)."""

SHORTEST_PLATE = 3
"""Letters and digits of the shortest plate that can be sought."""


@dataclass(frozen=True, slots=True)
class EntryRequest:
    """What a person asks for when a plate shall be sought; `owner` is the organisation whose case it is."""

    plate: str
    purpose: str
    ground: str
    case_ref: str
    owner: str
    priority: Priority
    near_allowed: bool
    expires: Time


def open_entry(tx: Transaction, environment: Environment, author: Author, asked: EntryRequest) -> WatchlistEntryRow:
    """Begin to seek a plate. Raises EntryRefused."""
    now = environment.clock.now()
    _check(asked, now)
    entry = WatchlistEntryRow(
        id=environment.ids.new(), plate=" ".join(asked.plate.upper().split()), folded=fold(asked.plate),
        purpose=asked.purpose, ground=asked.ground.strip(), case_ref=asked.case_ref.strip(), owner=asked.owner,
        priority=asked.priority, near_allowed=asked.near_allowed, created=now, created_by=author.actor,
        expires=asked.expires,
    )  # fmt: skip
    tx.watchlist.add(entry)
    detail: dict[str, object] = {
        "plate": entry.plate, "purpose": entry.purpose, "ground": entry.ground, "case": entry.case_ref,
        "priority": entry.priority, "near": entry.near_allowed, "expires": entry.expires,
    }  # fmt: skip
    record(tx, environment, author, "watchlist.open", entry.id, detail)
    return entry


def close_entry(
    tx: Transaction, environment: Environment, author: Author, entry_id: str, reason: str
) -> WatchlistEntryRow:
    """Stop seeking a plate. Raises EntryUnknown, EntryRefused (no reason), EntryStateConflict (closed already)."""
    entry = _get(tx, entry_id)
    if not reason.strip():
        raise EntryRefused(
            "A watchlist entry is not closed without a reason.", "Write why the plate is no longer sought."
        )
    if not tx.watchlist.close(entry_id, environment.clock.now(), author.actor, reason.strip()):
        raise EntryStateConflict(
            f"The entry for {entry.plate} was closed before, by {entry.closed_by}.",
            "Open a new one where it is needed.",
        )
    record(tx, environment, author, "watchlist.close", entry_id, {"plate": entry.plate, "reason": reason.strip()})
    return _get(tx, entry_id)


def _get(tx: Transaction, entry_id: str) -> WatchlistEntryRow:
    entry = tx.watchlist.get(entry_id)
    if entry is None:
        raise EntryUnknown("There is no such watchlist entry.", "Open the watchlist again.")
    return entry


def _check(asked: EntryRequest, now: Time) -> None:
    if len(fold(asked.plate)) < SHORTEST_PLATE:
        raise EntryRefused(
            f"A plate to be sought has at least {SHORTEST_PLATE} letters and digits.", "Write the whole plate."
        )
    for name, text in (("purpose", asked.purpose), ("ground", asked.ground), ("case number", asked.case_ref)):
        if not text.strip():
            raise EntryRefused(
                f"The watchlist entry has no {name}.", f"Write its {name}: without one no plate is sought."
            )
    if asked.expires <= now:
        raise EntryRefused("The watchlist entry would have expired already.", "Choose a time to come.")
    if asked.expires - now > LONGEST:
        raise EntryRefused(
            f"A watchlist entry lasts {LONGEST // DAY} days at most.", "Choose an earlier end; it can be opened again."
        )
