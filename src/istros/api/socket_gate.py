"""The gate for WebSockets: the questions of `gate`, answered with close codes, and asked again until the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from istros.api import sockets
from istros.api.gate import Caller, identify, permitted
from istros.api.problems import NotAllowed, NotSignedIn
from istros.api.sockets import Sockets, same_origin
from istros.events.record import record

GOING_AWAY = 1001
"""RFC 6455 section 7.4.1."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A WebSocket that passed the gate; `ended` is set when its session is over."""

    caller: Caller
    ended: asyncio.Event

    async def begin(self, subject: str) -> None:
        """Record that a view begins, under the standing permit. Raises PermitRefused, on the record."""
        await self.caller.disclose(subject, lambda tx: None, {"step": "begin"})

    async def end(self, subject: str) -> None:
        """Record that the view is over, whatever ended it."""
        caller = self.caller
        await asyncio.shield(
            caller.node.database.write(
                lambda tx: record(tx, caller.node.environment, caller.author, caller.action, subject, {"step": "end"})
            )
        )


@asynccontextmanager
async def seated(socket: WebSocket, actions: tuple[str, ...], subject: str) -> AsyncIterator[Seat | None]:
    """Accept the WebSocket and check origin, session and role; None when it was closed with the fitting code.

    It is accepted first, because a browser tells its page nothing about a WebSocket that was never accepted.
    """
    await socket.accept()
    caller = await _caller(socket, actions, subject)
    if caller is None:
        yield None
        return
    held: Sockets = socket.app.state.sockets
    if not held.room(caller.session.token_sha256):
        await turn_away(socket, caller, sockets.NOT_ALLOWED, "too many open views")
        yield None
        return
    with held.hold(caller.session.token_sha256) as ended:
        yield Seat(caller, ended)


async def _caller(socket: WebSocket, actions: tuple[str, ...], subject: str) -> Caller | None:
    try:
        if not same_origin(socket):
            await socket.close(sockets.NOT_ALLOWED, "the page comes from elsewhere")
            return None
        caller = await identify(socket)
    except NotSignedIn:
        await socket.close(sockets.SIGN_IN, "sign in")
        return None
    try:
        return await permitted(caller, actions, subject, socket.path_params.get("camera_id")) if actions else caller
    except NotAllowed:
        await turn_away(socket, caller, sockets.NOT_ALLOWED, "the role does not allow it")
        return None


async def turn_away(socket: WebSocket, caller: Caller, code: int, reason: str) -> None:
    """Close with the code, or with SIGN_IN when the caller's session ended since the gate let it through.

    The end of a session also closes its standing permit, so that whatever is refused after it looks like a missing
    right; a page that is told so gives up, where it should ask to sign in.
    """
    node, token = caller.node, caller.session.token_sha256
    alive = await node.database.read(partial(sockets.is_alive, token=token, now=node.environment.clock.now()))
    await _close(socket, *((code, reason) if alive else (sockets.SIGN_IN, "the session has ended")))


async def leave_when_told(
    socket: WebSocket, seat: Seat, sending: Coroutine[Any, Any, None], barred: asyncio.Event | None = None
) -> None:
    """Send until the viewer leaves, the session ends, what is shown may not be any more, or there is nothing to send."""
    ends = {
        "sent": asyncio.create_task(sending),
        "left": asyncio.create_task(_until_left(socket)),
        "ended": asyncio.create_task(seat.ended.wait()),
        "barred": asyncio.create_task((barred or asyncio.Event()).wait()),
    }
    try:
        await asyncio.wait(ends.values(), return_when=asyncio.FIRST_COMPLETED)
        if seat.ended.is_set():
            await _close(socket, sockets.SIGN_IN, "the session has ended")
        elif barred is not None and barred.is_set():
            await turn_away(socket, seat.caller, sockets.NOT_CLEARED, "the camera may not be shown any more")
        elif not ends["left"].done():
            await turn_away(socket, seat.caller, GOING_AWAY, "no more to send")
    finally:
        for task in ends.values():
            task.cancel()
        await asyncio.gather(*ends.values(), return_exceptions=True)


async def _until_left(socket: WebSocket) -> None:
    """Viewers have nothing to say; what they send is dropped."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    try:
        await socket.close(code, reason)
    except (RuntimeError, WebSocketDisconnect):
        return  # it was closed from the other side, or by the sender, in the meantime
