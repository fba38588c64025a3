"""The RTSP client: opens a camera's stream over TCP or UDP and yields its packets (RFC 2326, RFC 3550)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from istros.base.environment import Environment
from istros.base.ring import Ring
from istros.devices.camera import Stream
from istros.video.packet import Packet, PacketOpener
from istros.video.rtsp_connection import ReceiveBuffer
from istros.video.rtsp_session import RtspSession

RING_PACKETS = 256
"""About ten seconds of a main stream: only a reader that stands still fills it."""


def open_rtsp(environment: Environment, *, connect_timeout_s: float = 5, silence_timeout_s: float = 6) -> PacketOpener:
    """The opener of real cameras. Connecting and signing in may take `connect_timeout_s` in all.

    A stream that sends no RTP for `silence_timeout_s` ends with `CameraSilent`.
    """
    shared = ReceiveBuffer()

    def opener(stream: Stream) -> AsyncIterator[Packet]:
        return RtspPackets(environment, shared, stream, connect_timeout_s, silence_timeout_s)

    return opener


class RtspPackets:
    """The packets of one stream: to be iterated over, or fed to whoever takes them without waiting."""

    def __init__(
        self, environment: Environment, shared: ReceiveBuffer, stream: Stream, connect_s: float, silence_s: float
    ) -> None:
        self._environment = environment
        self._shared = shared
        self._stream = stream
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._iteration = self._iterate()

    def __aiter__(self) -> RtspPackets:
        return self

    def __anext__(self) -> Awaitable[Packet]:
        return self._iteration.__anext__()

    async def aclose(self) -> None:
        """End the iteration and the session."""
        await self._iteration.aclose()

    async def feed(self, take: Callable[[Packet], None], patience_s: Callable[[], float]) -> None:
        """`PacketFeed`'s: an error in `take` ends the session and comes out here."""
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def end(error: Exception) -> None:
            if not over.done():
                over.set_exception(error)

        session = RtspSession(self._environment, self._shared, self._stream, take, end)
        session.let_wait(patience_s)
        async with self._open(session):
            await over

    async def _iterate(self) -> AsyncGenerator[Packet, None]:
        ring: Ring[Packet | Exception] = Ring(RING_PACKETS + 1)

        def take(packet: Packet) -> None:
            """When the reader stands still the newest are left out, up to the next keyframe."""
            if len(ring) < RING_PACKETS:
                ring.push(packet)
            else:
                session.restart_at_key()

        session = RtspSession(self._environment, self._shared, self._stream, take, ring.push)
        async with self._open(session):
            while True:
                item = await ring.pull()
                if isinstance(item, Exception):
                    raise item
                yield item

    @asynccontextmanager
    async def _open(self, session: RtspSession) -> AsyncIterator[None]:
        watch: asyncio.Task[None] | None = None
        try:
            await session.start(self._connect_s)
            watch = asyncio.create_task(session.watch(self._silence_s))
            yield
        finally:
            if watch is not None:
                watch.cancel()
            session.close()
