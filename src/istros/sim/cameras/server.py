"""The RTSP server of all simulated cameras in one process (RFC 2326, interleaved)."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from istros.base.environment import Environment
from istros.sim.cameras.camera import Films, SimulatedCamera
from istros.sim.cameras.conversation import Conversation, ServedStream
from istros.sim.cameras.film import Film, load_film
from istros.sim.cameras.sound import load_sound
from istros.sim.cameras.stream import SimulatedStream
from istros.sim.cameras.udp import UdpPorts
from istros.video.packet import MEDIA_RATE

_PHASE_S = 1.48
"""Each camera begins so much later in its films than the one before, so that keyframes do not pile up; both streams of
a camera begin at the same moment, for they show the same street."""
_SHORTEST_SLEEP_S = 0.002
_IDLE_CHECK_S = 5.0


class CameraServer:
    """Runs until `close`; `stream` reaches a stream for its faults."""

    def __init__(self, cameras: Sequence[SimulatedCamera], environment: Environment, session_timeout_s: float) -> None:
        self._environment = environment
        self._session_timeout_s = session_timeout_s
        self._films: dict[tuple[tuple[Path, ...], float | None], Film] = {}
        self._served: dict[str, ServedStream] = {}
        self._conversations: set[Conversation] = set()
        self.connections = 0
        """How many came since the start."""
        self._server: asyncio.Server | None = None
        self._ports: UdpPorts | None = None
        self._tasks: list[asyncio.Task[None]] = []
        for number, camera in enumerate(cameras):
            self._add(camera, "main", camera.main, camera.fps, number * _PHASE_S)
            self._add(camera, "sub", camera.sub, None, number * _PHASE_S)

    def _add(self, camera: SimulatedCamera, name: str, films: Films, fps: float | None, begin_s: float) -> None:
        film = self.film(films, fps)
        position = round(begin_s * MEDIA_RATE * len(film.units) / film.duration)
        sound = None if camera.sound is None else load_sound(camera.sound)
        stream = SimulatedStream(film, position, self._environment.random, sound)
        self._served[f"{camera.path}/{name}"] = ServedStream(camera, stream)

    def film(self, films: Films, fps: float | None = None) -> Film:
        """A film ready to be served; cameras that serve the same one share it."""
        paths = (films,) if isinstance(films, Path) else tuple(films)
        if (paths, fps) not in self._films:
            self._films[paths, fps] = load_film(paths, fps)
        return self._films[paths, fps]

    def stream(self, path: str) -> SimulatedStream:
        """The stream at e.g. `IZ-07/main`."""
        return self._served[path].stream

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._server is None:
            return 0
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self, host: str, port: int) -> None:
        """Listen and play."""
        loop = asyncio.get_running_loop()
        self._ports = UdpPorts(host)
        self._server = await loop.create_server(self._conversation, host, port, backlog=256)
        self._tasks = [asyncio.create_task(self._play()), asyncio.create_task(self._end_idle())]

    async def close(self) -> None:
        """Hang up on everybody and stop listening."""
        for task in self._tasks:
            task.cancel()
        for conversation in tuple(self._conversations):
            conversation.hang_up()
        if self._server is not None:
            self._server.close()
        if self._ports is not None:
            self._ports.close()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def _conversation(self) -> Conversation:
        self.connections += 1
        assert self._ports is not None
        return Conversation(self._served, self._conversations, self._environment, self._session_timeout_s, self._ports)

    async def _play(self) -> None:
        """Frames fall due one stream after another, spread over a frame's time, so that work does not pile up."""
        clock = self._environment.clock
        streams = [served.stream for served in self._served.values()]
        start = clock.elapsed()
        due = [(start + s.interval_s * n / len(streams), n, s) for n, s in enumerate(streams)]
        heapq.heapify(due)
        while due:
            now, wall = clock.elapsed(), clock.now()
            while due[0][0] <= now:
                at, number, stream = due[0]
                stream.tick(wall)
                heapq.heapreplace(due, (max(at, now - 1.0) + stream.interval_s, number, stream))
            await clock.sleep(max(due[0][0] - clock.elapsed(), _SHORTEST_SLEEP_S))

    async def _end_idle(self) -> None:
        clock = self._environment.clock
        while True:
            await clock.sleep(min(_IDLE_CHECK_S, self._session_timeout_s / 4))
            for conversation in tuple(self._conversations):
                conversation.end_if_idle(clock.elapsed())


async def serve_cameras(
    cameras: Sequence[SimulatedCamera],
    host: str,
    port: int,
    environment: Environment,
    *,
    session_timeout_s: float = 60.0,
) -> CameraServer:
    """Start a server. Raises UnreadableFile for a film that is none; OSError when the port is taken.

    A client that asks nothing for longer than `session_timeout_s` is hung up on, as cameras do.
    """
    server = CameraServer(cameras, environment, session_timeout_s)
    await server.start(host, port)
    return server
