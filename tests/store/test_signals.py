"""Signals: numbered in the order of commits, told once, and never forgotten while they tell where a thing stands."""

from __future__ import annotations

from dataclasses import replace
from threading import Barrier, Thread

from istros.base.time import Span
from istros.store import Database, Transaction
from istros.store.signals import SignalRow, SignalState
from tests.store.rows_made import at


def signal(number: int, kind: str = "motion", state: SignalState = "on", camera: str = "IZ-07") -> SignalRow:
    """A signal `number` seconds after START."""
    return SignalRow(0, f"s{number}", camera, "onvif", kind, state, at(number), at(number + 0.1), "token-1", '{"a":1}')


def test_signals_are_numbered_and_read_on(database: Database) -> None:
    assert database.read_now(lambda tx: tx.signals.newest()) == 0
    assert database.write_now(lambda tx: tx.signals.add([signal(1), signal(2, "tamper"), signal(3)])) == 3
    assert database.read_now(lambda tx: tx.signals.after(0, 2)) == [
        replace(signal(1), number=1),
        replace(signal(2, "tamper"), number=2),
    ]
    assert [row.id for row in database.read_now(lambda tx: tx.signals.after(1, 9))] == ["s2", "s3"]
    assert [row.id for row in database.read_now(lambda tx: tx.signals.after(0, 9, ["tamper", "covered"]))] == ["s2"]
    assert database.read_now(lambda tx: tx.signals.newest()) == 3


def test_the_same_signal_twice_is_one(database: Database) -> None:
    database.write_now(lambda tx: tx.signals.add([signal(1), signal(1)]))
    assert database.write_now(lambda tx: tx.signals.add([signal(1), signal(2)])) == 1
    assert database.write_now(lambda tx: tx.signals.add([signal(1)])) == 0
    assert [(row.number, row.id) for row in database.read_now(lambda tx: tx.signals.after(0, 9))] == [
        (1, "s1"),
        (2, "s2"),
    ]


def test_between_and_latest(database: Database) -> None:
    rows = [signal(1), signal(5, state="off"), signal(3, "tamper"), signal(4, camera="")]
    late = replace(signal(6), id="late", time=at(2))
    database.write_now(lambda tx: tx.signals.add([*rows, late]))
    span = Span(at(2), at(5))
    assert [row.id for row in database.read_now(lambda tx: tx.signals.between("IZ-07", span, 9))] == ["s3", "late"]
    assert [row.id for row in database.read_now(lambda tx: tx.signals.between(None, span, 2))] == ["s4", "s3"]
    assert [row.id for row in database.read_now(lambda tx: tx.signals.between("", span, 2))] == ["s4"]
    assert [row.id for row in database.read_now(lambda tx: tx.signals.latest("IZ-07"))] == ["s5", "s3"]
    assert [row.id for row in database.read_now(lambda tx: tx.signals.latest())] == ["s4", "s5", "s3"]


def test_what_tells_where_a_thing_stands_outlives_its_time(database: Database) -> None:
    database.write_now(lambda tx: tx.signals.add([signal(1), signal(2, state="off"), signal(3, "tamper"), signal(9)]))
    assert database.write_now(lambda tx: tx.signals.remove_before(at(5), 1)) == 1
    assert database.write_now(lambda tx: tx.signals.remove_before(at(5))) == 1
    assert [row.id for row in database.read_now(lambda tx: tx.signals.after(0, 9))] == ["s3", "s9"]


def test_a_reader_misses_nothing_that_many_writers_add(database: Database) -> None:
    """A slow writer that took its numbers first must not appear below the number a reader went on from."""
    ready = Barrier(5)

    def write(writer: int) -> None:
        ready.wait()
        for step in range(20):
            rows = [replace(signal(step), id=f"{writer}-{step}-{part}") for part in range(3)]
            database.write_now(lambda tx, rows=rows: tx.signals.add(rows))

    writers = [Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    ready.wait()
    seen: list[int] = []

    def read_on(tx: Transaction) -> list[SignalRow]:
        return tx.signals.after(seen[-1] if seen else 0, 7)

    while any(writer.is_alive() for writer in writers) or database.read_now(read_on):
        seen += [row.number for row in database.read_now(read_on)]
    assert seen == list(range(1, 241))
