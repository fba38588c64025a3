"""Live video to one tile: what the hub sends, bounded, until the viewer leaves or the session ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, WebSocket

from istros.api import sockets
from istros.api.gate import Caller
from istros.api.schemas import LiveInit, LiveState, LiveTime, Shape
from istros.api.socket_gate import leave_when_told, seated
from istros.compliance.permits import PermitRefused
from istros.devices.camera import StreamKey
from istros.video import live

router = APIRouter()

CLOCK_EVERY_S = 1.0
"""Media seconds between two messages that tell the wall time."""

SHOWN = ("avc1", "hvc1")
"""Codings that a browser may show; whether this one shows H.265 it finds out itself from the type."""


@router.websocket("/live/{camera_id}/{stream}")
async def view_live(socket: WebSocket, camera_id: str, stream: str) -> None:
    """Live video of one stream (docs/design/0002)."""
    async with seated(socket, ("live.view",), f"{camera_id}/{stream}") as seat:
        if seat is None:
            return
        key = _key(seat.caller, camera_id, stream)
        if key is None:
            await socket.close(sockets.UNKNOWN, "no such stream")
            return
        try:
            await seat.begin(str(key))
        except PermitRefused as refusal:
            await socket.close(sockets.NOT_ALLOWED, refusal.message)
            return
        try:
            async with aclosing(seat.caller.node.live.view(key)) as messages:
                await leave_when_told(socket, seat, _send(socket, messages))
        finally:
            await seat.end(str(key))


def _key(caller: Caller, camera_id: str, stream: str) -> StreamKey | None:
    camera = caller.node.camera(camera_id)
    return next((each.key for each in camera.streams if each.key.name == stream), None) if camera else None


async def _send(socket: WebSocket, messages: AsyncGenerator[live.LiveMessage, None]) -> None:
    told_s: float | None = None
    async for message in messages:
        match message:
            case live.LiveInit(mime=mime, data=data, time=time):
                if not any(coding in mime for coding in SHOWN):
                    await socket.close(sockets.UNSUPPORTED, "the coding cannot be shown")
                    return
                await _tell(socket, LiveInit(type="init", mime=mime, time=time))
                await socket.send_bytes(data)
                told_s = None
            case live.LiveFragment(data=data, media_s=media_s, time=time):
                await socket.send_bytes(data)
                if told_s is None or media_s - told_s >= CLOCK_EVERY_S:
                    await _tell(socket, LiveTime(type="time", media=media_s, time=time))
                    told_s = media_s
            case live.LiveState(status=status, problem=problem):
                await _tell(socket, LiveState(type="state", status=status, problem=problem))


async def _tell(socket: WebSocket, shape: Shape) -> None:
    await socket.send_text(shape.model_dump_json(by_alias=True))
