"""Live video to one tile: what the hub sends, bounded, until the viewer leaves or the session ends."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, WebSocket

from istros.api import sockets
from istros.api.gate import Caller
from istros.api.live_shapes import LiveConfiguration
from istros.api.live_socket import EXTENSION, PictureProtocol
from istros.api.schemas import LiveInit, LiveState, LiveTime, Shape
from istros.api.shown import ShownCameras
from istros.api.socket_gate import leave_when_told, seated, turn_away
from istros.compliance.assessments import CameraNotCleared
from istros.compliance.permits import PermitRefused
from istros.devices.camera import StreamKey
from istros.video import live

router = APIRouter()

CLOCK_EVERY_S = 1.0
"""Media seconds between two messages that tell the wall time."""

PACKET_HEAD = struct.Struct(">B7xddd")
"""Before each access unit: 1 for a keyframe, its time on the viewer's timeline in s, and in ms since 1970 when the camera
took it and when it came to the server."""

FORMS: dict[str, live.LiveForm] = {"": "mp4", "mp4": "mp4", "packets": "packets"}
"""What `?as=` may ask for."""

SHOWN = ("avc1", "hvc1")
"""Codings that a browser may show; whether this one shows H.265 it finds out itself from the type."""


@router.websocket("/live/{camera_id}/{stream}")
async def view_live(socket: WebSocket, camera_id: str, stream: str) -> None:
    """Live video of one stream (docs/design/0002)."""
    async with seated(socket, ("live.view",), f"{camera_id}/{stream}") as seat:
        if seat is None:
            return
        key = key_of(seat.caller, camera_id, stream)
        form = FORMS.get(socket.query_params.get("as", ""))
        if key is None or form is None:
            missing = "no such stream" if key is None else "no such form"
            await turn_away(socket, seat.caller, sockets.UNKNOWN, missing)
            return
        shown: ShownCameras = socket.app.state.shown
        try:
            await shown.require(seat.caller, camera_id)
            await seat.begin(str(key))
        except PermitRefused as refusal:
            await turn_away(socket, seat.caller, sockets.NOT_ALLOWED, refusal.message)
            return
        except CameraNotCleared:
            await turn_away(socket, seat.caller, sockets.NOT_CLEARED, "the camera may not be shown")
            return
        with shown.hold(seat.caller, camera_id) as barred:
            try:
                views, person = seat.caller.node.live, seat.caller.operator.name
                async with aclosing(views.view(person, key, form)) as messages:
                    await leave_when_told(socket, seat, _send(Outlet(socket), messages, form), barred)
            finally:
                await seat.end(str(key))


def key_of(caller: Caller, camera_id: str, stream: str) -> StreamKey | None:
    """The stream of that name, where the node has it."""
    camera = caller.node.camera(camera_id)
    return next((each.key for each in camera.streams if each.key.name == stream), None) if camera else None


async def _send(outlet: Outlet, messages: AsyncGenerator[live.LiveMessage, None], form: live.LiveForm) -> None:
    told_s: float | None = None
    async for message in messages:
        match message:
            case live.LiveInit(mime=mime, data=data, time=time):
                if not any(coding in mime for coding in SHOWN):
                    await outlet.socket.close(sockets.UNSUPPORTED, "the coding cannot be shown")
                    return
                await outlet.tell(LiveInit(type="init", mime=mime, time=time))
                await outlet.show(data)
                told_s = None
            case live.LiveConfiguration():
                await outlet.tell(_configuration(message))
            case live.LiveFragment(data=data, media_s=media_s, time=time, is_key=is_key, arrived=arrived):
                if form == "packets":
                    await outlet.show(PACKET_HEAD.pack(is_key, media_s, time / 1000, arrived / 1000), data)
                    continue
                await outlet.show(data)
                if told_s is None or not 0 <= media_s - told_s < CLOCK_EVERY_S:
                    await outlet.tell(LiveTime(type="time", media=media_s, time=time, arrived=arrived))
                    told_s = media_s
            case live.LiveState(status=status, problem=problem, code=code):
                await outlet.tell(LiveState(type="state", status=status, problem=problem, code=code))


def _configuration(message: live.LiveConfiguration) -> LiveConfiguration:
    return LiveConfiguration(
        type="configuration",
        codec=message.codec,
        description=b64encode(message.description).decode(),
        width=message.width,
        height=message.height,
        time=message.time,
    )


class Outlet:
    """The WebSocket of one viewer: words as text, pictures by the short way where the server has one."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self._protocol: PictureProtocol | None = socket.scope.get("extensions", {}).get(EXTENSION)

    async def tell(self, shape: Shape) -> None:
        """A JSON message."""
        await self.socket.send_text(shape.model_dump_json(by_alias=True))

    async def show(self, *parts: bytes) -> None:
        """A binary message."""
        if self._protocol is None:
            await self.socket.send_bytes(b"".join(parts))
        else:
            await self._protocol.send_picture(*parts)
