"""The audit chain: what is appended verifies, and whatever is done to it afterwards is found and named."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from istros.base.clock import SystemClock
from istros.base.environment import Environment, real_environment
from istros.base.ids import Ids
from istros.base.time import Time
from istros.base.workers import InlineWorkers
from istros.compliance import audit, chain
from istros.compliance.errors import AuditDetail
from istros.store import Database, open_database
from istros.store.database import connection_of
from istros.store.errors import AuditOrder

SPAWN = multiprocessing.get_context("spawn")
CLOCK = SystemClock()
CHANCE = Random(1)
PLAIN = Environment(CLOCK, CHANCE, Ids(CLOCK, CHANCE), InlineWorkers())


def act(database: Database, number: int, environment: Environment = PLAIN) -> None:
    database.write_now(
        lambda tx: audit.append(
            tx, environment, actor="olena", origin="10.0.0.7", action="plates.search", subject=f"s{number}",
            permit="p1", detail={"text": "BH*", "found": number},
        )
    )  # fmt: skip


def chained(count: int) -> Database:
    database = open_database("sqlite://", InlineWorkers())
    for number in range(count):
        act(database, number)
    return database


def unguarded(database: Database, *statements: str) -> None:
    """Do what somebody with the file and a database tool can do."""
    with connection_of(database) as connection:
        take_guards_away(connection)
        for statement in statements:
            connection.exec_driver_sql(statement)


def take_guards_away(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        return
    for name in ("audit_no_update", "audit_no_delete", "audit_at_the_end"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))


def found(database: Database) -> tuple[int | None, str | None]:
    report = chain.verify_now(database)
    assert report.ok == (report.problem is None)
    return report.sequence, report.kind


def renumber(row: int, place: int) -> str:
    return f"UPDATE audit SET sequence = {place} WHERE sequence = {row}"


def shift(first: int, by: int) -> tuple[str, str]:
    """Move the rows from `first` on, past a place out of the way so that no two collide."""
    return (
        f"UPDATE audit SET sequence = -(sequence + {by}) WHERE sequence >= {first}",
        "UPDATE audit SET sequence = -sequence WHERE sequence < 0",
    )


def test_an_untouched_chain_holds(database: Database) -> None:
    for number in range(5):
        act(database, number)
    report = chain.verify_now(database)
    assert (report.rows, report.ok, report.problem) == (5, True, None)
    head = database.read_now(lambda tx: tx.audit.head())
    assert head is not None and report.head == head.hash == chain.hash_of(head)
    assert json.loads(head.detail) == {"text": "BH*", "found": 4}


def test_the_database_itself_refuses(database: Database) -> None:
    for number in range(3):
        act(database, number)
    row = "SELECT {} , time, actor, origin, action, subject, permit_id, result, detail, previous, hash FROM audit"
    attempts = [
        "UPDATE audit SET result = 'refused' WHERE sequence = 2",
        "DELETE FROM audit WHERE sequence = 3",
        f"INSERT INTO audit {row.format(9)} WHERE sequence = 1",
        f"INSERT INTO audit {row.format(2)} WHERE sequence = 1",
    ]
    attempts += ["TRUNCATE audit"] if database.kind == "postgresql" else [f"REPLACE INTO audit {row.format(2)} LIMIT 1"]
    for statement in attempts:
        with pytest.raises(DBAPIError), connection_of(database) as connection:
            connection.execute(text(statement))
    assert chain.verify_now(database).ok


def test_a_row_that_does_not_follow_is_refused(database: Database) -> None:
    act(database, 0)
    row = database.read_now(lambda tx: tx.audit.head())
    assert row is not None
    for wrong in (row, replace(row, sequence=3), replace(row, sequence=2)):
        with pytest.raises(AuditOrder):
            database.write_now(lambda tx, wrong=wrong: tx.audit.append(wrong))
    assert chain.verify_now(database).ok


def test_an_act_that_fails_leaves_no_row(database: Database) -> None:
    def failing(tx: object) -> None:
        audit.append(tx, PLAIN, actor="a", origin="o", action="x", subject="s")  # type: ignore[arg-type]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write_now(failing)
    act(database, 0)
    assert chain.verify_now(database).rows == 1


@pytest.mark.parametrize(
    ("sequence", "kind", "statements"),
    [
        (3, "changed", ["UPDATE audit SET actor = 'ion' WHERE sequence = 3"]),
        (3, "changed", ["UPDATE audit SET permit_id = NULL WHERE sequence = 3"]),
        (6, "changed", ["UPDATE audit SET hash = previous WHERE sequence = 6"]),
        (1, "removed", ["DELETE FROM audit WHERE sequence = 1"]),
        (4, "removed", ["DELETE FROM audit WHERE sequence = 4"]),
        (6, "removed", ["DELETE FROM audit WHERE sequence = 6"]),
        (4, "removed", ["DELETE FROM audit WHERE sequence = 4", *shift(5, -1)]),
        (2, "reordered", [renumber(2, 99), renumber(3, 2), renumber(99, 3)]),
        (1, "reordered", [renumber(1, 99), renumber(5, 1), renumber(99, 5)]),
        (2, "reordered", [renumber(2, 99)]),
    ],
)
def test_tampering_is_named(database: Database, sequence: int, kind: str, statements: list[str]) -> None:
    for number in range(6):
        act(database, number)
    unguarded(database, *statements)
    assert found(database) == (sequence, kind)


@pytest.mark.parametrize("place", [1, 3, 6, 7])
@pytest.mark.parametrize("forged_well", [True, False])
def test_an_insertion_is_named(place: int, forged_well: bool) -> None:
    database = chained(6)
    rows = database.read_now(lambda tx: tx.audit.walk())
    previous = rows[place - 2].hash if place > 1 else chain.GENESIS
    forged = replace(rows[0], sequence=place, actor="ion", previous=previous)
    forged = replace(forged, hash=chain.hash_of(forged) if forged_well else "f" * 64)
    values = ", ".join(f"'{value}'" for value in (getattr(forged, name) for name in forged.__slots__))
    unguarded(database, *shift(place, 1), f"INSERT INTO audit VALUES ({values})")
    assert found(database)[0] == place
    if place < 7 or forged_well:
        assert found(database)[1] == "inserted"
    database.close()


@pytest.mark.parametrize("place", [1, 3, 6])
def test_a_change_with_a_new_hash_is_named(place: int) -> None:
    database = chained(6)
    row = replace(database.read_now(lambda tx: tx.audit.walk())[place - 1], actor="ion")
    unguarded(database, f"UPDATE audit SET actor = 'ion', hash = '{chain.hash_of(row)}' WHERE sequence = {place}")
    assert found(database) == (place, "changed")
    database.close()


FIELDS = st.sampled_from(
    ["time", "actor", "origin", "action", "subject", "permit_id", "result", "detail", "previous", "hash"]
)


@settings(max_examples=80, deadline=None)
@given(st.data(), st.integers(1, 7))
def test_any_single_act_of_tampering_is_found(data: st.DataObject, count: int) -> None:
    database = chained(count)
    try:
        assert found(database) == (None, None)
        place = data.draw(st.integers(1, count))
        what = data.draw(st.sampled_from(["changed", "removed", "reordered"]))
        if what == "changed":
            field = data.draw(FIELDS)
            value = "1" if field == "time" else "'" + data.draw(st.text("0abf", max_size=64)) + "'"
            unguarded(database, f"UPDATE audit SET {field} = {value} WHERE sequence = {place}")
        elif what == "removed":
            closed_up = shift(place + 1, -1) if data.draw(st.booleans()) else ()
            unguarded(database, f"DELETE FROM audit WHERE sequence = {place}", *closed_up)
        else:
            other = data.draw(st.integers(1, count))
            assume(other != place)
            unguarded(database, renumber(place, 99), renumber(other, place), renumber(99, other))
            place = min(place, other)
        assert found(database) == (place, what)
    finally:
        database.close()


PLAIN_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(), st.text(), st.dictionaries(st.text(max_size=5), PLAIN_DATA, max_size=3))))
def test_any_acts_make_a_chain_that_holds(acts: list[tuple[str, str, dict[str, object]]]) -> None:
    database = open_database("sqlite://", InlineWorkers())
    for actor, subject, detail in acts:
        database.write_now(
            lambda tx, a=actor, s=subject, d=detail: audit.append(
                tx, PLAIN, actor=a, origin="o", action="x", subject=s, detail=d
            )
        )
    report = chain.verify_now(database)
    assert (report.rows, report.ok) == (len(acts), True)
    database.close()


def test_hostile_text_is_kept_harmless(database: Database) -> None:
    database.write_now(
        lambda tx: audit.append(
            tx, PLAIN, actor="a\0b\nc", origin="o", action="x", subject="\ud800" + "s" * 9000,
            detail={"text": "\0\ud800\u202e"},
        )
    )  # fmt: skip
    row = database.read_now(lambda tx: tx.audit.head())
    assert row is not None and row.actor.isprintable() and len(row.subject) == 500
    assert chain.verify_now(database).ok


@pytest.mark.parametrize("detail", [{"x": object()}, {"x": float("nan")}, {"x": 2**60}, {"x": b"bytes"}])
def test_what_is_not_plain_data_is_refused_with_a_sentence(detail: dict[str, object]) -> None:
    database = chained(0)
    with pytest.raises(AuditDetail, match="cannot be written"):
        database.write_now(
            lambda tx: audit.append(tx, PLAIN, actor="a", origin="o", action="x", subject="s", detail=detail)
        )
    database.close()


def append_many(url: str, count: int, process: int) -> None:
    environment = real_environment(workers=1)
    database = open_database(url, environment.workers)
    for number in range(count):
        act(database, process * 1000 + number, environment)
    database.close()
    environment.workers.close()


def test_four_processes_append_to_one_chain(database: Database, database_url: str) -> None:
    processes = [SPAWN.Process(target=append_many, args=(database_url, 25, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(90)
    assert [process.exitcode for process in processes] == [0] * 4
    report = chain.verify_now(database)
    assert (report.rows, report.ok) == (100, True)
    subjects = {row.subject for row in database.read_now(lambda tx: tx.audit.walk())}
    assert subjects == {f"s{process * 1000 + number}" for process in range(4) for number in range(25)}


def test_pages_and_subjects(database: Database) -> None:
    for number in range(5):
        act(database, number)
    assert [row.sequence for row in database.read_now(lambda tx: tx.audit.page(limit=2))] == [5, 4]
    assert [row.sequence for row in database.read_now(lambda tx: tx.audit.page(before=3))] == [2, 1]
    assert database.read_now(lambda tx: tx.audit.page(actor="ion")) == []
    assert len(database.read_now(lambda tx: tx.audit.page(actor="olena", action="plates.search"))) == 5
    assert [row.sequence for row in database.read_now(lambda tx: tx.audit.about("s2"))] == [3]


def test_a_page_of_a_time(database: Database) -> None:
    for number in range(3):
        act(database, number)
    newest, _, oldest = database.read_now(lambda tx: tx.audit.page())
    for since, until, found in (
        (oldest.time, oldest.time, []),
        (oldest.time, Time(newest.time + 1), [3, 2, 1]),
        (Time(newest.time + 1), None, []),
        (None, oldest.time, []),
    ):
        rows = database.read_now(lambda tx, since=since, until=until: tx.audit.page(since=since, until=until))
        assert [row.sequence for row in rows] == found
