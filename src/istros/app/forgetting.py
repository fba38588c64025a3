"""Erases plate reads, passages and descriptions of people whose time is over (GDPR article 5(1)(e), Directive 2016/680 article 4(1)(e))."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.time import after
from istros.compliance.erasing import record_erased
from istros.compliance.profile import in_force, kept_days
from istros.store import Database, Transaction

EVERY_S = 600.0

log = structlog.get_logger("istros.forgetting")


def forget_people(tx: Transaction, environment: Environment) -> int:
    """Erase descriptions of people older than the profile's bound, on the record; how many. Counts stay: nobody is in them."""
    now = environment.clock.now()
    hours = in_force(tx, now).limits.people_hours
    count = tx.people.remove_before(after(now, -hours * 3600))
    if count:
        detail = {"older_than_hours": hours}
        record_erased(tx, environment, "persons.forget", "descriptions of people", count, "profile", detail)
    return count


async def forget_reads(environment: Environment, database: Database, days: float, stop: asyncio.Event) -> None:
    """Every ten minutes, erase plate reads (but those that an alarm stands on), passages and people, on the record.

    They are kept for `days`, or as long as the deployment profile allows where that is shorter.
    """

    def forget(tx: Transaction) -> None:
        kept = kept_days(tx, environment.clock.now(), days)
        before = after(environment.clock.now(), -kept * 86_400)
        # A passage has neither plate nor picture, but a time and a place: it goes with the reads.
        passages = tx.vehicles.remove_before(before)
        count = tx.reads.remove_before(before)
        forget_people(tx, environment)
        if count or passages:
            detail = {"passages": passages, "older_than_days": kept}
            cause = "profile" if kept < days else "age"
            record_erased(tx, environment, "plates.forget", "plate reads", count, cause, detail)

    while not stop.is_set():
        try:
            await database.write(forget)
            await database.scrub()
        except IstrosError as error:
            log.error("plate reads could not be erased and will be tried again", error=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_S)
