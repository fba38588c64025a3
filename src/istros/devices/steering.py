"""One camera's head under somebody's hand: the newest wish counts, and a hand that is lost stops the camera.

Orders are never queued: while the camera answers one, newer wishes replace each other. When no wish has come for
`HAND_S`, the head is told to stop; should this process die, the camera stops by itself (`CAMERA_STOPS_S`).
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from istros.base.clock import Clock
from istros.base.errors import IstrosError
from istros.devices.facts import Velocity

HAND_S = 0.8
"""A hand that has said nothing for so long is taken to be lost."""

REPEAT_S = 0.4
"""The same order again, so that the camera's own limit never ends a movement that is still wished."""

STOP_TRIES = 5
"""How often a stop that the camera does not take is tried again."""

log = structlog.get_logger("istros.devices")


class Head(Protocol):
    """What can be driven and stopped."""

    async def move(self, velocity: Velocity) -> None:
        """Turn at that speed."""
        ...

    async def stop(self) -> None:
        """Stop."""
        ...


class Steering:
    """Drives one head. `move` and `stop` return when the camera has taken the order, and raise what it raised."""

    def __init__(self, clock: Clock, head: Head, name: str) -> None:
        self._clock = clock
        self._head = head
        self._name = name
        self._wish = Velocity()
        self._until_s = 0.0
        self._sent: Velocity | None = None
        self._sent_s = 0.0
        self._waiting: list[asyncio.Future[None]] = []
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def move(self, velocity: Velocity) -> None:
        """The hand wishes this speed, for the next HAND_S."""
        if velocity.is_rest:
            await self.stop()
            return
        await self._wished(velocity, self._clock.elapsed() + HAND_S)

    async def stop(self) -> None:
        """The hand wishes rest."""
        await self._wished(Velocity(), 0.0)

    async def rest(self) -> None:
        """Before the head is sent to a place: no order of the hand may follow that one."""
        if self._task is not None and not self._task.done():
            await self.stop()

    async def close(self) -> None:
        """Stop what moves, and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._sent is not None and not self._sent.is_rest:
            await self._stop_surely()

    async def _wished(self, velocity: Velocity, until_s: float) -> None:
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wish, self._until_s = velocity, until_s
        self._waiting.append(taken)
        self._changed.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drive(), name=f"steering-{self._name}")
        await taken

    async def _drive(self) -> None:
        """Runs while there is something to do: until the camera has been told to rest."""
        while True:
            self._changed.clear()
            if self._clock.elapsed() >= self._until_s:
                self._wish = Velocity()
            waiting, self._waiting = self._waiting, []
            is_lost = not waiting and self._wish.is_rest
            await self._order(self._wish, waiting, is_lost)
            if self._wish.is_rest and not self._waiting:
                return
            await self._wait(min(self._until_s, self._sent_s + REPEAT_S) - self._clock.elapsed())

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _order(self, wish: Velocity, waiting: list[asyncio.Future[None]], is_lost: bool) -> None:
        fresh = wish == self._sent and self._clock.elapsed() - self._sent_s < REPEAT_S
        try:
            if wish.is_rest:
                if is_lost:
                    log.info("a hand was lost and the camera stopped", camera=self._name)
                await self._stop_surely()
            elif not fresh:
                self._sent, self._sent_s = wish, self._clock.elapsed()
                await self._head.move(wish)
        except IstrosError as error:
            self._until_s = 0.0
            for future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def _stop_surely(self) -> None:
        """A stop that is lost lets a camera turn on: it is tried again until the camera takes it."""
        for attempt in range(1, STOP_TRIES + 1):
            try:
                await self._head.stop()
                self._sent, self._sent_s = Velocity(), self._clock.elapsed()
                return
            except IstrosError:
                if attempt == STOP_TRIES:
                    self._sent = None
                    raise
                await self._clock.sleep(0.1 * attempt)
