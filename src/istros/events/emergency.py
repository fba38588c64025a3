"""An emergency release is loud: it raises an alarm on every desk (docs/design/0031)."""

from __future__ import annotations

from dataclasses import replace

from istros.base.canonical import canonical
from istros.base.environment import Environment
from istros.base.said import say
from istros.events.raising import new_alarm, raise_alarm
from istros.store import Transaction
from istros.store.releases import ReleaseRow

EMERGENCY_RELEASE = "emergency-release"
TITLE = "An emergency release waits for its review"


def alarm_for_emergency(tx: Transaction, environment: Environment, release: ReleaseRow) -> None:
    """Raise an alarm of high priority that stands until somebody answers it.

    It tells that a release waits and until when. Who asked for what is in the release, for those who may see releases:
    alarms are read by more people than these, of every organisation.
    """
    alarm = new_alarm(
        environment, EMERGENCY_RELEASE, "high", "", release.asked, TITLE, f"{EMERGENCY_RELEASE}:{release.id}"
    )
    facts = canonical({"due": release.answer_by}).decode()
    why = say("released-alone", "One person released in an emergency; a second must review it.")
    raise_alarm(tx, environment, replace(alarm, facts=facts), why)
