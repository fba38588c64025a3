"""Keys of programs: made by administration, released by oversight where they reach people, revoked by both."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api.gate import Caller, needs
from istros.api.people_shapes import KeyChoices, MadeKey, NewProgramKey, ProgramKey
from istros.base.time import Time
from istros.compliance.access import PROGRAM
from istros.compliance.program_keys import (
    PERSONAL,
    KeyWish,
    key_state,
    make_key,
    release_key,
    revoke_key,
)
from istros.store import Transaction
from istros.store.rows_identity import ProgramKeyRow

router = APIRouter(tags=["people"])


@router.get("/keys")
async def list_keys(caller: Annotated[Caller, Depends(needs("keys.read"))]) -> list[ProgramKey]:
    """Every key, newest first."""
    now = caller.node.environment.clock.now()
    return await caller.disclose("keys", lambda tx: [_shape(row, now) for row in tx.program_keys.all()])


@router.get("/keys/choices")
async def get_key_choices(caller: Annotated[Caller, Depends(needs("keys.write"))]) -> KeyChoices:
    """What a key can be for, by the node's policy."""
    access = caller.node.access
    return KeyChoices(
        actions=sorted(access.actions_of(PROGRAM) - {"permits.open"}),
        personal=sorted(PERSONAL),
        purposes=sorted(access.purposes_of(PROGRAM)),
    )


@router.post("/keys", status_code=201)
async def add_key(body: NewProgramKey, caller: Annotated[Caller, Depends(needs("keys.write"))]) -> MadeKey:
    """Make a key; it is shown this once. One that reaches people waits for the data-protection officer."""
    wish = KeyWish(
        body.name, body.organisation, tuple(body.actions), tuple(body.cameras), body.purpose, body.ground,
        body.case_ref, body.days,
    )  # fmt: skip
    node, by = caller.node, caller.operator.name

    def work(tx: Transaction) -> tuple[ProgramKeyRow, str]:
        return make_key(tx, node.environment, node.access, wish, by=by, origin=caller.origin)

    row, token = await caller.act(wish.name, work)
    return MadeKey(key=token, facts=_shape(row, node.environment.clock.now()))


@router.post("/keys/{key_id}/release")
async def release(key_id: str, caller: Annotated[Caller, Depends(needs("keys.release"))]) -> ProgramKey:
    """Find a key's purpose, ground and case lawful: it counts from now on."""
    node, by = caller.node, caller.operator.name
    row = await caller.act(key_id, lambda tx: release_key(tx, node.environment, key_id, by=by, origin=caller.origin))
    return _shape(row, node.environment.clock.now())


@router.post("/keys/{key_id}/revoke")
async def revoke(key_id: str, caller: Annotated[Caller, Depends(needs("keys.revoke"))]) -> ProgramKey:
    """The key counts no more."""
    node, by = caller.node, caller.operator.name
    row = await caller.act(key_id, lambda tx: revoke_key(tx, node.environment, key_id, by=by, origin=caller.origin))
    return _shape(row, node.environment.clock.now())


def _shape(row: ProgramKeyRow, now: Time) -> ProgramKey:
    return ProgramKey(
        id=row.id, name=row.name, organisation=row.organisation, actions=list(row.actions), cameras=list(row.cameras),
        purpose=row.purpose, ground=row.ground, case_ref=row.case_ref, state=key_state(row, now), created=row.created,
        created_by=row.created_by, expires=row.expires, released_by=row.released_by, revoked_by=row.revoked_by,
        used=row.used, used_from=row.used_from,
    )  # fmt: skip
