"""Acknowledging and closing: states, names, and that asking twice does no harm."""

from __future__ import annotations

import pytest

from istros.base.environment import Environment
from istros.base.said import Said
from istros.events import desk
from istros.events.errors import AlarmStateConflict, AlarmUnknown
from istros.events.raising import new_alarm, raise_alarm
from istros.events.record import Author
from istros.store import Database
from tests.events.city import START, HandClock

OLENA, ION = Author("olena", "10.0.0.5", None), Author("ion", "10.0.0.6", None)


@pytest.fixture
def alarm_id(database: Database, still: Environment) -> str:
    alarm = new_alarm(still, "camera-offline", "low", "IZ-07", START, "Camera IZ-07 is offline", "camera-offline:IZ-07")
    database.write_now(lambda tx: raise_alarm(tx, still, alarm, Said("It is offline.")))
    return alarm.id


def actions(database: Database, alarm_id: str) -> list[tuple[str, str]]:
    return [(row.action, row.actor) for row in database.read_now(lambda tx: tx.audit.about(alarm_id))]


def test_acknowledge_then_close(database: Database, still: Environment, clock: HandClock, alarm_id: str) -> None:
    row = database.write_now(lambda tx: desk.acknowledge(tx, still, OLENA, alarm_id))
    assert (row.state, row.acknowledged_by, row.acknowledged) == ("acknowledged", "olena", clock.time)
    row = database.write_now(lambda tx: desk.close(tx, still, ION, alarm_id, "false", "A bus of that shape"))
    assert (row.state, row.closed_by, row.verdict, row.note) == ("closed", "ion", "false", "A bus of that shape")
    assert actions(database, alarm_id) == [
        ("alarm.raise", "istros"), ("alarm.acknowledge", "olena"), ("alarm.close", "ion"),
    ]  # fmt: skip


def test_the_same_step_twice_changes_and_records_nothing(database: Database, still: Environment, alarm_id: str) -> None:
    for _ in range(2):
        database.write_now(lambda tx: desk.acknowledge(tx, still, OLENA, alarm_id))
    for _ in range(2):
        database.write_now(lambda tx: desk.close(tx, still, OLENA, alarm_id, "true", "Stopped"))
    assert len(actions(database, alarm_id)) == 3


def test_what_another_has_taken_is_refused_by_name(database: Database, still: Environment, alarm_id: str) -> None:
    database.write_now(lambda tx: desk.acknowledge(tx, still, OLENA, alarm_id))
    with pytest.raises(AlarmStateConflict, match="olena has acknowledged it"):
        database.write_now(lambda tx: desk.acknowledge(tx, still, ION, alarm_id))
    database.write_now(lambda tx: desk.close(tx, still, OLENA, alarm_id, "true", ""))
    with pytest.raises(AlarmStateConflict, match="olena has closed it"):
        database.write_now(lambda tx: desk.close(tx, still, ION, alarm_id, "true", ""))
    with pytest.raises(AlarmStateConflict, match="olena has closed it"):
        database.write_now(lambda tx: desk.acknowledge(tx, still, OLENA, alarm_id))


def test_nobody_closes_what_nobody_took(database: Database, still: Environment, alarm_id: str) -> None:
    with pytest.raises(AlarmStateConflict, match="nobody has acknowledged it"):
        database.write_now(lambda tx: desk.close(tx, still, OLENA, alarm_id, "true", ""))
    assert actions(database, alarm_id) == [("alarm.raise", "istros")]


def test_an_unknown_alarm_is_said_to_be(database: Database, still: Environment) -> None:
    with pytest.raises(AlarmUnknown):
        database.write_now(lambda tx: desk.acknowledge(tx, still, OLENA, "none"))
