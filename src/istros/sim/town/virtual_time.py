"""An event loop that moves the clock instead of waiting, and the clock that reads it.

A day of the town then takes as long as its work, and the same seed gives the same day. Idea: FoundationDB's and
TigerBeetle's simulators; the asyncio form is the one of `docs/design/0016-simulated-town.md`.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any, TypeVar

from istros.base.environment import Environment
from istros.base.ids import Ids
from istros.base.time import SECOND, Time
from istros.base.workers import InlineWorkers

T = TypeVar("T")


class NothingWillHappen(RuntimeError):
    """Every task waits for another one: the town sleeps for ever."""


class _ClockMovingSelector(selectors.BaseSelector):
    """Never waits: an empty wait moves the loop's clock by its length."""

    def __init__(self) -> None:
        self._inner = selectors.SelectSelector()
        self.now = 0.0

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingWillHappen("every task of the town waits for another one: nothing will ever happen")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop for computing only: no sockets, no threads, no signals."""

    def __init__(self) -> None:
        self._moving = _ClockMovingSelector()
        super().__init__(self._moving)

    def time(self) -> float:
        """Seconds since the loop began."""
        return self._moving.now


class VirtualClock:
    """The town's clock. `step_us` is what somebody (or a time server) has moved the wall clock by."""

    def __init__(self, loop: VirtualLoop, start: Time) -> None:
        self._loop = loop
        self._start = start
        self.step_us = 0

    def now(self) -> Time:
        """Wall time: the start, plus what has passed, plus every step."""
        return Time(self._start + round(self._loop.time() * SECOND) + self.step_us)

    def elapsed(self) -> float:
        """Seconds that have passed; steps do not touch it."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Wait in virtual time."""
        await asyncio.sleep(max(0.0, seconds))


def virtual_environment(loop: VirtualLoop, seed: str, start: Time) -> tuple[Environment, VirtualClock]:
    """An environment in which nothing is left to chance but the seed."""
    clock = VirtualClock(loop, start)
    random = Random(f"{seed}/environment")
    return Environment(clock, random, Ids(clock, random), InlineWorkers()), clock


def run_virtually(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end on a fresh virtual loop."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.close()
