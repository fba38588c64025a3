"""The clock that everything asks, so that a whole city can run on a virtual one (DESIGN rule 4).

The three banned calls of the standard library (`time.time`, `time.monotonic`, `asyncio.sleep`) live here alone.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from istros.base.time import Time


class Clock(Protocol):
    """Wall time, elapsed time, and waiting."""

    def now(self) -> Time:
        """Wall-clock time in microseconds UTC; it may step."""
        ...

    def elapsed(self) -> float:
        """Seconds on a clock that never steps."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less only yields to other tasks."""
        ...


class SystemClock:
    """The computer's own clocks."""

    def now(self) -> Time:
        """Wall-clock time in microseconds UTC."""
        return Time(time.time_ns() // 1000)

    def elapsed(self) -> float:
        """Seconds of CLOCK_MONOTONIC."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """asyncio's own sleep."""
        await asyncio.sleep(max(0.0, seconds))
