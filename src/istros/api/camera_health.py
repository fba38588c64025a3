"""How a camera does: its states with their history, its signals, and learning anew what it usually shows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api.camera_health_shapes import CameraHealth, HealthChange, HealthState, PictureReference, Signal
from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.base.time import DAY, Span, Time, after
from istros.devices.camera import Camera
from istros.events.record import record
from istros.store import Transaction

router = APIRouter(tags=["cameras"])


@router.get("/cameras/{camera_id}/health")
async def get_camera_health(camera_id: str, caller: Annotated[Caller, Depends(needs("cameras.read"))]) -> CameraHealth:
    """The states of a camera, their history of a day, and the age of what it was learnt by."""
    camera = camera_of(caller, camera_id)
    now = caller.node.environment.clock.now()
    span = Span(Time(now - DAY), after(now, 1))
    return await caller.node.database.read(lambda tx: _health(tx, camera, span))


@router.get("/cameras/{camera_id}/signals")
async def list_camera_signals(
    camera_id: str,
    caller: Annotated[Caller, Depends(needs("cameras.read"))],
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[Signal]:
    """What the camera and the watches over it said within a day, the newest first."""
    camera = camera_of(caller, camera_id)
    now = caller.node.environment.clock.now()
    span = Span(Time(now - DAY), after(now, DAY))
    rows = await caller.node.database.read(lambda tx: tx.signals.between(camera.id, span, limit))
    return [
        Signal(number=row.number, source=row.source, kind=row.kind, state=row.state, time=row.time, subject=row.subject)
        for row in rows
    ]


@router.post("/cameras/{camera_id}/learn")
async def learn_camera_anew(camera_id: str, caller: Annotated[Caller, Depends(needs("cameras.learn"))]) -> CameraHealth:
    """Forget what was learnt of a camera, because somebody moved it on purpose: it is learnt anew at once.

    That is what it usually shows, how wide plates are at each spot, and its scale.
    """
    camera = camera_of(caller, camera_id)
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> CameraHealth:
        tx.health.renew(camera.id, now, caller.author.actor)
        tx.plate_spots.forget(camera.id)
        record(tx, caller.node.environment, caller.author, "cameras.learn", camera.id, {})
        return _health(tx, camera, Span(Time(now - DAY), after(now, 1)))

    return await caller.node.database.write(work)


def _health(tx: Transaction, camera: Camera, span: Span) -> CameraHealth:
    streams = {"", *(stream.key.name for stream in camera.streams)}
    return CameraHealth(
        camera_id=camera.id,
        states=[HealthState.model_validate(row) for row in tx.health.states(camera.id) if row.stream in streams],
        changes=[
            HealthChange.model_validate(row) for row in tx.health.changes(camera.id, span) if row.stream in streams
        ],
        references=[PictureReference.model_validate(row) for row in tx.health.references(camera.id)],
        asked_anew=tx.health.renewals().get(camera.id),
    )
