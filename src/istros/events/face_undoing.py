"""A face that two people confirmed and that was another's: two people undo it, and whoever got it is told (rule L17)."""

from __future__ import annotations

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.time import to_iso
from istros.compliance import corrections, releases, request_acts
from istros.compliance.access import Access
from istros.compliance.corrections import Cause, Remedy, Wrong
from istros.compliance.request_acts import Act
from istros.events.errors import CandidateStateConflict
from istros.events.face_judging import confirmed, known_candidate
from istros.events.record import Author, record
from istros.store import Transaction
from istros.store.faces import FaceCandidateRow
from istros.store.releases import Matter, ReleaseRow
from istros.store.rows import OperatorRow


def doubt_match(
    tx: Transaction, environment: Environment, operator: OperatorRow, candidate_id: str, reason: str, request: str = "",
    *, origin: str, access: Access | None = None,
) -> ReleaseRow:  # fmt: skip
    """Say why a confirmed face is another's; nothing changes before a second person agrees.

    `request` is the number of the request for correction that it is done for, empty for none. CandidateUnknown,
    CandidateStateConflict (not confirmed), RequestRefused (no such request), and what `releases.ask` raises.
    """
    candidate, wanted = _confirmed(tx, candidate_id), request_acts.named(tx, request)
    scope = scope_of(candidate, "" if wanted is None else wanted.number)
    return releases.ask(
        tx, environment, operator, Matter.UNDO_MATCH, candidate_id, reason, scope=scope, origin=origin, access=access,
    )  # fmt: skip


def scope_of(candidate: FaceCandidateRow, request: str = "") -> dict[str, object]:
    """Where and when the doubted face was seen, and for which request for correction, as whoever decides is shown it."""
    seen: dict[str, object] = {"camera": candidate.camera_id, "time": to_iso(candidate.time)}
    return seen | ({"request": request} if request else {})


def request_of(release: ReleaseRow) -> str:
    """The number of the request that a face is to be undone for; empty for none."""
    return str(release.scope_facts.get("request", ""))


def doubt_of(tx: Transaction, candidate: FaceCandidateRow) -> ReleaseRow | None:
    """What waits for a second person about a confirmed face."""
    asked = tx.releases.alive(Matter.UNDO_MATCH, candidate.id) if candidate.outcome == "confirmed" else []
    return next((row for row in asked if row.to_answer), None)


def undo_match(tx: Transaction, environment: Environment, release: ReleaseRow) -> None:
    """Undo a confirmation as a second person agreed: its picture goes, its alarm is true no more, recipients are told."""
    candidate = _confirmed(tx, release.subject)
    holders = corrections.holders_of_face(tx, candidate)
    tx.faces.settle(candidate.id, environment.clock.now(), "undone")
    tx.faces.erase_pictures([candidate.id])
    author = Author(release.answered_by or "", "server")
    told = {"asked_by": release.asked_by, "why": release.reason, "sha256": candidate.sha256}
    record(tx, environment, author, "faces.undo", candidate.id, told | {"entry": candidate.entry_id or ""})
    wanted = tx.subject_requests.numbered(request_of(release))
    request_acts.note(tx, environment, wanted, Act.FACE, candidate.id, author.actor, author.origin)
    _revise_alarm(tx, environment, author, candidate)
    facts = {"camera": candidate.camera_id, "time": to_iso(candidate.time)}
    wrong = Wrong(Cause.FACE, candidate.id, Remedy.ERASE, facts)
    corrections.notify(tx, environment, wrong, holders, author.actor, author.origin)
    releases.finish(tx, environment, release, say("match-undone", "the match is undone"))


def _confirmed(tx: Transaction, candidate_id: str) -> FaceCandidateRow:
    candidate = known_candidate(tx, candidate_id)
    if candidate.outcome != "confirmed":
        raise CandidateStateConflict("Only a face that two people have confirmed is undone.", "Look at it again.")
    return candidate


def _revise_alarm(tx: Transaction, environment: Environment, author: Author, candidate: FaceCandidateRow) -> None:
    """An alarm that was true by this face alone was false, and every count of alarms follows.

    Why it is another's is kept with the release and in the row of the undoing: many more people read alarms.
    The record is this transaction's already: an alarm that is called true at the same moment is asked again (`desk.close`).
    """
    alarm = tx.alarms.get(candidate.alarm_id or "")
    if alarm is None or alarm.verdict != "true" or confirmed(tx, alarm):
        return
    if tx.alarms.revise(alarm.id, "false"):
        why = say("alarm-face-undone", "Two people found that the face was another person's.")
        detail = {"verdict": "false", "was": "true", "kind": alarm.kind, "camera": alarm.camera_id}
        record(tx, environment, author, "alarm.revise", alarm.id, detail | {"why": why.text, "why_code": why.code})
