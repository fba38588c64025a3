"""The judge: takes plate reads that nobody has judged yet and turns those that are sought into alarms."""

from __future__ import annotations

import asyncio

from istros.base.environment import Environment
from istros.events.matching import match_read
from istros.events.raising import raise_for_match
from istros.events.repeating import repeat
from istros.store import Database, Transaction

PERIOD_S = 0.25
"""Between two looks at the database; with nothing to judge one look costs one small read."""

BATCH = 200
"""Reads judged in one transaction: more would keep other writers waiting."""


class Judge:
    """Judges every read exactly once.

    Marking a read as judged, its alarms and their audit rows are one transaction, so that a kill at any point neither
    loses nor doubles an alarm (docs/design/0001).
    """

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment = environment
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Judge four times a second until told to stop; a database that fails is tried again, slower each time."""

        async def step() -> bool:
            return await self.judge_waiting() == BATCH

        await repeat(self._environment, stop, PERIOD_S, "judge", step)

    async def judge_waiting(self) -> int:
        """Judge one batch, oldest first; returns how many reads were judged."""
        if not await self._database.read(lambda tx: tx.reads.unjudged(1)):
            return 0
        return await self._database.write(self._judge)

    def _judge(self, tx: Transaction) -> int:
        now = self._environment.clock.now()
        reads = tx.reads.unjudged(BATCH)
        entries = tx.watchlist.open_ones(now)
        for read in reads:
            for match in match_read(read, entries):
                raise_for_match(tx, self._environment, read, match)
        tx.reads.mark_judged([read.id for read in reads], now)
        return len(reads)
