"""Waiting for something to become true, without a fixed time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(what: Callable[[], T | Awaitable[T]], most_s: float = 20.0) -> T:
    """The first true value; AssertionError when none comes."""
    async with asyncio.timeout(most_s):
        while True:
            value = what()
            found = await value if isinstance(value, Awaitable) else value
            if found:
                return found
            await asyncio.sleep(0.02)
