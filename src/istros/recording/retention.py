"""Deletion by age, by quotas and by free space: routine footage first, then that of events, never what is held.

In one transaction a segment leaves the index and its file is written down as leaving; then the file goes, then the note.
A kill in between leaves the note, and the next pass goes on from there. A hold and an eviction lock the same row, so what
is held at a commit was not chosen before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from istros.base.environment import Environment
from istros.base.time import DAY, Time, after
from istros.recording.archive import Archive, DiskUnknown, NamedDisk
from istros.recording.bounds import keeping_now
from istros.recording.eviction import Class, Eviction, Pick, enough
from istros.recording.policy import RecordingPolicy
from istros.store import Database, Transaction
from istros.store.links import Removal, RemovalReason
from istros.store.removed import RemovalCause
from istros.store.rows import SegmentRow
from istros.store.storage import Leaving

BATCH = 50
MOST_BATCHES = 200
"""One pass deletes at most a day of one stream's segments for each reason; what is left waits for the next."""

EVERY_S = 60.0
PRESSED_S = 5.0
"""How soon to look again after a pass that had to make room."""

EXPECTED_DAYS = 400
"""How long the events are remembered that asked for a recording: a year's availability is judged by them."""

CLASSES: tuple[Class, ...] = ("routine", "event")
_DAY_S = 86_400
_LOG = structlog.get_logger("istros.recording")


class Retention:
    """Deletes what the policy no longer keeps. `deleted` counts segments since the start."""

    def __init__(self, environment: Environment, database: Database, archive: Archive, policy: RecordingPolicy) -> None:
        self._environment = environment
        self._database = database
        self._archive = archive
        self._policy = policy
        self._eviction = Eviction()
        self._walked_anew: Time | None = None
        self._stuck: set[str] = set()
        self._jammed: set[str] = set()
        """Disks that do not let their files go: taking more out of the index would make no room there."""
        self._is_pressed = False
        self.deleted = 0

    @property
    def stuck(self) -> frozenset[str]:
        """Disks (and `""`, all of them together) that need room and have nothing left that may go."""
        return frozenset(self._stuck)

    async def run(self) -> None:
        """Look each minute, more often under pressure, until cancelled."""
        while True:
            await self._environment.clock.sleep(PRESSED_S if self._is_pressed else EVERY_S)
            await self.once()

    async def once(self) -> int:
        """One pass; returns how many segments it deleted."""
        before = self.deleted
        await self._each_day()
        await self.finish_leaving()
        await self._by_age()
        aged = self.deleted
        await self._by_quota_of_cameras()
        for named in self._archive.disks:
            if named.name not in self._jammed:
                await self._by_disk(named)
        await self._by_total()
        self._is_pressed = self.deleted > aged
        return self.deleted - before

    def moved(self) -> None:
        """Segments lie elsewhere than before."""
        self._eviction.forget()

    async def finish_leaving(self) -> None:
        """Delete the files that a killed pass left, and those of disks that were away."""
        left = await self._database.read(lambda tx: tx.storage.leaving())
        idle = [file for file in left if not self._archive.is_arriving(file)]
        if idle:
            await self._remove_files(idle)

    async def _each_day(self) -> None:
        """Walk everything again, for segments may have come to old times; forget events that nothing is left of."""
        now = self._environment.clock.now()
        if self._walked_anew is not None and 0 <= now - self._walked_anew < DAY:
            return
        self._walked_anew = now
        self._eviction.forget()
        await self._database.write(lambda tx: self._forget_events(tx, now))

    def _forget_events(self, tx: Transaction, now: Time) -> None:
        for camera in {camera for camera, _ in tx.storage.streams()}:
            keeping = self._policy.keeping.of(camera)
            tx.event_spans.remove_before(camera, after(now, -max(keeping.days, keeping.event_days) * _DAY_S))
        tx.schedules.forget_before(after(now, -EXPECTED_DAYS * _DAY_S))

    async def _by_age(self) -> None:
        now = self._environment.clock.now()
        rules = await self._database.read(lambda tx: keeping_now(tx, now, self._policy.keeping))

        def pick(tx: Transaction, kind: Class) -> list[SegmentRow]:
            found: list[SegmentRow] = []
            for camera, stream in tx.storage.streams():
                keeping = rules.of(camera)
                days = keeping.days if kind == "routine" else max(keeping.days, keeping.event_days)
                limit = after(now, -days * _DAY_S)
                found += self._eviction.of_stream(tx, camera, stream, kind, BATCH, until=limit)
                if len(found) >= BATCH:
                    break
            return found[:BATCH]

        for kind in CLASSES:
            for _ in range(MOST_BATCHES):
                if not await self._evict(pick, kind, RemovalReason.RETENTION):
                    break

    async def _by_quota_of_cameras(self) -> None:
        bounds = {camera: keeping.bytes_max for camera, keeping in self._policy.keeping.cameras.items()}
        for camera, most in bounds.items():
            if most is not None and not await self._make_room(_OfCamera(self._eviction, camera, most), camera):
                self._say_stuck(camera, 0)

    async def _by_disk(self, named: NamedDisk) -> None:
        free_min = named.free_bytes_min if named.free_bytes_min is not None else self._policy.free_bytes_min
        try:
            await self._environment.workers.run(named.disk.free_bytes)
        except OSError:
            return  # It is away: nothing on it can go, and its state says so.
        bound = _OfDisk(self._eviction, named, free_min)
        if not await self._make_room(bound, named.name):
            self._say_stuck(named.name, free_min)

    async def _by_total(self) -> None:
        if self._policy.bytes_max is None:
            return
        if not await self._make_room(_Total(self._eviction, self._policy.bytes_max), ""):
            self._say_stuck("", 0)

    async def _make_room(self, bound: _Bound, name: str) -> bool:
        """Evict until the bound is kept; False when nothing is left that may go."""
        for _ in range(MOST_BATCHES):
            if name in self._jammed:
                return True
            if await self._database.read(bound.excess) <= 0:
                self._stuck.discard(name)
                return True
            for kind in CLASSES:
                if await self._evict(bound.pick, kind, bound.reason):
                    break
            else:
                return False
        return True

    async def _evict(self, pick: Pick, kind: Class, reason: RemovalReason) -> int:
        """Take the next few out of the index, then delete their files; how many were due."""
        rows = await self._database.read(lambda tx: pick(tx, kind))
        if not rows:
            return 0
        removal = Removal(self._environment.clock.now(), reason)
        taken = await self._database.write(lambda tx: self._take(tx, rows, kind, removal))
        if not taken:
            self._eviction.forget()
        await self._remove_files([Leaving(row.disk, row.path) for row in taken])
        self.deleted += len(taken)
        return len(rows)

    def _take(self, tx: Transaction, rows: Sequence[SegmentRow], kind: Class, removal: Removal) -> list[SegmentRow]:
        """Take them out of the index, and sum up for the audit record what went and why."""
        taken = self._eviction.take(tx, rows, kind, removal)
        tx.removed.add([(row, self._cause(row, kind, removal)) for row in taken], removal.time)
        return taken

    def _cause(self, row: SegmentRow, kind: Class, removal: Removal) -> RemovalCause:
        if removal.reason is not RemovalReason.RETENTION:
            return "space" if removal.reason is RemovalReason.SPACE else "quota"
        said = self._policy.keeping.of(row.camera_id)
        days = said.days if kind == "routine" else max(said.days, said.event_days)
        return "age" if row.end <= after(removal.time, -days * _DAY_S) else "profile"

    async def _remove_files(self, files: Sequence[Leaving]) -> None:
        gone = await self._environment.workers.run(_remove, self._archive, files)
        self._jammed -= {file.disk for file in gone}
        self._jammed |= {file.disk for file in files} - {file.disk for file in gone}
        if gone:
            await self._database.write(lambda tx: tx.storage.left(gone))

    def _say_stuck(self, name: str, free_min: int) -> None:
        """Said once, until there is room again."""
        if name not in self._stuck:
            _LOG.error(
                "no recording can be kept: there is no room, and nothing is left that may go",
                of=name or "all disks together",
                free_bytes_min=free_min,
            )
        self._stuck.add(name)


class _OfCamera:
    """What one camera may fill."""

    reason = RemovalReason.QUOTA

    def __init__(self, eviction: Eviction, camera_id: str, bytes_max: int) -> None:
        self._eviction, self._camera_id, self._bytes_max = eviction, camera_id, bytes_max

    def excess(self, tx: Transaction) -> int:
        """By how many bytes it is over."""
        return tx.storage.bytes_of(self._camera_id) - self._bytes_max

    def pick(self, tx: Transaction, kind: Class) -> list[SegmentRow]:
        """Its own oldest."""
        streams = [(camera, stream) for camera, stream in tx.storage.streams() if camera == self._camera_id]
        return enough(self._eviction.oldest(tx, streams, kind, BATCH), self.excess(tx))


class _OfDisk:
    """What recordings may fill on one disk, and what stays free on it."""

    reason = RemovalReason.SPACE

    def __init__(self, eviction: Eviction, named: NamedDisk, free_bytes_min: int) -> None:
        self._eviction, self._named, self._free_min = eviction, named, free_bytes_min

    def excess(self, tx: Transaction) -> int:
        """By how many bytes it is over."""
        missing = self._free_min - self._named.disk.free_bytes()
        if self._named.bytes_max is None:
            return missing
        return max(missing, tx.storage.bytes_on(self._named.name) - self._named.bytes_max)

    def pick(self, tx: Transaction, kind: Class) -> list[SegmentRow]:
        """The oldest on it, of whatever camera."""
        name = self._named.name
        return enough(self._eviction.oldest(tx, tx.storage.streams(), kind, BATCH, name), self.excess(tx))


class _Total:
    """What all recordings together may fill."""

    reason = RemovalReason.QUOTA

    def __init__(self, eviction: Eviction, bytes_max: int) -> None:
        self._eviction, self._bytes_max = eviction, bytes_max

    def excess(self, tx: Transaction) -> int:
        """By how many bytes they are over."""
        return tx.segments.total_bytes() - self._bytes_max

    def pick(self, tx: Transaction, kind: Class) -> list[SegmentRow]:
        """The oldest of all."""
        return enough(self._eviction.oldest(tx, tx.storage.streams(), kind, BATCH), self.excess(tx))


_Bound = _OfCamera | _OfDisk | _Total


def _remove(archive: Archive, files: Sequence[Leaving]) -> list[Leaving]:
    """Delete files; what a disk refuses stays written down. Blocks."""
    gone: list[Leaving] = []
    for file in files:
        try:
            archive.disk(file.disk).remove(file.path)
            gone.append(file)
        except (OSError, DiskUnknown) as error:
            _LOG.warning("file-not-deleted", disk=file.disk, path=file.path, error=str(error))
    return gone
