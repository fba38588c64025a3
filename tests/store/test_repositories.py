"""What each repository promises in docs/design/0003, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from istros.base.said import Said, say
from istros.base.time import Span
from istros.store import Database
from istros.store.links import RemovalReason
from istros.store.rows import (
    AlarmState,
    AnalyserStateRow,
    GapCause,
    GapRow,
    OperatorRow,
    PermitRow,
    SegmentState,
    SessionRow,
    StreamStateRow,
)
from tests.store.rows_made import alarm, at, entry, segment


def test_a_segment_grows_and_closes(database: Database) -> None:
    opened = replace(segment(1), state=SegmentState.OPEN, sha256=None, size_bytes=10)
    database.write_now(lambda tx: tx.segments.add(opened))
    database.write_now(lambda tx: tx.segments.grow(opened.id, end=at(15), size_bytes=500, frames=100))
    assert database.read_now(lambda tx: tx.segments.open_ones()) == [
        replace(opened, end=at(15), size_bytes=500, frames=100)
    ]
    database.write_now(
        lambda tx: tx.segments.close(opened.id, end=at(20), size_bytes=1000, frames=250, sha256="ab" * 32)
    )
    assert database.read_now(lambda tx: tx.segments.get(opened.id)) == segment(1)
    assert database.read_now(lambda tx: tx.segments.by_path(opened.path)) == segment(1)
    assert database.read_now(lambda tx: tx.segments.open_ones()) == []


def test_segments_between_includes_the_one_that_reaches_into_the_span(database: Database) -> None:
    database.write_now(lambda tx: [tx.segments.add(segment(number)) for number in range(6)])
    found = database.read_now(lambda tx: tx.segments.between("IZ-07", "main", Span(at(15), at(30))))
    assert [row.id for row in found] == ["IZ-07-1", "IZ-07-2"]
    found = database.read_now(lambda tx: tx.segments.between("IZ-07", "main", Span(at(-50), at(1))))
    assert [row.id for row in found] == ["IZ-07-0"]
    assert database.read_now(lambda tx: tx.segments.between("IZ-07", "sub", Span(at(0), at(99)))) == []
    assert database.read_now(lambda tx: tx.segments.between("IZ-07", "main", Span(at(60), at(99)))) == []
    newest = database.read_now(lambda tx: tx.segments.newest("IZ-07", "main"))
    assert newest is not None and newest.id == "IZ-07-5"


def test_recorded_joins_neighbours_and_keeps_holes(database: Database) -> None:
    starts = (0, 10, 20.4, 35, 45.6)
    rows = [segment(number, seconds=start) for number, start in enumerate(starts)]
    database.write_now(lambda tx: [tx.segments.add(row) for row in rows])
    found = database.read_now(lambda tx: tx.segments.recorded("IZ-07", "main", Span(at(5), at(50))))
    assert found == [Span(at(5), at(30.4)), Span(at(35), at(45)), Span(at(45.6), at(50))]


def test_totals_and_the_oldest_over_all_cameras(database: Database) -> None:
    rows = [segment(number, camera) for number in range(4) for camera in ("A", "B")]
    database.write_now(lambda tx: [tx.segments.add(row) for row in rows])
    database.write_now(lambda tx: tx.segments.add(replace(segment(9, "C", -90), state=SegmentState.OPEN)))
    assert database.read_now(lambda tx: tx.segments.total_bytes()) == 9000
    oldest = database.read_now(lambda tx: tx.segments.oldest(3))
    assert [row.id for row in oldest] == ["A-0", "B-0", "A-1"]
    before = database.read_now(lambda tx: tx.segments.before(at(20), 99))
    assert [row.id for row in before] == ["A-0", "B-0", "A-1", "B-1"]
    database.write_now(lambda tx: tx.segments.remove([row.id for row in before], at(0), RemovalReason.RETENTION))
    assert database.read_now(lambda tx: tx.segments.total_bytes()) == 5000


def test_every_segment_comes_once_by_path(database: Database) -> None:
    rows = [segment(number) for number in range(7)]
    database.write_now(lambda tx: [tx.segments.add(row) for row in rows])
    seen, last = [], ""
    while page := database.read_now(lambda tx, after=last: tx.segments.every(after, limit=3)):
        seen += [row.path for row in page]
        last = seen[-1]
    assert seen == [row.path for row in rows]


def test_gaps(database: Database) -> None:
    gap = GapRow("g1", "IZ-07", "main", at(10), None, GapCause.NETWORK, "no answer")
    database.write_now(lambda tx: tx.gaps.open(gap))
    assert database.read_now(lambda tx: tx.gaps.open_one("IZ-07", "main")) == gap
    assert database.read_now(lambda tx: tx.gaps.between("IZ-07", "main", Span(at(500), at(501)))) == [gap]
    database.write_now(lambda tx: tx.gaps.end("g1", at(20)))
    assert database.read_now(lambda tx: tx.gaps.open_one("IZ-07", "main")) is None
    assert database.read_now(lambda tx: tx.gaps.between("IZ-07", "main", Span(at(20), at(30)))) == []
    assert database.read_now(lambda tx: tx.gaps.between("IZ-07", "main", Span(at(19), at(30)))) == [
        replace(gap, end=at(20))
    ]


def test_states_are_overwritten(database: Database) -> None:
    stream = StreamStateRow(
        "IZ-07", "main", "live", at(0), at(1), True, "h264", 1920, 1080, 24.9, 4_000_000, 0, 1, None,
        say("disk-refuses", "The disk does not take it: full.", reason="full"), -240,
    )  # fmt: skip
    analyser = AnalyserStateRow("IZ-07", at(1), 5.0, 0.2, 0, 2, 10)
    for shift in (0, 5):
        seen = replace(stream, updated=at(shift), recording=not shift)
        database.write_now(lambda tx, row=seen: tx.streams.put([row]))
        analysed = replace(analyser, updated=at(shift))
        database.write_now(lambda tx, row=analysed: tx.analysers.put([row]))
    assert database.read_now(lambda tx: tx.streams.all()) == [replace(stream, updated=at(5), recording=False)]
    assert database.read_now(lambda tx: tx.streams.get("IZ-07", "sub")) is None
    assert database.read_now(lambda tx: tx.analysers.all()) == [replace(analyser, updated=at(5))]


def test_an_alarm_walks_through_its_states(database: Database) -> None:
    database.write_now(lambda tx: tx.alarms.add(alarm(1, "key")))
    assert database.read_now(lambda tx: tx.alarms.open_by_key("key")) == alarm(1, "key")
    database.write_now(lambda tx: tx.alarms.fold("a1", at(9)))
    assert not database.write_now(lambda tx: tx.alarms.close("a1", at(9), "olena", "true", ""))
    assert database.write_now(lambda tx: tx.alarms.acknowledge("a1", at(10), "olena"))
    assert not database.write_now(lambda tx: tx.alarms.acknowledge("a1", at(11), "ion"))
    assert database.write_now(lambda tx: tx.alarms.close("a1", at(20), "olena", "false", "a cyclist"))
    closed = database.read_now(lambda tx: tx.alarms.get("a1"))
    assert closed is not None
    assert (closed.count, closed.last_time, closed.state) == (2, at(9), AlarmState.CLOSED)
    assert (closed.acknowledged_by, closed.verdict, closed.note) == ("olena", "false", "a cyclist")
    assert database.read_now(lambda tx: tx.alarms.open_by_key("key")) is None


def test_a_second_open_alarm_for_one_cause_is_impossible(database: Database) -> None:
    database.write_now(lambda tx: tx.alarms.add(alarm(1, "key")))
    with pytest.raises(IntegrityError):
        database.write_now(lambda tx: tx.alarms.add(alarm(2, "key")))
    database.write_now(lambda tx: [tx.alarms.add(alarm(3)), tx.alarms.add(alarm(4))])


def test_the_queue_shows_the_worst_and_oldest_first(database: Database) -> None:
    rows = [alarm(1), alarm(2), replace(alarm(3), priority="critical")]
    rows.append(replace(alarm(4), priority="low", camera_id="TL-01"))
    database.write_now(lambda tx: [tx.alarms.add(row) for row in rows])
    assert sorted(database.read_now(lambda tx: tx.alarms.cameras_in([AlarmState.NEW]))) == ["IZ-07", "TL-01"]
    away = database.read_now(lambda tx: tx.alarms.by_states(["new"], 1, ["TL-01"]))
    assert [row.id for row in away] == ["a4"], "worse alarms of others' cameras take no room"
    assert [row.id for row in database.read_now(lambda tx: tx.alarms.by_states(["new"], 3))] == ["a3", "a1", "a2"]
    assert database.read_now(lambda tx: tx.alarms.by_states([AlarmState.CLOSED], 3)) == []
    assert [row.id for row in database.read_now(lambda tx: tx.alarms.overdue(at(62)))] == ["a1", "a2"]
    database.write_now(lambda tx: tx.alarms.escalate("a1", at(63)))
    assert [row.id for row in database.read_now(lambda tx: tx.alarms.overdue(at(62)))] == ["a2"]
    between = database.read_now(lambda tx: tx.alarms.between("IZ-07", Span(at(2), at(4))))
    assert [row.id for row in between] == ["a2", "a3"]


def test_changed_alarms_are_told_once_with_their_newest_state(database: Database) -> None:
    assert database.read_now(lambda tx: tx.alarms.changed_since(0)) == ([], 0)
    database.write_now(lambda tx: [tx.alarms.add(alarm(1)), tx.alarms.add(alarm(2))])
    rows, sequence = database.read_now(lambda tx: tx.alarms.changed_since(0))
    assert [row.id for row in rows] == ["a1", "a2"] and sequence == 2
    database.write_now(lambda tx: (tx.alarms.fold("a1", at(3)), tx.alarms.fold("a1", at(4))))
    rows, later = database.read_now(lambda tx: tx.alarms.changed_since(sequence))
    assert [(row.id, row.count) for row in rows] == [("a1", 3)]
    assert database.read_now(lambda tx: tx.alarms.changed_since(later)) == ([], later)


def test_the_watchlist(database: Database) -> None:
    database.write_now(lambda tx: [tx.watchlist.add(entry(1)), tx.watchlist.add(entry(2, "TL10ABC"))])
    assert database.read_now(lambda tx: tx.watchlist.open_ones(at(100))) == [entry(1), entry(2, "TL10ABC")]
    assert [row.id for row in database.read_now(lambda tx: tx.watchlist.open_ones(at(3601)))] == ["w2"]
    assert database.write_now(lambda tx: tx.watchlist.close("w2", at(5), "olena", Said("found")))
    assert not database.write_now(lambda tx: tx.watchlist.close("w2", at(6), "ion", Said("again")))
    assert [row.id for row in database.read_now(lambda tx: tx.watchlist.open_ones(at(100)))] == ["w1"]
    assert [row.id for row in database.read_now(lambda tx: tx.watchlist.all(9))] == ["w2", "w1"]
    for since, found in ((at(4), ["w1", "w2"]), (at(5), ["w1"]), (entry(1).expires, [])):
        rows = database.read_now(lambda tx, since=since: tx.watchlist.lately("police", since))
        assert [row.id for row in rows] == found
    assert database.read_now(lambda tx: tx.watchlist.lately("town", at(0))) == []


def test_permits_are_numbered_without_holes(database: Database) -> None:
    def failing(tx: object) -> None:
        raise RuntimeError(tx.permits.next_number(2026))  # type: ignore[attr-defined]

    assert database.write_now(lambda tx: tx.permits.next_number(2026)) == "P-2026-0001"
    with pytest.raises(RuntimeError, match="P-2026-0002"):
        database.write_now(failing)
    assert database.write_now(lambda tx: tx.permits.next_number(2026)) == "P-2026-0002"
    assert database.write_now(lambda tx: tx.permits.next_number(2027)) == "P-2027-0001"


def test_permits(database: Database) -> None:
    permit = PermitRow("p1", "P-2026-0001", "olena", "town", "offence", "law", "C-1", False, at(0), at(3600))
    database.write_now(lambda tx: tx.permits.add(permit))
    assert database.read_now(lambda tx: tx.permits.open_for("olena", at(10))) == [permit]
    assert database.read_now(lambda tx: tx.permits.open_for("olena", at(3600))) == []
    assert database.write_now(lambda tx: tx.permits.close("p1", at(20)))
    assert not database.write_now(lambda tx: tx.permits.close("p1", at(21)))
    assert database.read_now(lambda tx: tx.permits.open_for("olena", at(10))) == []


def test_operators_and_sessions(database: Database) -> None:
    person = OperatorRow("o1", "olena", "Olena", "town", "operator", "hash")
    session = SessionRow("11" * 32, "o1", "22" * 32, "p1", at(0), at(0), at(100))
    database.write_now(lambda tx: (tx.operators.add(person), tx.sessions.add(session)))
    database.write_now(lambda tx: (tx.operators.set_language("o1", "uk"), tx.sessions.seen("11" * 32, at(5))))
    found = database.read_now(lambda tx: (tx.operators.by_name("olena"), tx.sessions.get("11" * 32)))
    assert found == (replace(person, language="uk"), replace(session, seen=at(5)))
    assert database.write_now(lambda tx: tx.sessions.remove_expired(at(99))) == 0
    assert database.write_now(lambda tx: tx.sessions.remove_expired(at(100))) == 1
