"""What people owe is loud when its time comes: an alarm on every desk, as for an emergency release (docs/design/0042)."""

from __future__ import annotations

from istros.base.environment import Environment
from istros.base.said import say
from istros.compliance.duties import Duty
from istros.events.raising import new_alarm, raise_alarm
from istros.store import Transaction

TITLES = {
    "request": "The answer to a person is nearly due",
    "hold": "The review of a hold is overdue",
    "correction": "Nobody confirmed a correction in time",
}


def alarm_for_duty(tx: Transaction, environment: Environment, duty: Duty) -> None:
    """Raise an alarm of medium priority. What it is about by number stands over the screens of those whose duty it is."""
    kind = f"{duty.kind}-due"
    key = f"{kind}:{duty.id}:{duty.due}"
    alarm = new_alarm(environment, kind, "medium", "", environment.clock.now(), TITLES[duty.kind], key)
    raise_alarm(tx, environment, alarm, say("date-come", "The date has come that people must keep."))
