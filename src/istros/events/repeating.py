"""The loop of everything in events that looks again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from istros.base.environment import Environment
from istros.base.retry import Backoff

LONGEST_WAIT_S = 2.0
"""Between attempts when the database fails; short, because alarms wait behind it."""

log = structlog.get_logger("istros.events")


async def repeat(
    environment: Environment, stop: asyncio.Event, period_s: float, name: str, step: Callable[[], Awaitable[bool]]
) -> None:
    """Take the step every `period_s` until told to stop, at once again while it answers true (there is more to do).

    A step that fails is logged and tried again, slower each time: the owner always comes back (DESIGN rule 6).
    """
    backoff = Backoff(environment.random, first_s=period_s, most_s=LONGEST_WAIT_S)
    while not stop.is_set():
        try:
            delay = 0.0 if await step() else period_s
            backoff.reset()
        except Exception as error:  # whatever it is, the next attempt may succeed, and nobody else would make it
            delay = backoff.next_s()
            log.error("step failed", step=name, problem=f"{type(error).__name__}: {error}", again_in_s=round(delay, 2))
        await environment.clock.sleep(delay)
