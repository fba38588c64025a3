"""Old segments move to the second tier: whole, once, and whatever kills the mover in between."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from istros.base.environment import Environment
from istros.base.time import Span
from istros.base.workers import ThreadWorkers
from istros.recording.archive import Archive, NamedDisk
from istros.recording.check import check
from istros.recording.disk_watch import DiskWatch
from istros.recording.keeping import Keeping, KeepingRules
from istros.recording.playback import Playback, SegmentAway
from istros.recording.policy import RecordingPolicy
from istros.recording.retention import Retention
from istros.recording.tiering import Tiering
from istros.sim.town.memory_disk import MemoryDisk
from istros.store import Database
from istros.store.disk_bucket import BucketDisk, BucketKey, CredentialsUnsafe, read_key
from istros.store.disk_local import LocalDisk
from istros.store.links import Removal, RemovalReason
from istros.store.rows import SegmentRow
from tests.recording.test_retention import BYTES, CAMERAS, Killed, Store, environment_at, hold, made
from tests.store.rows_made import at
from tests.store.weed import BUCKET, KEY, Weed, weed

POLICY = RecordingPolicy(bytes_max=None, free_bytes_min=0, move_after_days=1)
DAY_S = 86_400.0


def true_segment(number: int, camera: str = CAMERAS[0]) -> tuple[SegmentRow, bytes]:
    """A segment whose row tells the SHA-256 of its bytes, and the bytes."""
    data = bytes([number]) * BYTES
    return replace(made(number, camera), sha256=hashlib.sha256(data).hexdigest()), data


def two_tiers(second: Any = None, **first: Any) -> Store:
    return Store.fresh(
        NamedDisk("main", MemoryDisk(), free_bytes_min=0, **first), NamedDisk("old", second or MemoryDisk(), 2)
    )


def record(store: Store, *numbers: int, camera: str = CAMERAS[0]) -> None:
    for number in numbers:
        row, data = true_segment(number, camera)
        store.archive.disk("main").append(row.path, data)
        store.database.write_now(lambda tx, row=row: tx.segments.add(row))


def move(store: Store, now_s: float = 10 * DAY_S, policy: RecordingPolicy = POLICY) -> Tiering:
    tiering = Tiering(environment_at(now_s), store.database, store.archive, policy)
    asyncio.run(tiering.once())
    return tiering


def whole(store: Store) -> list[str]:
    """The disks that the segments lie on, after a look that every byte is there and that no file is left over."""
    for row in store.rows():
        assert hashlib.sha256(store.archive.read(row)).hexdigest() == row.sha256
        assert store.archive.read(row, BYTES - 3, 99) == store.archive.read(row)[-3:]
    assert store.files() == {(row.disk, row.path) for row in store.rows()}
    assert store.database.read_now(lambda tx: tx.storage.leaving()) == []
    return [row.disk for row in store.rows()]


def test_what_is_old_enough_moves_and_is_read_from_there() -> None:
    store = two_tiers()
    record(store, *range(50))
    tiering = move(store, now_s=DAY_S + 305)
    assert whole(store) == ["old"] * 30 + ["main"] * 20
    assert (tiering.moved, tiering.waiting_bytes) == (30, {"main": 0})
    assert store.database.read_now(lambda tx: (tx.storage.bytes_on("main"), tx.storage.bytes_on("old"))) == (2000, 3000)
    report = asyncio.run(check(environment_at(DAY_S * 9), store.database, store.archive, repair=False))
    assert (report.segments, [str(finding) for finding in report.findings]) == (50, [])


def test_a_disk_that_is_nearly_full_gives_up_what_is_younger() -> None:
    store = two_tiers(bytes_max=20 * BYTES)
    record(store, *range(20))
    move(store, now_s=300)
    assert whole(store) == ["old"] * 20


def test_the_second_tier_has_a_bound_too_and_what_is_held_moves_like_the_rest() -> None:
    store = Store.fresh(
        NamedDisk("main", MemoryDisk(), free_bytes_min=0), NamedDisk("old", MemoryDisk(), 2, bytes_max=5 * BYTES)
    )
    record(store, *range(8))
    store.database.write_now(lambda tx: tx.holds.add(hold(CAMERAS[0], seconds=(0, 40))))
    tiering = move(store)
    assert whole(store) == ["old"] * 5 + ["main"] * 3
    assert tiering.waiting_bytes == {"main": 3 * BYTES}


class Deadly:
    """Ends the process at the n-th thing that is written, deleted or committed."""

    def __init__(self, store: Store, fatal: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self.fatal = 0, fatal
        for named in store.archive.disks:
            for name in ("write", "remove"):
                monkeypatch.setattr(named.disk, name, self._deadly(getattr(named.disk, name)))
        monkeypatch.setattr(Database, "write_now", self._deadly(Database.write_now))

    def _deadly(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*arguments: Any) -> Any:
            self.count += 1
            if self.count == self.fatal:
                raise Killed
            return act(*arguments)

        return acted


def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    for fatal in range(1, 40):
        store = two_tiers()
        record(store, *range(4))
        with monkeypatch.context() as patch:
            deadly = Deadly(store, fatal, patch)
            try:
                move(store)
            except Killed:
                steps += 1
            else:
                assert deadly.count < fatal
                break
        again = Archive(store.archive.disks)  # What was in the memory of the dead process is gone.
        after = Store(store.database, again)
        asyncio.run(Retention(environment_at(10 * DAY_S), after.database, again, POLICY).finish_leaving())
        move(after)
        assert whole(after) == ["old"] * 4, f"killed at step {fatal}"
        store.database.close()
    assert steps >= 8


def test_an_eviction_while_the_copy_runs_leaves_no_copy_behind() -> None:
    store = two_tiers()
    record(store, *range(3))
    target = store.archive.disk("old")
    write = target.write

    def evicts(path: str, pieces: Iterator[bytes]) -> None:
        write(path, pieces)
        rows = store.rows()[:1]
        store.database.write_now(lambda tx: tx.segments.leave(rows, Removal(at(0), RemovalReason.SPACE)))

    target.write = evicts  # type: ignore[method-assign, assignment]
    move(store)
    asyncio.run(Retention(environment_at(10 * DAY_S), store.database, store.archive, POLICY).finish_leaving())
    assert len(whole(store)) < 3


def test_a_copy_under_way_is_not_taken_for_a_leftover() -> None:
    """The two work side by side in one recorder: the note that protects against a kill must not cost the copy."""
    store = two_tiers()
    record(store, 0)
    target, read = store.archive.disk("old"), MemoryDisk.read

    def interrupted(path: str, offset: int = 0, length: int | None = None) -> bytes:
        retention = Retention(environment_at(10 * DAY_S), store.database, store.archive, POLICY)
        with pytest.raises(StopIteration):
            retention.finish_leaving().send(None)
        return read(target, path, offset, length)  # type: ignore[arg-type]

    target.read = interrupted  # type: ignore[method-assign]
    move(store)
    assert whole(store) == ["old"]


def test_a_damaged_segment_stays_where_it_is_for_check_to_find() -> None:
    store = two_tiers()
    record(store, 0, 1)
    store.archive.disk("main").truncate(store.rows()[0].path, BYTES - 1)
    store.archive.disk("main").append(store.rows()[0].path, b"!")
    move(store)
    asyncio.run(Retention(environment_at(10 * DAY_S), store.database, store.archive, POLICY).finish_leaving())
    assert [row.disk for row in store.rows()] == ["main", "old"]
    assert store.files() == {(row.disk, row.path) for row in store.rows()}


def test_moving_keeps_to_its_speed() -> None:
    store, waited = two_tiers(), []
    record(store, *range(25))
    environment = environment_at(10 * DAY_S)

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    environment.clock.sleep = sleep  # type: ignore[method-assign]
    policy = replace(POLICY, move_bytes_per_s=1000)
    asyncio.run(Tiering(environment, store.database, store.archive, policy).once())
    assert waited == [2.0, 0.5]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weed]:
    with weed(tmp_path_factory.mktemp("weed")) as started:
        yield started


def bucket(server: Weed, prefix: str) -> BucketDisk:
    return BucketDisk(BUCKET, prefix, endpoint=server.endpoint, key=BucketKey(*KEY))


def test_a_bucket_is_a_disk(server: Weed) -> None:
    disk = bucket(server, "one/two")
    disk.write("IZ-01/main/a.mp4", [b"a" * 9_000_000, b"b" * 10])
    disk.write("IZ-01/main/b.mp4", [])
    assert (disk.size("IZ-01/main/a.mp4"), disk.size("IZ-01/main/b.mp4"), disk.size("nothing")) == (9_000_010, 0, None)
    assert disk.read("IZ-01/main/a.mp4", 8_999_998, 4) == b"aabb"
    assert disk.read("IZ-01/main/a.mp4", 9_000_008, 99) == b"bb"
    assert disk.read("IZ-01/main/b.mp4") == disk.read("IZ-01/main/a.mp4", 9_000_010, 5) == b""
    assert list(disk.walk()) == ["IZ-01/main/a.mp4", "IZ-01/main/b.mp4"]
    disk.truncate("IZ-01/main/a.mp4", 3)
    assert disk.read("IZ-01/main/a.mp4") == b"aaa"
    for path in ("IZ-01/main/a.mp4", "IZ-01/main/b.mp4", "nothing"):
        disk.remove(path)
    assert list(disk.walk("IZ-01")) == []
    with pytest.raises(FileNotFoundError, match="no such file in the bucket"):
        disk.read("IZ-01/main/a.mp4")
    with pytest.raises(OSError, match="cannot grow"):
        disk.append("x", b"x")


def test_a_wrong_key_is_a_sentence_without_the_key(server: Weed) -> None:
    disk = BucketDisk(BUCKET, endpoint=server.endpoint, key=BucketKey(KEY[0], "wrong-secret"))
    with pytest.raises(OSError, match="does not answer as it should") as refusal:
        disk.write("x", [b"x"])
    assert "secret" not in str(refusal.value) and "127.0.0.1" not in str(refusal.value)
    assert "wrong-secret" not in repr(BucketKey("id", "wrong-secret"))


def test_a_server_that_is_away_is_waited_for_and_the_state_says_so(server: Weed, environment: Environment) -> None:
    store = two_tiers(bucket(server, "away"))
    record(store, *range(6))
    workers = ThreadWorkers(2, "upkeep")
    world = replace(environment_at(10 * DAY_S), workers=workers)
    retention = Retention(world, store.database, store.archive, POLICY)
    tiering = Tiering(world, store.database, store.archive, POLICY)
    watch = DiskWatch(world, store.database, store.archive, POLICY, retention, tiering)

    async def a_minute() -> dict[str, str]:
        await tiering.once()
        await retention.once()
        await watch.once()
        rows = await store.database.read(lambda tx: tx.storage.disks())
        return {row.disk: row.status for row in rows}

    server.stop()
    try:
        away = asyncio.run(a_minute())
        assert away == {"main": "working", "old": "failing"}
        assert [row.disk for row in store.rows()] == ["main"] * 6, "nothing is lost while it is away"
        assert tiering.waiting_bytes == {"main": 6 * BYTES}
    finally:
        server.start()
    asyncio.run(watch.once())  # It finds that the server is back.
    assert asyncio.run(a_minute()) == {"main": "working", "old": "working"}
    assert whole(store) == ["old"] * 6
    signals = store.database.read_now(lambda tx: tx.signals.after(0, 99))
    assert [(row.kind, row.subject, row.state) for row in signals] == [
        ("disk-fault", "old", "on"), ("disk-fault", "old", "off"),
    ]  # fmt: skip
    server.stop()
    try:
        with pytest.raises(SegmentAway, match="does not answer"):
            Playback(store.database, store.archive).read(store.rows()[0])
    finally:
        server.start()
    workers.close()


def test_retention_reaches_the_bucket(server: Weed) -> None:
    store = two_tiers(bucket(server, "kept"))
    record(store, *range(5))
    move(store)
    assert whole(store) == ["old"] * 5
    policy = replace(POLICY, keeping=KeepingRules(Keeping(days=5, event_days=5)))
    store.evict(policy, now_s=5 * DAY_S + 25)
    assert [row.id for row in store.rows()] == ["IZ-01-2", "IZ-01-3", "IZ-01-4"]
    assert store.database.read_now(lambda tx: tx.segments.bytes_between(CAMERAS[0], "main", Span(at(0), at(99)))) == {
        "old": 3 * BYTES
    }


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("id\nsecret\n")
    file.chmod(0o644)
    with pytest.raises(CredentialsUnsafe, match="can be read by others"):
        read_key(file)
    file.chmod(0o600)
    assert read_key(file) == BucketKey("id", "secret")
    file.write_text("id")
    with pytest.raises(CredentialsUnsafe, match="does not hold a key"):
        read_key(file)


def test_a_local_folder_takes_whole_files(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path / "old")
    disk.write("a/b/c.mp4", [b"one", b"two"])
    assert (disk.read("a/b/c.mp4"), list(disk.walk())) == (b"onetwo", ["a/b/c.mp4"])

    def breaks() -> Iterator[bytes]:
        yield b"one"
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        disk.write("a/b/c.mp4", breaks())
    assert (disk.read("a/b/c.mp4"), list(disk.walk())) == (b"onetwo", ["a/b/c.mp4"])
