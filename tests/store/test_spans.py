"""Spans are what the segments make of them, whatever comes, grows, shrinks and goes, in one statement or in many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from istros.base.canonical import GENESIS, linked
from istros.base.time import Span, Time
from istros.base.workers import InlineWorkers
from istros.store import Database, Transaction, open_database
from istros.store.database import connection_of
from istros.store.links import RemovalReason, TipRow
from istros.store.migrations import configuration
from istros.store.rows import SegmentRow, SegmentState
from istros.store.spans import TOUCHING_US
from tests.store.rows_made import at, segment

EVER = Span(Time(0), Time(1 << 60))
SLOTS = 12

Deed = tuple[str, int, int]
DEEDS = st.lists(
    st.tuples(st.sampled_from(["add", "grow", "shrink", "remove"]), st.integers(0, SLOTS - 1), st.integers(0, 20)),
    max_size=40,
)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def kept(request: pytest.FixtureRequest) -> Iterator[Database]:
    """One database of each kind for all examples."""
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgres_server").new_database()
    opened = open_database(url, InlineWorkers())
    yield opened
    opened.close()


def agrees(tx: Transaction, *cameras: str) -> bool:
    return all(tx.spans.stored(camera, "main") == tx.spans.counted(camera, "main") for camera in cameras)


def slot(number: int) -> SegmentRow:
    """Slots touch, or lie 0.4 s or 0.6 s apart, in turn: just within reach and just outside."""
    start = number * 10 + (0, 0.4, 0.6)[number % 3]
    return segment(number, seconds=start)


def add_as_it_was(connection: Connection, row: SegmentRow) -> None:
    """Put a row in by hand, as version 0007 knew it."""
    connection.execute(
        text(
            """INSERT INTO segment (id, camera_id, stream, start, "end", path, size_bytes, frames, mime, state, sha256)
               VALUES (:id, :camera, 'main', :start, :end, :path, 1000, 250, 'video/mp4', 'closed', :sha256)"""
        ),
        {"id": row.id, "camera": row.camera_id, "start": row.start, "end": row.end, "path": row.path,
         "sha256": bytes.fromhex("ab" * 32)},
    )  # fmt: skip


def apply(tx: Transaction, deed: Deed) -> None:
    kind, number, tenths = deed
    row = tx.segments.get(slot(number).id)
    if kind == "add" and row is None:
        opened = slot(number)
        tx.segments.add(replace(opened, end=Time(opened.start + tenths * 490_000)))
    elif kind == "remove" and row is not None:
        tx.segments.remove([row.id], at(0), RemovalReason.RETENTION)
    elif kind == "grow" and row is not None:
        longest = slot(number).end - (600_000 if number % 3 == 2 else 0)
        end = min(longest, row.end + tenths * 100_000)
        tx.segments.grow(row.id, end=Time(max(row.end, end)), size_bytes=1, frames=1)
    elif kind == "shrink" and row is not None:
        tx.segments.grow(row.id, end=Time(max(row.start, row.end - tenths * 500_000)), size_bytes=1, frames=1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEEDS, st.lists(st.integers(0, SLOTS - 1), max_size=SLOTS, unique=True))
def test_whatever_happens_the_spans_are_those_of_the_segments(
    kept: Database, deeds: list[Deed], removed: list[int]
) -> None:
    everything = [slot(number).id for number in range(SLOTS)]
    kept.write_now(lambda tx: tx.segments.remove(everything, at(0), RemovalReason.RETENTION))
    for deed in deeds:
        kept.write_now(lambda tx, deed=deed: apply(tx, deed))
        assert kept.read_now(lambda tx: agrees(tx, "IZ-07")), deed
    kept.write_now(
        lambda tx: tx.segments.remove([slot(number).id for number in removed], at(0), RemovalReason.RETENTION)
    )
    assert kept.read_now(lambda tx: agrees(tx, "IZ-07")), "several removed by one statement"


def test_a_month_without_a_hole_is_one_span(database: Database) -> None:
    database.write_now(lambda tx: [tx.segments.add(segment(number, camera)) for number in range(50) for camera in "AB"])
    assert database.read_now(lambda tx: tx.spans.stored("A", "main")) == [Span(at(0), at(500))]
    asked = Span(at(5), at(45))
    many = database.read_now(lambda tx: tx.segments.recorded_many([("A", "main"), ("B", "main"), ("A", "sub")], asked))
    assert many == {("A", "main"): [asked], ("B", "main"): [asked], ("A", "sub"): []}


def test_retention_shortens_from_the_front_and_holds_leave_islands(database: Database) -> None:
    database.write_now(lambda tx: [tx.segments.add(segment(number)) for number in range(10)])
    database.write_now(lambda tx: tx.segments.remove(["IZ-07-0", "IZ-07-1"], at(0), RemovalReason.RETENTION))
    assert database.read_now(lambda tx: tx.spans.stored("IZ-07", "main")) == [Span(at(20), at(100))]
    database.write_now(
        lambda tx: tx.segments.remove([f"IZ-07-{number}" for number in (2, 3, 6, 7)], at(0), RemovalReason.RETENTION)
    )
    expected = [Span(at(40), at(60)), Span(at(80), at(100))]
    assert database.read_now(lambda tx: tx.spans.stored("IZ-07", "main")) == expected


def test_a_segment_fetched_later_closes_its_hole(database: Database) -> None:
    database.write_now(lambda tx: [tx.segments.add(segment(number)) for number in (0, 2)])
    database.write_now(lambda tx: tx.segments.add(segment(1)))
    assert database.read_now(lambda tx: tx.spans.stored("IZ-07", "main")) == [Span(at(0), at(30))]


def test_the_migration_fills_the_spans_of_what_is_there(database: Database) -> None:
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0007")
    rows = [segment(number, camera, start) for camera in "AB" for number, start in enumerate((0, 10, 20.4, 35, 45.6))]
    with connection_of(database) as connection:
        for row in rows:
            add_as_it_was(connection, row)
    with connection_of(database) as connection:
        command.upgrade(configuration(connection), "head")
    assert database.read_now(lambda tx: agrees(tx, "A", "B"))
    assert len(database.read_now(lambda tx: tx.spans.stored("A", "main"))) == 3
    links = database.read_now(lambda tx: tx.links.stretch("A", "main", 1, 9, at(0), at(99)))
    assert [link.number for link in links] == [1, 2, 3, 4, 5]
    previous = [GENESIS, *(link.chain for link in links)]
    assert all(linked(link.facts(), before) == link.chain for link, before in zip(links, previous, strict=False))
    tip = database.read_now(lambda tx: tx.links.tip("A", "main"))
    assert tip == TipRow("A", "main", 5, links[-1].chain, at(0), at(45.6))
    database.write_now(lambda tx: tx.segments.remove(["A-3"], at(0), RemovalReason.RETENTION))
    assert database.read_now(lambda tx: agrees(tx, "A", "B"))


def test_recorder_and_retention_at_once(database: Database) -> None:
    database.write_now(lambda tx: [tx.segments.add(segment(number)) for number in range(60)])
    opened = replace(segment(60), end=at(601), state=SegmentState.OPEN, sha256=None)
    database.write_now(lambda tx: tx.segments.add(opened))

    def record() -> None:
        for tenths in range(1, 90):
            end = at(601 + tenths / 10)
            database.write_now(lambda tx, end=end: tx.segments.grow(opened.id, end=end, size_bytes=9, frames=9))

    def forget() -> None:
        for number in range(60):
            database.write_now(
                lambda tx, number=number: tx.segments.remove([f"IZ-07-{number}"], at(0), RemovalReason.RETENTION)
            )

    threads = [Thread(target=record), Thread(target=forget)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.read_now(lambda tx: tx.spans.stored("IZ-07", "main")) == [Span(at(600), at(609.9))]


def test_the_triggers_hold_the_constant_of_the_code() -> None:
    source = Path(__file__).parents[2] / "src/istros/store/migrations/versions/v0008_spans.py"
    assert TOUCHING_US == 500_000 and source.read_text(encoding="utf-8").count("500000") > 8


def test_wrong_spans_can_be_put_right(database: Database) -> None:
    database.write_now(lambda tx: [tx.segments.add(segment(number)) for number in (0, 1, 5)])
    database.write_now(lambda tx: tx.spans.replace("IZ-07", "main", [Span(at(3), at(4))]))
    assert not database.read_now(lambda tx: agrees(tx, "IZ-07"))
    assert database.read_now(lambda tx: tx.spans.streams()) == [("IZ-07", "main")]
    database.write_now(lambda tx: tx.spans.replace("IZ-07", "main", tx.spans.counted("IZ-07", "main")))
    assert database.read_now(lambda tx: agrees(tx, "IZ-07"))
