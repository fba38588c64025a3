"""Marks on the record, once, each hold whose review is overdue; it goes on holding until people let it go."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.compliance.holds import mark_overdue
from istros.store import Database

EVERY_S = 600.0

log = structlog.get_logger("istros.holds")


async def watch_reviews(environment: Environment, database: Database, stop: asyncio.Event) -> None:
    """Every ten minutes, until told to stop."""
    while not stop.is_set():
        try:
            if late := await database.write(lambda tx: mark_overdue(tx, environment)):
                log.warning("holds are to be reviewed", count=late)
        except IstrosError as error:
            log.error("the reviews of holds could not be looked at and will be tried again", error=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_S)
