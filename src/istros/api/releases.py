"""Releases by a second person: asked for, answered, stopped; and the emergencies that everybody sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api.departures_shapes import recipient_of
from istros.api.gate import Caller, needs, signed_in
from istros.api.releases_shapes import (
    Emergency,
    MatterAnswer,
    MatterFacts,
    MatterRelease,
    MatterReleaseList,
    MatterRequest,
    MatterWithdrawal,
    OthersSearchList,
    OthersSearchShape,
    SubjectChoice,
    emergency_shape,
    release_shape,
)
from istros.base.canonical import canonical
from istros.base.said import say
from istros.base.time import HOUR
from istros.compliance import departures, releases
from istros.compliance.errors import RecipientNeeded, ReleaseUnknown
from istros.compliance.others_searches import searches_under
from istros.compliance.profile import Profile, in_force
from istros.compliance.release_rules import RULES
from istros.compliance.release_subjects import (
    ASKED_ELSEWHERE,
    PICTURES_OF,
    export_facts,
    require_subject,
    subjects,
)
from istros.events.face_undoing import request_of, scope_of
from istros.store import Transaction
from istros.store.persons import PersonEntryRow
from istros.store.releases import Matter, ReleaseRow

router = APIRouter(tags=["releases"])

READ = "releases.read"

OWN_FORM = frozenset({*ASKED_ELSEWHERE, Matter.OTHERS_SEARCHES})
"""Asked for in a form of their own, which knows what such a release must hold."""


@router.get("/releases")
async def list_releases(
    caller: Annotated[Caller, Depends(needs("releases.read"))], limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> MatterReleaseList:
    """The releases of the organisations that the caller may see, the newest first, and what can be asked for here."""
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> MatterReleaseList:
        profile, whose = in_force(tx, now), caller.reached(tx, READ, tx.releases.organisations())
        return MatterReleaseList(
            releases=[_shape(tx, caller, row) for row in tx.releases.all(limit, whose=whose)],
            matters=[_matter(tx, caller, matter, profile) for matter in Matter],
        )

    return await caller.disclose("releases", work)


@router.get("/releases/{release_id}/searches")
async def read_others_searches(
    release_id: str, caller: Annotated[Caller, Depends(needs("searches.ask"))]
) -> OthersSearchList:
    """What others searched in a case during one shift, for whoever asked for the release that opens it; each reading is a row.

    Those of other organisations are told to whoever runs the node alone.
    """
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> OthersSearchList:
        found, reaches = searches_under(tx, caller.operator.name, release_id, now), caller.reach(tx, READ)
        searches = [
            OthersSearchShape(
                time=each.row.time, actor=each.row.actor, action=each.row.action, result=each.row.result,
                detail=each.row.detail, permit=each.permit.number, purpose=each.permit.purpose,
            )
            for each in found.searches
            if reaches(each.permit.organisation)
        ]  # fmt: skip
        expires = found.release.expires
        return OthersSearchList(
            case_ref=found.release.subject, since=found.span.start, until=found.span.end, expires=expires,
            searches=searches, cut=found.cut,
        )  # fmt: skip

    return await caller.disclose(release_id, work)


@router.get("/releases/{release_id}")
async def get_release(release_id: str, caller: Annotated[Caller, Depends(needs("releases.read"))]) -> MatterRelease:
    """One release."""

    return await caller.disclose(release_id, lambda tx: _shape(tx, caller, seen_release(tx, caller, release_id)))


@router.get("/emergencies")
async def list_emergencies(caller: Annotated[Caller, Depends(signed_in)]) -> list[Emergency]:
    """Emergency releases that nobody has reviewed yet: everybody who is signed in sees that they are there.

    What they are for and who asked is told to those alone who may see the release.
    """
    now, actions = caller.node.environment.clock.now(), caller.node.access.actions_of(caller.operator.role)

    def work(tx: Transaction) -> list[Emergency]:
        reaches = caller.reach(tx, READ)
        return [
            emergency_shape(row, now, caller.operator.name, actions if reaches(row.organisation) else frozenset())
            for row in tx.releases.emergencies()
        ]

    return await caller.node.database.read(work)


@router.post("/releases", status_code=201)
async def ask_for_release(
    body: MatterRequest, caller: Annotated[Caller, Depends(needs("releases.ask", "searches.ask"))]
) -> MatterRelease:
    """Ask a second person; or, where a life is in danger, release at once and have it reviewed."""

    def work(tx: Transaction) -> MatterRelease:
        _require_recipient(caller, body)
        row = releases.ask(
            tx, caller.node.environment, caller.operator, Matter(body.matter), body.subject.strip(), body.reason,
            body.permit, emergency=body.emergency, scope=_covers(tx, body), hours=body.hours, origin=caller.origin,
            access=caller.node.access,
        )  # fmt: skip
        require_subject(tx, row, caller.operator)
        return _shape(tx, caller, row)

    return await caller.act(body.subject, work)


def _covers(tx: Transaction, body: MatterRequest) -> dict[str, object]:
    """What the second person reads: of a package what was ordered, whatever the request says of it; else what is asked for."""
    ordered = export_facts(tx, body.subject.strip()) if body.matter == Matter.EVIDENCE_EXPORT.value else None
    return ordered or body.scope.facts()


def _require_recipient(caller: Caller, body: MatterRequest) -> None:
    """Pictures of persons sought are released for somebody who may have them. RecipientNeeded, TransferRefused."""
    if body.scope.recipient is not None:
        departures.check(caller.node.sending, recipient_of(body.scope.recipient))
    elif body.matter == Matter.EVIDENCE_EXPORT.value and body.subject.strip() == PICTURES_OF:
        raise RecipientNeeded(
            say("pictures-for-nobody", "Nobody is named to whom the pictures of persons sought shall go."),
            "Ask where the list of persons is saved as a file, and choose the recipient there.",
        )


@router.post("/releases/{release_id}/answer")
async def answer_release(
    release_id: str,
    body: MatterAnswer,
    caller: Annotated[Caller, Depends(needs("releases.grant", "searches.grant"))],
) -> MatterRelease:
    """Release or refuse as the second person, or review an emergency."""

    def work(tx: Transaction) -> MatterRelease:
        seen_release(tx, caller, release_id)
        row = releases.decide(
            tx,
            caller.node.environment,
            caller.operator,
            release_id,
            body.grant,
            body.note,
            origin=caller.origin,
            access=caller.node.access,
        )
        return _shape(tx, caller, row)

    return await caller.act(release_id, work)


@router.post("/releases/{release_id}/withdraw")
async def withdraw_release(
    release_id: str,
    body: MatterWithdrawal,
    caller: Annotated[Caller, Depends(needs("releases.withdraw"))],
) -> MatterRelease:
    """Stop a release that the caller may see, or take a request back."""

    def work(tx: Transaction) -> MatterRelease:
        seen_release(tx, caller, release_id)
        row = releases.withdraw(
            tx,
            caller.node.environment,
            caller.operator,
            release_id,
            body.reason,
            origin=caller.origin,
            access=caller.node.access,
        )
        return _shape(tx, caller, row)

    return await caller.act(release_id, work)


def seen_release(tx: Transaction, caller: Caller, release_id: str, matter: Matter | None = None) -> ReleaseRow:
    """A release of an organisation that the caller's does not see, or of another matter, is as one that is not there.

    ReleaseUnknown. A route for one matter names it: other matters are answered and stopped where their own checks are.
    It is also of those whose persons it is about: nobody compares the face of their entry without their being able to stop it.
    """
    row, reaches = tx.releases.get(release_id), caller.reach(tx, READ)
    if (
        row is None
        or matter not in {None, row.matter}
        or not (
            row.asked_by == caller.operator.name or reaches(row.organisation) or any(map(reaches, _owners(tx, row)))
        )
    ):
        raise ReleaseUnknown(say("release-none", "There is no such release."), "Look at the list of releases again.")
    return row


def _shape(tx: Transaction, caller: Caller, row: ReleaseRow) -> MatterRelease:
    if row.matter is Matter.UNDO_MATCH and (face := tx.faces.get(row.subject)) is not None:
        row = replace(row, scope=canonical(scope_of(face, request_of(row))).decode())
    permit = tx.permits.get(row.permit_id) if row.permit_id else None
    return release_shape(
        row, caller.node.environment.clock.now(), caller.operator.name, caller.node.access.actions_of(caller.operator.role),
        permit.number if permit else "", _names(tx, row),
    )  # fmt: skip


def _persons(tx: Transaction, row: ReleaseRow) -> list[PersonEntryRow]:
    """The entries of persons that a release is about."""
    named = row.scope_facts.get("persons", [])
    found = (tx.persons.get(str(id)) for id in [row.subject, *(named if isinstance(named, list) else [])])
    return [entry for entry in found if entry is not None]


def _owners(tx: Transaction, row: ReleaseRow) -> set[str]:
    return {entry.owner for entry in _persons(tx, row)}


def _names(tx: Transaction, row: ReleaseRow) -> dict[str, str]:
    """What people call the things that the release names by id: who releases must know whom and which case it is about."""
    names = {entry.id: f"{entry.name}, {entry.case_ref}" for entry in _persons(tx, row)}
    if row.matter is Matter.FACE_MATCHING and names:
        names[row.subject] = "; ".join(names.values())
    if row.matter is Matter.FACE_SEARCH and (search := tx.face_searches.get(row.subject)) is not None:
        entry = tx.persons.get(search.entry_id or "")
        names[search.id] = f"{entry.name}, {search.case_ref}" if entry is not None else search.case_ref
    if row.matter is Matter.UNDO_MATCH and (face := tx.faces.get(row.subject)) is not None:
        entry, search = tx.persons.get(face.entry_id or ""), tx.face_searches.get(face.search_id or "")
        names[face.id] = entry.name if entry is not None else search.case_ref if search is not None else face.camera_id
    if row.matter is Matter.EVIDENCE_EXPORT and (job := tx.exports.get(row.subject)) is not None:
        names[job.id] = job.case_ref
    if row.matter in (Matter.LIFT_MASK, Matter.LIFT_REDACTION) and (permit := tx.permits.get(row.subject)) is not None:
        names[permit.id] = f"{permit.number}, {permit.case_ref}"
    return names


def _matter(tx: Transaction, caller: Caller, matter: Matter, profile: Profile) -> MatterFacts:
    rule = RULES[matter]
    lacks = rule.function is not None and not profile.allows(rule.function)
    may_ask = caller.may(rule.ask) and matter not in OWN_FORM
    now = caller.node.environment.clock.now()
    return MatterFacts(
        subjects=[SubjectChoice.model_validate(each) for each in subjects(tx, matter, caller.operator, now)] if may_ask else [],
        matter=matter.value, most_hours=releases.longest_us(matter, profile.limits) / HOUR,
        review_hours=rule.review_within_us / HOUR,
        may_ask=may_ask,
        may_release_alone=rule.emergency and caller.may("releases.emergency"),
        lacks_function=rule.function.value if rule.function is not None and lacks else "",
    )  # fmt: skip
