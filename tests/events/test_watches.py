"""Escalation of what nobody answered, and cameras that fall silent."""

from __future__ import annotations

import asyncio

from istros.base.environment import Environment
from istros.base.time import Time, after
from istros.events.camera_watch import CameraWatch
from istros.events.escalation import Escalation
from istros.events.raising import new_alarm, raise_alarm
from istros.store import Database
from istros.store.rows import AlarmRow, StreamName, StreamStateRow, StreamStatus
from tests.events.city import START, HandClock


def alarms(database: Database) -> list[AlarmRow]:
    return database.read_now(lambda tx: tx.alarms.by_states(("new", "acknowledged"), 100))


def actions(database: Database) -> list[str]:
    return [row.action for row in database.read_now(lambda tx: tx.audit.walk())]


def test_an_alarm_without_an_answer_is_escalated_once(database: Database, still: Environment, clock: HandClock) -> None:
    alarm = new_alarm(still, "sought-vehicle", "critical", "IZ-07", START, "Sought vehicle", "key")
    database.write_now(lambda tx: raise_alarm(tx, still, alarm, "It is sought."))
    escalation = Escalation(still, database)
    clock.time = Time(alarm.answer_by - 1)
    assert asyncio.run(escalation.escalate_overdue()) == 0
    clock.time = after(alarm.answer_by, 5)
    assert [asyncio.run(escalation.escalate_overdue()) for _ in range(2)] == [1, 0]
    assert alarms(database)[0].escalated == clock.time
    assert actions(database) == ["alarm.raise", "alarm.escalate"]


def test_an_answered_alarm_is_not_escalated(database: Database, still: Environment, clock: HandClock) -> None:
    alarm = new_alarm(still, "sought-vehicle", "critical", "IZ-07", START, "Sought vehicle", "key")
    database.write_now(lambda tx: raise_alarm(tx, still, alarm, "It is sought."))
    database.write_now(lambda tx: tx.alarms.acknowledge(alarm.id, START, "olena"))
    clock.time = after(alarm.answer_by, 5)
    assert asyncio.run(Escalation(still, database).escalate_overdue()) == 0


def put(database: Database, stream: StreamName, status: StreamStatus, since: Time, updated: Time) -> None:
    row = StreamStateRow(
        camera_id="IZ-07", stream=stream, status=status, since=since, updated=updated, recording=status == "live",
        codec="h264", width=640, height=360, fps=10.0, bitrate_bps=400_000, lost_packets=0, reconnects=0,
        last_keyframe=None, problem="",
    )  # fmt: skip
    database.write_now(lambda tx: tx.streams.put([row]))


def look(watch: CameraWatch, database: Database, clock: HandClock, main: StreamStatus, sub: StreamStatus,
         since: Time, seconds: float) -> list[AlarmRow]:  # fmt: skip
    """The streams are so since `since`; the watch looks `seconds` later."""
    clock.time = after(since, seconds)
    put(database, "main", main, since, clock.time)
    put(database, "sub", sub, since, clock.time)
    asyncio.run(watch.look())
    return alarms(database)


def test_a_silent_camera_becomes_one_alarm_and_its_return_a_note(
    database: Database, still: Environment, clock: HandClock
) -> None:
    watch = CameraWatch(still, database)
    assert look(watch, database, clock, "offline", "offline", START, 19) == []
    assert look(watch, database, clock, "offline", "live", START, 30) == []
    (alarm,) = look(watch, database, clock, "offline", "offline", START, 31)
    assert (alarm.kind, alarm.priority, alarm.time) == ("camera-offline", "low", START)
    look(watch, database, clock, "offline", "offline", START, 60)
    look(watch, database, clock, "live", "live", after(START, 70), 1)
    look(watch, database, clock, "live", "live", after(START, 70), 3)
    (alarm,) = look(watch, database, clock, "offline", "offline", after(START, 80), 25)
    assert (alarm.count, alarm.last_time) == (2, after(START, 80))
    assert actions(database) == ["alarm.raise", "alarm.return", "alarm.fold"]


def test_a_server_that_starts_again_does_not_raise_it_anew(
    database: Database, still: Environment, clock: HandClock
) -> None:
    (alarm,) = look(CameraWatch(still, database), database, clock, "offline", "offline", START, 30)
    database.write_now(lambda tx: tx.alarms.acknowledge(alarm.id, START, "olena"))
    assert look(CameraWatch(still, database), database, clock, "offline", "offline", START, 40)[0].count == 1
    database.write_now(lambda tx: tx.alarms.close(alarm.id, START, "olena", "true", "Mains"))
    assert look(CameraWatch(still, database), database, clock, "offline", "offline", START, 50) == []


def test_a_silent_recorder_says_nothing_of_cameras(database: Database, still: Environment, clock: HandClock) -> None:
    put(database, "main", "offline", START, START)
    clock.time = after(START, 60)
    asyncio.run(CameraWatch(still, database).look())
    assert alarms(database) == []
