"""The gap ledger: filling, paging, and what counts as missing, on both databases."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from istros.base.time import HOUR, SECOND, Span, Time
from istros.recording.availability import NOT_SCHEDULED, availability
from istros.store import Database
from istros.store.gaps import GapQuery
from istros.store.rows import GapCause, GapRow
from tests.store.rows_made import at, segment

EVER = Span(Time(0), Time(1 << 60))


def gap(
    id: str, start: float, end: float | None, cause: GapCause = GapCause.NETWORK, camera: str = "IZ-07", code: str = "x"
) -> GapRow:
    last = None if end is None else at(end)
    return GapRow(id, camera, "main", at(start), last, cause, "no answer", code, (("seconds", 2.5), ("path", "a")))


def fill(database: Database, start: float, end: float) -> None:
    names = count(1)
    database.write_now(
        lambda tx: tx.gaps.fill("IZ-07", "main", Span(at(start), at(end)), at(999), lambda: f"new{next(names)}")
    )


def pieces(database: Database) -> list[tuple[str, int, int, bool]]:
    rows = database.read_now(lambda tx: tx.gaps.ledger(GapQuery(EVER)))
    return sorted(
        (row.id, (row.start - at(0)) // SECOND, ((row.end or at(0)) - at(0)) // SECOND, row.filled is not None)
        for row in rows
    )


def test_a_gap_keeps_its_code_and_facts(database: Database) -> None:
    database.write_now(lambda tx: tx.gaps.open(gap("g", 10, None)))
    assert database.read_now(lambda tx: tx.gaps.open_one("IZ-07", "main")) == gap("g", 10, None)


def test_a_gap_filled_whole_is_history(database: Database) -> None:
    database.write_now(lambda tx: tx.gaps.open(gap("g", 10, 20)))
    fill(database, 9.8, 20.2)
    assert pieces(database) == [("g", 10, 20, True)]
    assert database.read_now(lambda tx: tx.gaps.between("IZ-07", "main", EVER)) == []
    (row,) = database.read_now(lambda tx: tx.gaps.filled("IZ-07", "main", EVER))
    assert row == replace(gap("g", 10, 20), filled=at(999))


def test_a_gap_filled_in_part_is_split(database: Database) -> None:
    database.write_now(lambda tx: [tx.gaps.open(gap("a", 0, 100)), tx.gaps.open(gap("b", 200, None))])
    fill(database, 40, 60)
    assert pieces(database)[:3] == [("a", 0, 40, False), ("b", 200, 0, False), ("new1", 60, 100, False)]
    assert pieces(database)[3] == ("new2", 40, 60, True)
    fill(database, 60, 99.8)
    assert ("new1", 60, 100, True) in pieces(database), "0.2 s are no gap"
    fill(database, 190, 300)
    assert ("b", 200, 0, False) in pieces(database), "what still lasts is not filled"


def test_the_ledger_is_read_in_pages(database: Database) -> None:
    rows = [gap(f"g{n}", n // 2 * 10, n // 2 * 10 + 5, camera="AB"[n % 2]) for n in range(10)]
    database.write_now(lambda tx: [tx.gaps.open(row) for row in rows])
    seen: list[str] = []
    query = GapQuery(EVER, limit=3)
    while page := database.read_now(lambda tx, query=query: tx.gaps.ledger(query)):  # type: ignore[misc]
        seen += [row.id for row in page]
        query = replace(query, before=(page[-1].start, page[-1].id))
    assert seen == [f"g{n}" for n in range(9, -1, -1)]
    only = GapQuery(Span(at(12), at(33)), cameras=["A"], causes=[GapCause.NETWORK])
    assert [row.id for row in database.read_now(lambda tx: tx.gaps.ledger(only))] == ["g6", "g4", "g2"]
    assert database.read_now(lambda tx: tx.gaps.ledger(replace(only, causes=[GapCause.DISK]))) == []


def test_availability_counts_each_missing_second_once(database: Database) -> None:
    rows = [
        gap("a", 100, 200, GapCause.NETWORK),
        gap("b", 150, 250, GapCause.DISK),
        gap("c", 300, 400, GapCause.PLANNED, code=NOT_SCHEDULED),
        gap("d", 390, 410, GapCause.CAMERA),
        gap("e", 900, None, GapCause.PLANNED, code="recorder-stopped"),
        gap("f", 500, 600, GapCause.CAMERA),
    ]
    database.write_now(lambda tx: [tx.segments.add(segment(0)), *(tx.gaps.open(row) for row in rows)])
    fill(database, 500, 550)
    streams = [("IZ-07", "main"), ("IZ-07", "sub")]
    (found,) = database.read_now(
        lambda tx: availability(tx, streams, Span(at(-HOUR), at(HOUR)), at(1000))  # type: ignore[arg-type]
    )
    seconds = {cause: length // SECOND for cause, length in found.missing_us.items()}
    assert seconds == {GapCause.NETWORK: 100, GapCause.DISK: 50, GapCause.CAMERA: 60, GapCause.PLANNED: 100}
    assert found.expected_us == 900 * SECOND, "known since its first segment, until now, but for the schedule"
    assert found.recorded_us == (900 - 310) * SECOND and found.gaps == 5
    assert found.filled_us == 50 * SECOND and round(found.share, 3) == round(590 / 900, 3)
