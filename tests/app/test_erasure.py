"""What was erased is nowhere any more: not in the database's file, its free pages or its log, not on a disk of either tier."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from istros.app.forgetting import forget_reads
from istros.base.environment import Environment
from istros.base.time import DAY, Span, Time
from istros.compliance.subject_requests import Asked, Decision, Intake, Law, check_identity, decide, preserve, take_in
from istros.recording.archive import Archive, NamedDisk
from istros.recording.export.exporter import Exporter, ExportPolicy, Sources
from istros.recording.export.manifest import NodeFacts
from istros.recording.keeping import Keeping, KeepingRules
from istros.recording.playback import Playback
from istros.recording.policy import RecordingPolicy
from istros.recording.retention import Retention
from istros.store import Database, Transaction, open_database
from istros.store.disk_local import LocalDisk
from istros.store.exports import ExportState, Papers
from istros.store.rows import OperatorRow
from tests.events.city import hand_environment
from tests.recording.footage import at, make_footage
from tests.recording.test_export import KEY
from tests.store.rows_made import read

PLATE, PICTURE = "ZZ4711QX", b"\xff\xd8 the very picture of that vehicle " * 40
OFFICER = OperatorRow("o1", "iryna", "Iryna", "izmail", "protection_officer", "", "uk")


def found_in(folder: Path, wanted: bytes) -> list[str]:
    """Files below a folder in which the bytes lie, whatever kind of file it is."""
    return [path.name for path in folder.rglob("*") if path.is_file() and wanted in path.read_bytes()]


def traces(folder: Path) -> list[str]:
    return [name for wanted in (PLATE.encode(), PICTURE[:60]) for name in found_in(folder, wanted)]


def plant(database: Database, time: Time, count: int = 30) -> None:
    """Reads of one plate among many of others, so that pages are shared and freed."""

    def fill(tx: Transaction) -> None:
        for number in range(count):
            one = read(number, f"AA{number:04d}BB", crop=b"another")
            tx.reads.add(replace(one, time=time))
            mine = read(1000 + number, PLATE, crop=PICTURE)
            tx.reads.add(replace(mine, time=time, alternatives=((PLATE, 0.2),)))

    database.write_now(fill)


async def _forget(environment: Environment, database: Database) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(forget_reads(environment, database, 1, stop))
    await asyncio.sleep(0.5)
    stop.set()
    await task


def test_the_database_keeps_no_byte_of_an_erased_plate_or_its_picture(tmp_path: Path) -> None:
    environment, clock = hand_environment()
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    plant(database, Time(clock.now() - 2 * DAY))
    assert traces(tmp_path), "it was planted"
    asyncio.run(_forget(environment, database))
    assert traces(tmp_path) == []
    database.close()
    assert traces(tmp_path) == []


def test_without_scrubbing_it_would_still_lie_there(tmp_path: Path) -> None:
    """The search itself finds what a mere deletion leaves."""
    environment, clock = hand_environment()
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    plant(database, Time(clock.now() - 2 * DAY))
    database.write_now(lambda tx: tx.reads.remove_before(clock.now()))
    assert traces(tmp_path), "the log keeps it until it is begun anew"
    assert database.scrub_now()
    assert traces(tmp_path) == []
    database.close()


def test_a_granted_request_leaves_no_byte(tmp_path: Path) -> None:
    environment, clock = hand_environment()
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    time = Time(clock.now() - DAY)
    plant(database, time)
    asked = Intake(
        Asked.ERASURE,
        Law.GDPR,
        "desk",
        "uk",
        clock.now(),
        "Марія",
        "вул. Миру 1",
        (),
        Span(Time(time - DAY // 24), Time(time + DAY // 24)),
        "",
        PLATE,
        "seen",
    )

    def work(tx: Transaction) -> int:
        row = take_in(tx, environment, OFFICER, asked, origin="here")
        preserve(tx, environment, OFFICER, row.id, (), origin="here")
        check_identity(tx, environment, OFFICER, row.id, "known", origin="here")
        done = decide(tx, environment, OFFICER, row.id, Decision.GRANTED, "GDPR 17", "", origin="here")
        tx.subject_requests.erase(row.id, clock.now())
        return done.erased_reads

    assert database.write_now(work) == 30
    assert database.scrub_now()
    assert traces(tmp_path) == []
    database.close()


@pytest.mark.parametrize("tier", [1, 2])
def test_recordings_and_packages_leave_no_byte_on_their_disks(
    environment: Environment, tmp_path: Path, tier: int
) -> None:
    """A segment of either tier whose retention is over, and an export that was made of it."""
    footage = make_footage(environment, tmp_path)
    row = footage.record("IZ-07", 0)
    data = footage.disk.read(row.path, 0, row.size_bytes)
    wanted = data[len(data) // 2 :][:64]
    place = tmp_path / "recordings"
    if tier == 2:
        place = tmp_path / "second"
        shutil.move(tmp_path / "recordings", place)
    archive = Archive([NamedDisk("main", LocalDisk(place), tier, None, 0, str(place))])
    plant(footage.database, at(1), 3)
    job = replace(footage.order(0, 4), papers=Papers(reads=True, stills=True).as_text(), id="case")
    footage.database.write_now(lambda tx: tx.exports.add(job))
    sources = Sources(
        footage.cameras, archive, Playback(footage.database, archive).read, NodeFacts("I", "i", "I", simulated=True), KEY,
        {KEY.public.id: KEY.public},
    )  # fmt: skip
    exporter = Exporter(environment, footage.database, sources, tmp_path / "exports", ExportPolicy(0, 0))
    asyncio.run(exporter.once())
    done = footage.database.read_now(lambda tx: tx.exports.get("case"))
    assert done is not None and done.state is ExportState.DONE, done
    assert found_in(tmp_path / "exports", wanted) and found_in(tmp_path / "exports", PLATE.encode())
    asyncio.run(exporter._let_go())
    asyncio.run(
        Retention(
            environment,
            footage.database,
            archive,
            RecordingPolicy(keeping=KeepingRules(Keeping(1, 1), {}), free_bytes_min=0),
        ).once()
    )
    footage.database.write_now(lambda tx: tx.reads.remove_before(Time(at(1) + DAY)))
    footage.database.scrub_now()
    assert found_in(tmp_path, wanted) == [] and traces(tmp_path) == []
    footage.database.close()
