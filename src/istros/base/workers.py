"""Where blocking work (database, disk, models) runs: in threads for real, inline in the simulated city."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

T = TypeVar("T")


class Workers(Protocol):
    """Runs a blocking function without blocking the event loop."""

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Await the function's result; its exception is raised here."""
        ...

    def close(self) -> None:
        """Wait for running work and let the threads go."""
        ...


class ThreadWorkers:
    """A fixed number of threads."""

    def __init__(self, count: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Run in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *args))

    def close(self) -> None:
        """Wait for running work and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class InlineWorkers:
    """Runs the work at once in the caller: threads would break the determinism of the simulated city."""

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Run now, here."""
        return work(*args)

    def close(self) -> None:
        """Nothing to let go."""
