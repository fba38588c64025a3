"""What people owe is loud when its time comes: an alarm on every desk, as for an emergency release (docs/design/0042)."""

from __future__ import annotations

from dataclasses import replace

from istros.base.canonical import canonical
from istros.base.environment import Environment
from istros.base.said import say
from istros.compliance.duties import Duty
from istros.events.raising import new_alarm, raise_alarm
from istros.store import Transaction

TITLES = {
    "request": "The answer to request {number} is nearly due",
    "hold": "The review of the hold {number} is overdue",
    "correction": "Nobody confirmed the correction {number} in time",
}


def alarm_for_duty(tx: Transaction, environment: Environment, duty: Duty) -> None:
    """Raise an alarm of medium priority that names what is due by its number."""
    kind = f"{duty.kind}-due"
    title = TITLES[duty.kind].format(number=duty.number)
    alarm = new_alarm(environment, kind, "medium", "", environment.clock.now(), title, f"{kind}:{duty.id}:{duty.due}")
    facts = canonical({"name": duty.number, "subject": duty.number}).decode()
    why = say("date-come", "The date has come that people must keep.")
    raise_alarm(tx, environment, replace(alarm, facts=facts), why)
