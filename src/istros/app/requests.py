"""Counts the days of people's requests: brings what is nearly due before the officer, erases what was answered long ago."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.compliance import subject_requests
from istros.store import Database, Transaction

EVERY_S = 600.0

log = structlog.get_logger("istros.requests")


async def tend_requests(environment: Environment, database: Database, stop: asyncio.Event) -> None:
    """Every ten minutes, on the record, until told to stop."""

    def tend(tx: Transaction) -> int:
        subject_requests.forget(tx, environment)
        return len(subject_requests.warn(tx, environment))

    while not stop.is_set():
        try:
            if near := await database.write(tend):
                log.warning("people's requests are nearly due", count=near)
        except IstrosError as error:
            log.error("people's requests could not be looked at and will be tried again", error=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_S)
