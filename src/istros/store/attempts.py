"""Attempts to sign in of the last minutes, so that a restart forgives nobody."""

from __future__ import annotations

from sqlalchemy import func, select

from istros.base.time import Time
from istros.store.repository import Repository
from istros.store.schema_identity import ATTEMPT

_A = ATTEMPT.c


class Attempts(Repository):
    """The table `attempt`; keys are hashes made by `compliance.attempts`."""

    def times(self, key: str) -> list[Time]:
        """When the key was counted, oldest first."""
        return [Time(time) for time in self._connection.scalars(select(_A.time).where(_A.key == key).order_by(_A.time))]

    def add(self, id: str, key: str, time: Time) -> None:
        """An attempt began."""
        self._connection.execute(ATTEMPT.insert().values(id=id, key=key, time=time))

    def forget(self, key: str) -> None:
        """The key did well: begin to count anew."""
        self._connection.execute(ATTEMPT.delete().where(_A.key == key))

    def take_back(self, key: str) -> None:
        """The key's newest attempt was no failure."""
        newest = select(_A.id).where(_A.key == key).order_by(_A.time.desc(), _A.id.desc()).limit(1)
        self._connection.execute(ATTEMPT.delete().where(_A.id.in_(newest.scalar_subquery())))

    def forget_outside(self, start: Time, end: Time) -> None:
        """Drop what lies before or after the window; after it lies only what a clock set back left."""
        self._connection.execute(ATTEMPT.delete().where((_A.time < start) | (_A.time > end)))

    def trim(self, most: int) -> None:
        """Keep the newest `most` at most."""
        count = self._connection.scalar(select(func.count()).select_from(ATTEMPT)) or 0
        if count > most:
            oldest = select(_A.id).order_by(_A.time, _A.id).limit(count - most)
            self._connection.execute(ATTEMPT.delete().where(_A.id.in_(oldest)))
