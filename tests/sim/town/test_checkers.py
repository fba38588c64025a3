"""The checkers find what they are there for: each promise, broken on purpose."""

from __future__ import annotations

import asyncio

import pytest

from istros.base.time import MINUTE, SECOND, Time
from istros.base.workers import InlineWorkers
from istros.sim.town.cameras import town_cameras
from istros.sim.town.checkers import Moment, check_town
from istros.store import Database, Transaction, open_database
from istros.store.rows import AlarmRow, AlarmState, AuditRow, GapCause, GapRow, SegmentRow, SegmentState

[CAMERA] = town_cameras(1)
END = Time(10 * MINUTE)


def segment(start_s: int, end_s: int) -> SegmentRow:
    start, end = Time(start_s * SECOND), Time(end_s * SECOND)
    return SegmentRow(
        str(start_s), CAMERA.id, "main", start, end, f"{start_s}.mp4", 1, 1, "video/mp4", SegmentState.CLOSED, "0" * 64
    )


def gap(start_s: int, end_s: int | None) -> GapRow:
    end = None if end_s is None else Time(end_s * SECOND)
    return GapRow(str(start_s), CAMERA.id, "main", Time(start_s * SECOND), end, GapCause.NETWORK, "cut")


def alarm(state: AlarmState, escalated: Time | None) -> AlarmRow:
    moment = Time(0)
    return AlarmRow(
        "a", "sought-vehicle", "high", state, CAMERA.id, moment, moment, Time(MINUTE), 1, moment, "", None, None, "", "",
        "", "key", escalated=escalated,
    )  # fmt: skip


@pytest.fixture
def database() -> Database:
    return open_database("sqlite://", InlineWorkers())


def broken(database: Database) -> list[str]:
    return asyncio.run(check_town(Moment(database, [CAMERA], Time(0), END)))


def fill(database: Database, *rows: SegmentRow | GapRow) -> None:
    def add(tx: Transaction) -> None:
        for row in rows:
            if isinstance(row, SegmentRow):
                tx.segments.add(row)
            else:
                tx.gaps.open(row)

    database.write_now(add)


def test_a_whole_recording_is_in_order(database: Database) -> None:
    fill(database, segment(0, 300), gap(300, 310), segment(310, 600))
    assert broken(database) == []


def test_a_hole_without_a_reason_is_found(database: Database) -> None:
    fill(database, segment(0, 300), segment(310, 600))
    assert "no gap says why" in broken(database)[0]


def test_a_gap_that_explains_half_a_hole_is_not_enough(database: Database) -> None:
    fill(database, segment(0, 300), gap(300, 304), segment(310, 600))
    assert "no gap says why" in broken(database)[0]


def test_an_unended_gap_explains_the_end(database: Database) -> None:
    fill(database, segment(0, 300), gap(300, None))
    assert broken(database) == []


def test_an_alarm_that_nobody_answers_is_found_unless_it_was_escalated(database: Database) -> None:
    fill(database, segment(0, 600))
    database.write_now(lambda tx: tx.alarms.add(alarm(AlarmState.NEW, None)))
    assert "neither answered nor escalated" in broken(database)[0]
    database.write_now(lambda tx: tx.alarms.escalate("a", Time(2 * MINUTE)))
    assert broken(database) == []


def test_a_look_without_a_permit_and_a_forged_chain_are_found(database: Database) -> None:
    fill(database, segment(0, 600))
    row = AuditRow(1, Time(0), "somebody", "desk", "playback.view", "x", None, "done", "{}", "0" * 64, "f" * 64)
    database.write_now(lambda tx: tx.audit.append(row))
    found = broken(database)
    assert any("without a permit" in text for text in found)
    assert any("audit" in text and "verify" in text for text in found)
