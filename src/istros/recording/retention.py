"""Deletion by age, by bytes and by free space: oldest first, a few at a time.

The file goes first, then the row. A kill in between leaves a row whose file is gone; that row is still the oldest, so the
next pass takes it again, finds nothing to delete and forgets it. The other order would leave a file that nobody knows of.
"""

from __future__ import annotations

import structlog

from istros.base.environment import Environment
from istros.base.time import after
from istros.recording.archive import Archive
from istros.recording.policy import RecordingPolicy
from istros.store import Database
from istros.store.rows import SegmentRow

BATCH = 50
MOST_BATCHES = 200
"""One pass deletes at most a day of one stream's segments; what is left waits for the next."""

EVERY_S = 60.0
_DAY_S = 86_400
_LOG = structlog.get_logger("istros.recording")


class Retention:
    """Deletes what the policy no longer keeps. `deleted` counts segments since the start."""

    def __init__(self, environment: Environment, database: Database, archive: Archive, policy: RecordingPolicy) -> None:
        self._environment = environment
        self._database = database
        self._archive = archive
        self._policy = policy
        self.deleted = 0
        self._is_short = False

    async def run(self) -> None:
        """Look each minute, until cancelled."""
        while True:
            await self._environment.clock.sleep(EVERY_S)
            await self.once()

    async def once(self) -> int:
        """One pass; returns how many segments it deleted."""
        count = 0
        for _ in range(MOST_BATCHES):
            rows = await self._due()
            if not rows:
                break
            await self._environment.workers.run(_remove_files, self._archive, rows)
            ids = [row.id for row in rows]
            await self._database.write(lambda tx, ids=ids: tx.segments.remove(ids))  # type: ignore[misc]
            count += len(rows)
        self.deleted += count
        return count

    async def _due(self) -> list[SegmentRow]:
        """The next few segments that must go."""
        limit = after(self._environment.clock.now(), -self._policy.days * _DAY_S)
        old = await self._database.read(lambda tx: tx.segments.before(limit, BATCH))
        if old:
            return old
        excess = await self._database.read(lambda tx: tx.segments.total_bytes()) - self._policy.bytes_max
        free = await self._environment.workers.run(_free_bytes, self._archive)
        excess = max(excess, self._policy.free_bytes_min - free)
        if excess <= 0:
            self._is_short = False
            return []
        oldest = await self._database.read(lambda tx: tx.segments.oldest(BATCH))
        if not oldest:
            self._say_short(free)
        return _enough(oldest, excess)

    def _say_short(self, free: int) -> None:
        """Nothing is left to delete and the room is still too small: said once, until there is room again."""
        if not self._is_short:
            _LOG.error(
                "no recording can be kept: the disk has less free space than recording.free_gigabytes asks for",
                free_bytes=free,
                wanted_bytes=self._policy.free_bytes_min,
            )
        self._is_short = True


def _enough(rows: list[SegmentRow], excess: int) -> list[SegmentRow]:
    """As many of the rows, from the first, as make up for the excess."""
    taken: list[SegmentRow] = []
    for row in rows:
        if excess <= 0:
            break
        taken.append(row)
        excess -= row.size_bytes
    return taken


def _free_bytes(archive: Archive) -> int:
    """What the fullest disk of the first tier has left."""
    return min(named.disk.free_bytes() for named in archive.first_tier)


def _remove_files(archive: Archive, rows: list[SegmentRow]) -> None:
    for row in rows:
        archive.disk(row.disk).remove(row.path)
