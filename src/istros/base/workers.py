"""Where blocking work (database, disk, models) runs: in threads for real, inline in the simulated city."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

GATHER_S = 0.1
"""How long short jobs wait for others. Handing a job to a thread and its result back costs as much as writing 400 kB."""


class Workers(Protocol):
    """Runs a blocking function without blocking the event loop."""

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Await the function's result; its exception is raised here."""
        ...

    async def run_together(self, key: str, work: Callable[..., T], *args: object) -> T:
        """As `run`, for short jobs that may wait a moment: many with one `key` share a hop, one after the other.

        Jobs of a key never run beside each other, so what hangs under one key (a disk) holds up nothing else.
        """
        ...

    def close(self) -> None:
        """Wait for running work and let the threads go."""
        ...


@dataclass(slots=True)
class _Together:
    """The jobs of one key: those that wait, and whether a thread is at work on others or will be soon."""

    waiting: list[tuple[asyncio.Future[Any], Callable[[], Any]]] = field(default_factory=list)
    is_busy: bool = False


class ThreadWorkers:
    """A fixed number of threads."""

    def __init__(self, count: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._together: dict[str, _Together] = {}

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Run in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *args))

    async def run_together(self, key: str, work: Callable[..., T], *args: object) -> T:
        """Run in one of the threads, behind what waits under that key already."""
        jobs, loop = self._together.setdefault(key, _Together()), asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        jobs.waiting.append((future, partial(work, *args)))
        if not jobs.is_busy:
            jobs.is_busy = True
            loop.call_later(GATHER_S, self._hand_over, jobs, loop)
        return await future

    def _hand_over(self, jobs: _Together, loop: asyncio.AbstractEventLoop) -> None:
        batch, jobs.waiting = jobs.waiting, []
        done = loop.run_in_executor(self._pool, _outcomes, [job for _, job in batch])
        done.add_done_callback(lambda outcomes: self._settle(jobs, batch, outcomes, loop))

    def _settle(
        self,
        jobs: _Together,
        batch: list[tuple[asyncio.Future[Any], Callable[[], Any]]],
        outcomes: asyncio.Future[list[tuple[Any, BaseException | None]]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        if outcomes.cancelled():
            for future, _ in batch:
                future.cancel()
            return
        for (future, _), (result, error) in zip(batch, outcomes.result(), strict=True):
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        jobs.is_busy = bool(jobs.waiting)
        if jobs.is_busy:
            loop.call_later(GATHER_S, self._hand_over, jobs, loop)

    def close(self) -> None:
        """Wait for running work and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _outcomes(jobs: list[Callable[[], Any]]) -> list[tuple[Any, BaseException | None]]:
    found: list[tuple[Any, BaseException | None]] = []
    for job in jobs:
        try:
            found.append((job(), None))
        except Exception as error:
            found.append((None, error))
    return found


class InlineWorkers:
    """Runs the work at once in the caller: threads would break the determinism of the simulated city."""

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Run now, here."""
        return work(*args)

    async def run_together(self, key: str, work: Callable[..., T], *args: object) -> T:
        """Run now, here."""
        return work(*args)

    def close(self) -> None:
        """Nothing to let go."""
