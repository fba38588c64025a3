"""Signals of devices become alarms by rules, each exactly once."""

from __future__ import annotations

import asyncio
import json
from itertools import count

from istros.base.environment import Environment
from istros.base.time import after
from istros.events.signal_rules import SignalRules
from istros.settings import Settings
from istros.store import Database
from istros.store.rows import AlarmRow
from istros.store.signals import SignalRow, SignalSource, SignalState
from tests.events.city import START, HandClock

NUMBERS = count()
CAMERA = {
    "id": "IZ-07", "name": "Port", "town": "Izmail", "owner": "Izmail", "main": "rtsp://127.0.0.1/1",
    "input": [{"token": "in-1", "name": "Cabinet door", "alarm": "high", "when": "off"}],
}  # fmt: skip
SETTINGS = Settings.model_validate(
    {
        "camera": [CAMERA],
        "rule": [
            {"signal": "tamper", "cameras": ["TL-01"], "alarm": "none"},
            {"signal": "line-crossed", "subject": "gate", "alarm": "low"},
        ],
    }
)


def said(kind: str, state: SignalState, seconds: float, camera: str = "IZ-07", subject: str = "",
         source: SignalSource = "onvif") -> SignalRow:  # fmt: skip
    return SignalRow(
        0, f"s{next(NUMBERS)}", camera, source, kind, state, after(START, seconds), after(START, seconds), subject
    )


def judged(database: Database, still: Environment, *signals: SignalRow) -> list[AlarmRow]:
    """The open alarms after these signals, judged by a process that has just started."""
    database.write_now(lambda tx: tx.signals.add(signals))
    rules = SignalRules(still, database, SETTINGS)
    while asyncio.run(rules.judge()):
        pass
    return database.read_now(lambda tx: tx.alarms.by_states(("new", "acknowledged"), 100))


def test_tampering_is_an_alarm_that_returns_and_folds(database: Database, still: Environment) -> None:
    (alarm,) = judged(database, still, said("tamper", "on", 1))
    assert (alarm.kind, alarm.priority, alarm.camera_id, alarm.time) == ("tamper", "medium", "IZ-07", after(START, 1))
    (alarm,) = judged(database, still, said("tamper", "on", 2))
    assert alarm.count == 1, "what lasts and is said again is one cause"
    (alarm,) = judged(database, still, said("tamper", "off", 9))
    assert alarm.returned == after(START, 9)
    (alarm,) = judged(database, still, said("tamper", "on", 20))
    assert (alarm.count, alarm.returned) == (2, None)


def test_a_mask_that_a_camera_lost_is_an_alarm_until_the_camera_holds_it_again(
    database: Database, still: Environment
) -> None:
    (alarm,) = judged(database, still, said("mask-lost", "on", 1))
    assert (alarm.kind, alarm.priority, alarm.returned) == ("mask-lost", "medium", None)
    (alarm,) = judged(database, still, said("mask-lost", "off", 9))
    assert alarm.returned == after(START, 9)


def test_motion_is_no_alarm_and_neither_is_what_states_say(database: Database, still: Environment) -> None:
    signals = [said("motion", "on", 1), said("covered", "on", 2, source="picture"), said("tamper", "on", 3, "TL-01")]
    assert judged(database, still, *signals) == []
    assert judged(database, still, said("digital-input", "on", 3, subject="unknown")) == []


def test_an_input_has_a_name_a_priority_and_a_side(database: Database, still: Environment) -> None:
    assert judged(database, still, said("digital-input", "on", 1, subject="in-1")) == []
    (alarm,) = judged(database, still, said("digital-input", "off", 5, subject="in-1"))
    assert (alarm.priority, json.loads(alarm.facts)["name"]) == ("high", "Cabinet door")
    (alarm,) = judged(database, still, said("digital-input", "on", 9, subject="in-1"))
    assert alarm.returned == after(START, 9)


def test_a_pulse_is_a_moment(database: Database, still: Environment) -> None:
    (alarm,) = judged(database, still, said("line-crossed", "pulse", 1, subject="gate"))
    assert (alarm.returned, alarm.priority) == (None, "low")
    (alarm,) = judged(database, still, said("line-crossed", "pulse", 2, subject="gate"))
    assert alarm.count == 2
    assert len(judged(database, still, said("line-crossed", "pulse", 3, subject="fence"))) == 1


def test_the_node_itself_can_call(database: Database, still: Environment, clock: HandClock) -> None:
    clock.time = after(START, 5)
    (alarm,) = judged(database, still, said("disk-full", "on", 1, camera="", subject="disk-1", source="storage"))
    assert (alarm.priority, alarm.camera_id, json.loads(alarm.facts)["subject"]) == ("critical", "", "disk-1")


def test_a_signal_fetched_twice_or_judged_by_two_servers_is_one_alarm(database: Database, still: Environment) -> None:
    signal = said("tamper", "on", 1)
    judged(database, still, signal)
    (alarm,) = judged(database, still, signal)
    database.write_now(lambda tx: tx.signals.mark_read("rules", 0))
    (alarm,) = judged(database, still)
    assert alarm.count == 1
