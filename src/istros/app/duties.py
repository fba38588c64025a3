"""Watches the dates that people keep: what becomes due goes on the record and raises an alarm; old requests are erased."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.compliance import subject_requests
from istros.compliance.duties import newly_due
from istros.events.duty_alarms import alarm_for_duty
from istros.store import Database, Transaction

EVERY_S = 600.0

log = structlog.get_logger("istros.duties")


async def watch_duties(environment: Environment, database: Database, stop: asyncio.Event) -> None:
    """Every ten minutes, on the record, until told to stop."""
    while not stop.is_set():
        try:
            if count := await database.write(lambda tx: look(tx, environment)):
                log.warning("people owe something in time", count=count)
        except IstrosError as error:
            log.error("what is due could not be looked at and will be tried again", error=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_S)


def look(tx: Transaction, environment: Environment) -> int:
    """One look: how much has become due since the last."""
    subject_requests.forget(tx, environment)
    found = newly_due(tx, environment)
    for duty in found:
        alarm_for_duty(tx, environment, duty)
    return len(found)
