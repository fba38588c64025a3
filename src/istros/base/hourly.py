"""Work that is done now, at each full hour and at an orderly end: signing the ends of chains."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from istros.base.environment import Environment
from istros.base.time import HOUR

_RETRY_S = 60.0


async def each_hour(
    environment: Environment,
    stop: asyncio.Event,
    work: Callable[[], Awaitable[object]],
    last_work: Callable[[], Awaitable[object]],
    failed: Callable[[Exception], None],
) -> None:
    """Run `work` now and a second after each full hour, and `last_work` once told to stop.

    What fails is told to `failed` and tried again after a minute: neither a database nor a disk may end it.
    """
    hourly = asyncio.create_task(_until_cancelled(environment, work, failed))
    try:
        await stop.wait()
    finally:
        hourly.cancel()
        await asyncio.gather(hourly, return_exceptions=True)
    try:
        await last_work()
    except Exception as error:
        failed(error)


async def _until_cancelled(
    environment: Environment, work: Callable[[], Awaitable[object]], failed: Callable[[Exception], None]
) -> None:
    while True:
        try:
            await work()
            wait_s = (HOUR - environment.clock.now() % HOUR) / 1_000_000 + 1.0
        except Exception as error:
            failed(error)
            wait_s = _RETRY_S
        await environment.clock.sleep(wait_s)
