"""Starts the processes of a node and starts again whichever ends, until the node is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from istros.app.process import SUPERVISED
from istros.base.environment import Environment
from istros.base.retry import Backoff

STEADY_S = 30.0
"""A process that ran this long is taken to be well: its next end is answered at once again."""
PATIENCE_S = 8.0
"""How long a process may take to stop before it is killed."""

log = structlog.get_logger("istros.supervisor")


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running: its name and the arguments that Python is given."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """One task a child; a child that ends is back after 0.2 s, then after up to 5 s while it keeps failing."""

    def __init__(self, environment: Environment, children: Sequence[Child]) -> None:
        self._environment = environment
        self._children = children

    async def run(self, stop: asyncio.Event) -> None:
        """Keep all children running until `stop` is set, then end them and wait."""
        async with asyncio.TaskGroup() as group:
            for child in self._children:
                group.create_task(self._keep(child, stop), name=child.name)

    async def _keep(self, child: Child, stop: asyncio.Event) -> None:
        backoff = Backoff(self._environment.random, first_s=0.2, most_s=5.0)
        while not stop.is_set():
            began = self._environment.clock.elapsed()
            status = await self._run_once(child, stop)
            if stop.is_set():
                return
            if self._environment.clock.elapsed() - began > STEADY_S:
                backoff.reset()
            delay = backoff.next_s()
            log.error(
                "process ended and is started again",
                process=child.name,
                status=status,
                in_s=round(delay, 2),
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), delay)

    async def _run_once(self, child: Child, stop: asyncio.Event) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *child.arguments,
            stdin=asyncio.subprocess.PIPE,
            env={**os.environ, **child.environment, SUPERVISED: "1"},
            start_new_session=True,
        )
        ended = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            await _end(process, ended)
        stopping.cancel()
        return process.returncode if process.returncode is not None else -1


async def _end(process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(ended), PATIENCE_S)
    if not ended.done():
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await ended
