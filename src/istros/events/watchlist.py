"""The plates that are sought: every entry has a purpose, a ground, a case, an owner and an end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.base.plate_text import fold, fold_pattern
from istros.base.said import Said, say
from istros.base.time import Time
from istros.compliance import corrections
from istros.compliance.corrections import Cause, Remedy, Wrong
from istros.events.errors import EntryRefused, EntryStateConflict, EntryUnknown
from istros.events.plate_renewal import LONGEST, Search, Searches, never_right
from istros.events.reasons import Reasons, check_reasons
from istros.events.record import Author, record
from istros.store import Transaction
from istros.store.rows import Manner, WatchlistEntryRow

SHORTEST_PLATE = 3
"""Letters and digits of the shortest plate that can be sought, and of the least that a pattern must tell."""

LONGEST_PLATE = 20


@dataclass(frozen=True, slots=True)
class EntryRequest:
    """What a person asks for when a plate shall be sought."""

    plate: str
    manner: Manner
    reasons: Reasons


def open_entry(
    tx: Transaction,
    environment: Environment,
    author: Author,
    asked: EntryRequest,
    known_cameras: Collection[str] | None = None,
    searches: Searches | None = None,
) -> WatchlistEntryRow:
    """Begin to seek a plate. Raises EntryRefused; EntryUnknown where the entry that it renews is not there.

    `searches` are the owner's `Searches.lately`, where they are read already; the entry is added to them.
    """
    now, why = environment.clock.now(), asked.reasons
    check_request(environment, asked, known_cameras)
    searches = Searches.lately(tx, why.owner, now) if searches is None else searches
    entry = WatchlistEntryRow(
        id=environment.ids.new(), plate=written(asked.plate), folded=folded(asked), purpose=why.purpose,
        ground=why.ground.strip(), case_ref=why.case_ref.strip(), owner=why.owner, priority=why.priority,
        manner=asked.manner, created=now, created_by=author.actor, expires=why.expires, category=why.category,
        requester=why.requester.strip(), handling=why.handling, handling_note=why.handling_note.strip(),
        provenance=why.provenance.strip(), review=why.review, cameras=tuple(sorted(set(why.cameras))),
        hours=why.hours, renews=why.renews, renewal_reason=why.renewal_reason.strip(),
    )  # fmt: skip
    if why.renews is not None:
        _renew(tx, environment, author, asked, why.renews)
    search = search_asked(asked, author, now)
    searches.require_another(search)
    searches.add(search)
    tx.watchlist.add(entry)
    record(tx, environment, author, "watchlist.open", entry.id, _told(entry))
    return entry


def close_entry(
    tx: Transaction, environment: Environment, author: Author, entry_id: str, reason: str, *, wrong: bool = False
) -> WatchlistEntryRow:
    """Stop seeking a plate. `wrong`: it was never right, and whoever got it is told.

    Raises EntryUnknown, EntryRefused (no reason), EntryStateConflict (closed already).
    """
    entry = _get(tx, entry_id)
    if not reason.strip():
        raise EntryRefused(
            "A watchlist entry is not closed without a reason.", "Write why the plate is no longer sought."
        )
    why = never_right(reason.strip()) if wrong else Said(reason.strip())
    if not tx.watchlist.close(entry_id, environment.clock.now(), author.actor, why):
        raise EntryStateConflict(
            say(
                "entry-closed-before",
                f"The entry for {entry.plate} was closed before, by {entry.closed_by}.",
                name=entry.closed_by or "",
            ),
            "Open a new one where it is needed.",
        )
    record(tx, environment, author, "watchlist.close", entry_id, {"plate": entry.plate, "reason": reason.strip()})
    if wrong:
        now = environment.clock.now()
        found = Wrong(Cause.ENTRY, entry_id, Remedy.ERASE, {"plate": entry.plate, "reason": reason.strip()})
        holders = corrections.holders_of_entry(tx, entry_id, entry.created, now)
        corrections.notify(tx, environment, found, holders, author.actor, author.origin)
    return _get(tx, entry_id)


def check_request(environment: Environment, asked: EntryRequest, known_cameras: Collection[str] | None = None) -> None:
    """Raise EntryRefused unless the plate can be sought as asked; whether it may be renewed is seen when it is written."""
    _check_plate(asked)
    check_reasons(asked.reasons, environment.clock.now(), LONGEST, known_cameras)
    if (asked.reasons.renews is None) != (not asked.reasons.renewal_reason.strip()):
        raise EntryRefused(
            "Going on with a search is a new decision.", "Name the entry and the reason.", "renewal_reason", "missing"
        )


def written(plate: str) -> str:
    """A plate as it is shown: capitals, single spaces."""
    return " ".join(plate.upper().split())


def folded(asked: EntryRequest) -> str:
    """The form that reads are compared with."""
    return fold_pattern(asked.plate) if asked.manner == "pattern" else fold(asked.plate)


def search_asked(asked: EntryRequest, author: Author, now: Time) -> Search:
    """What the author would have sought from now on."""
    return Search(written(asked.plate), folded(asked), author.actor, now, asked.reasons.expires)


def _renew(tx: Transaction, environment: Environment, author: Author, asked: EntryRequest, old_id: str) -> None:
    """The old entry ends where the new one begins; another person than wrote it decides (rule L10)."""
    old = _get(tx, old_id)
    if (old.owner, old.folded) != (asked.reasons.owner, folded(asked)):
        raise EntryRefused(
            "An entry is renewed by the organisation that owns it, for the same plate.",
            "Open a new entry.",
            "renews",
            "another",
        )
    if old.created_by == author.actor:
        raise EntryRefused(
            "Whoever wrote an entry does not prolong it alone.", "Ask a second person to renew it.", "renews", "same"
        )
    why = asked.reasons.renewal_reason
    renewed = say("entry-renewed", f"renewed: {why}", why=why)
    if tx.watchlist.close(old_id, environment.clock.now(), author.actor, renewed):
        record(tx, environment, author, "watchlist.close", old_id, {"plate": old.plate, "reason": "renewed"})


def _told(entry: WatchlistEntryRow) -> dict[str, object]:
    """What the audit row says of an entry: everything that was decided."""
    return {
        "plate": entry.plate, "manner": entry.manner, "purpose": entry.purpose, "ground": entry.ground,
        "case": entry.case_ref, "priority": entry.priority, "category": entry.category,
        "requester": entry.requester, "handling": entry.handling, "handling_note": entry.handling_note,
        "provenance": entry.provenance, "cameras": list(entry.cameras), "hours": entry.hours,
        "expires": entry.expires, "review": entry.review, "renews": entry.renews, "why": entry.renewal_reason,
    }  # fmt: skip


def _get(tx: Transaction, entry_id: str) -> WatchlistEntryRow:
    entry = tx.watchlist.get(entry_id)
    if entry is None:
        raise EntryUnknown(say("entry-none", "There is no such watchlist entry."), "Open the watchlist again.")
    return entry


def _check_plate(asked: EntryRequest) -> None:
    if len(asked.plate) > LONGEST_PLATE:
        raise EntryRefused(
            f"A plate has {LONGEST_PLATE} letters at most.", "Write the plate alone.", "plate", "too-long"
        )
    if len(fold(asked.plate)) < SHORTEST_PLATE:
        raise EntryRefused(
            f"A plate to be sought has at least {SHORTEST_PLATE} letters and digits.",
            "Write the whole plate; a pattern tells as many of them.",
            "plate",
            "too-short",
        )
    wild = any(sign in asked.plate for sign in "?*")
    if wild != (asked.manner == "pattern"):
        raise EntryRefused(
            "A pattern has ? or * in it, and nothing else has.",
            "Choose the manner 'pattern', or write the plate without ? and *.",
            "plate",
            "wildcard",
        )
