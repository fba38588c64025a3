"""How wide plates are in a camera's picture, and the scale that a person gives it; no picture and no plate in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.api.plate_width_shapes import CameraScale, PlateWidths, ScaleMark, SpotWidth
from istros.api.problems import BadRequest
from istros.base.said import say
from istros.devices.camera import Camera
from istros.events.record import record
from istros.recognition.plate_widths import ENOUGH_PX, scale_of, widths
from istros.recognition.zones import PictureZones
from istros.store import Transaction
from istros.store.plate_spots import ACROSS, DOWN, CameraScaleRow

router = APIRouter(tags=["cameras"])

_UNKNOWN_SIZE = (1920, 1080)
"""What a scale's marks are judged by until a picture has come: only their heights count for that."""


@router.get("/cameras/{camera_id}/plate-widths")
async def get_plate_widths(camera_id: str, caller: Annotated[Caller, Depends(needs("cameras.read"))]) -> PlateWidths:
    """How wide plates are at each spot of a camera's picture, by what was read, by its scale, or by the height of cars."""
    camera = camera_of(caller, camera_id)
    return await caller.node.database.read(lambda tx: _widths(tx, camera))


@router.put("/cameras/{camera_id}/scale")
async def set_camera_scale(
    camera_id: str, scale: CameraScale, caller: Annotated[Caller, Depends(needs("cameras.scale"))]
) -> PlateWidths:
    """Tell by two marks how large things are in the picture; on the record."""
    camera = camera_of(caller, camera_id)
    marks = tuple((mark.x1, mark.y1, mark.x2, mark.y2, mark.metres) for mark in scale.marks)
    if any((mark[0], mark[1]) == (mark[2], mark[3]) for mark in marks):
        raise BadRequest(
            say("mark-no-length", "A mark has no length."), "Draw it from one end of the thing to the other."
        )
    if scale_of(marks, _UNKNOWN_SIZE) is None:
        raise BadRequest(
            say(
                "marks-same-height",
                "The two marks are at the same height of the picture, so that nothing follows for the rest of it.",
            ),
            "Put one mark near the lower edge and the other one far up the road.",
        )
    now, detail = caller.node.environment.clock.now(), {"marks": [list(mark) for mark in marks]}

    def work(tx: Transaction) -> PlateWidths:
        tx.plate_spots.put_scale(CameraScaleRow(camera.id, marks, caller.author.actor, now))
        record(tx, caller.node.environment, caller.author, "cameras.scale", camera.id, detail)
        return _widths(tx, camera)

    return await caller.node.database.write(work)


def _widths(tx: Transaction, camera: Camera) -> PlateWidths:
    size = _size(tx, camera)
    scale = tx.plate_spots.scale(camera.id)
    marks = () if scale is None else scale.marks
    zones = PictureZones.in_force(camera, tx.camera_zones.in_force(camera.id)).plates
    spots = widths(tx.plate_spots.of(camera.id), marks, size, zones) if size[0] else []
    return PlateWidths(
        camera_id=camera.id,
        width=size[0],
        height=size[1],
        columns=ACROSS,
        rows=DOWN,
        enough_px=ENOUGH_PX,
        spots=[SpotWidth.model_validate(spot) for spot in spots],
        zones=[[list(corner) for corner in zone] for zone in zones],
        marks=[ScaleMark(x1=x1, y1=y1, x2=x2, y2=y2, metres=metres) for x1, y1, x2, y2, metres in marks],
        scaled=None if scale is None else scale.time,
        scaled_by="" if scale is None else scale.set_by,
    )


def _size(tx: Transaction, camera: Camera) -> tuple[int, int]:
    """The picture that plates are read in: the large stream's, where the camera has one."""
    name = "main" if camera.stream("main") is not None else "sub"
    found = next((row for row in tx.streams.all() if (row.camera_id, row.stream) == (camera.id, name)), None)
    return (0, 0) if found is None else (found.width, found.height)
