"""What a release is about: something that is there, chosen and not written (docs/design/0031).

A release for what does not exist would wait for a second person who cannot know what they let go, and open nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from istros.base.said import say
from istros.base.time import Time, to_iso
from istros.compliance.errors import ReleaseRefused
from istros.store import Transaction
from istros.store.departures import Carrier
from istros.store.exports import ExportState
from istros.store.releases import Matter, ReleaseRow
from istros.store.rows import OperatorRow

MOST = 200
PICTURES_OF = "persons-pictures"
"""The pictures of all persons sought, as one file: evidence that leaves, without an order."""

_GONE = (ExportState.FAILED, ExportState.CANCELLED, ExportState.EXPIRED)
ASKED_ELSEWHERE = (Matter.FACE_MATCHING, Matter.FACE_SEARCH, Matter.UNCOVER_ZONE, Matter.UNDO_MATCH)
"""Whoever answers trusts what these say of their subject, so only the node writes it."""
_LIFTS = (Matter.LIFT_MASK, Matter.LIFT_REDACTION)

_NONE = say("release-subject-none", "There is nothing of that kind and name that you could ask a release for.")


@dataclass(frozen=True, slots=True)
class ReleaseSubject:
    """Something that a release can be asked for; `name` is what people call it."""

    id: str
    name: str


def subjects(tx: Transaction, matter: Matter, operator: OperatorRow, now: Time) -> list[ReleaseSubject]:
    """What an operator can ask a release for, the newest first; none for what is asked for in a form of its own."""
    match matter:
        case Matter.WATCH_PERSON:
            rows = [row for row in tx.persons.all(MOST) if row.closed is None and row.expires > now]
            return [ReleaseSubject(row.id, f"{row.name}, {row.case_ref}") for row in rows]
        case Matter.EVIDENCE_EXPORT:
            jobs = [job for job in tx.exports.of(operator.name, MOST) if job.state not in _GONE]
            return [ReleaseSubject(job.id, f"{job.case_ref}, {', '.join(job.cameras)}") for job in jobs]
        case Matter.LIFT_MASK | Matter.LIFT_REDACTION:
            permits = tx.permits.open_for(operator.name, now)
            return [ReleaseSubject(row.id, f"{row.number}, {row.case_ref}") for row in permits]
        case (
            Matter.OTHERS_SEARCHES | Matter.FACE_MATCHING | Matter.FACE_SEARCH | Matter.UNCOVER_ZONE | Matter.UNDO_MATCH
        ):
            return []


def require_subject(tx: Transaction, release: ReleaseRow, operator: OperatorRow) -> None:
    """Raise ReleaseRefused unless what a release is asked for is there and can be asked for, by this permit.

    A case of others' searches is the log's to find; the pictures of persons sought are asked for with the list of persons.
    """
    matter, subject = release.matter, release.subject
    if matter is Matter.OTHERS_SEARCHES or (matter is Matter.EVIDENCE_EXPORT and subject == PICTURES_OF):
        return
    if matter in ASKED_ELSEWHERE:
        raise ReleaseRefused(
            say(
                "release-elsewhere",
                f"A release for '{matter}' is asked for where its subject is shown.",
                matter=matter.value,
            ),
            "Open the persons sought, the face, the search or the zone, and ask there: the node writes down what it is about.",
        )
    if subject not in {each.id for each in subjects(tx, matter, operator, release.asked)}:
        raise ReleaseRefused(_NONE, "Choose what it is about from the list.")
    if matter in _LIFTS and release.permit_id not in {None, subject}:
        raise ReleaseRefused(
            say(
                "release-other-permit",
                "What is hidden is shown under the permit that the release is for, and another one is named.",
            ),
            "Choose the same permit for both.",
        )
    if matter is Matter.EVIDENCE_EXPORT and release.emergency:
        _require_same_case(tx, release)


def _require_same_case(tx: Transaction, release: ReleaseRow) -> None:
    """One person lets evidence go for the life that is in danger, and not what was ordered for another case."""
    permit, job = tx.permits.get(release.permit_id or ""), tx.exports.get(release.subject)
    if permit is None or job is None or (job.purpose, job.case_ref) != (permit.purpose, permit.case_ref):
        number = permit.number if permit else ""
        raise ReleaseRefused(
            say(
                "emergency-other-case",
                f"The emergency release is for another case than the permit {number} for a threat to life.",
                permit=number,
            ),
            "Open a permit for that case, or ask a second person.",
        )


def export_facts(tx: Transaction, export_id: str) -> dict[str, object] | None:
    """What an ordered package shows, and to whom it goes on what ground: the node's own word, for who shall let it go.

    None: it is no package that was ordered here.
    """
    job, leaving = tx.exports.get(export_id), tx.departures.of(Carrier.EXPORT, export_id)
    if job is None:
        return None
    facts: dict[str, object] = {"cameras": list(job.cameras), "from": to_iso(job.start), "to": to_iso(job.end)}
    if job.lifted_under:
        facts["masks"] = ["lifted"]
    if leaving is not None:
        facts["data"] = list(leaving.data)
        facts["recipient"] = {
            "name": leaving.recipient, "country": leaving.country, "kind": leaving.kind.value, "basis": leaving.basis,
            "reference": leaving.reference,
        }  # fmt: skip
    return facts
