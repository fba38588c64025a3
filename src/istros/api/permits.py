"""Permits: asking for one, and giving it back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.base.time import from_iso
from istros.compliance import permits
from istros.store import Transaction

router = APIRouter(tags=["permits"])


@router.get("/permits")
async def list_permits(caller: Annotated[Caller, Depends(needs("permits.open"))]) -> list[schemas.Permit]:
    """The caller's own open permits, the standing one of the shift among them."""
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> list[schemas.Permit]:
        rows = tx.permits.open_for(caller.operator.name, now)
        under: dict[str | None, list[schemas.PermitRelease]] = {}
        for each in tx.releases.under([row.id for row in rows]):
            under.setdefault(each.permit_id, []).append(schemas.PermitRelease.model_validate(each))
        shapes = [schemas.Permit.model_validate(row) for row in rows]
        return [shape.model_copy(update={"releases": under.get(shape.id, [])}) for shape in shapes]

    return await caller.node.database.read(work)


@router.post("/permits", status_code=201)
async def open_permit(
    body: schemas.PermitRequest, caller: Annotated[Caller, Depends(needs("permits.open"))]
) -> schemas.Permit:
    """Open a permit for a purpose, on a ground, for a case."""

    def work(tx: Transaction) -> schemas.Permit:
        _as_the_key_says(caller, body)
        row = permits.open_permit(
            tx, caller.node.environment, caller.operator, body.purpose, body.ground, body.case_ref, body.hours,
            origin=caller.origin, access=caller.node.access, reach=_reach(body),
        )  # fmt: skip
        return schemas.Permit.model_validate(row)

    return await caller.act(body.purpose, work)


@router.post("/permits/{permit_id}/close")
async def close_permit(permit_id: str, caller: Annotated[Caller, Depends(needs("permits.open"))]) -> schemas.Permit:
    """End a permit early; only its holder may."""

    def work(tx: Transaction) -> schemas.Permit:
        row = permits.close_permit(tx, caller.node.environment, caller.operator, permit_id, origin=caller.origin)
        return schemas.Permit.model_validate(row)

    return await caller.act(permit_id, work)


def _reach(body: schemas.PermitRequest) -> permits.Reach:
    return permits.Reach(
        tuple(body.cameras),
        None if body.reach_from is None else from_iso(body.reach_from),
        None if body.reach_to is None else from_iso(body.reach_to),
    )


def _as_the_key_says(caller: Caller, body: schemas.PermitRequest) -> None:
    """A program states the purpose, the ground and the case of its released key, and no others. Raises PermitNotOpened."""
    key = caller.key
    if key is not None and (key.purpose, key.ground, key.case_ref) != (body.purpose, body.ground, body.case_ref):
        raise permits.PermitNotOpened(
            f"The key '{key.name}' is for another purpose, ground or case.", "State those of the key's own scope."
        )
