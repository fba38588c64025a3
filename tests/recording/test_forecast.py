"""What is said of a disk long before it is full of what nobody may evict."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from istros.base.time import DAY, Time
from istros.recording.archive import Archive, NamedDisk
from istros.recording.disk_watch import DiskWatch
from istros.recording.forecast import UNBOUNDED_DAYS, Filling, forecast, status_of
from istros.recording.policy import RecordingPolicy
from istros.recording.retention import Retention
from istros.recording.tiering import Tiering
from istros.sim.town.memory_disk import MemoryDisk
from istros.store.storage import DiskStateRow
from tests.recording.test_retention import BYTES, CAMERAS, Store, environment_at, hold, made
from tests.store.rows_made import at

NOW = Time(1_000 * DAY)
GB = 10**9
USUAL = Filling(
    used_bytes=400 * GB, held_bytes=0, free_bytes=605 * GB, free_bytes_min=5 * GB, bytes_max=None,
    bytes_per_day=100 * GB, held_per_day=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "full_days", "only_held_days", "routine_days", "status"),
    [
        ({}, 6, None, 10, "working"),
        ({"bytes_max": 500 * GB}, 1, None, 5, "working"),
        ({"bytes_max": 400 * GB}, None, None, 4, "working"),
        ({"held_bytes": 300 * GB}, 6, None, 7, "working"),
        ({"held_bytes": 750 * GB}, 6, None, 2.5, "filling"),
        ({"held_bytes": 300 * GB, "held_per_day": 140 * GB}, 6, 5, 7, "filling"),
        ({"held_bytes": 1000 * GB, "used_bytes": 1000 * GB, "free_bytes": 5 * GB}, None, 0, 0, "only-held"),
        ({"free_bytes": None}, None, None, UNBOUNDED_DAYS, "working"),
        ({"bytes_per_day": 0}, None, None, UNBOUNDED_DAYS, "working"),
    ],
)
def test_forecasts(
    change: dict[str, int], full_days: float | None, only_held_days: float | None, routine_days: float, status: str
) -> None:
    filling = replace(USUAL, **change)
    ahead = forecast(filling, NOW)

    def days(time: Time | None) -> float | None:
        return None if time is None else (time - NOW) / DAY

    assert (days(ahead.full_at), days(ahead.only_held_at), ahead.routine_days) == (
        full_days,
        only_held_days,
        routine_days,
    )
    assert status_of(filling, ahead, NOW, is_failing=False, is_stuck=False) == status
    assert status_of(filling, ahead, NOW, is_failing=True, is_stuck=False) == "failing"
    assert status_of(replace(filling, held_bytes=0), ahead, NOW, is_failing=False, is_stuck=True) == "full"


def test_held_footage_that_takes_the_room_is_said_before_and_when_it_has() -> None:
    """A disk for forty segments; a hold over more and more of them."""
    archive = Archive([NamedDisk("main", MemoryDisk(), bytes_max=40 * BYTES, free_bytes_min=0)])
    store = Store(Store.fresh().database, archive)
    store.record(*(made(number) for number in range(40)))
    world, policy = environment_at(400), RecordingPolicy(bytes_max=None)
    retention = Retention(world, store.database, archive, policy)
    watch = DiskWatch(
        world, store.database, archive, policy, retention, Tiering(world, store.database, archive, policy)
    )

    def state() -> DiskStateRow:
        asyncio.run(retention.once())
        asyncio.run(watch.once())
        (row,) = store.database.read_now(lambda tx: tx.storage.disks())
        return row

    first = state()
    assert (first.status, first.used_bytes, first.bytes_max, first.held_bytes) == ("working", 4000, 4000, 0)
    assert first.bytes_per_day == pytest.approx(40 * BYTES * 86_400 / 400, rel=0.01)
    store.database.write_now(lambda tx: tx.holds.add(hold(CAMERAS[0], seconds=(0, 300))))
    assert (state().status, state().held_bytes) == ("filling", 3000)
    store.database.write_now(lambda tx: tx.holds.add(hold(CAMERAS[0], seconds=(300, 900), id="h2")))
    store.record(*(made(number) for number in range(40, 45)))
    last = state()
    assert (last.status, last.held_bytes, last.used_bytes) == ("only-held", 4500, 4500)
    signals = store.database.read_now(lambda tx: tx.signals.after(0, 99))
    assert [(row.kind, row.state) for row in signals] == [
        ("disk-forecast", "on"), ("disk-forecast", "off"), ("held-only", "on"),
    ]  # fmt: skip
    assert at(0) < last.updated
