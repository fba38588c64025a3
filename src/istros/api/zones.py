"""The zones of a camera's picture: where plates are read, what is ignored, and what nobody sees; no picture in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.api.zone_shapes import (
    CameraZones,
    MasksInCamera,
    WaitingZones,
    ZonesAnswer,
    ZonesChange,
    ZoneSet,
    ZoneSetting,
)
from istros.devices.camera import Camera, Zone
from istros.recognition import zone_changes
from istros.recognition.zone_changes import WantedZones
from istros.recognition.zones import PictureZones
from istros.store import Transaction
from istros.store.camera_zones import CameraZonesRow
from istros.store.devices import HeldMasksRow

router = APIRouter(tags=["cameras"])

_MOST_HISTORY = 20


@router.get("/cameras/{camera_id}/zones")
async def get_camera_zones(camera_id: str, caller: Annotated[Caller, Depends(needs("cameras.read"))]) -> CameraZones:
    """The zones of a camera, and what waits for a second person."""
    camera = camera_of(caller, camera_id)
    return await caller.node.database.read(lambda tx: _shape(tx, caller, camera))


@router.put("/cameras/{camera_id}/zones")
async def set_camera_zones(
    camera_id: str, change: ZonesChange, caller: Annotated[Caller, Depends(needs("cameras.zones"))]
) -> CameraZones:
    """Draw the zones of a camera anew; what uncovers a masked or ignored part waits for a second person."""
    wanted = WantedZones(
        _corners(change.zones.plates), _corners(change.zones.ignored), _corners(change.zones.private),
        change.from_file, change.reason, change.in_camera,
    )  # fmt: skip

    def work(tx: Transaction, camera: Camera) -> None:
        zone_changes.change(tx, caller.node.environment, caller.operator, camera, wanted, caller.origin)

    return await _changed(caller, camera_id, work)


@router.post("/cameras/{camera_id}/zones/answer")
async def answer_camera_zones(
    camera_id: str, body: ZonesAnswer, caller: Annotated[Caller, Depends(needs("cameras.zones"))]
) -> CameraZones:
    """Agree as the second person to zones that wait, or refuse them; whoever asked takes them back."""

    def work(tx: Transaction, camera: Camera) -> None:
        zone_changes.answer(
            tx, caller.node.environment, caller.operator, camera, body.agree, body.note, caller.origin
        )  # fmt: skip

    return await _changed(caller, camera_id, work)


async def _changed(caller: Caller, camera_id: str, work: Callable[[Transaction, Camera], None]) -> CameraZones:
    camera = camera_of(caller, camera_id)

    def both(tx: Transaction) -> CameraZones:
        work(tx, camera)
        return _shape(tx, caller, camera)

    shape = await caller.act(camera_id, both)
    await caller.node.masks.refresh()
    return shape


def _shape(tx: Transaction, caller: Caller, camera: Camera) -> CameraZones:
    drawn = tx.camera_zones.in_force(camera.id)
    held = PictureZones.in_force(camera, drawn)
    return CameraZones(
        camera_id=camera.id,
        zones=_zone_set(held),
        from_file=drawn is None or drawn.from_file,
        in_camera=drawn is not None and drawn.in_camera,
        held=MasksInCamera.model_validate(tx.devices.held_masks(camera.id) or HeldMasksRow(camera.id)),
        file=_zone_set(PictureZones.of(camera)),
        waiting=_waiting(tx, caller, camera),
        history=[_setting(row) for row in tx.camera_zones.held(camera.id, _MOST_HISTORY)],
    )


def _waiting(tx: Transaction, caller: Caller, camera: Camera) -> WaitingZones | None:
    found = zone_changes.waiting(tx, camera.id)
    if found is None:
        return None
    row, release = found
    return WaitingZones(
        zones=_zone_set(row), from_file=row.from_file, in_camera=row.in_camera, asked_by=release.asked_by,
        asked=release.asked, answer_by=release.answer_by, reason=release.reason,
        own=release.asked_by == caller.operator.name, released=release.stands(caller.node.environment.clock.now()),
    )  # fmt: skip


def _setting(row: CameraZonesRow) -> ZoneSetting:
    return ZoneSetting(
        zones=_zone_set(row), from_file=row.from_file, in_camera=row.in_camera, set_by=row.set_by, agreed_by=row.agreed_by,
        since=row.since or row.time,
    )  # fmt: skip


def _zone_set(held: PictureZones | CameraZonesRow) -> ZoneSet:
    def lists(zones: tuple[Zone, ...]) -> list[list[list[float]]]:
        return [[list(corner) for corner in zone] for zone in zones]

    return ZoneSet(plates=lists(held.plates), ignored=lists(held.ignored), private=lists(held.private))


def _corners(zones: list[list[list[float]]]) -> tuple[Zone, ...]:
    return tuple(tuple((x, y) for x, y in zone) for zone in zones)
