"""What goes and what stays, for any recordings, events, holds and bounds; and what a kill or a hold in between changes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from istros.base.environment import Environment
from istros.base.ids import Ids
from istros.base.time import DAY, SECOND, Span, Time, to_iso
from istros.base.workers import InlineWorkers
from istros.compliance.audit import verify_now
from istros.recording.archive import Archive, NamedDisk
from istros.recording.eviction import Eviction
from istros.recording.keeping import Keeping, KeepingRules, Shield
from istros.recording.policy import RecordingPolicy
from istros.recording.removal_log import RemovalLog
from istros.recording.retention import Retention
from istros.sim.town.memory_disk import MemoryDisk
from istros.store import Database, Transaction, open_database
from istros.store.holds import HoldRow
from istros.store.links import Removal, RemovalReason
from istros.store.removed import joined_digest
from istros.store.rows import SegmentRow
from istros.store.storage import Leaving
from tests.store.conftest import database as database
from tests.store.conftest import database_url as database_url
from tests.store.rows_made import at, segment

CAMERAS = ("IZ-01", "TL-02")
BYTES = 100


class StillClock:
    """A clock that a test sets."""

    def __init__(self, now: Time) -> None:
        self.time = now

    def now(self) -> Time:
        return self.time

    def elapsed(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


def environment_at(seconds: float) -> Environment:
    clock, random = StillClock(at(seconds)), Random(1)
    return Environment(clock, random, Ids(clock, random), InlineWorkers())


def hold(*cameras: str, seconds: tuple[float, float], id: str = "h1") -> HoldRow:
    return HoldRow(
        id, cameras, at(seconds[0]), at(seconds[1]), "evidence", "robbery", "CPC Art. 40", "12026-1", "police", None,
        at(0), "olena",
    )  # fmt: skip


@dataclass(slots=True)
class Store:
    """Segments of 100 bytes with their files on disks in memory."""

    database: Database
    archive: Archive

    @staticmethod
    def fresh(*disks: NamedDisk, database: Database | None = None) -> Store:
        return Store(
            database or open_database("sqlite://", InlineWorkers()),
            Archive(disks or [NamedDisk("main", MemoryDisk(), free_bytes_min=0)]),
        )

    def record(self, *rows: SegmentRow) -> None:
        for row in rows:
            self.archive.disk(row.disk).append(row.path, bytes(row.size_bytes))
        self.database.write_now(lambda tx: [tx.segments.add(row) for row in rows])

    def rows(self) -> list[SegmentRow]:
        return self.database.read_now(lambda tx: tx.segments.every())

    def files(self) -> set[tuple[str, str]]:
        return {(named.name, path) for named in self.archive.disks for path in named.disk.walk()}

    def evict(self, policy: RecordingPolicy, now_s: float = 10_000) -> Retention:
        retention = Retention(environment_at(now_s), self.database, self.archive, policy)
        asyncio.run(retention.once())
        assert self.files() == {(row.disk, row.path) for row in self.rows()}
        assert self.database.read_now(lambda tx: tx.storage.leaving()) == []
        return retention


def made(number: int, camera: str = CAMERAS[0], disk: str = "main") -> SegmentRow:
    return replace(segment(number, camera), size_bytes=BYTES, disk=disk)


spans = st.tuples(st.integers(0, 300), st.integers(1, 90)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.sets(st.tuples(st.sampled_from(CAMERAS), st.integers(0, 30)), min_size=1),
    events=st.lists(st.tuples(st.sampled_from(CAMERAS), spans), max_size=4),
    holds=st.lists(st.tuples(st.sets(st.sampled_from(CAMERAS), min_size=1), spans), max_size=3),
    room=st.integers(0, 40),
)
def test_pressure_takes_routine_oldest_first_then_events_and_never_what_is_held(
    numbers: set[tuple[str, int]],
    events: list[tuple[str, tuple[int, int]]],
    holds: list[tuple[set[str], tuple[int, int]]],
    room: int,
) -> None:
    store = Store.fresh()
    rows = [made(number, camera) for camera, number in sorted(numbers)]
    store.record(*rows)
    for number, (cameras, span) in enumerate(holds):
        store.database.write_now(
            lambda tx, c=cameras, s=span, n=number: tx.holds.add(hold(*sorted(c), seconds=s, id=str(n)))
        )
    for camera, (start, end) in events:
        store.database.write_now(lambda tx, c=camera, a=start, b=end: tx.event_spans.cover(c, Span(at(a), at(b))))
    store.evict(RecordingPolicy(bytes_max=room * BYTES, free_bytes_min=0))
    kept = store.rows()
    store.database.close()

    def is_held(row: SegmentRow) -> bool:
        times = [Span(at(a), at(b)) for cameras, (a, b) in holds if row.camera_id in cameras]
        return Shield(times).over(Span(row.start, row.end)) is not None

    def is_event(row: SegmentRow) -> bool:
        # Stretches within a minute of each other count as one.
        near = sorted((a, b) for camera, (a, b) in events if camera == row.camera_id)
        joined: list[list[int]] = []
        for a, b in near:
            if joined and a - joined[-1][1] <= 60:
                joined[-1][1] = max(b, joined[-1][1])
            else:
                joined.append([a, b])
        return any(row.start < at(b) and row.end > at(a) for a, b in joined)

    gone = [row for row in rows if row not in kept]
    assert not [row for row in gone if is_held(row)]
    free = [row for row in kept if not is_held(row)]
    assert len(kept) <= room or not free
    assert not gone or len(kept) >= min(room, len(rows)), "no more went than had to"
    routine = [row for row in free if not is_event(row)]
    if any(is_event(row) for row in gone):
        assert not routine
    routine_gone = [row for row in gone if not is_event(row)]
    if routine and routine_gone:
        assert max(row.start for row in routine_gone) <= min(row.start for row in routine)


def test_a_camera_over_its_quota_evicts_its_own_recordings() -> None:
    store = Store.fresh()
    store.record(
        *(made(number, CAMERAS[0]) for number in range(20)), *(made(number, CAMERAS[1]) for number in range(5))
    )
    rules = KeepingRules(cameras={CAMERAS[0]: Keeping(bytes_max=8 * BYTES)})
    store.evict(RecordingPolicy(rules, free_bytes_min=0))
    rows = store.rows()
    assert [row.id for row in rows if row.camera_id == CAMERAS[1]] == [f"TL-02-{number}" for number in range(5)]
    assert [row.id for row in rows if row.camera_id == CAMERAS[0]] == [f"IZ-01-{number}" for number in range(12, 20)]


def test_each_disk_has_its_own_bound() -> None:
    store = Store.fresh(
        NamedDisk("a", MemoryDisk(), bytes_max=5 * BYTES, free_bytes_min=0),
        NamedDisk("b", MemoryDisk(12 * BYTES), free_bytes_min=9 * BYTES),
        NamedDisk("c", MemoryDisk(), free_bytes_min=0),
    )
    store.record(*(made(number + 100 * place, disk=name) for place, name in enumerate("abc") for number in range(10)))
    store.evict(RecordingPolicy(bytes_max=None))
    counts = {name: sum(row.disk == name for row in store.rows()) for name in "abc"}
    assert counts == {"a": 5, "b": 3, "c": 10}


def test_events_are_kept_for_their_own_time_and_a_camera_may_differ() -> None:
    store = Store.fresh()
    days = [replace(made(day, camera), start=Time(at(0) + day * DAY), end=Time(at(0) + day * DAY + 10 * SECOND))
            for camera in CAMERAS for day in range(10)]  # fmt: skip
    store.record(*days)
    for day in (0, 4, 9):
        span = Span(Time(at(0) + day * DAY), Time(at(0) + day * DAY + SECOND))
        store.database.write_now(lambda tx, span=span: [tx.event_spans.cover(camera, span) for camera in CAMERAS])
    rules = KeepingRules(Keeping(days=3, event_days=8), {CAMERAS[1]: Keeping(days=1, event_days=1)})
    store.evict(RecordingPolicy(rules, free_bytes_min=0), now_s=10 * 86_400)
    assert [row.id for row in store.rows() if row.camera_id == CAMERAS[0]] == [
        "IZ-01-4",
        "IZ-01-7",
        "IZ-01-8",
        "IZ-01-9",
    ]
    assert [row.id for row in store.rows() if row.camera_id == CAMERAS[1]] == ["TL-02-9"]


def test_what_is_past_its_days_goes_even_when_the_pass_before_stopped_in_it() -> None:
    """The segment that lay across the limit of one pass is the first of a later one."""
    store = Store.fresh()
    store.record(*(made(number) for number in range(4)))
    policy = RecordingPolicy(KeepingRules(Keeping(1, 1)), free_bytes_min=0)
    environment = environment_at(86_400 + 15)
    retention = Retention(environment, store.database, store.archive, policy)
    asyncio.run(retention.once())
    assert [row.id for row in store.rows()] == ["IZ-01-1", "IZ-01-2", "IZ-01-3"]
    environment.clock.time = at(86_400 + 30)  # type: ignore[attr-defined]
    asyncio.run(retention.once())
    assert [row.id for row in store.rows()] == ["IZ-01-3"]


def test_only_held_footage_left_is_said_once_and_the_release_frees_it() -> None:
    store = Store.fresh()
    store.record(*(made(number) for number in range(10)))
    store.database.write_now(lambda tx: tx.holds.add(hold(CAMERAS[0], seconds=(0, 80))))
    policy = RecordingPolicy(bytes_max=3 * BYTES, free_bytes_min=0)
    retention = Retention(environment_at(1000), store.database, store.archive, policy)
    with capture_logs() as said:
        asyncio.run(retention.once())
        asyncio.run(retention.once())
    assert len([line for line in said if "nothing is left that may go" in line["event"]]) == 1
    assert [row.id for row in store.rows()] == [f"IZ-01-{number}" for number in range(8)]
    assert retention.stuck == {""}
    store.database.write_now(lambda tx: tx.holds.ask_release("h1", at(2000), "olena", "the case is closed"))
    store.database.write_now(lambda tx: tx.holds.release("h1", at(2001), "mihai"))
    asyncio.run(retention.once())
    assert [row.id for row in store.rows()] == ["IZ-01-5", "IZ-01-6", "IZ-01-7"]
    assert retention.stuck == frozenset()


def test_a_hold_placed_between_choosing_and_taking_is_respected(database: Database) -> None:
    store, eviction = Store.fresh(database=database), Eviction()
    store.record(*(made(number) for number in range(4)))

    def choose(tx: Transaction) -> list[SegmentRow]:
        return eviction.oldest(tx, tx.storage.streams(), "routine", 3)

    chosen = database.read_now(choose)
    database.write_now(lambda tx: tx.holds.add(hold(CAMERAS[0], seconds=(12, 15))))
    taken = database.write_now(lambda tx: eviction.take(tx, chosen, "routine", Removal(Time(0), RemovalReason.SPACE)))
    assert [row.id for row in taken] == ["IZ-01-0", "IZ-01-2"]
    assert [row.id for row in store.rows()] == ["IZ-01-1", "IZ-01-3"]
    left = database.read_now(lambda tx: tx.storage.leaving())
    assert sorted(left, key=lambda file: file.path) == [Leaving("main", row.path) for row in taken]


class Killed(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("step", ["before files", "after files"])
def test_a_kill_leaves_no_file_that_nobody_knows_of(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.fresh()
    store.record(*(made(number) for number in range(6)))
    policy = RecordingPolicy(bytes_max=3 * BYTES, free_bytes_min=0)
    disk = store.archive.disk("main")

    def dies(self: object, files: object) -> None:
        raise Killed

    with monkeypatch.context() as kill:
        if step == "before files":
            kill.setattr(disk, "remove", lambda path: dies(disk, path))
        else:
            kill.setattr("istros.store.storage.Storage.left", dies)
        with pytest.raises(Killed):
            asyncio.run(Retention(environment_at(100), store.database, store.archive, policy).once())
    assert len(store.database.read_now(lambda tx: tx.storage.leaving())) == 3
    store.evict(policy)
    assert len(store.rows()) == 3


def test_a_file_on_a_disk_that_is_away_goes_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.fresh(NamedDisk("a", MemoryDisk(), free_bytes_min=0), NamedDisk("b", MemoryDisk(), free_bytes_min=0))
    store.record(
        *(made(number, disk="a") for number in range(2)), *(made(number + 10, disk="b") for number in range(2))
    )
    policy = RecordingPolicy(bytes_max=2 * BYTES, free_bytes_min=0)

    def away(*args: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        for name in ("remove", "free_bytes"):
            broken.setattr(store.archive.disk("a"), name, away)
        asyncio.run(Retention(environment_at(1000), store.database, store.archive, policy).once())
    assert [row.disk for row in store.rows()] == ["b", "b"]
    assert len(store.database.read_now(lambda tx: tx.storage.leaving())) == 2
    store.evict(policy)


def test_a_profile_bounds_recordings_from_the_next_pass_on_but_never_what_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, limit = Store.fresh(), list[float | None]([None])
    monkeypatch.setattr("istros.recording.bounds.recording_days", lambda tx, now: limit[0])
    store.record(*(made(number) for number in range(10)))
    store.database.write_now(lambda tx: tx.holds.add(hold(CAMERAS[0], seconds=(15, 25))))
    rules = RecordingPolicy(keeping=KeepingRules(Keeping(60, 90)), bytes_max=None, free_bytes_min=0)
    retention = Retention(environment_at(31 * 86_400), store.database, store.archive, rules)
    assert asyncio.run(retention.once()) == 0
    limit[0] = 30  # a new profile comes into force while the recorder runs
    assert asyncio.run(retention.once()) == 8
    assert [row.start for row in store.rows()] == [at(10), at(20)]
    (gone,) = store.database.write_now(lambda tx: tx.removed.due(at(40 * 86_400)))
    assert (gone.cause, gone.count) == ("profile", 8)
    store.database.close()


def test_what_went_is_on_the_record_each_hour_with_cause_and_digest(database: Database) -> None:
    store = Store.fresh(database=database)
    store.record(*(made(number) for number in range(6)))
    rows = sorted(store.rows(), key=lambda row: row.start)
    store.evict(RecordingPolicy(keeping=KeepingRules(Keeping(1, 1)), bytes_max=None, free_bytes_min=0), 86_430)
    store.evict(RecordingPolicy(bytes_max=2 * BYTES, free_bytes_min=0), 86_440)
    assert asyncio.run(RemovalLog(environment_at(86_440), database).once()) == 0, "the hour is not full"
    later = RemovalLog(environment_at(86_440 + 3600), database)
    assert (asyncio.run(later.once()), asyncio.run(later.once())) == (2, 0)
    age, quota = database.read_now(lambda tx: tx.audit.walk(after=0, limit=10))
    assert (age.actor, age.origin, age.action, age.subject) == ("istros", "recorder", "recordings.forget", "IZ-01/main")
    digest = "0" * 64
    for row in rows[:3]:
        digest = joined_digest(digest, row.sha256 or "")
    assert json.loads(age.detail) == {
        "count": 3, "cause": "age", "bytes": 3 * BYTES, "from": to_iso(at(0)), "to": to_iso(at(30)), "sha256": digest,
    }  # fmt: skip
    assert (json.loads(quota.detail)["count"], json.loads(quota.detail)["cause"]) == (1, "quota")
    assert verify_now(database).ok


def test_a_record_that_cannot_be_written_holds_up_no_deletion(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.fresh(database=database)
    store.record(*(made(number) for number in range(4)))

    def fail(*given: object, **named: object) -> None:
        raise OSError("the record is away")

    log = RemovalLog(environment_at(200_000), database)
    with monkeypatch.context() as patch:
        patch.setattr("istros.recording.removal_log.record_erased", fail)
        store.evict(RecordingPolicy(keeping=KeepingRules(Keeping(1, 1)), bytes_max=None, free_bytes_min=0), 90_000)
        assert store.rows() == []
        with pytest.raises(OSError, match="away"):
            asyncio.run(log.once())
    assert asyncio.run(log.once()) == 1, "what could not be said is said later"
