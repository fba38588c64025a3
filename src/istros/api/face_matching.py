"""Live face matching: what runs now and until when, and asking for it (rules L1 and L2)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api.gate import Caller, needs, signed_in
from istros.api.person_shapes import MatchingNow, MatchingOperation, MatchingState, MatchingWish, ReleaseAnswer
from istros.api.releases import seen_release
from istros.api.watchlist_shapes import CloseReason
from istros.base.time import HOUR, Time
from istros.compliance import releases
from istros.compliance.profile import Function, in_force
from istros.events.live_matching import MatchingScope, ask_matching, operations_now, scope_of
from istros.store import Transaction
from istros.store.releases import Matter, ReleaseRow

router = APIRouter(tags=["persons"])


@router.get("/face-matching")
async def get_face_matching(caller: Annotated[Caller, Depends(signed_in)]) -> MatchingNow:
    """Where faces are compared live at this moment, and until when: the banner of every screen.

    It says no more than that, so whoever is signed in may know it and asking for it leaves no row. For whom, by whose
    order and why stands in the list of operations, where each look is recorded.
    """
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> MatchingNow:
        running = operations_now(tx, now)
        cameras = {camera for row in running for camera in scope_of(row).cameras}
        return MatchingNow(
            cameras=sorted(cameras), until=max((row.expires for row in running if row.expires), default=None)
        )

    return await caller.node.database.read(work)


@router.get("/face-matching/operations")
async def list_face_matching(caller: Annotated[Caller, Depends(needs("persons.read"))]) -> MatchingState:
    """The operations that run or wait: for whom, by whose order, why; and the ground in law. Each look is recorded."""
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> MatchingState:
        profile = in_force(tx, now)
        alive = tx.releases.alive_of(Matter.FACE_MATCHING)
        return MatchingState(
            allowed=profile.allows(Function.FACES_MATCHED_LIVE), ground=profile.ground(Function.FACES_MATCHED_LIVE),
            most_hours=releases.longest_us(Matter.FACE_MATCHING, profile.limits) / HOUR,
            running=[operation_shape(row, now) for row in operations_now(tx, now)],
            waiting=[operation_shape(row, now) for row in alive if not row.stands(now) and row.answer_by > now],
        )  # fmt: skip

    return await caller.disclose("face-matching", work)


@router.post("/face-matching", status_code=201)
async def ask_face_matching(
    body: MatchingWish, caller: Annotated[Caller, Depends(needs("persons.write"))]
) -> MatchingOperation:
    """Ask that faces be compared live; a second person releases it, or an emergency works at once and is reviewed."""
    environment = caller.node.environment
    scope = MatchingScope(
        body.objective, tuple(body.cameras), tuple(body.persons), body.authorisation, body.within, body.duty_officer
    )

    def work(tx: Transaction) -> MatchingOperation:
        row = ask_matching(
            tx, environment, caller.operator, scope, body.reason, body.permit, emergency=body.emergency,
            hours=body.hours, origin=caller.origin, access=caller.node.access,
        )  # fmt: skip
        return operation_shape(row, environment.clock.now())

    return await caller.act("face-matching", work)


@router.post("/face-matching/{release_id}/decide")
async def decide_face_matching(
    release_id: str, body: ReleaseAnswer, caller: Annotated[Caller, Depends(needs("releases.grant"))]
) -> MatchingOperation:
    """Release or refuse an operation as the second person, or review an urgent one."""
    environment = caller.node.environment

    def work(tx: Transaction) -> MatchingOperation:
        seen_release(tx, caller, release_id, Matter.FACE_MATCHING)
        row = releases.decide(
            tx, environment, caller.operator, release_id, body.grant, body.note, origin=caller.origin, access=caller.node.access,
        )  # fmt: skip
        return operation_shape(row, environment.clock.now())

    return await caller.act(release_id, work)


@router.post("/face-matching/{release_id}/stop")
async def stop_face_matching(
    release_id: str, body: CloseReason, caller: Annotated[Caller, Depends(needs("persons.write"))]
) -> MatchingOperation:
    """Stop an operation, or take its request back, with the reason."""
    environment = caller.node.environment

    def work(tx: Transaction) -> MatchingOperation:
        seen_release(tx, caller, release_id, Matter.FACE_MATCHING)
        row = releases.withdraw(
            tx, environment, caller.operator, release_id, body.reason, origin=caller.origin, access=caller.node.access
        )
        return operation_shape(row, environment.clock.now())

    return await caller.act(release_id, work)


def operation_shape(row: ReleaseRow, now: Time) -> MatchingOperation:
    """A release of live face matching as the screens show it."""
    scope = scope_of(row)
    return MatchingOperation(
        id=row.id, objective=scope.objective, cameras=list(scope.cameras), persons=list(scope.persons), within=scope.hours,
        authorisation=scope.authorisation, reason=row.reason, emergency=row.emergency, asked=row.asked,
        asked_by=row.asked_by, answer_by=row.answer_by, answered_by=row.answered_by, expires=row.expires,
        running=row.stands(now),
    )  # fmt: skip
