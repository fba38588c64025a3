"""Who works next: turns on the cores, shared between cameras by weight.

Start-time fair queueing (P. Goyal, H. Vin and H. Cheng, 1997): each camera's work is marked with the moment at which it
would begin if the cores were divided by the weights, and the earliest mark is served. A camera that had nothing to do
saves next to nothing up, and one that asks for much hardly delays those who ask for little.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from istros.base.clock import Clock
from istros.devices.camera import Priority

WEIGHTS: dict[Priority, float] = {"high": 4.0, "usual": 1.0, "low": 0.25}
_LEAST_COST_S = 0.001
_CREDIT_S = 1.0
"""What a camera keeps of what it did not use, in seconds of work at weight 1: between two looks it asks for nothing."""


class Turns:
    """At most `at_once` turns are held at a time. Use `async with turns.turn(camera, weight):`."""

    def __init__(self, clock: Clock, at_once: int) -> None:
        self._clock = clock
        self._free = at_once
        self._mark = 0.0
        self._next: dict[str, float] = {}
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def turn(self, who: str, weight: float = 1.0) -> AsyncIterator[None]:
        """Wait for a turn and hold it; what it lasts is charged to `who`."""
        mark = max(self._mark - _CREDIT_S, self._next.get(who, 0.0))
        await self._wait(mark)
        self._mark = max(self._mark, mark)
        began = self._clock.elapsed()
        try:
            yield
        finally:
            self._next[who] = mark + max(_LEAST_COST_S, self._clock.elapsed() - began) / weight
            # A moment later, so that the one who had the turn may ask for the next one beside the others.
            asyncio.get_running_loop().call_soon(self._pass_on)

    async def _wait(self, mark: float) -> None:
        if self._free:
            self._free -= 1
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (mark, next(self._numbers), future))
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)
                return
        self._free += 1
