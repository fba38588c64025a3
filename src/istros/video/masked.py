"""Live streams as people may see them: as they are where nothing is masked, else painted in a process of their own.

Nothing here gives out a naked packet of a masked camera: where the masks are not known, have changed, or cannot be
painted, the stream ends with a sentence that says so.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

import structlog

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.said import say
from istros.devices.camera import Camera, StreamKey
from istros.devices.masks import Masks, masks_now
from istros.store import Database
from istros.video.errors import MasksChanged, MasksUnknown, NotPainted, PaintersTaken, RelayClosed
from istros.video.packet import Packet
from istros.video.painter import order
from istros.video.relay import read_connection

LOOK_EVERY_S = 1.0
"""How long a mask that was drawn at another server may take to reach who watches here."""

KNOWN_FOR_S = 15.0
"""After so long without an answer of the database nobody can say which masks hold."""

MOST_PAINTERS = 24
"""At once on this machine: a small stream costs a twentieth of a core, a large one up to a whole one."""

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""A process that forks has no threads."""

OpenPainted = Callable[[StreamKey, Masks], AsyncGenerator[Packet, None]]

_LOG = structlog.get_logger("istros.masks")


class MaskWatch:
    """Which masks hold at each camera, asked again and again while the server runs."""

    def __init__(
        self,
        environment: Environment,
        database: Database,
        cameras: Sequence[Camera],
        begin: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._environment, self._database, self._cameras = environment, database, cameras
        self._begin = begin  # called while masks hold, so that painting is ready before somebody watches
        self._held: Mapping[str, Masks] = {}
        self._asked_s: float | None = None

    async def refresh(self) -> None:
        """Ask the database. Raises what it raises."""
        asked_s = self._environment.clock.elapsed()
        held = await self._database.read(lambda tx: masks_now(tx, self._cameras))
        if self._asked_s is None or asked_s >= self._asked_s:  # an older question that is answered late tells nothing
            self._held, self._asked_s = held, asked_s
        if self._begin is not None and any(held.values()):
            await self._begin()

    async def run(self, stop: asyncio.Event) -> None:
        """Ask each second until `stop` is set."""
        while not stop.is_set():
            try:
                await self.refresh()
            except IstrosError as problem:
                _LOG.warning("masks.not_read", problem=str(problem))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)

    def held(self, camera_id: str) -> Masks:
        """The masks of a camera. MasksUnknown when that was not known for a while, or the camera is none of the node's."""
        now_s = self._environment.clock.elapsed()
        known = self._asked_s is not None and now_s - self._asked_s < KNOWN_FOR_S
        if not known or camera_id not in self._held:
            raise MasksUnknown(
                f"The privacy masks of camera {camera_id} cannot be read, so its picture is not shown.",
                "Look at the node's database; it is tried again.",
            )
        return self._held[camera_id]


class MaskedStreams:
    """Opens streams for those who watch; `naked` reads packets as the camera sent them, `painted` under masks."""

    def __init__(
        self, masks: MaskWatch, naked: Callable[[StreamKey], AsyncGenerator[Packet, None]], painted: OpenPainted
    ) -> None:
        self._masks, self._naked, self._painted = masks, naked, painted

    async def read(self, key: StreamKey) -> AsyncGenerator[Packet, None]:
        """One stream's packets. MasksChanged as soon as other masks hold than those it began under."""
        masks = self._masks.held(key.camera_id)
        source = self._painted(key, masks) if masks else self._naked(key)
        async with aclosing(source) as packets:
            async for packet in packets:
                if self._masks.held(key.camera_id) != masks:
                    raise MasksChanged(f"The privacy masks of camera {key.camera_id} have changed.", "Wait a moment.")
                yield packet


class Painters:
    """Orders painting from a process of its own, which is started with the first order, or by `begin` before one."""

    def __init__(self, relay: Path, most: int = MOST_PAINTERS) -> None:
        self._relay, self._most = relay, most
        self._house: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._opening = asyncio.Lock()
        self.running = 0

    async def read(self, key: StreamKey, masks: Masks) -> AsyncGenerator[Packet, None]:
        """The painted packets of one stream. NotPainted when they cannot be made (any more), PaintersTaken."""
        if self.running >= self._most:
            raise PaintersTaken(
                say(
                    "masks-busy",
                    f"Camera {key.camera_id} has a privacy mask, and this machine masks {self._most} streams already.",
                    camera=key.camera_id,
                    most=self._most,
                ),
                "Watch fewer masked cameras at all desks together; this one comes by itself when one is free.",
            )
        self.running += 1
        try:
            async with aclosing(read_connection(await self._ordered(masks), [key])) as packets:
                async for packet in packets:
                    yield packet
        except (RelayClosed, OSError):
            raise NotPainted(
                say(
                    "mask-not-painted",
                    f"The privacy mask of camera {key.camera_id} cannot be painted now, so its picture is not shown.",
                    camera=key.camera_id,
                ),
                "It is tried again; look at the recorder and at the server's log if it stays so.",
            ) from None
        finally:
            self.running -= 1

    async def close(self) -> None:
        """No more orders: everything that paints ends."""
        process, self._process = self._process, None
        if self._house is not None:
            self._house.close()
            self._house = None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def begin(self) -> None:
        """Have the process load what painting needs, so that who watches first does not wait for it."""
        try:
            await self._opened()
        except OSError as problem:  # whoever watches is told then
            _LOG.warning("painting.not_begun", problem=str(problem))

    async def _opened(self) -> socket.socket:
        async with self._opening:
            if self._house is None or self._process is None or self._process.returncode is not None:
                await self.close()
                await self._open_house()
            assert self._house is not None
            return self._house

    async def _ordered(self, masks: Masks) -> socket.socket:
        """The socket on which painted packets will come."""
        house = await self._opened()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                socket.send_fds(house, [order(self._relay, masks)], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        return ours

    async def _open_house(self) -> None:
        self._house, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._house.setblocking(False)
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "istros.video.painter", stdin=theirs.fileno(), env=os.environ | ONE_THREAD
            )  # fmt: skip
