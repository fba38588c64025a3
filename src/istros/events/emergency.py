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


def alarm_for_emergency(tx: Transaction, environment: Environment, release: ReleaseRow) -> None:
    """Raise an alarm of high priority that names who released what alone; it stands until somebody answers it."""
    cameras = release.scope_facts.get("cameras") or [""]
    title = f"{release.asked_by} released alone: {release.matter.value}"
    key = f"{EMERGENCY_RELEASE}:{release.id}"
    alarm = new_alarm(environment, EMERGENCY_RELEASE, "high", "", release.asked, title, key)
    facts = canonical({"name": release.asked_by, "subject": release.matter.value, "cameras": list(cameras)}).decode()
    why = say("released-alone", "One person released in an emergency; a second must review it.")
    raise_alarm(tx, environment, replace(alarm, facts=facts), why)
