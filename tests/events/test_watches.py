"""Escalation of what nobody answered."""

from __future__ import annotations

import asyncio

from istros.base.environment import Environment
from istros.base.said import Said
from istros.base.time import Time, after
from istros.events.escalation import Escalation
from istros.events.raising import new_alarm, raise_alarm
from istros.store import Database
from istros.store.rows import AlarmRow
from tests.events.city import START, HandClock


def alarms(database: Database) -> list[AlarmRow]:
    return database.read_now(lambda tx: tx.alarms.by_states(("new", "acknowledged"), 100))


def actions(database: Database) -> list[str]:
    return [row.action for row in database.read_now(lambda tx: tx.audit.walk())]


def test_an_alarm_without_an_answer_is_escalated_once(database: Database, still: Environment, clock: HandClock) -> None:
    alarm = new_alarm(still, "sought-vehicle", "critical", "IZ-07", START, "Sought vehicle", "key")
    database.write_now(lambda tx: raise_alarm(tx, still, alarm, Said("It is sought.")))
    escalation = Escalation(still, database)
    clock.time = Time(alarm.answer_by - 1)
    assert asyncio.run(escalation.escalate_overdue()) == 0
    clock.time = after(alarm.answer_by, 5)
    assert [asyncio.run(escalation.escalate_overdue()) for _ in range(2)] == [1, 0]
    assert alarms(database)[0].escalated == clock.time
    assert actions(database) == ["alarm.raise", "alarm.escalate"]


def test_an_answered_alarm_is_not_escalated(database: Database, still: Environment, clock: HandClock) -> None:
    alarm = new_alarm(still, "sought-vehicle", "critical", "IZ-07", START, "Sought vehicle", "key")
    database.write_now(lambda tx: raise_alarm(tx, still, alarm, Said("It is sought.")))
    database.write_now(lambda tx: tx.alarms.acknowledge(alarm.id, START, "olena"))
    clock.time = after(alarm.answer_by, 5)
    assert asyncio.run(Escalation(still, database).escalate_overdue()) == 0


def test_an_alarm_whose_cause_is_over_is_not_escalated(
    database: Database, still: Environment, clock: HandClock
) -> None:
    alarm = new_alarm(still, "camera-offline", "low", "IZ-07", START, "Camera IZ-07: offline", "key")
    database.write_now(lambda tx: raise_alarm(tx, still, alarm, Said("No picture.")))
    database.write_now(lambda tx: tx.alarms.returned(alarm.id, after(START, 60)))
    clock.time = after(alarm.answer_by, 5)
    assert asyncio.run(Escalation(still, database).escalate_overdue()) == 0
