"""The whole recorder on a virtual clock, with disks, databases and cameras that fail."""

from __future__ import annotations

import asyncio
import errno
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from istros.base.environment import Environment
from istros.base.time import SECOND, Span, Time
from istros.compliance.errors import PermitExpired, PermitTooNarrow
from istros.recording.archive import Archive, NamedDisk
from istros.recording.check import Fault, check
from istros.recording.keeping import Keeping, KeepingRules
from istros.recording.playback import Playback
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.recording.retention import Retention
from istros.sim.town.memory_disk import MemoryDisk
from istros.sim.town.virtual_time import run_virtually, virtual_environment
from istros.store import Transaction, open_database
from istros.store.errors import DatabaseBusy
from istros.store.rows import GapCause, GapRow, PermitRow, SegmentRow, SegmentState, StreamStateRow
from istros.store.segments import Segments
from istros.video.errors import CameraUnreachable
from istros.video.fanout import Reader
from istros.video.fmp4 import safe_length, walk_fragments
from istros.video.packet import Packet, PacketOpener
from tests.recording.streams import KEY, START, camera, packet, steady

EVER = Span(Time(0), Time(1 << 60))


class Node:
    """One recorder of one stream in a simulated world."""

    def __init__(self, environment: Environment, disk: MemoryDisk, policy: RecordingPolicy) -> None:
        self.environment, self.disk, self.policy = environment, disk, policy
        self.archive = Archive.of(disk)
        self.database = open_database("sqlite://", environment.workers)
        self.stop = asyncio.Event()
        self.recorder: Recorder | None = None

    async def record(self, opener: PacketOpener, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Record for that long, `meanwhile` half-way through; end in order."""
        recorder = Recorder(self.environment, self.database, self.archive, [camera()], opener, self.policy)
        self.recorder = recorder
        self.stop.clear()
        task = asyncio.create_task(recorder.run(self.stop))
        await self.environment.clock.sleep(seconds / 2)
        meanwhile()
        await self.environment.clock.sleep(seconds / 2)
        self.stop.set()
        await task

    async def segments(self) -> list[SegmentRow]:
        return await self.database.read(lambda tx: tx.segments.between(KEY.camera_id, KEY.name, EVER))

    async def gaps(self) -> list[GapRow]:
        return await self.database.read(lambda tx: tx.gaps.between(KEY.camera_id, KEY.name, EVER))

    async def state(self) -> StreamStateRow:
        row = await self.database.read(lambda tx: tx.streams.get(KEY.camera_id, KEY.name))
        assert row is not None
        return row

    async def check(self) -> None:
        """Everything agrees, whatever happened."""
        report = await check(self.environment, self.database, self.archive, repair=False)
        assert report.findings == []
        rows = await self.segments()
        assert all(first.end <= second.start for first, second in pairwise(rows))
        assert all(safe_length(self.disk.read(row.path)) == row.size_bytes for row in rows)


def world(
    main: Callable[[Node], Coroutine[Any, Any, None]], disk: MemoryDisk | None = None, policy: RecordingPolicy | None = None
) -> None:  # fmt: skip
    """Run a scene on a virtual clock."""
    kept = policy or RecordingPolicy(free_bytes_min=0)

    async def scene(loop: Any) -> None:
        environment, _ = virtual_environment(loop, "recording", START)
        node = Node(environment, disk or MemoryDisk(), kept)
        await main(node)
        node.database.close()

    run_virtually(scene)


def test_a_minute_is_recorded_whole_and_every_second_is_accounted_for() -> None:
    async def scene(node: Node) -> None:
        await node.record(steady(node.environment.clock), 60.5)
        rows = await node.segments()
        assert {row.state for row in rows} == {SegmentState.CLOSED}
        assert all(first.end == second.start for first, second in pairwise(rows))
        assert rows[-1].end - rows[0].start > 60 * SECOND
        before, behind = await node.gaps()
        assert (before.cause, before.end) == (GapCause.RECORDER, rows[0].start)
        assert (behind.cause, behind.start, behind.end) == (GapCause.PLANNED, rows[-1].end, None)
        await node.check()

    world(scene)


def test_silence_leaves_a_gap_and_the_state_says_so() -> None:
    seen: list[str] = []

    async def scene(node: Node) -> None:
        async def opened(stream: object) -> AsyncIterator[Packet]:
            clock = node.environment.clock
            for n in range(600):
                media = n / 10 + (8 if n >= 300 else 0)
                await clock.sleep(8.1 if n == 300 else 0.1)
                if n == 300:
                    row = await node.state()
                    seen.extend([row.status, row.problem.text])
                yield packet(media, clock.now(), is_key=n % 10 == 0)

        await node.record(opened, 66)
        gaps = [gap for gap in await node.gaps() if gap.cause is GapCause.CAMERA]
        assert len(gaps) == 1 and gaps[0].end is not None and 7.5 * SECOND < gaps[0].end - gaps[0].start < 8.5 * SECOND
        assert seen[0] == "stale" and "IZ-07" in seen[1]
        await node.check()

    world(scene)


def test_a_minute_without_a_keyframe_is_recorded_in_little_memory_and_who_joins_waits_for_one() -> None:
    async def scene(node: Node) -> None:
        joined: list[Reader] = []

        def join() -> None:
            assert node.recorder is not None
            fanout = node.recorder.fanout(KEY)
            assert fanout is not None
            joined.append(fanout.reader())
            segmenter = node.recorder._streams[KEY]._segmenter
            assert segmenter is not None and len(segmenter._waiting) <= 11

        await node.record(steady(node.environment.clock, keyframe_every=700, size=20_000), 100, join)
        rows = await node.segments()
        assert len(rows) == 2 and 69 * SECOND < rows[0].end - rows[0].start < 71 * SECOND
        pieces = list(walk_fragments(node.disk.read(rows[0].path)))
        assert len(pieces) >= 65 and sum(piece.starts_with_key for piece in pieces) == 1
        first = await anext(joined[0])
        assert first.is_key and first.media_time == 70 * 90_000, "older than what is kept for those who join"
        await node.check()

    world(scene)


def test_a_camera_that_breaks_comes_back_and_the_error_is_shown() -> None:
    async def scene(node: Node) -> None:
        attempts = 0

        async def opened(stream: object) -> AsyncIterator[Packet]:
            nonlocal attempts
            attempts += 1
            if attempts in (1, 3, 4):
                raise CameraUnreachable("Camera IZ-07 cannot be reached.", "Look at its power.")
            if attempts == 5:
                raise ZeroDivisionError
            for n in range(200):
                await node.environment.clock.sleep(0.1)
                yield packet(n / 10, node.environment.clock.now(), is_key=n % 10 == 0)

        problems: list[str] = []
        await node.record(opened, 60, lambda: problems.append(str(attempts)))
        assert attempts >= 6
        assert (await node.state()).reconnects == attempts - 1
        assert GapCause.NETWORK in {gap.cause for gap in await node.gaps()}
        await node.check()

    world(scene)


def test_a_session_that_brings_nothing_is_opened_again() -> None:
    async def scene(node: Node) -> None:
        attempts = 0

        async def opened(stream: object) -> AsyncIterator[Packet]:
            nonlocal attempts
            attempts += 1
            await node.environment.clock.sleep(1e6)
            yield packet(0, node.environment.clock.now())

        await node.record(opened, 60)
        assert attempts >= 3
        assert "sends nothing" in (await node.gaps())[-2].detail

    world(scene)


def test_a_full_disk_leaves_a_gap_and_recording_goes_on_when_there_is_room() -> None:
    disk = MemoryDisk(capacity_bytes=300_000)
    policy = RecordingPolicy(free_bytes_min=0, memory_bytes=60_000)

    async def scene(node: Node) -> None:
        reader_count = 0

        def more_room() -> None:
            nonlocal reader_count
            disk.capacity_bytes = 1 << 40
            assert node.recorder is not None
            fanout = node.recorder.fanout(KEY)
            assert fanout is not None and fanout.parameters is not None
            reader_count = len(fanout.reader()._ring._ring)

        await node.record(steady(node.environment.clock, size=1000), 120, more_room)
        assert reader_count > 0, "packets reach the fan-out while the disk is full"
        gaps = [gap for gap in await node.gaps() if gap.cause is GapCause.DISK]
        assert len(gaps) == 1 and "No space" in gaps[0].detail.replace("no space", "No space")
        rows = await node.segments()
        assert rows[-1].end - rows[0].start > 115 * SECOND
        assert (await node.state()).problem.code == "recorder-stopped"
        await node.check()

    world(scene, disk, policy)


class TornDisk(MemoryDisk):
    """Keeps half of what it is given now and then, and says so: NFS, USB."""

    appends = 0

    def append(self, path: str, data: bytes) -> None:
        self.appends += 1
        if self.appends % 7 == 3:
            super().append(path, data[: len(data) // 2])
            raise OSError(errno.EIO, "input/output error", path)
        super().append(path, data)


def test_half_writes_are_cut_off_and_written_again() -> None:
    async def scene(node: Node) -> None:
        await node.record(steady(node.environment.clock), 60)
        rows = await node.segments()
        assert all(first.end == second.start for first, second in pairwise(rows))
        await node.check()

    world(scene, TornDisk())


@pytest.mark.parametrize("error", [DatabaseBusy("The database stayed locked."), RuntimeError("out of luck")])
def test_a_database_that_fails_for_half_a_minute_costs_no_picture(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(node: Node) -> None:
        write, clock = node.database.write, node.environment.clock

        async def failing(work: Callable[[Transaction], Any]) -> Any:
            if 20 < clock.elapsed() < 50:
                raise error
            return await write(work)

        monkeypatch.setattr(node.database, "write", failing)
        await node.record(steady(clock), 90)
        rows = await node.segments()
        assert all(first.end == second.start for first, second in pairwise(rows))
        assert rows[-1].end - rows[0].start > 85 * SECOND
        await node.check()

    world(scene)


def test_a_row_that_the_database_refuses_keeps_no_other_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(node: Node) -> None:
        add = Segments.add

        def refusing(self: Segments, row: SegmentRow) -> None:
            if 20 * SECOND < row.start - START < 30 * SECOND:
                raise ValueError("a row that cannot be")
            add(self, row)

        monkeypatch.setattr(Segments, "add", refusing)
        await node.record(steady(node.environment.clock), 60)
        await node.environment.clock.sleep(300)
        report = await check(node.environment, node.database, node.archive, repair=False)
        assert {finding.fault for finding in report.findings} == {Fault.ORPHAN_FILE, Fault.UNEXPLAINED_HOLE}
        monkeypatch.undo()
        assert (await check(node.environment, node.database, node.archive, repair=True)).ok
        rows = await node.segments()
        assert all(first.end == second.start for first, second in pairwise(rows))
        await node.check()

    world(scene)


def test_an_index_that_cannot_be_read_at_the_start_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(node: Node) -> None:
        read = node.database.read

        async def failing(work: Callable[[Transaction], Any]) -> Any:
            if node.environment.clock.elapsed() < 10:
                raise DatabaseBusy("The database stayed locked.")
            return await read(work)

        monkeypatch.setattr(node.database, "read", failing)
        await node.record(steady(node.environment.clock), 60)
        assert (await node.segments())[-1].end - START > 58 * SECOND

    world(scene)


def test_a_lost_index_is_built_again_from_the_files() -> None:
    async def scene(node: Node) -> None:
        await node.record(steady(node.environment.clock), 60)
        before = await node.segments()
        node.database = open_database("sqlite://", node.environment.workers)
        await node.record(steady(node.environment.clock), 30)
        after = await node.segments()
        assert [(row.start, row.path, row.sha256) for row in after[: len(before)]] == [
            (row.start, row.path, row.sha256) for row in before
        ]
        await node.check()

    world(scene)


def test_after_a_power_cut_what_the_disk_lost_is_a_gap() -> None:
    async def scene(node: Node) -> None:
        recorder = Recorder(
            node.environment, node.database, node.archive, [camera()], steady(node.environment.clock), node.policy
        )
        task = asyncio.create_task(recorder.run(node.stop))
        await node.environment.clock.sleep(35)
        for each in asyncio.all_tasks() - {asyncio.current_task()}:
            each.cancel()
        await asyncio.gather(task, return_exceptions=True)
        node.disk.cut_power()
        node.stop = asyncio.Event()
        await node.record(steady(node.environment.clock), 30)
        await node.check()

    world(scene)


def test_retention_by_days_bytes_and_free_space() -> None:
    async def scene(node: Node) -> None:
        await node.record(steady(node.environment.clock), 300)
        rows, clock = await node.segments(), node.environment.clock
        total = sum(row.size_bytes for row in rows)

        async def kept(policy: RecordingPolicy) -> list[SegmentRow]:
            await Retention(node.environment, node.database, node.archive, policy).once()
            await node.check()
            return await node.segments()

        assert await kept(RecordingPolicy(free_bytes_min=0)) == rows
        left = await kept(RecordingPolicy(bytes_max=total // 2, free_bytes_min=0))
        assert left == rows[-len(left) :] and sum(row.size_bytes for row in left) <= total // 2
        node.disk.capacity_bytes = sum(row.size_bytes for row in left)
        fewer = await kept(RecordingPolicy(free_bytes_min=left[0].size_bytes + 1))
        assert fewer == left[2:]
        days = (clock.now() - fewer[1].end) / (86_400 * SECOND)
        assert await kept(RecordingPolicy(KeepingRules(Keeping(days, days)), free_bytes_min=0)) == fewer[2:]

    world(scene)


def test_a_disk_that_can_keep_nothing_is_said_once() -> None:
    async def scene(node: Node) -> None:
        await node.record(steady(node.environment.clock), 60)
        node.disk.capacity_bytes = sum(row.size_bytes for row in await node.segments())
        policy = RecordingPolicy(free_bytes_min=node.disk.capacity_bytes * 10)
        retention = Retention(node.environment, node.database, node.archive, policy)
        with capture_logs() as said:
            await retention.once()
            await retention.once()
        assert await node.segments() == []
        assert [line["log_level"] for line in said if "no recording can be kept" in line["event"]] == ["error"]

    world(scene)


def test_a_kill_between_file_and_row_is_made_good_by_the_next_pass() -> None:
    async def scene(node: Node) -> None:
        await node.record(steady(node.environment.clock), 60)
        rows = await node.segments()
        node.disk.remove(rows[0].path)
        policy = RecordingPolicy(bytes_max=sum(row.size_bytes for row in rows) - 1, free_bytes_min=0)
        await Retention(node.environment, node.database, node.archive, policy).once()
        assert await node.segments() == rows[1:]
        await node.check()

    world(scene)


def test_playback_reads_open_segments_whole_and_needs_an_open_permit() -> None:
    async def scene(node: Node) -> None:
        playback, clock = Playback(node.database, node.archive), node.environment.clock
        permit = PermitRow("p", "P-2026-0001", "o", "Izmail", "investigation", "g", "1", False, START, EVER.end)
        looks: list[int] = []

        async def look() -> None:
            rows = await playback.segments(permit, clock.now(), KEY.camera_id, KEY.name, EVER)
            assert rows[-1].state is SegmentState.OPEN
            node.disk.append(rows[-1].path, b"half a fragment")
            data = playback.read(rows[-1])
            node.disk.truncate(rows[-1].path, len(data))
            looks.append(safe_length(data) - len(data))

        tasks: list[asyncio.Task[None]] = []
        await node.record(steady(clock), 31, lambda: tasks.append(asyncio.create_task(look())))
        await tasks[0]
        assert looks == [0]
        timeline = await playback.timeline(permit, clock.now(), [KEY], Span(START, clock.now()))
        assert len(timeline[0].recorded) == 1 and timeline[0].gaps
        with pytest.raises(PermitExpired):
            await playback.segments(permit, EVER.end, KEY.camera_id, KEY.name, EVER)
        standing = PermitRow("p", "P-2026-0002", "o", "Izmail", "duty", "", "", True, START, EVER.end)
        with pytest.raises(PermitTooNarrow):
            await playback.segment(standing, clock.now(), "x")

    world(scene)


class FailingDisk(MemoryDisk):
    """Refuses every append while `is_failing`."""

    is_failing = False

    def append(self, path: str, data: bytes) -> None:
        if self.is_failing:
            raise OSError(errno.EIO, "Input/output error", path)
        super().append(path, data)


def two_disks(node: Node) -> tuple[FailingDisk, str, str]:
    """A node with two disks; the one that its camera records to, that disk's name and the other's."""
    disks = {"a": FailingDisk(), "b": FailingDisk()}
    node.archive = Archive([NamedDisk(name, disk, free_bytes_min=0) for name, disk in disks.items()])
    usual = node.archive.choose(KEY.camera_id).name
    return disks[usual], usual, next(name for name in disks if name != usual)


@pytest.mark.parametrize(("keyframe_every", "lost_s"), [(10, 0.0), (30, 3.0)])
def test_a_disk_that_fails_is_left_for_another_at_the_next_keyframe(keyframe_every: int, lost_s: float) -> None:
    async def scene(node: Node) -> None:
        disk, usual, other = two_disks(node)

        def fails() -> None:
            disk.is_failing = True

        await node.record(steady(node.environment.clock, keyframe_every=keyframe_every), 120, fails)
        rows = await node.segments()
        at = [row.disk for row in rows].index(other)
        assert [row.disk for row in rows] == [usual] * at + [other] * (len(rows) - at)
        assert 4 <= at < len(rows) - 4
        gaps = [gap for gap in await node.gaps() if gap.cause is GapCause.DISK]
        lost = sum((gap.end or gap.start) - gap.start for gap in gaps)
        assert lost <= lost_s * SECOND
        assert {row.state for row in rows} == {SegmentState.CLOSED}
        for row in rows:
            assert safe_length(node.archive.read(row)) == row.size_bytes
            assert hashlib.sha256(node.archive.read(row)).hexdigest() == row.sha256
        report = await check(node.environment, node.database, node.archive, repair=False)
        assert report.findings == []

    world(scene)


def test_a_disk_that_works_again_is_taken_again() -> None:
    async def scene(node: Node) -> None:
        disk, usual, other = two_disks(node)
        disk.is_failing = True

        def works() -> None:
            disk.is_failing = False

        await node.record(steady(node.environment.clock), 120, works)
        rows = await node.segments()
        assert rows[0].disk == other and rows[-1].disk == usual
        assert [gap.cause for gap in await node.gaps()] == [GapCause.RECORDER, GapCause.PLANNED]
        signals = await node.database.read(lambda tx: tx.signals.after(0, 9))
        assert [(row.kind, row.subject, row.state) for row in signals] == [
            ("disk-fault", usual, "on"), ("disk-fault", usual, "off"),
        ]  # fmt: skip

    world(scene)


def test_a_disk_that_deletes_nothing_keeps_its_index() -> None:
    async def scene(node: Node) -> None:
        await node.record(steady(node.environment.clock), 600)
        rows = await node.segments()
        node.disk.capacity_bytes = sum(row.size_bytes for row in rows)

        def refuses(path: str) -> None:
            raise OSError(errno.EROFS, "Read-only file system", path)

        remove, node.disk.remove = node.disk.remove, refuses  # type: ignore[method-assign]
        policy = RecordingPolicy(free_bytes_min=node.disk.capacity_bytes)
        retention = Retention(node.environment, node.database, node.archive, policy)
        for _ in range(5):
            await retention.once()
        assert len(await node.segments()) >= len(rows) - 50
        node.disk.remove = remove  # type: ignore[method-assign]
        await retention.once()
        await node.check()

    world(scene)
