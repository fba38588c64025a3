"""How long recordings are kept at this moment: as the settings say, within the deployment profile in force."""

from __future__ import annotations

from istros.base.time import Time
from istros.compliance.profile import recording_days
from istros.recording.keeping import KeepingRules
from istros.store import Transaction


def keeping_now(tx: Transaction, now: Time, rules: KeepingRules) -> KeepingRules:
    """The stricter of the two; a profile that comes into force counts from the next look on."""
    days = recording_days(tx, now)
    return rules if days is None else rules.within(days)
