"""The operators of the town: they answer alarms, most of them in time, and look back under a permit."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from istros.base.environment import Environment
from istros.compliance.permits import open_permit
from istros.events import desk
from istros.events.errors import AlarmStateConflict
from istros.events.record import Author
from istros.store import Database, Transaction
from istros.store.rows import AlarmRow, AlarmState, OperatorRow, Verdict


@dataclass(slots=True)
class Operator:
    """One operator on shift; `attention` is the share of alarms that are answered before they are due."""

    environment: Environment
    database: Database
    person: OperatorRow
    seed: str
    attention: float = 0.8
    answered: int = 0

    async def work(self, until_s: float) -> None:
        """Take the worst waiting alarm, look, close it, rest, until the given moment of elapsed time."""
        random = Random(f"{self.seed}/operator/{self.person.name}")
        clock = self.environment.clock
        while clock.elapsed() < until_s:
            await clock.sleep(random.uniform(5, 25) if random.random() < self.attention else random.uniform(120, 900))
            waiting = await self.database.read(lambda tx: tx.alarms.by_states([AlarmState.NEW], 1))
            if waiting:
                await self._answer(waiting[0], random)

    async def _answer(self, alarm: AlarmRow, random: Random) -> None:
        author = Author(self.person.name, "town")
        try:
            await self.database.write(lambda tx: desk.acknowledge(tx, self.environment, author, alarm.id))
        except AlarmStateConflict:
            return
        await self.environment.clock.sleep(random.uniform(10, 60))
        verdict: Verdict = "true" if random.random() < 0.7 else "false"

        def look_and_close(tx: Transaction) -> None:
            permit = open_permit(
                tx,
                self.environment,
                self.person,
                purpose="alarm-review",
                ground="An alarm of the desk",
                case_ref=alarm.id,
                hours=1,
            )
            under = Author(author.actor, author.origin, permit.id)
            desk.close(tx, self.environment, under, alarm.id, verdict, "Seen on the recording.")

        try:
            await self.database.write(look_and_close)
        except AlarmStateConflict:  # the node has closed it meanwhile, as part of another
            return
        self.answered += 1
