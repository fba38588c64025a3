"""Alarms that nobody answered in time."""

from __future__ import annotations

import asyncio

from istros.base.environment import Environment
from istros.events.record import NODE, record
from istros.events.repeating import repeat
from istros.store import Database, Transaction

PERIOD_S = 1.0
"""Between two looks for overdue alarms."""


class Escalation:
    """Marks every alarm that is still new after its `answer_by`, once, and says so in the audit log."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment = environment
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Look once a second until told to stop."""

        async def step() -> bool:
            await self.escalate_overdue()
            return False

        await repeat(self._environment, stop, PERIOD_S, "escalation", step)

    async def escalate_overdue(self) -> int:
        """Escalate what is overdue now; returns how many."""
        now = self._environment.clock.now()
        if not await self._database.read(lambda tx: tx.alarms.overdue(now)):
            return 0
        return await self._database.write(self._escalate)

    def _escalate(self, tx: Transaction) -> int:
        now = self._environment.clock.now()
        overdue = tx.alarms.overdue(now)
        for alarm in overdue:
            tx.alarms.escalate(alarm.id, now)
            late = {"late_s": (now - alarm.answer_by) // 1_000_000, "priority": alarm.priority}
            record(tx, self._environment, NODE, "alarm.escalate", alarm.id, late)
        return len(overdue)
