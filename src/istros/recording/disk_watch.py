"""Looks at the disks each minute: their state for the screen, signals when it changes, and whether a disk that was left
works again (docs/design/0020)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from istros.base.environment import Environment
from istros.base.said import NOTHING, Said, say
from istros.base.time import DAY, MINUTE, Span, Time
from istros.recording.archive import Archive, NamedDisk, unreadable
from istros.recording.forecast import Filling, Forecast, forecast, status_of
from istros.recording.keeping import joined
from istros.recording.policy import RecordingPolicy
from istros.recording.retention import Retention
from istros.recording.tiering import Tiering
from istros.store import Database, Transaction
from istros.store.disk import Disk
from istros.store.signals import SignalRow
from istros.store.storage import DiskStateRow, DiskStatus

EVERY_S = 60.0
SOONER_S = 5.0
"""How soon a disk that was left is noticed, and tried again."""

SUMS_US = 15 * MINUTE
"""How old the sums over events and holds may be: they read what is recorded on them."""

PROBE = ".istros-probe"
KINDS: dict[DiskStatus, str] = {
    "failing": "disk-fault", "full": "disk-full", "only-held": "held-only", "filling": "disk-forecast",
}  # fmt: skip
"""Signals of source `storage` whose subject is the disk: `on` when it becomes so, `off` when it is over."""

_LOG = structlog.get_logger("istros.recording")


@dataclass(slots=True)
class _Sums:
    """Bytes by disk."""

    event: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    day: dict[str, int] = field(default_factory=dict)
    held_day: dict[str, int] = field(default_factory=dict)


class DiskWatch:
    """Keeps the table `disk_state`; `retention` says which disks have nothing left to give, `tiering` what waits to be moved."""

    def __init__(
        self, environment: Environment, database: Database, archive: Archive, policy: RecordingPolicy,
        retention: Retention, tiering: Tiering,
    ) -> None:  # fmt: skip
        self._environment = environment
        self._database = database
        self._archive = archive
        self._policy = policy
        self._retention = retention
        self._tiering = tiering
        self._sums = _Sums()
        self._summed: tuple[Time, int] | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        clock, looked, was_failing = self._environment.clock, -EVERY_S, False
        while True:
            is_failing = any(True for _ in self._archive.failing())
            if is_failing or was_failing or clock.elapsed() - looked >= EVERY_S:
                await self.once()
                looked, was_failing = clock.elapsed(), is_failing
            await clock.sleep(SOONER_S)

    async def once(self) -> None:
        """Look once at every disk."""
        now = self._environment.clock.now()
        changes = await self._database.read(lambda tx: tx.holds.changes())
        is_old = self._summed is None or self._summed[1] != changes or not 0 <= now - self._summed[0] < SUMS_US
        if is_old or not self._sums.day:  # A node that has just begun to record knows no rate yet.
            self._sums = await self._database.read(lambda tx: _sum_up(tx, now))
            self._summed = (now, changes)
        used = await self._database.read(
            lambda tx: {named.name: tx.storage.bytes_on(named.name) for named in self._archive.disks}
        )
        rows = [await self._state(named, used[named.name], now) for named in self._archive.disks]
        await self._database.write(lambda tx: self._write(tx, rows, now))
        await self._probe()  # Last, so that a disk that was left is said to be so at least once.

    async def _probe(self) -> None:
        """A disk that was left is taken again when it takes a small file, and has the room that must stay free."""
        for named in list(self._archive.failing()):
            try:
                free = await self._environment.workers.run(_take_a_file, named.disk)
            except OSError:
                continue
            if free >= self._free_min(named) // 2:  # A disk that was full needs room, not only a working head.
                self._archive.works(named.name)

    async def _state(self, named: NamedDisk, used: int, now: Time) -> DiskStateRow:
        problem = self._archive.problem(named.name)
        free, total = -1, -1
        try:
            free, total = await asyncio.gather(
                self._environment.workers.run(named.disk.free_bytes),
                self._environment.workers.run(named.disk.total_bytes),
            )
        except OSError as error:
            problem = problem or unreadable(named.name, error)
            self._archive.failed(named.name, problem)
        free_min = self._free_min(named)
        filling = Filling(
            used, self._sums.held.get(named.name, 0), None if total < 0 else free, 0 if total < 0 else free_min,
            named.bytes_max, self._sums.day.get(named.name, 0), self._sums.held_day.get(named.name, 0),
        )  # fmt: skip
        ahead = forecast(filling, now)
        is_stuck = named.name in self._retention.stuck or ("" in self._retention.stuck and named.tier == 1)
        status = status_of(filling, ahead, now, is_failing=bool(problem), is_stuck=is_stuck)
        return self._row(named, status, problem, filling, ahead, now, total)

    def _free_min(self, named: NamedDisk) -> int:
        return self._policy.free_bytes_min if named.free_bytes_min is None else named.free_bytes_min

    def _row(
        self,
        named: NamedDisk,
        status: DiskStatus,
        problem: Said,
        filling: Filling,
        ahead: Forecast,
        now: Time,
        total: int,
    ) -> DiskStateRow:
        capacity = filling.capacity_bytes
        return DiskStateRow(
            disk=named.name, tier=named.tier, place=named.place, status=status,
            problem=problem or _sentence(named, status, ahead), updated=now, total_bytes=total,
            free_bytes=-1 if filling.free_bytes is None else filling.free_bytes,
            bytes_max=-1 if capacity is None else capacity, used_bytes=filling.used_bytes,
            event_bytes=self._sums.event.get(named.name, 0), held_bytes=filling.held_bytes,
            bytes_per_day=filling.bytes_per_day, waiting_bytes=self._tiering.waiting_bytes.get(named.name, 0),
            full_at=ahead.full_at, only_held_at=ahead.only_held_at, routine_days=ahead.routine_days,
        )  # fmt: skip

    def _write(self, tx: Transaction, rows: Sequence[DiskStateRow], now: Time) -> None:
        standing = {
            (row.kind, row.subject) for row in tx.signals.latest("") if row.source == "storage" and row.state == "on"
        }
        wanted = {(KINDS[row.status], row.disk): row for row in rows if row.status in KINDS}
        signals = [self._signal(kind, disk, "off", now, {}) for kind, disk in sorted(standing - wanted.keys())]
        for kind, disk in sorted(wanted.keys() - standing):
            row = wanted[kind, disk]
            detail: dict[str, object] = {"problem": row.problem.text, "held": row.held_bytes, "max": row.bytes_max}
            signals.append(self._signal(kind, disk, "on", now, detail))
            _LOG.error(kind, disk=disk, problem=row.problem.text)
        tx.signals.add(signals)
        tx.storage.put(rows)

    def _signal(self, kind: str, disk: str, state: str, now: Time, detail: Mapping[str, object]) -> SignalRow:
        return SignalRow(
            0, self._environment.ids.new(), "", "storage", kind, "on" if state == "on" else "off", now, now, disk,
            json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        )  # fmt: skip


def _sum_up(tx: Transaction, now: Time) -> _Sums:
    sums, day = _Sums(), Span(Time(now - DAY), now)
    standing = tx.holds.standing()
    growing = {camera for hold in standing if hold.end > now for camera in hold.cameras}
    for camera, stream in tx.storage.streams():
        _add(sums.event, tx.segments.bytes_in_events(camera, stream))
        for span in joined(hold.span for hold in standing if camera in hold.cameras):
            _add(sums.held, tx.segments.bytes_between(camera, stream, span))
        recorded = _of_a_day(tx, camera, day)
        latest = {disk: round(size * recorded) for disk, size in tx.segments.bytes_between(camera, stream, day).items()}
        _add(sums.day, latest)
        if camera in growing:
            _add(sums.held_day, latest)
    return sums


def _of_a_day(tx: Transaction, camera_id: str, day: Span) -> float:
    """By what to multiply the bytes of the last 24 hours on a node that has recorded for a shorter time."""
    oldest = tx.storage.oldest(camera_id)
    if oldest is None or oldest <= day.start:
        return 1.0
    return DAY / max(MINUTE, day.end - oldest)


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for disk, size in more.items():
        sums[disk] = sums.get(disk, 0) + size


def _take_a_file(disk: Disk) -> int:
    """What is free on a disk that takes a small file. Blocks."""
    disk.write(PROBE, [b"istros"])
    disk.remove(PROBE)
    return disk.free_bytes()


def _sentence(named: NamedDisk, status: DiskStatus, ahead: Forecast) -> Said:
    name, days = named.name, f"{ahead.routine_days:g}"
    match status:
        case "only-held":
            sentence = f"Only held footage is left on the disk '{name}': nothing can make room for new recordings."
            return say("disk-only-held", sentence, disk=name)
        case "full":
            return say("disk-full", f"The disk '{name}' is full, and nothing on it can go.", disk=name)
        case "filling":
            sentence = f"Held footage leaves room for {days} days of recording on the disk '{name}'."
            return say("disk-filling", sentence, disk=name, days=days)
        case _:
            return NOTHING
