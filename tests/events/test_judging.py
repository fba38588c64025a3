"""From unjudged reads to alarms, in a real database."""

from __future__ import annotations

import asyncio
import json

import pytest

from istros.base.environment import Environment
from istros.base.said import Said
from istros.base.time import MINUTE, after
from istros.events.judging import BATCH, Judge
from istros.store import Database, Transaction, open_database
from istros.store.rows import AlarmRow, PlateReadRow, Priority, WatchlistEntryRow
from tests.events.city import START, HandClock, entry_of, read_of

OPEN = ("new", "acknowledged")


def seek(database: Database, *entries: WatchlistEntryRow) -> None:
    def add(tx: Transaction) -> None:
        for entry in entries:
            tx.watchlist.add(entry)

    database.write_now(add)


def see(database: Database, still: Environment, *reads: PlateReadRow) -> list[AlarmRow]:
    """Store the reads, judge everything that waits, and give the open alarms by the time of their cause."""
    database.write_now(lambda tx: [tx.reads.add(read) for read in reads])
    asyncio.run(Judge(still, database).judge_waiting())
    alarms = database.read_now(lambda tx: tx.alarms.by_states(OPEN, 100))
    return sorted(alarms, key=lambda alarm: alarm.time)


def read_at(seconds: float, text: str = "BH1234AK", camera: str = "IZ-07", confidence: float = 0.9) -> PlateReadRow:
    time = after(START, seconds)
    return read_of(text, time, read_id=f"{camera}-{text}-{seconds}", camera=camera, confidence=confidence)


@pytest.mark.parametrize(("priority", "answer_s"), [("critical", 30), ("high", 120), ("medium", 600), ("low", 3600)])
def test_a_sought_plate_raises_an_alarm(
    database: Database, still: Environment, clock: HandClock, priority: Priority, answer_s: int
) -> None:
    seek(database, entry_of("BH 1234 AK", START, entry_id="e", priority=priority))
    clock.time = after(START, 2)
    (alarm,) = see(database, still, read_at(1))
    assert (alarm.kind, alarm.priority, alarm.state, alarm.match) == ("sought-vehicle", priority, "new", "exact")
    assert (alarm.time, alarm.raised, alarm.answer_by) == (after(START, 1), clock.time, after(clock.time, answer_s))
    assert (alarm.plate, alarm.plate_read, alarm.observation_id) == ("BH 1234 AK", "BH1234AK", "IZ-07-BH1234AK-1")
    (row,) = database.read_now(lambda tx: tx.audit.about(alarm.id))
    assert (row.action, row.actor) == ("alarm.raise", "istros")
    assert json.loads(row.detail)["why"].endswith("is the plate sought, BH 1234 AK.")


def test_what_is_not_sought_raises_nothing(database: Database, still: Environment) -> None:
    seek(database, entry_of("TL01ABC", START, entry_id="e"))
    assert see(database, still, read_at(1)) == []
    assert database.read_now(lambda tx: tx.reads.unjudged(1)) == []
    assert database.read_now(lambda tx: tx.audit.walk()) == []


def test_expired_and_closed_entries_match_nothing(database: Database, still: Environment, clock: HandClock) -> None:
    seek(database, entry_of("BH1234AK", START, entry_id="old", hours=1), entry_of("BH1234AK", START, entry_id="closed"))
    database.write_now(lambda tx: tx.watchlist.close("closed", START, "officer", Said("found")))
    clock.time = after(START, 3600)
    assert see(database, still, read_at(3600)) == []


def test_repeats_fold_for_five_minutes_after_the_last(database: Database, still: Environment) -> None:
    seek(database, entry_of("BH1234AK", START, entry_id="e"))
    (alarm,) = see(database, still, read_at(0), read_at(290), read_at(580))
    assert (alarm.count, alarm.last_time) == (3, after(START, 580))
    first, second = see(database, still, read_at(881))
    assert (first.count, second.count) == (3, 1)
    _, second = see(database, still, read_at(900))
    assert second.count == 2


def test_a_late_read_does_not_turn_the_time_back(database: Database, still: Environment) -> None:
    seek(database, entry_of("BH1234AK", START, entry_id="e"))
    (alarm,) = see(database, still, read_at(100))
    (alarm,) = see(database, still, read_at(20))
    assert (alarm.count, alarm.last_time) == (2, after(START, 100))


def test_other_cameras_and_other_entries_have_their_own_alarms(database: Database, still: Environment) -> None:
    seek(database, entry_of("BH1234AK", START, entry_id="a"), entry_of("BH1234AK", START, entry_id="b"))
    alarms = see(database, still, read_at(1), read_at(2, camera="TL-01"))
    assert sorted((alarm.camera_id, alarm.watchlist_entry_id) for alarm in alarms) == [
        ("IZ-07", "a"), ("IZ-07", "b"), ("TL-01", "a"), ("TL-01", "b"),
    ]  # fmt: skip


def test_an_exact_match_never_hides_in_a_near_one(database: Database, still: Environment) -> None:
    seek(database, entry_of("BH1234AK", START, entry_id="e"))
    (near,) = see(database, still, read_at(1, "BH1284AK"))
    assert near.match == "near"
    near, exact = see(database, still, read_at(2))
    assert (near.count, exact.match) == (1, "exact")
    near, exact = see(database, still, read_at(3, "BH1284AK"))
    assert (near.count, exact.count) == (1, 2)


def test_a_closed_alarm_takes_up_nothing(database: Database, still: Environment) -> None:
    seek(database, entry_of("BH1234AK", START, entry_id="e"))
    (alarm,) = see(database, still, read_at(1))
    database.write_now(lambda tx: tx.alarms.acknowledge(alarm.id, START, "olena"))
    database.write_now(lambda tx: tx.alarms.close(alarm.id, START, "olena", "true", ""))
    (again,) = see(database, still, read_at(2))
    assert again.id != alarm.id


def test_a_backlog_is_judged_batch_by_batch(database: Database, still: Environment) -> None:
    reads = [read_at(number / 100, f"KA{number:04d}AA") for number in range(BATCH + 5)]
    database.write_now(lambda tx: [tx.reads.add(read) for read in reads])
    judge = Judge(still, database)
    assert [asyncio.run(judge.judge_waiting()) for _ in range(3)] == [BATCH, 5, 0]


def test_it_runs_until_told_to_stop_and_outlives_failures(
    database: Database, still: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, stop, looks = Judge(still, database), asyncio.Event(), []

    async def look() -> int:
        looks.append(still.clock.now())
        if len(looks) == 3:
            stop.set()
        if len(looks) == 1:
            raise OSError("disk")
        return 0

    monkeypatch.setattr(judge, "judge_waiting", look)
    asyncio.run(judge.run(stop))
    assert len(looks) == 3


def test_postgresql_judges_alike(fresh_postgres_url: str, still: Environment) -> None:
    database = open_database(fresh_postgres_url, still.workers)
    seek(database, entry_of("BH1234AK", START, entry_id="e"))
    (alarm,) = see(database, still, read_at(0), read_at(1), read_at(2, "XX0000XX"))
    assert alarm.count == 2
    assert alarm.answer_by - alarm.raised == 2 * MINUTE
    database.close()
