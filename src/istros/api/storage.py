"""Disks, how long recordings are kept, and the holds that keep some of them longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.api.storage_shapes import (
    CameraKeeping,
    DiskState,
    Hold,
    HoldRequest,
    ReleaseAnswer,
    ReleaseRequest,
    ReviewRequest,
    Storage,
)
from istros.base.said import say
from istros.base.time import SECOND, Span, Time, from_iso
from istros.compliance import holds
from istros.compliance.errors import HoldRefused
from istros.recording.bounds import keeping_now
from istros.store import Transaction
from istros.store.holds import HoldRow
from istros.store.storage import DiskStateRow

router = APIRouter(tags=["storage"])

MOST_HOLDS = 500
"""Holds in one answer: every standing one that a node of this size can have, then the newest of the released."""

MOST_LEAVING = 1000
OLD_US = 300 * SECOND
"""A state that is older was left by a recorder that does not run: it says nothing of the disk any more."""

_GIGABYTE = 1_000_000_000


@router.get("/storage")
async def get_storage(caller: Annotated[Caller, Depends(needs("storage.read"))]) -> Storage:
    """The disks with their forecasts, and each camera's rule within the deployment profile."""
    cameras, now = caller.node.cameras, caller.node.environment.clock.now()

    def work(tx: Transaction) -> Storage:
        rules = keeping_now(tx, now, caller.node.keeping)
        return Storage(
            disks=[_disk(row, now) for row in tx.storage.disks()],
            cameras=[
                CameraKeeping(
                    camera_id=camera.id,
                    days=rules.of(camera.id).days,
                    event_days=rules.of(camera.id).event_days,
                    gigabytes_max=_gigabytes(rules.of(camera.id).bytes_max),
                    used_bytes=tx.storage.bytes_of(camera.id),
                    oldest=tx.storage.oldest(camera.id),
                )
                for camera in cameras
            ],
            leaving_files=len(tx.storage.leaving(MOST_LEAVING)),
        )

    return await caller.node.database.read(work)


@router.get("/holds")
async def list_holds(caller: Annotated[Caller, Depends(needs("holds.read"))]) -> list[Hold]:
    """Every standing hold, those whose review is overdue first; then those that were released."""
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> list[Hold]:
        found = [_hold(row, now) for row in tx.holds.all(MOST_HOLDS)]
        return sorted(found, key=lambda hold: not hold.overdue)

    return await caller.disclose("holds", work)


@router.post("/holds", status_code=201)
async def place_hold(body: HoldRequest, caller: Annotated[Caller, Depends(needs("holds.place"))]) -> Hold:
    """Keep footage that would go otherwise."""
    for camera_id in body.cameras:
        camera_of(caller, camera_id)
    since, until = from_iso(body.since), from_iso(body.until)

    def work(tx: Transaction) -> HoldRow:
        if until <= since:
            raise HoldRefused(say("hold-backwards", "A hold ends after it begins."), "Choose a later end.")
        asked = holds.HoldRequest(
            body.cameras,
            Span(since, until),
            body.kind,
            body.reason,
            body.permit,
            body.ground,
            body.case_ref,
            None if body.review is None else from_iso(body.review),
        )
        return holds.place(
            tx, caller.node.environment, caller.operator, asked, origin=caller.origin, access=caller.node.access
        )

    return await _on_record(caller, ",".join(body.cameras), work)


@router.post("/holds/{hold_id}/release")
async def ask_release_of_hold(
    hold_id: str, body: ReleaseRequest, caller: Annotated[Caller, Depends(needs("holds.release"))]
) -> Hold:
    """Ask that a hold be released; a second person must agree."""
    node, operator = caller.node, caller.operator

    def work(tx: Transaction) -> HoldRow:
        return holds.ask_release(tx, node.environment, operator, hold_id, body.reason, origin=caller.origin)

    return await _on_record(caller, hold_id, work)


@router.post("/holds/{hold_id}/release/confirm")
async def confirm_release_of_hold(
    hold_id: str, body: ReleaseAnswer, caller: Annotated[Caller, Depends(needs("holds.release"))]
) -> Hold:
    """Agree to a release as the second person, or refuse it."""
    node, operator = caller.node, caller.operator

    def work(tx: Transaction) -> HoldRow:
        return holds.answer_release(tx, node.environment, operator, hold_id, body.agree, origin=caller.origin)

    return await _on_record(caller, hold_id, work)


@router.post("/holds/{hold_id}/review")
async def review_hold(
    hold_id: str, body: ReviewRequest, caller: Annotated[Caller, Depends(needs("holds.review"))]
) -> Hold:
    """Say that it is still needed and why, and by when somebody looks again."""
    node, operator, until = caller.node, caller.operator, from_iso(body.until)

    def work(tx: Transaction) -> HoldRow:
        return holds.review(tx, node.environment, operator, hold_id, until, body.reason, origin=caller.origin)

    return await _on_record(caller, hold_id, work)


async def _on_record(caller: Caller, subject: str, work: Callable[[Transaction], HoldRow]) -> Hold:
    return _hold(await caller.act(subject, work), caller.node.environment.clock.now())


def _hold(row: HoldRow, now: Time) -> Hold:
    named = Hold.model_fields.keys() - {"cameras", "overdue"}
    values = {name: getattr(row, name) for name in named}
    return Hold(cameras=list(row.cameras), overdue=row.released is None and row.review <= now, **values)


_NOT_LOOKED = say("disk-not-looked-at", "The recorder has not looked at this disk for a while.")


def _disk(row: DiskStateRow, now: Time) -> DiskState:
    if now - row.updated <= OLD_US:
        return DiskState.model_validate(row)
    shown = DiskState.model_validate(replace(row, problem=_NOT_LOOKED))
    return shown.model_copy(update={"status": "unknown"})


def _gigabytes(count: int | None) -> float | None:
    return None if count is None else count / _GIGABYTE
