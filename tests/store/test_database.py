"""Opening, migrating, locking, and what several processes do to each other."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from istros.base.environment import real_environment
from istros.base.time import Span
from istros.base.workers import InlineWorkers
from istros.compliance import audit
from istros.store import Database, Transaction, engines, open_database
from istros.store.breaches import BreachRow
from istros.store.database import connection_of
from istros.store.errors import DatabaseBusy, DatabaseNewer, DatabaseUnreachable
from istros.store.migrations import configuration
from istros.store.releases import Matter, ReleaseRow
from istros.store.rows import AnalyserStateRow, OperatorRow, PlateQuery, PlateReadRow
from istros.store.schema import METADATA
from istros.store.subject_requests import Asked, Law, SubjectRequestRow
from tests.store.rows_made import alarm, at, entry, read, segment

FORK = multiprocessing.get_context("spawn")


def in_processes(count: int, work: Callable[..., None], *args: object) -> None:
    processes = [FORK.Process(target=work, args=(*args, number)) for number in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(180)
    assert [process.exitcode for process in processes] == [0] * count


def test_the_migrations_make_the_schema(database: Database) -> None:
    with connection_of(database) as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_every_migration_goes_down_and_up(database: Database) -> None:
    with connection_of(database) as connection:
        steps = len(list(ScriptDirectory.from_config(configuration(connection)).walk_revisions()))
    for _ in range(steps):
        with connection_of(database) as connection:
            command.downgrade(configuration(connection), "-1")
    with connection_of(database) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    for _ in range(steps):
        with connection_of(database) as connection:
            command.upgrade(configuration(connection), "+1")
    with connection_of(database) as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    database.write_now(lambda tx: tx.segments.add(segment(1)))


def test_what_an_older_version_wrote_outlives_the_newer_ones_tables(database: Database) -> None:
    """A read and an analyser's state of revision 0017 are the same after the way up, and after the way down."""
    state = AnalyserStateRow("IZ-07", at(5), 3.0, 0.4, 2, 1, 7)
    old = replace(read(1, crop=b"jpeg"), direction=None, heading=None, vehicle_colour=None)

    def fill(tx: Transaction) -> None:
        tx.reads.add(old)
        tx.analysers.put([state])

    def kept(tx: Transaction) -> tuple[list[AnalyserStateRow], list[PlateReadRow], bytes | None]:
        found, _ = tx.reads.search(PlateQuery("BH1234AA", True, Span(at(0), at(9))))
        return tx.analysers.all(), found, tx.reads.crop("r1")

    database.write_now(fill)
    before = database.read_now(kept)
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0017")
        assert {"vehicle", "plate_spot", "camera_scale"}.isdisjoint(inspect(connection).get_table_names())
        assert connection.execute(text("SELECT text, plate_width_px FROM plate_read")).all() == [("BH1234AA", 96)]
        assert connection.execute(text("SELECT camera_id, reads_total FROM analyser_state")).all() == [("IZ-07", 7)]
    with connection_of(database) as connection:
        command.upgrade(configuration(connection), "head")
    assert database.read_now(kept) == before
    assert before[0] == [state] and len(before[1]) == 1 and before[2] == b"jpeg"


def test_who_corrected_a_read_is_known_from_the_chain_where_the_older_version_kept_it_there_alone(
    database: Database,
) -> None:
    environment = real_environment()

    def fill(tx: Transaction) -> None:
        for number in (1, 2, 3):
            tx.reads.add(read(number))
        for actor, subject, result in (("ion", "r1", "done"), ("olena", "r1", "done"), ("ion", "r2", "refused")):
            audit.append(
                tx, environment, actor=actor, origin="desk", action="plates.correct", subject=subject, result=result
            )

    database.write_now(fill)
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0042")
    with connection_of(database) as connection:
        command.upgrade(configuration(connection), "head")
    rows = database.read_now(lambda tx: [tx.reads.get(id) for id in ("r1", "r2", "r3")])
    last = database.read_now(lambda tx: max(row.time for row in tx.audit.about("r1")))
    assert [row and (row.corrected, row.corrected_by) for row in rows] == [(last, "olena"), (None, None), (None, None)]


def test_a_breach_of_an_older_version_is_of_who_told_it_and_old_alarms_say_no_more_who_released(
    database: Database,
) -> None:
    mara = OperatorRow("o1", "mara", "Mara", "tulcea", "operator", "")
    release = ReleaseRow("r1", Matter.WATCH_PERSON, "e1", "a life", "tulcea", None, "{}", True, at(1), "mara", at(9), 1)
    loud = replace(alarm(1), kind="emergency-release", title="mara released alone", dedupe_key="emergency-release:r1")

    def fill(tx: Transaction) -> None:
        tx.operators.add(mara)
        tx.releases.add(release)
        tx.alarms.add(replace(loud, facts='{"name":"mara"}'))
        for id, by in (("b1", "mara"), ("b2", "istros")):
            tx.breaches.add(BreachRow(id, id, Law.GDPR, at(1), at(1), by, "desk", ""))

    database.write_now(fill)
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0044")
    with connection_of(database) as connection:
        command.upgrade(configuration(connection), "head")
    found = database.read_now(
        lambda tx: {row.id: row.organisation for row in tx.breaches.all(9, tx.breaches.organisations())}
    )
    assert found == {"b1": "tulcea", "b2": ""}
    kept = database.read_now(lambda tx: tx.alarms.get(loud.id))
    assert kept is not None and "mara" not in kept.title + kept.facts and json.loads(kept.facts) == {"due": at(9)}
    with pytest.raises(DBAPIError, match="cannot be changed"), connection_of(database) as connection:
        connection.execute(text("UPDATE breach SET organisation = 'x'"))


def test_a_newer_database_is_refused(database: Database, database_url: str) -> None:
    with connection_of(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewer, match="9999"):
        open_database(database_url, InlineWorkers())


def open_and_add(url: str, number: int) -> None:
    database = open_database(url, InlineWorkers())
    database.write_now(lambda tx: tx.watchlist.add(entry(number)))
    database.close()


def test_three_processes_start_at_once(database_url: str) -> None:
    in_processes(3, open_and_add, database_url)
    database = open_database(database_url, InlineWorkers())
    assert len(database.read_now(lambda tx: tx.watchlist.all(9))) == 3
    database.close()


def test_work_that_fails_leaves_nothing(database: Database) -> None:
    def failing(tx: Transaction) -> None:
        tx.watchlist.add(entry(1))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        database.write_now(failing)
    assert database.read_now(lambda tx: tx.watchlist.all(9)) == []


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError):
        database.read_now(lambda tx: tx.watchlist.add(entry(1)))
    database.write_now(lambda tx: tx.watchlist.add(entry(1)))


def test_a_read_sees_one_state(database: Database) -> None:
    def twice(tx: Transaction) -> tuple[int, int]:
        before = len(tx.watchlist.all(9))
        writer = Thread(target=database.write_now, args=(lambda other: other.watchlist.add(entry(1)),))
        writer.start()
        writer.join()
        return before, len(tx.watchlist.all(9))

    assert database.read_now(twice) == (0, 0)
    assert len(database.read_now(lambda tx: tx.watchlist.all(9))) == 1


def test_many_threads_write(database: Database) -> None:
    def add(number: int) -> None:
        for row in [entry(number * 10 + step) for step in range(10)]:
            database.write_now(lambda tx, row=row: tx.watchlist.add(row))

    threads = [Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(database.read_now(lambda tx: tx.watchlist.all(99))) == 40


def test_a_database_locked_by_another_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_S", 0.05)
    file = tmp_path / "istros.sqlite3"
    database = open_database(f"sqlite:///{file}", InlineWorkers())
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy, match="stayed locked"):
        database.write_now(lambda tx: tx.watchlist.add(entry(1)))
    assert database.read_now(lambda tx: tx.watchlist.all(9)) == []
    other.execute("ROLLBACK")
    database.write_now(lambda tx: tx.watchlist.add(entry(1)))
    other.close()
    database.close()


@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/x.sqlite3", "postgresql://istros:secret@127.0.0.1:1/istros", "mysql://x", "?"]
)
def test_an_address_that_does_not_work_is_a_sentence_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseUnreachable) as refusal:
        open_database(url, InlineWorkers())
    assert "secret" not in str(refusal.value)
    assert refusal.value.remedy


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, only a long enough text to be read as one " * 20)
    with pytest.raises(DatabaseUnreachable, match="not a database"):
        open_database(f"sqlite:///{file}", InlineWorkers())


def test_sqlite_is_safe_against_power_cuts(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", InlineWorkers())
    with connection_of(database) as connection:
        settings = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]
    database.close()


def test_seeks_walk_an_index(tmp_path: Path) -> None:
    """The plans are what keeps eight million rows fast; the figures are in docs/design/0004."""
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", InlineWorkers())
    plans = {
        "SELECT 1 FROM segment WHERE camera_id = 'A' AND stream = 'main' AND start >= 1 AND start < 2": "PRIMARY KEY",
        "SELECT 1 FROM segment WHERE state = 'open'": "segment_open",
        "SELECT 1 FROM segment WHERE id = 'x'": "segment_id",
        "SELECT 1 FROM plate WHERE folded >= 'BH' AND folded < 'BI' AND folded LIKE 'BH%1'": "plate_folded",
        "SELECT 1 FROM plate WHERE instr(folded, '?') > 0 AND folded GLOB 'BH*'": "plate_unread",
        "SELECT 1 FROM vehicle WHERE camera_id = 'A' AND last_seen >= 1 AND last_seen < 2": "vehicle_camera",
        "DELETE FROM vehicle WHERE last_seen < 2": "vehicle_last_seen",
        "SELECT 1 FROM plate_read WHERE judged IS NULL ORDER BY time": "plate_read_unjudged",
        "SELECT 1 FROM alarm WHERE dedupe_key = 'x' AND state <> 'closed' AND dedupe_key <> ''": "alarm_open_key",
    }
    with connection_of(database) as connection:
        for query, index in plans.items():
            steps = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
            assert index in str(steps), query
    database.close()


def test_work_runs_in_the_workers() -> None:
    asyncio.run(_write_and_read())


async def _write_and_read() -> None:
    database = open_database("sqlite://", InlineWorkers())
    await database.write(lambda tx: tx.watchlist.add(entry(1)))
    assert [row.created for row in await database.read(lambda tx: tx.watchlist.all(9))] == [at(1)]
    database.close()


def test_an_older_version_knows_a_request_for_correction_as_an_objection_that_says_all_of_it(
    database: Database,
) -> None:
    row = SubjectRequestRow(
        "q1", "R-2026-0001", Asked.RECTIFICATION, Law.GDPR, "desk", "uk", at(0), at(9), "olena", "Марія", "Ізмаїл", (), at(0),
        at(1), "червоне пальто", "", "", wrong="BH1234AA", right="BH1284AA",
    )  # fmt: skip
    database.write_now(lambda tx: tx.subject_requests.add(row))
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0043")
        told = connection.execute(text("SELECT asked, description, name FROM subject_request")).one()
    assert tuple(told) == ("objection", "червоне пальто | BH1234AA -> BH1284AA", "Марія")
    with connection_of(database) as connection:
        command.upgrade(configuration(connection), "head")
    again = database.read_now(lambda tx: tx.subject_requests.get("q1"))
    assert again is not None and (again.asked, again.wrong) == (Asked.OBJECTION, "")
