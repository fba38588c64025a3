"""Persons who are sought: entries of 72 hours at most, in words; a face comes with its own key and a second person's release."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.base.plain_words import is_plain
from istros.base.said import Said, say
from istros.base.time import HOUR, Time
from istros.compliance import corrections, releases
from istros.compliance.corrections import Cause, Remedy, Wrong
from istros.compliance.release_rules import OBJECTIVES
from istros.events.errors import EntryRefused, EntryStateConflict, EntryUnknown
from istros.events.face_erasure import erase_seen
from istros.events.reasons import MOST_LETTERS, Reasons, check_reasons
from istros.events.record import NODE, Author, record
from istros.store import Transaction
from istros.store.persons import PersonEntryRow
from istros.store.releases import Ending, Matter, ReleaseRow

LONGEST = 72 * HOUR
"""Microseconds: the stricter of rules L1 (72 hours) and L9 (30 days)."""

PERSON_CATEGORIES = ("serious-grounds", "convicted", "victim", "witness", "missing", "other")
MOST_DESCRIPTION = 1000


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """What is asked for when a person shall be sought; `authorisation` is the reference of the order that allows it."""

    name: str
    description: str
    minor: bool
    objective: str
    authorisation: str
    reasons: Reasons


def open_person(
    tx: Transaction,
    environment: Environment,
    author: Author,
    asked: PersonRequest,
    known_cameras: Collection[str] | None = None,
) -> PersonEntryRow:
    """Begin to seek a person, by a description alone until a face is enrolled and released. Raises EntryRefused."""
    now, why = environment.clock.now(), asked.reasons
    check_person(environment, asked, known_cameras)
    if why.renews is not None:
        _renew(tx, environment, author, asked, why.renews)
    entry = PersonEntryRow(
        id=environment.ids.new(), name=asked.name.strip(), description=asked.description.strip(), minor=asked.minor,
        objective=asked.objective, authorisation=asked.authorisation.strip(), purpose=why.purpose,
        ground=why.ground.strip(), case_ref=why.case_ref.strip(), owner=why.owner, priority=why.priority,
        category=why.category, requester=why.requester.strip(), handling=why.handling,
        handling_note=why.handling_note.strip(), provenance=why.provenance.strip(),
        cameras=tuple(sorted(set(why.cameras))), hours=why.hours, created=now, created_by=author.actor,
        expires=why.expires, review=why.review, renews=why.renews, renewal_reason=why.renewal_reason.strip(),
    )  # fmt: skip
    tx.persons.add(entry)
    record(tx, environment, author, "persons.open", entry.id, _told(entry))
    return entry


def check_person(environment: Environment, asked: PersonRequest, known_cameras: Collection[str] | None = None) -> None:
    """Raise EntryRefused unless the person can be sought as asked."""
    texts = (
        ("name", asked.name, 100),
        ("description", asked.description, MOST_DESCRIPTION),
        ("authorisation", asked.authorisation, MOST_LETTERS),
    )
    for field, text, most in texts:
        if not text.strip():
            raise EntryRefused(
                f"The entry has no {field}.", "Write it: without one nobody is sought.", field, "missing"
            )
        if not is_plain(text, most):
            raise EntryRefused(
                f"The field '{field}' is too long or holds control characters.",
                f"Keep it to {most} letters.",
                field,
                "too-long",
            )
    if asked.objective not in OBJECTIVES:
        raise EntryRefused(
            f"'{asked.objective}' is no objective for which a person may be sought.",
            f"It is one of {', '.join(OBJECTIVES)}.",
            "objective",
            "unknown-word",
        )
    if asked.reasons.category not in PERSON_CATEGORIES:
        raise EntryRefused("A person's entry says whom it concerns.", "Choose a category.", "category", "unknown-word")
    check_reasons(asked.reasons, environment.clock.now(), LONGEST, known_cameras)
    if (asked.reasons.renews is None) != (not asked.reasons.renewal_reason.strip()):
        raise EntryRefused(
            "Going on with a search is a new decision.", "Name the entry and the reason.", "renewal_reason", "missing"
        )


def close_person(
    tx: Transaction, environment: Environment, author: Author, entry_id: str, reason: str | Said, *, wrong: bool = False
) -> PersonEntryRow:
    """Stop seeking a person, end the entry's releases and erase its face. Raises EntryUnknown, EntryRefused, EntryStateConflict.

    `wrong`: it was never right, and whoever got it, or what it brought, is told.
    The key of what was erased is destroyed as soon as the transaction has ended (`events.face_gallery`).
    """
    entry = known_person(tx, entry_id)
    told = Said(reason.strip()) if isinstance(reason, str) else reason
    if not told:
        raise EntryRefused("An entry is not closed without a reason.", "Write why the person is no longer sought.")
    if not tx.persons.close(entry_id, environment.clock.now(), author.actor, told):
        raise EntryStateConflict(
            say(
                "entry-closed-before",
                f"The entry {entry.name} was closed before, by {entry.closed_by}.",
                name=entry.closed_by or "",
            ),
            "Open a new one where it is needed.",
        )
    record(tx, environment, author, "persons.close", entry_id, {"name": entry.name, "reason": told.text})
    if wrong:
        found = Wrong(Cause.ENTRY, entry_id, Remedy.ERASE, {"person": entry.name, "reason": told.text})
        holders = corrections.holders_of_entry(tx, entry_id, entry.created, environment.clock.now())
        corrections.notify(tx, environment, found, holders, author.actor, author.origin)
    for release in tx.releases.alive(Matter.WATCH_PERSON, entry_id):
        if release.ended is None:
            releases.close(tx, environment, release, say("entry-closed", "the entry was closed"))
    erase(tx, environment, entry_id, "closed")
    return known_person(tx, entry_id)


def undo_person(tx: Transaction, environment: Environment, release: ReleaseRow) -> dict[str, object] | None:
    """What follows when an entry's release ends, however: the entry ends, and its face with everything seen of it goes."""
    entry = tx.persons.get(release.subject)
    if entry is None:
        return None
    ending = release.ending.value if release.ending else "over"
    why = f"release {ending}"
    closed = tx.persons.close(entry.id, environment.clock.now(), NODE.actor, say("release-ended", why, ending=ending))
    if closed:
        record(tx, environment, NODE, "persons.close", entry.id, {"name": entry.name, "reason": why})
    whole = release.ending in (Ending.REFUSED, Ending.UNDONE)
    erased = erase(tx, environment, entry.id, why, whole=whole)
    return {"entry": entry.id, "closed": closed, **erased} if closed or erased else None


def erase(
    tx: Transaction, environment: Environment, entry_id: str, why: str, *, whole: bool = False
) -> dict[str, object]:
    """Delete an entry's sealed face and what was seen of it, on the record with the hash; empty when there was none.

    The figures and verdicts of candidates stay, but with `whole` they go too.
    """
    face = tx.persons.face(entry_id)
    seen = erase_seen(tx, entry_id, whole=whole)
    if face is None and not seen:
        return {}
    tx.persons.erase_face(entry_id, environment.clock.now())
    receipt: dict[str, object] = {"faces": 0 if face is None else 1, "sha256": face.sha256 if face else "", **seen}
    record(tx, environment, NODE, "persons.erase", entry_id, {"why": why, **receipt})
    return receipt


def erase_ended(tx: Transaction, environment: Environment) -> int:
    """Erase the faces of entries that are over; how many."""
    ended = tx.persons.ended_with_face(environment.clock.now())
    for entry in ended:
        for release in tx.releases.alive(Matter.WATCH_PERSON, entry.id):
            if release.ended is None:
                releases.close(tx, environment, release, say("entry-over", "the entry is over"))
        erase(tx, environment, entry.id, "over")
    return len(ended)


def is_open(entry: PersonEntryRow, now: Time) -> bool:
    """Whether a person is sought at this moment."""
    return entry.closed is None and now < entry.expires


def known_person(tx: Transaction, entry_id: str) -> PersonEntryRow:
    """The entry of that id. Raises EntryUnknown."""
    entry = tx.persons.get(entry_id)
    if entry is None:
        raise EntryUnknown(say("entry-none", "There is no such watchlist entry."), "Open the watchlist again.")
    return entry


def _renew(tx: Transaction, environment: Environment, author: Author, asked: PersonRequest, old_id: str) -> None:
    """The old entry ends, with its face: the new decision enrols and releases anew, by another person than wrote it."""
    old = known_person(tx, old_id)
    if old.owner != asked.reasons.owner:
        raise EntryRefused(
            "An entry is renewed by the organisation that owns it.", "Open a new entry.", "renews", "another"
        )
    if old.created_by == author.actor:
        raise EntryRefused(
            "Whoever wrote an entry does not prolong it alone.", "Ask a second person to renew it.", "renews", "same"
        )
    if old.closed is None:
        why = asked.reasons.renewal_reason.strip()
        close_person(tx, environment, author, old_id, say("entry-renewed", f"renewed: {why}", why=why))


def _told(entry: PersonEntryRow) -> dict[str, object]:
    return {
        "name": entry.name, "minor": entry.minor, "objective": entry.objective, "authorisation": entry.authorisation,
        "purpose": entry.purpose, "ground": entry.ground, "case": entry.case_ref, "priority": entry.priority,
        "category": entry.category, "requester": entry.requester, "handling": entry.handling,
        "handling_note": entry.handling_note, "provenance": entry.provenance, "cameras": list(entry.cameras),
        "hours": entry.hours, "expires": entry.expires, "review": entry.review, "renews": entry.renews,
        "why": entry.renewal_reason,
    }  # fmt: skip
