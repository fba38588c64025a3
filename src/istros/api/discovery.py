"""Devices for the administrator: those that answer in the network, and how the configured ones do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api.discovery_shapes import EdgeFill, FoundDevice, KnownDevice
from istros.api.gate import Caller, needs
from istros.api.spans import From, To, span_of
from istros.devices.discovery import is_configured
from istros.events.record import record
from istros.store import Transaction

router = APIRouter(tags=["devices"])


@router.get("/discovery")
async def find_devices(caller: Annotated[Caller, Depends(needs("devices.find"))]) -> list[FoundDevice]:
    """Look for cameras in the network for three seconds."""
    node = caller.node
    found = await node.find_devices(node.environment)
    await node.database.write(
        lambda tx: record(tx, node.environment, caller.author, "devices.find", "network", {"found": len(found)})
    )
    unknown = 0
    shapes = []
    for device in found:
        camera_id = is_configured(device, node.cameras)
        unknown += not camera_id
        shapes.append(
            FoundDevice(
                url=device.url,
                name=device.name,
                hardware=device.hardware,
                place=device.place,
                profiles=list(device.profiles),
                camera_id=camera_id,
                lines="" if camera_id else device.lines(unknown),
            )
        )
    return shapes


@router.get("/devices")
async def list_devices(caller: Annotated[Caller, Depends(needs("cameras.read"))]) -> list[KnownDevice]:
    """The configured cameras that speak ONVIF."""
    known = {camera.id for camera in caller.node.cameras}
    rows = await caller.node.database.read(lambda tx: tx.devices.all())
    return [KnownDevice.model_validate(row) for row in rows if row.camera_id in known]


@router.get("/edge")
async def list_edge_fills(
    caller: Annotated[Caller, Depends(needs("cameras.read"))],
    camera: Annotated[list[str], Query(min_length=1, max_length=64)],
    since: From,
    until: To,
) -> list[EdgeFill]:
    """Holes that the cameras' own cards may fill, as far as they overlap a span; no picture comes with it."""
    span = span_of(since, until)

    def work(tx: Transaction) -> list[EdgeFill]:
        return [EdgeFill.model_validate(row) for each in camera for row in tx.edge.between(each, span)]

    return await caller.node.database.read(work)
