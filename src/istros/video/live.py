"""Live video for many viewers: one reader and one muxer a stream, a bounded ring a viewer (docs/design/0002)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

from istros.base.environment import Environment
from istros.base.retry import Backoff
from istros.base.time import SECOND
from istros.devices.camera import StreamKey
from istros.video.errors import MasksChanged, StreamError
from istros.video.fanout import CACHE_BYTES
from istros.video.live_messages import (
    LiveConfiguration,
    LiveForm,
    LiveFragment,
    LiveInit,
    LiveMessage,
    LiveState,
)
from istros.video.live_muxer import LiveMuxer, MuxedPicture
from istros.video.live_viewer import RING_MESSAGES, LiveViewer
from istros.video.packet import Packet

__all__ = [
    "LiveConfiguration",
    "LiveForm",
    "LiveFragment",
    "LiveHub",
    "LiveInit",
    "LiveMessage",
    "LiveMuxer",
    "LiveState",
    "OpenReader",
]

OpenReader = Callable[[StreamKey], AsyncGenerator[Packet, None]]
"""Opens a stream at the recorder's relay, e.g. `lambda key: read_relay(path, [key])`."""

_STALE_AFTER_S = 3.0
_OLD_AFTER_US = 10 * SECOND
"""The relay begins with its newest group of pictures, which is old where a camera has stopped: that is not live."""

_CHECK_EVERY_S = 1.0


class LiveHub:
    """Opens a stream with its first viewer and lets it go `linger_s` after the last."""

    def __init__(
        self,
        environment: Environment,
        open_reader: OpenReader,
        *,
        linger_s: float = 5.0,
        ring_size: int = RING_MESSAGES,
    ) -> None:
        self._environment = environment
        self._open_reader = open_reader
        self._linger_s = linger_s
        self._ring_size = ring_size
        self._feeds: dict[StreamKey, _Feed] = {}

    async def view(self, key: StreamKey, form: LiveForm = "mp4") -> AsyncGenerator[LiveMessage, None]:
        """Messages for one viewer, without an end until `close`. Close the iterator when the viewer leaves."""
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = _Feed(self._environment, key, self._open_reader, self._linger_s, self._forget)
        viewer = feed.join(self._ring_size, form)
        try:
            while (message := await viewer.ring.pull()) is not None:
                yield message
        finally:
            feed.leave(viewer)

    @property
    def viewers(self) -> int:
        """How many watch at the moment."""
        return sum(len(feed.viewers) for feed in self._feeds.values())

    @property
    def open_streams(self) -> int:
        """How many streams are being read."""
        return len(self._feeds)

    async def close(self) -> None:
        """End every viewer and every reader."""
        feeds, self._feeds = list(self._feeds.values()), {}
        for feed in feeds:
            await feed.close()

    def _forget(self, feed: _Feed) -> None:
        if self._feeds.get(feed.key) is feed:
            del self._feeds[feed.key]


class _Feed:
    """One stream: read, muxed, cached from its newest keyframe on, and handed to its viewers."""

    def __init__(
        self,
        environment: Environment,
        key: StreamKey,
        open_reader: OpenReader,
        linger_s: float,
        forget: Callable[[_Feed], None],
    ) -> None:
        self.key = key
        self.viewers: set[LiveViewer] = set()
        self._environment = environment
        self._open_reader = open_reader
        self._linger_s = linger_s
        self._forget = forget
        self._muxer: LiveMuxer | None = None
        self._cache: list[MuxedPicture] = []
        self._cache_bytes = 0
        self._state = LiveState("starting", "")
        self._last_packet_s = self._last_viewer_s = environment.clock.elapsed()
        self._tasks = (asyncio.create_task(self._read()), asyncio.create_task(self._watch()))

    def join(self, ring_size: int, form: LiveForm) -> LiveViewer:
        """A new viewer, who begins with the state and the cached group of pictures."""
        viewer = LiveViewer(ring_size, form)
        viewer.state(self._state)
        if self._muxer is not None:
            viewer.begin(self._muxer)
            for picture in self._cache:
                viewer.picture(picture)
        self.viewers.add(viewer)
        return viewer

    def leave(self, viewer: LiveViewer) -> None:
        """The viewer has gone."""
        self.viewers.discard(viewer)
        self._last_viewer_s = self._environment.clock.elapsed()

    async def close(self) -> None:
        """End everything."""
        self._end()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def _end(self) -> None:
        self._forget(self)
        for task in self._tasks:
            task.cancel()
        for viewer in self.viewers:
            viewer.ring.push(None)

    async def _read(self) -> None:
        backoff = Backoff(self._environment.random, 0.2, 3.0)
        while True:
            try:
                async with aclosing(self._open_reader(self.key)) as packets:
                    async for packet in packets:
                        backoff.reset()
                        self._take(packet)
                self._tell(LiveState("offline", f"Camera {self.key.camera_id} has ended its {self.key.name} stream."))
            except MasksChanged:
                self._forget_pictures()
                continue
            except StreamError as problem:
                self._tell(LiveState("offline", str(problem), problem.code))
            self._muxer = None
            await self._environment.clock.sleep(backoff.next_s())

    def _forget_pictures(self) -> None:
        """Nothing that was seen so far reaches anybody any more."""
        self._muxer, self._cache, self._cache_bytes = None, [], 0
        for viewer in self.viewers:
            viewer.forget()

    def _take(self, packet: Packet) -> None:
        self._last_packet_s = self._environment.clock.elapsed()
        if self._muxer is None or not self._muxer.continues(packet):
            if not packet.is_key:
                return
            self._muxer = LiveMuxer(packet.parameters)
            for viewer in self.viewers:
                viewer.begin(self._muxer)
        now = self._environment.clock.now()
        if now - packet.time < _OLD_AFTER_US:
            self._tell(LiveState("live", ""))
        picture = self._muxer.mux(packet, now)
        self._keep(picture)
        for viewer in self.viewers:
            viewer.picture(picture)

    def _keep(self, picture: MuxedPicture) -> None:
        if picture.is_key:
            self._cache, self._cache_bytes = [], 0
        elif not self._cache:
            return
        self._cache.append(picture)
        self._cache_bytes += len(picture.data)
        if self._cache_bytes > CACHE_BYTES:
            self._cache, self._cache_bytes = [], 0

    def _tell(self, state: LiveState) -> None:
        if state == self._state:
            return
        self._state = state
        for viewer in self.viewers:
            viewer.state(state)

    async def _watch(self) -> None:
        clock = self._environment.clock
        while True:
            await clock.sleep(_CHECK_EVERY_S)
            now = clock.elapsed()
            if not self.viewers and now - self._last_viewer_s >= self._linger_s:
                self._end()
                return
            if self._state.status == "live" and now - self._last_packet_s > _STALE_AFTER_S:
                problem = f"Camera {self.key.camera_id} has sent no picture for some seconds."
                self._tell(LiveState("stale", problem))
