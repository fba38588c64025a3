"""How long recordings are kept at this moment: as the settings say, within the profile and the assessments in force."""

from __future__ import annotations

from dataclasses import replace

from istros.base.time import Time
from istros.compliance.assessments import clearances
from istros.compliance.profile import recording_days
from istros.recording.keeping import KeepingRules
from istros.store import Transaction


def keeping_now(tx: Transaction, now: Time, rules: KeepingRules) -> KeepingRules:
    """The strictest of them; a profile or an assessment that comes into force counts from the next look on."""
    rules = keeping_by_profile(tx, now, rules)
    assessed = {row.camera_id: True for row in tx.assessments.newest_approved()}
    bounded = {
        camera_id: rules.of(camera_id).within(clearance.keep_hours / 24)
        for camera_id, clearance in clearances(tx, now, assessed).items()
        if clearance.keep_hours is not None
    }
    return replace(rules, cameras={**rules.cameras, **bounded})


def keeping_by_profile(tx: Transaction, now: Time, rules: KeepingRules) -> KeepingRules:
    """What the settings and the profile alone would keep: no assessment may promise less than that."""
    days = recording_days(tx, now)
    return rules if days is None else rules.within(days)
