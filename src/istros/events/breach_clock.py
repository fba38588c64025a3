"""The 72 hours of a breach: an alarm at 24, 48 and 72 hours, which goes once it is reported or need not be (docs/design/0040)."""

from __future__ import annotations

import asyncio

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.time import HOUR, Time
from istros.compliance import breaches
from istros.compliance.breaches import Breach
from istros.events.raising import new_alarm, raise_alarm
from istros.events.record import NODE, record
from istros.events.repeating import repeat
from istros.store import Database, Transaction
from istros.store.rows import AlarmRow, AlarmState, Priority, Verdict

BREACH_CLOCK = "breach-clock"
TITLE = "A data breach is not reported yet"
PERIOD_S = 30.0
MOST_OPEN = 1000
WORTH: dict[int, Priority] = {24: "medium", 48: "high", 72: "critical"}


class BreachClock:
    """Compares running breaches with the alarms that stand for them; all it knows is in the tables."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment, self._database = environment, database

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""

        async def step() -> bool:
            await self.look()
            return False

        await repeat(self._environment, stop, PERIOD_S, "breach clock", step)

    async def look(self) -> None:
        """Warn where an hour of warning is reached, take away alarms whose breach runs no more."""
        if await self._database.read(self._is_due):
            await self._database.write(self._work)

    def _is_due(self, tx: Transaction) -> bool:
        running = breaches.running(tx)
        kept = {breach.row.id for breach in running}
        return any(self._reached(breach) for breach in running) or any(
            _of(alarm) not in kept for alarm in _standing(tx)
        )

    def _reached(self, breach: Breach) -> int:
        """The hours at which people are to be warned now; 0: they need not be."""
        hours = breaches.hours_reached(breach, self._environment.clock.now())
        return hours if hours > breach.warned_h else 0

    def _work(self, tx: Transaction) -> None:
        running = {breach.row.id: breach for breach in breaches.running(tx)}
        for alarm in _standing(tx):
            if _of(alarm) not in running:
                self._end(tx, alarm, "true")
        for breach in running.values():
            if hours := self._reached(breach):
                self._warn(tx, breach, hours)

    def _warn(self, tx: Transaction, breach: Breach, hours: int) -> None:
        """One alarm for a breach, of a priority that grows with the hours.

        Which one and how late stands in the breach and over the screens of those who may see it: alarms are read by
        more people than these, of every organisation.
        """
        for alarm in _standing(tx):
            if _of(alarm) == breach.row.id:
                self._end(tx, alarm, "duplicate")
        breaches.warn(tx, self._environment, breach, hours)
        time = Time(breach.row.known + hours * HOUR)
        alarm = new_alarm(
            self._environment, BREACH_CLOCK, WORTH[hours], "", time, TITLE, f"{BREACH_CLOCK}:{breach.row.id}"
        )
        why = say("breach-not-reported", "The breach is not reported to the authority yet.")
        raise_alarm(tx, self._environment, alarm, why)

    def _end(self, tx: Transaction, alarm: AlarmRow, verdict: Verdict) -> None:
        tx.alarms.end(alarm.id, self._environment.clock.now(), NODE.actor, verdict)
        record(
            tx,
            self._environment,
            NODE,
            "alarm.close",
            alarm.id,
            {"verdict": verdict, "kind": alarm.kind, "camera": alarm.camera_id},
        )


def _standing(tx: Transaction) -> list[AlarmRow]:
    standing = tx.alarms.by_states((AlarmState.NEW, AlarmState.ACKNOWLEDGED), MOST_OPEN)
    return [alarm for alarm in standing if alarm.kind == BREACH_CLOCK]


def _of(alarm: AlarmRow) -> str:
    """The id of the breach that an alarm stands for."""
    return alarm.dedupe_key.partition(":")[2]
