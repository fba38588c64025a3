"""The open WebSockets: bounded in number, and closed when their session ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

import structlog
from starlette.websockets import WebSocket

from istros.api.node import Node
from istros.base.time import Time
from istros.store import Transaction

PERIOD_S = 1.0
"""Between two looks at the sessions of the open WebSockets."""

MOST_PER_SESSION = 40
"""Open WebSockets of one session: sixteen tiles in each of two windows, and the changes."""

SIGN_IN = 4401
NOT_ALLOWED = 4403
UNKNOWN = 4404
UNSUPPORTED = 4415
NOT_CLEARED = 4423
"""Close codes of docs/design/0002."""

log = structlog.get_logger("istros.api.sockets")


@dataclass(slots=True)
class _Session:
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = 0


class Sockets:
    """Knows which sessions have WebSockets open, and tells them when the session ends."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Session] = {}

    def room(self, token_sha256: str) -> bool:
        """Whether the session may open one more."""
        session = self._sessions.get(token_sha256)
        return session is None or session.open < MOST_PER_SESSION

    @contextmanager
    def hold(self, token_sha256: str) -> Iterator[asyncio.Event]:
        """Count one WebSocket for as long as the block lasts; the event is set when its session ends."""
        session = self._sessions.setdefault(token_sha256, _Session())
        session.open += 1
        try:
            yield session.ended
        finally:
            session.open -= 1
            if not session.open and self._sessions.get(token_sha256) is session:
                del self._sessions[token_sha256]

    def end(self, token_sha256: str) -> None:
        """The session is over: its WebSockets close."""
        session = self._sessions.pop(token_sha256, None)
        if session is not None:
            session.ended.set()

    def held(self) -> list[str]:
        """The sessions with WebSockets open."""
        return list(self._sessions)


async def end_dead_sessions(sockets: Sockets, node: Node) -> None:
    """Once a second, tell the WebSockets whose session is over; runs until cancelled."""
    clock = node.environment.clock
    while True:
        await clock.sleep(PERIOD_S)
        held = sockets.held()
        if not held:
            continue
        try:
            dead = await node.database.read(partial(_dead, tokens=held, now=clock.now()))
        except Exception as error:  # the next look may succeed, and nobody else would make it
            log.error("looking for ended sessions failed", problem=f"{type(error).__name__}: {error}")
            continue
        for token in dead:
            sockets.end(token)


def _dead(tx: Transaction, tokens: list[str], now: Time) -> list[str]:
    """Sessions that are gone, past their end, or whose operator may not sign in any more.

    Watching is use: an open view keeps a session from ending for want of requests, up to its last hour.
    """
    return [token for token in tokens if not is_alive(tx, token, now)]


def is_alive(tx: Transaction, token: str, now: Time) -> bool:
    """Whether the session (by its token's SHA-256) is there, not past its end, and its operator may sign in."""
    session = tx.sessions.get(token)
    if session is None or now >= session.expires:
        return False
    operator = tx.operators.get(session.operator_id)
    return operator is not None and not operator.disabled


def same_origin(socket: WebSocket) -> bool:
    """Whether the page that opened the WebSocket came from this node: browsers send no other proof (RFC 6455, 10.2)."""
    origin = urlsplit(socket.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == socket.headers.get("host")
