"""From signals of devices to alarms, by rules of the configuration; every signal is judged exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.time import Time, to_iso
from istros.events.health_record import canonical
from istros.events.raising import fold_into, new_alarm, raise_alarm
from istros.events.record import NODE, record
from istros.events.repeating import repeat
from istros.settings import AlarmWorth, Settings, SignalRuleSettings
from istros.store import Database, Transaction
from istros.store.alarm_causes import AlarmCauseRow
from istros.store.rows import AlarmState
from istros.store.signals import SignalRow

PERIOD_S = 0.5
BATCH = 200
READER = "rules"

STANDARD = (
    SignalRuleSettings(signal="tamper", alarm="medium"),
    SignalRuleSettings(signal="mask-lost", alarm="medium"),
    SignalRuleSettings(signal="disk-full", alarm="critical"),
    SignalRuleSettings(signal="held-only", alarm="critical"),
    SignalRuleSettings(signal="disk-fault", alarm="critical"),
    SignalRuleSettings(signal="disk-forecast", alarm="high"),
)
"""What is an alarm where the configuration does not say otherwise. Motion is none: it is what cameras see all day."""

DIGITAL_INPUT = "digital-input"
_OWN = ("health", "picture")
"""Signals of states, which `HealthAlarms` answers for."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a signal is worth, whether it begins or ends the alarm, and what people call the thing."""

    worth: AlarmWorth
    begins: bool
    name: str = ""


class SignalRules:
    """Reads on from the last signal it acted on; alarm, audit row and reader's number are one transaction."""

    def __init__(self, environment: Environment, database: Database, settings: Settings) -> None:
        self._environment = environment
        self._database = database
        self._rules = (*settings.rule, *STANDARD)
        self._inputs = {(camera.id, each.token): each for camera in settings.camera for each in camera.input}

    async def run(self, stop: asyncio.Event) -> None:
        """Judge twice a second until told to stop."""

        async def step() -> bool:
            return await self.judge() == BATCH

        await repeat(self._environment, stop, PERIOD_S, "signal rules", step)

    async def judge(self) -> int:
        """Judge one batch; returns how many signals there were."""
        newest, done = await self._database.read(lambda tx: (tx.signals.newest(), tx.signals.read_to(READER)))
        return 0 if newest <= done else await self._database.write(self._judge)

    def _judge(self, tx: Transaction) -> int:
        signals = tx.signals.after(tx.signals.read_to(READER), BATCH)
        for signal in signals:
            judgement = self.judgement_of(signal)
            if judgement is not None and judgement.worth != "none":
                self._apply(tx, signal, judgement)
        if signals:
            tx.signals.mark_read(READER, signals[-1].number)
        return len(signals)

    def judgement_of(self, signal: SignalRow) -> Judgement | None:
        """What the rules say of a signal; None when it concerns nobody."""
        if signal.source in _OWN:
            return None
        if signal.kind == DIGITAL_INPUT:
            known = self._inputs.get((signal.camera_id, signal.subject))
            if known is not None:
                return Judgement(known.alarm, signal.state in (known.when, "pulse"), known.name)
        rule = next((rule for rule in self._rules if _fits(rule, signal)), None)
        return None if rule is None else Judgement(rule.alarm, signal.state != "off")

    def _apply(self, tx: Transaction, signal: SignalRow, judgement: Judgement) -> None:
        mine = (signal.camera_id, signal.kind, signal.subject)
        lasting = [cause for cause in tx.alarm_causes.open_ones() if cause.thing == mine]
        if not judgement.begins:
            self._end(tx, lasting, signal)
        elif not lasting and tx.alarm_causes.get(mine, signal.time) is None:
            self._begin(tx, signal, judgement)

    def _begin(self, tx: Transaction, signal: SignalRow, judgement: Judgement) -> None:
        key = f"{signal.kind}:{signal.camera_id}:{signal.subject}"
        moment = to_iso(signal.time)
        why = say("signal", f"{signal.source} said {signal.kind} {signal.state} at {moment}.", signal=signal.kind,
                  said=signal.state, subject=signal.subject, name=judgement.name or signal.subject, time=moment)  # fmt: skip
        standing = tx.alarms.open_by_key(key)
        until = signal.time if signal.state == "pulse" else None
        if standing is not None:
            fold_into(tx, self._environment, standing, Time(max(signal.time, standing.last_time)), signal.id, why)
            if standing.returned is not None and until is None:
                tx.alarms.returned(standing.id, None)
            tx.alarm_causes.put([_cause(signal, standing.id, until)])
            return
        if judgement.worth == "none":
            return
        title = f"{judgement.name or signal.kind} {signal.camera_id}".strip()
        alarm = new_alarm(self._environment, signal.kind, judgement.worth, signal.camera_id, signal.time, title, key)
        facts = {"name": judgement.name, "subject": signal.subject, "signal": signal.kind}
        raise_alarm(tx, self._environment, replace(alarm, facts=canonical(dict(facts))), why)
        tx.alarm_causes.put([_cause(signal, alarm.id, until)])

    def _end(self, tx: Transaction, lasting: Sequence[AlarmCauseRow], signal: SignalRow) -> None:
        tx.alarm_causes.put([replace(cause, until=signal.time) for cause in lasting])
        for cause in lasting:
            alarm = tx.alarms.get(cause.alarm_id)
            if alarm is not None and alarm.state is not AlarmState.CLOSED:
                tx.alarms.returned(alarm.id, signal.time)
                record(tx, self._environment, NODE, "alarm.return", alarm.id, {"signal": signal.id})


def _fits(rule: SignalRuleSettings, signal: SignalRow) -> bool:
    if rule.signal != signal.kind or (rule.subject is not None and rule.subject != signal.subject):
        return False
    return not rule.cameras or signal.camera_id in rule.cameras


def _cause(signal: SignalRow, alarm_id: str, until: Time | None) -> AlarmCauseRow:
    return AlarmCauseRow(signal.camera_id, signal.kind, signal.subject, signal.time, alarm_id, until)
