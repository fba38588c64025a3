"""A recorder that is killed loses at most the fragment in its memory, and index and files agree again."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from istros.base.environment import Environment, real_environment
from istros.base.time import SECOND, Span, Time
from istros.devices.camera import StreamKey
from istros.recording.archive import Archive
from istros.recording.check import Fault, check
from istros.recording.repair import repair
from istros.store import Database, open_database
from istros.store.disk_local import LocalDisk
from istros.store.links import RemovalReason
from istros.store.rows import GapCause, SegmentState

ROOT = Path(__file__).parents[2]
EVER = Span(Time(0), Time(1 << 60))
STREAMS = [StreamKey("IZ-07", "main"), StreamKey("IZ-07", "sub"), StreamKey("TL-01", "main")]


def start(folder: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    program = Path(__file__).with_name("recorder_process.py")
    return subprocess.Popen([sys.executable, str(program), str(folder)], env=os.environ | {"PYTHONPATH": path})


def wait_for_segments(folder: Path, process: subprocess.Popen[bytes], count: int) -> None:
    for _ in range(600):
        assert process.poll() is None, "the recorder ended by itself"
        files = len(list((folder / "recordings").rglob("IZ-07/main/*/*.mp4")))
        if files >= count and has_open_row(folder):
            return
        time.sleep(0.05)
    raise AssertionError("nothing was recorded within 30 s")


def has_open_row(folder: Path) -> bool:
    """Whether the index knows of a segment that is being written: rows follow their files by up to a second."""
    with closing(sqlite3.connect(folder / "index.sqlite3")) as index:
        return bool(index.execute("SELECT 1 FROM segment WHERE state = 'open'").fetchone())


def kill_while_recording(folder: Path, segments: int) -> Time:
    process = start(folder)
    try:
        wait_for_segments(folder, process, segments)
        killed = Time(time.time_ns() // 1000)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    return killed


async def look_after_kill(environment: Environment, database: Database, disk: LocalDisk, killed: Time) -> None:
    assert await repair(environment, database, Archive.of(disk), STREAMS)
    again = await repair(environment, database, Archive.of(disk), STREAMS)
    assert (again.closed, again.adopted, again.lost, again.removed) == (0, 0, 0, 0)
    report = await check(environment, database, Archive.of(disk), repair=False)
    assert report.findings == [] and report.segments == report.files > 3
    for key in STREAMS:
        rows = await database.read(lambda tx, key=key: tx.segments.between(key.camera_id, key.name, EVER))  # type: ignore[misc]
        assert all(row.state is SegmentState.CLOSED for row in rows)
        assert killed - rows[-1].end < 5 * SECOND, "a fragment here lasts 0.2 s, the rest is a slow computer"
        gap = await database.read(lambda tx, key=key: tx.gaps.open_one(key.camera_id, key.name))  # type: ignore[misc]
        assert gap is not None and gap.cause is GapCause.RECORDER and gap.start == rows[-1].end


def test_a_killed_recorder_is_mended_and_the_next_one_goes_on(tmp_path: Path) -> None:
    environment = real_environment(2)
    killed = kill_while_recording(tmp_path, 3)
    database = open_database(f"sqlite:///{tmp_path}/index.sqlite3", environment.workers)
    disk = LocalDisk(tmp_path / "recordings")
    asyncio.run(look_after_kill(environment, database, disk, killed))
    kill_while_recording(tmp_path, 8)

    process = start(tmp_path)
    wait_for_segments(tmp_path, process, 11)
    process.terminate()
    assert process.wait(timeout=30) == 0

    report = asyncio.run(check(environment, database, Archive.of(disk), repair=False))
    assert report.findings == []
    for key in STREAMS:
        gap = database.read_now(lambda tx, key=key: tx.gaps.open_one(key.camera_id, key.name))  # type: ignore[misc]
        assert gap is not None and gap.cause is GapCause.PLANNED
    database.close()
    environment.workers.close()


def test_what_is_wrong_is_found_and_mended(tmp_path: Path) -> None:
    environment = real_environment(2)
    killed = kill_while_recording(tmp_path, 7)
    database = open_database(f"sqlite:///{tmp_path}/index.sqlite3", environment.workers)
    disk = LocalDisk(tmp_path / "recordings")
    rows = database.read_now(lambda tx: tx.segments.between("IZ-07", "main", EVER))
    database.write_now(lambda tx: tx.spans.replace("IZ-07", "sub", []))
    disk.remove(rows[0].path)
    disk.append(rows[1].path, b"torn")
    database.write_now(lambda tx: tx.segments.remove([rows[2].id], killed, RemovalReason.LOST))

    async def faults(mend: bool) -> set[Fault]:
        report = await check(environment, database, Archive.of(disk), repair=mend)
        return {finding.fault for finding in report.findings if not finding.mended}

    later = Environment(_Later(environment), environment.random, environment.ids, environment.workers)

    async def run() -> None:
        nonlocal environment
        environment = later
        expected = {Fault.MISSING_FILE, Fault.SIZE_DIFFERS, Fault.ORPHAN_FILE, Fault.LEFT_OPEN, Fault.SPANS_DIFFER}
        assert await faults(False) == expected
        assert await faults(True) == set()
        assert await faults(False) == set()

    asyncio.run(run())
    disk.truncate(rows[1].path, rows[1].size_bytes - 4)
    disk.append(rows[1].path, b"fake")
    assert asyncio.run(faults(True)) == {Fault.HASH_DIFFERS}
    database.close()
    environment.workers.close()


class _Later:
    """The clock of five minutes after, when the killed recorder's last word is old."""

    def __init__(self, environment: Environment) -> None:
        self._clock = environment.clock

    def now(self) -> Time:
        return Time(self._clock.now() + 300 * SECOND)

    def elapsed(self) -> float:
        return self._clock.elapsed()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
