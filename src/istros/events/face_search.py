"""Looking for one person's face in recordings: asked for inside a case, released by a second person, and over when it ends.

Three ways lead in (AI Act article 26(10)): with the reference of an authorisation; urgently, where the authorisation is
written down within 48 hours or everything goes; and for the first identification of an unknown person, from facts that are linked
to the offence, which needs none. The searching itself is `app.face_searcher`'s. docs/design/0041.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from istros.base.environment import Environment
from istros.base.plain_words import bounded
from istros.base.said import Said, say
from istros.base.time import HOUR, Span, Time, to_iso
from istros.compliance import releases
from istros.compliance.access import Access, standard_access
from istros.compliance.profile import Function, in_force, require_function
from istros.compliance.search_reach import require_reach
from istros.events.errors import FaceSearchRefused, FaceSearchStateConflict, FaceSearchUnknown
from istros.events.face_erasure import drop
from istros.events.persons import is_open, known_person
from istros.events.record import NODE, Author, record
from istros.store import Transaction
from istros.store.face_searches import Basis, FaceSearchRow, SearchState
from istros.store.persons import SealedFaceRow
from istros.store.releases import Ending, Matter, ReleaseRow
from istros.store.rows import OperatorRow, PermitRow

AUTHORISED_WITHIN = 48 * HOUR
"""Microseconds from the release of an urgent search to its authorisation, AI Act article 26(10)."""

DRAFT_KEPT = HOUR
"""How long a search waits for the picture of an unknown person."""

MOST_REASON, MOST_REFERENCE, MOST_FACTS = 500, 300, 1000

PURPOSES = ("offence", "missing-person", "threat-to-life")

TO_LOOK = (SearchState.ASKED, SearchState.RUNNING)
"""States in which recordings are still to be looked through, once the release stands."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is asked for. `entry_id` names a released entry of a person; a first identification brings a picture instead."""

    basis: Basis
    entry_id: str | None
    cameras: tuple[str, ...]
    span: Span
    reason: str
    facts: str = ""
    authorisation: str = ""


def ask_search(
    tx: Transaction, environment: Environment, operator: OperatorRow, permit: PermitRow, asked: SearchRequest,
    known_cameras: Collection[str], *, origin: str = "server", access: Access | None = None,
) -> FaceSearchRow:  # fmt: skip
    """Ask for a search under a permit of one's own for the case. A first identification waits for its picture; the others
    for their release. Raises FaceSearchRefused, SearchTooWide, FunctionNotAllowed, EntryUnknown, ReleaseRefused.
    """
    now = environment.clock.now()
    profile = require_function(tx, now, Function.FACES_SEARCHED)
    _check_place_and_time(asked, known_cameras, now)
    require_reach(profile, len(asked.cameras), asked.span)
    first = asked.basis == "first-identification"
    _check_words(asked, permit)
    face = None if first else _face_of(tx, asked, permit, now)
    row = FaceSearchRow(
        id=environment.ids.new(), basis=asked.basis, entry_id=None if face is None else face.entry_id,
        permit_id=permit.id, purpose=permit.purpose, ground=permit.ground, case_ref=permit.case_ref,
        organisation=operator.organisation, cameras=tuple(sorted(set(asked.cameras))), start=asked.span.start,
        end=asked.span.end, reason=asked.reason.strip(), facts=asked.facts.strip(),
        authorisation=asked.authorisation.strip(), asked=now, asked_by=operator.name,
        authorised=now if asked.authorisation.strip() else None,
        authorised_by=operator.name if asked.authorisation.strip() else "",
        sha256="" if face is None else face.sha256,
    )  # fmt: skip
    tx.face_searches.add(row)
    author = Author(operator.name, origin, permit.id)
    record(tx, environment, author, "faces.search", row.id, _told(row))
    return row if first else ask_release(tx, environment, operator, row, origin=origin, access=access)


def give_face(tx: Transaction, environment: Environment, author: Author, face: SealedFaceRow) -> FaceSearchRow:
    """The sealed picture of an unknown person, for the search whose key sealed it. Raises FaceSearchUnknown, FaceSearchStateConflict."""
    row = known_search(tx, face.entry_id)
    require_draft(row)
    tx.face_searches.change(
        row.id,
        picture=face.picture,
        template=face.template,
        sha256=face.sha256,
        quality=face.quality,
        source=face.source,
    )
    detail = {"sha256": face.sha256, "source": face.source}
    record(tx, environment, replace(author, permit_id=row.permit_id), "faces.enrol", row.id, detail)
    return known_search(tx, row.id)


def require_draft(row: FaceSearchRow) -> None:
    """Raise FaceSearchStateConflict unless the search still waits for its picture."""
    if row.state is not SearchState.DRAFT:
        raise FaceSearchStateConflict(
            say("face-search-picture", "This search takes no picture: it has one, or it is over."),
            "Ask for a new search with another picture.",
        )


def ask_release(
    tx: Transaction, environment: Environment, operator: OperatorRow, row: FaceSearchRow, *, origin: str = "server",
    access: Access | None = None,
) -> FaceSearchRow:  # fmt: skip
    """Ask a second person for the release of a search that is complete. Raises ReleaseRefused, FunctionNotAllowed."""
    scope = {
        "basis": row.basis, "case": row.case_ref, "entry": row.entry_id or "", "cameras": list(row.cameras),
        "from": to_iso(row.start), "to": to_iso(row.end), "authorisation": row.authorisation, "facts": row.facts,
        "sha256": row.sha256,
    }  # fmt: skip
    releases.ask(
        tx, environment, operator, Matter.FACE_SEARCH, row.id, row.reason, row.permit_id, scope=scope, origin=origin,
        access=access,
    )  # fmt: skip
    tx.face_searches.change(row.id, state=SearchState.ASKED)
    return known_search(tx, row.id)


def authorise(
    tx: Transaction, environment: Environment, author: Author, search_id: str, reference: str
) -> FaceSearchRow:
    """Write down the authorisation of an urgent search. Raises FaceSearchUnknown, FaceSearchRefused, FaceSearchStateConflict."""
    row = known_search(tx, search_id)
    if row.ended is not None or row.basis != "urgent" or row.authorisation:
        raise FaceSearchStateConflict(
            say("face-search-authorised", "This search waits for no authorisation."),
            "It has one, needs none, or is over.",
        )
    text = _text(reference, "authorisation", MOST_REFERENCE)
    now = environment.clock.now()
    tx.face_searches.change(row.id, authorisation=text, authorised=now, authorised_by=author.actor)
    record(tx, environment, author, "faces.authorise", row.id, {"case": row.case_ref, "authorisation": text})
    return known_search(tx, search_id)


def release_of(tx: Transaction, row: FaceSearchRow) -> ReleaseRow | None:
    """The release of a search that has not ended, asked for or standing."""
    return next(iter(tx.releases.alive(Matter.FACE_SEARCH, row.id)), None)


def authorise_by(row: FaceSearchRow, release: ReleaseRow | None) -> Time | None:
    """Until when the authorisation of an urgent search must be written down; None where none is waited for."""
    if row.basis != "urgent" or row.authorisation or release is None or release.answered is None:
        return None
    return Time(release.answered + AUTHORISED_WITHIN)


def why_over(tx: Transaction, row: FaceSearchRow, now: Time) -> Said | None:
    """Why there is no leave any more to search or to keep what was found; None while there is, or none was needed yet."""
    release = release_of(tx, row)
    if release is None:
        return (
            say("picture-came-not", "its picture did not come")
            if row.state is SearchState.DRAFT and now >= row.asked + DRAFT_KEPT
            else None
        )
    by = authorise_by(row, release)
    if by is not None and now >= by:
        return say("not-authorised", "no authorisation was recorded within 48 hours")
    if row.entry_id is None:
        return None
    entry = tx.persons.get(row.entry_id)
    if entry is None or not is_open(entry, now) or tx.persons.face(entry.id) is None:
        return say("entry-over", "the entry is over")
    standing = releases.standing(tx, Matter.WATCH_PERSON, entry.id, now)
    return None if standing else say("entry-release-over", "the entry's release is over")


def may_look(tx: Transaction, row: FaceSearchRow, now: Time) -> bool:
    """Whether recordings may be looked through for it at this moment: profile, release, entry, authorisation, all at once."""
    release = release_of(tx, row)
    return (
        row.ended is None
        and release is not None
        and release.stands(now)
        and in_force(tx, now).allows(Function.FACES_SEARCHED)
        and why_over(tx, row, now) is None
    )


def next_search(tx: Transaction, now: Time) -> FaceSearchRow | None:
    """The oldest search that has leave and for which recordings are still to be looked through."""
    return next((row for row in tx.face_searches.alive() if row.state in TO_LOOK and may_look(tx, row, now)), None)


def end_lapsed(tx: Transaction, environment: Environment) -> int:
    """End the searches whose leave is gone, with everything that they hold; how many."""
    now, ended = environment.clock.now(), 0
    for row in tx.face_searches.alive():
        why = why_over(tx, row, now)
        if why is None:
            continue
        release = release_of(tx, row)
        if release is not None:
            releases.close(tx, environment, release, why)
        else:
            _end(tx, environment, row, why.text, whole=True)
        ended += 1
    for row in kept_too_long(tx, now):
        receipt = drop(tx, environment, tx.faces.of_search(row.id), whole=False)
        why_gone = "the time of its release is over"
        record(
            tx,
            environment,
            NODE,
            "faces.end",
            row.id,
            {"case": row.case_ref, "search": row.id, "why": why_gone, **receipt},
        )
    return ended


def kept_too_long(tx: Transaction, now: Time) -> list[FaceSearchRow]:
    """Ended first identifications with pictures of confirmed faces, past the time for which they were released.

    An entry's confirmed faces go with the entry instead.
    """
    return [row for row in tx.face_searches.with_kept_pictures() if now >= _kept_until(tx, row)]


def _kept_until(tx: Transaction, row: FaceSearchRow) -> Time:
    release = tx.releases.newest(Matter.FACE_SEARCH, row.id)
    return row.asked if release is None or release.expires is None else release.expires


def end_search(
    tx: Transaction, environment: Environment, operator: OperatorRow, search_id: str, reason: str, *,
    origin: str = "server", access: Access | None = None,
) -> FaceSearchRow:  # fmt: skip
    """End a search, whether it waits for its picture, for its release, runs or is to be judged (rule L4).

    What nobody confirmed goes. Whoever asked, or a role with the right to stop any release. Raises FaceSearchUnknown, FaceSearchRefused,
    FaceSearchStateConflict, ReleaseRefused.
    """
    row = known_search(tx, search_id)
    if row.ended is not None:
        raise FaceSearchStateConflict(say("face-search-over", "This search is over."), "Nothing is left to be ended.")
    why, release = _text(reason, "reason", MOST_REASON), release_of(tx, row)
    if release is not None:
        releases.withdraw(tx, environment, operator, release.id, why, origin=origin, access=access)
    else:
        if row.asked_by != operator.name:
            releases.require_may(access or standard_access(), operator, "releases.withdraw")
        _end(tx, environment, row, why, whole=True, by=Author(operator.name, origin, row.permit_id))
    return known_search(tx, search_id)


def undo_search(tx: Transaction, environment: Environment, release: ReleaseRow) -> dict[str, object] | None:
    """What follows when a search's release ends: what nobody confirmed goes; refused or never authorised, every trace of all."""
    row = tx.face_searches.get(release.subject)
    if row is None:
        return None
    why = release.ending_note.text or (f"release {release.ending.value}" if release.ending else "release ended")
    unlawful = row.basis == "urgent" and not row.authorisation
    refused = release.ending in (Ending.REFUSED, Ending.UNDONE, Ending.LAPSED)
    return _end(tx, environment, row, why, whole=unlawful or refused)


def known_search(tx: Transaction, search_id: str) -> FaceSearchRow:
    """The search of that id. Raises FaceSearchUnknown."""
    row = tx.face_searches.get(search_id)
    if row is None:
        raise FaceSearchUnknown(say("face-search-none", "There is no such search."), "Open the list of searches again.")
    return row


def _end(
    tx: Transaction, environment: Environment, row: FaceSearchRow, why: str, *, whole: bool, by: Author = NODE
) -> dict[str, object] | None:
    found = tx.faces.of_search(row.id)
    gone = found if whole else [each for each in found if each.outcome != "confirmed"]
    receipt = drop(tx, environment, gone, whole=whole)
    own = 0 if row.template is None else 1
    if not tx.face_searches.end(row.id, environment.clock.now()) and not receipt:
        return None
    told: dict[str, object] = {
        "search": row.id,
        "faces": own,
        "sha256": row.sha256,
        "why": why,
        "whole": whole,
        **receipt,
    }
    record(tx, environment, by, "faces.end", row.id, {"case": row.case_ref, **told})
    return told


def _check_place_and_time(asked: SearchRequest, known_cameras: Collection[str], now: Time) -> None:
    if not asked.cameras:
        raise FaceSearchRefused(
            say("face-search-no-camera", "The search names no camera."),
            "Choose the cameras that are strictly necessary.",
        )
    unknown = sorted(set(asked.cameras) - set(known_cameras))
    if unknown:
        raise FaceSearchRefused(
            say(
                "face-search-unknown-camera",
                f"This node has no camera {', '.join(unknown[:8])}.",
                cameras=", ".join(unknown[:8]),
            ),
            "Choose from its cameras.",
        )
    if asked.span.end > now:
        raise FaceSearchRefused(
            say("face-search-future", "Only what was recorded can be looked through."), "Choose an end that has passed."
        )


def _check_words(asked: SearchRequest, permit: PermitRow) -> None:
    _text(asked.reason, "reason", MOST_REASON)
    if permit.purpose not in PURPOSES:
        raise FaceSearchRefused(
            say(
                "face-search-purpose",
                f"The permit {permit.number} ({permit.purpose}) is for no offence and no person in need.",
                permit=permit.number,
                purpose=permit.purpose,
            ),
            "Open a permit for the case.",
        )
    if asked.basis == "first-identification":
        if permit.purpose != "offence":
            raise FaceSearchRefused(
                say("face-search-first", "A first identification is of an unknown person of an offence."),
                "Open a permit for the offence.",
            )
        _text(asked.facts, "facts", MOST_FACTS)
    elif asked.basis == "authorised":
        _text(asked.authorisation, "authorisation", MOST_REFERENCE)
    elif asked.authorisation.strip():
        raise FaceSearchRefused(
            say("face-search-urgent", "An urgent search has no authorisation yet."),
            "With its reference, ask for an authorised search.",
        )
    if asked.basis != "first-identification" and asked.facts.strip():
        raise FaceSearchRefused(
            say("face-search-facts", "Facts are for a first identification."), "Write them into the reason."
        )


def _text(text: str, name: str, most: int) -> str:
    plain = text.strip()
    if not plain:
        raise FaceSearchRefused(
            say("text-missing", f"The {name} of the search is missing.", what=name),
            "Write it: it is kept on the record.",
        )
    return bounded(plain, name, most, FaceSearchRefused)


def _face_of(tx: Transaction, asked: SearchRequest, permit: PermitRow, now: Time) -> SealedFaceRow:
    """The entry's face, when the entry is released, of the permit's case, and sought on these cameras."""
    if not asked.entry_id:
        raise FaceSearchRefused(
            say("face-search-no-person", "The search names no person."),
            "Choose a released entry; an unknown person's picture is a first identification.",
        )
    entry, face = known_person(tx, asked.entry_id), tx.persons.face(asked.entry_id)
    if entry.case_ref != permit.case_ref:
        raise FaceSearchRefused(
            say(
                "face-search-case",
                f"The entry {entry.name} is of the case {entry.case_ref}, and the permit of {permit.case_ref}.",
                name=entry.name,
                case=entry.case_ref,
                other=permit.case_ref,
            ),
            "Open a permit for the entry's case.",
        )
    beyond = sorted(set(asked.cameras) - set(entry.cameras)) if entry.cameras else []
    if beyond:
        raise FaceSearchRefused(
            say(
                "face-search-beyond",
                f"The entry {entry.name} is not sought on {', '.join(beyond[:8])}.",
                name=entry.name,
                cameras=", ".join(beyond[:8]),
            ),
            "Choose from the entry's cameras.",
        )
    released = releases.standing(tx, Matter.WATCH_PERSON, entry.id, now)
    if not is_open(entry, now) or face is None or released is None:
        raise FaceSearchRefused(
            say("face-search-not-released", f"The entry {entry.name} is not released.", name=entry.name),
            "Enrol a face, and have a second person release it.",
        )
    return face


def _told(row: FaceSearchRow) -> dict[str, object]:
    return {
        "basis": row.basis, "case": row.case_ref, "purpose": row.purpose, "ground": row.ground,
        "entry": row.entry_id or "", "cameras": list(row.cameras), "from": to_iso(row.start), "to": to_iso(row.end),
        "why": row.reason, "facts": row.facts, "authorisation": row.authorisation, "sha256": row.sha256,
    }  # fmt: skip
