"""Marks gathered into slots: the same counts from the rows and from the hours, on both databases."""

from __future__ import annotations

from dataclasses import replace

from alembic import command

from istros.base.time import DAY, HOUR, SECOND, Span, Time
from istros.store import Database, Transaction
from istros.store.database import connection_of
from istros.store.marks import WIDTHS, MarkName, MarkRow
from istros.store.migrations import configuration
from istros.store.rows import GapCause, GapRow
from istros.store.signals import SignalRow
from tests.store.rows_made import START, alarm, at, read

MONTH = Span(Time(START - 15 * DAY), Time(START + 15 * DAY))


def fill(tx: Transaction) -> None:
    for number, hours in enumerate((0, 0.2, 1.5, 1.6, 30)):
        tx.reads.add(replace(read(number), time=at(hours * 3600)))
    tx.reads.add(replace(read(9, "IF777AB", camera="TL-01"), time=at(60)))
    tx.signals.add(
        [
            SignalRow(0, f"s{number}", "IZ-07", "onvif", kind, state, at(seconds), at(seconds))  # type: ignore[arg-type]
            for number, (kind, state, seconds) in enumerate(
                [("motion", "on", 1), ("motion", "off", 5), ("motion", "on", 9), ("tamper", "pulse", 7200)]
            )
        ]
    )
    tx.signals.add([SignalRow(0, "node", "", "storage", "disk-full", "on", at(1), at(1))])


def test_a_short_view_tells_each_read_and_a_long_one_how_many(database: Database) -> None:
    database.write_now(fill)
    short = Span(START, at(2 * 3600))
    cameras = ["IZ-07", "TL-01", "IZ-09"]
    assert database.read_now(lambda tx: tx.marks.reads(cameras, short, 60 * SECOND)) == [
        MarkRow("IZ-07", "read", at(hours * 3600), 1) for hours in (0, 0.2, 1.5, 1.6)
    ] + [MarkRow("TL-01", "read", at(60), 1)]
    for width in WIDTHS:
        slots = database.read_now(lambda tx, width=width: tx.marks.reads(["IZ-07"], MONTH, width))
        assert sum(row.count for row in slots) == 5
        assert (slots[0].first, slots[-1].first) == (START, at(30 * 3600))
        assert len({row.first // width for row in slots}) == len(slots)


def test_signals_are_counted_by_kind_where_they_begin(database: Database) -> None:
    database.write_now(fill)
    for span, slot in ((Span(START, at(DAY / SECOND)), 2 * DAY), (MONTH, 6 * HOUR)):
        found = database.read_now(lambda tx, span=span, slot=slot: tx.marks.signals(["IZ-07", ""], span, slot))
        assert {(row.kind, row.count, row.first) for row in found} == {
            ("motion", 2, at(1)),
            ("tamper", 1, at(7200)),
        } | ({("disk-full", 1, at(1))} if span != MONTH else set())


def test_alarms_are_counted_by_priority(database: Database) -> None:
    def work(tx: Transaction) -> None:
        for number in range(3):
            tx.alarms.add(alarm(number))
        tx.alarms.add(replace(alarm(3), priority="critical"))

    database.write_now(work)
    found = database.read_now(lambda tx: tx.marks.alarms(["IZ-07"], Span(START, at(600)), 3600 * SECOND))
    assert [(row.kind, row.count, row.first) for row in found] == [("critical", 1, at(3)), ("high", 3, at(0))]


def test_what_is_deleted_is_no_longer_counted(database: Database) -> None:
    database.write_now(fill)
    database.write_now(lambda tx: tx.reads.remove_before(at(3600)))
    left = database.read_now(lambda tx: tx.marks.reads(["IZ-07", "TL-01"], MONTH, HOUR))
    assert [(row.camera_id, row.count) for row in left] == [("IZ-07", 2), ("IZ-07", 1)]
    database.write_now(lambda tx: tx.signals.remove_before(at(4)))
    signals = database.read_now(lambda tx: tx.marks.signals(["IZ-07"], MONTH, 6 * HOUR))
    assert sum(row.count for row in signals if row.kind == "motion") == 1


def test_listed_reads_are_found_by_the_form_that_is_alike(database: Database) -> None:
    database.write_now(fill)
    cameras = ["IZ-07", "TL-01"]
    assert database.read_now(lambda tx: tx.marks.listed(cameras, MONTH, [])) == []
    assert database.read_now(lambda tx: tx.marks.listed(cameras, MONTH, ["1F777AB"])) == [
        MarkRow("TL-01", "read", at(60), 1)
    ]


def test_the_hours_are_filled_from_what_is_there(database: Database) -> None:
    database.write_now(fill)
    counted = database.read_now(
        lambda tx: tx.marks.reads(["IZ-07"], MONTH, 6 * HOUR) + tx.marks.signals(["IZ-07"], MONTH, 6 * HOUR)
    )
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0013")
        command.upgrade(configuration(connection), "head")
    again = database.read_now(
        lambda tx: tx.marks.reads(["IZ-07"], MONTH, 6 * HOUR) + tx.marks.signals(["IZ-07"], MONTH, 6 * HOUR)
    )
    assert counted == again


def test_the_next_moment_is_found_wherever_it_lies(database: Database) -> None:
    within = [Span(at(0), at(40 * 3600))]

    def look(kind: MarkName, seconds: float, later: bool, *cameras: str) -> tuple[Time, str] | None:
        named = cameras or ("IZ-07", "TL-01")
        return database.read_now(lambda tx: tx.marks.beside(kind, named, at(seconds), later, within))

    database.write_now(fill)
    database.write_now(lambda tx: tx.alarms.add(alarm(500)))
    database.write_now(lambda tx: tx.gaps.open(GapRow("g", "TL-01", "main", at(90), None, GapCause.DISK, "")))
    assert look("read", 0, True) == (at(60), "TL-01")
    assert look("read", 0, True, "IZ-07") == (at(720), "IZ-07")
    assert look("read", 999_999, False) == (at(30 * 3600), "IZ-07")
    assert look("read", 0, False) is None
    assert (look("alarm", 0, True), look("gap", 100, False)) == ((at(500), "IZ-07"), (at(90), "TL-01"))
    assert (look("signal", 1, True), look("signal", 7200, False)) == ((at(9), "IZ-07"), (at(9), "IZ-07"))
    within[:] = [Span(at(61), at(720)), Span(at(1000), at(30 * 3600))]
    assert look("read", 0, True) == (at(1.5 * 3600), "IZ-07")
    within[:] = [Span(at(61), at(62)), Span(at(720), at(721))]
    assert (look("read", 0, True), look("read", 999_999, False)) == ((at(720), "IZ-07"),) * 2
    assert look("read", 720, True) is None, "what lies beyond is not looked at"
