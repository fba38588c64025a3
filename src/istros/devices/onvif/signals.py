"""From a camera's notices to signals: what kind it is, on or off, and when it happened by our clock."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from istros.base.time import SECOND, Time
from istros.devices.onvif.events import Notice
from istros.store.signals import SignalRow, SignalState

STALE_US = 3600 * SECOND
"""A notice from longer ago is dated by its arrival: a camera that forgot its clock, not an event that waited."""

_KINDS = (
    ("motion", ("CellMotionDetector", "MotionRegionDetector", "MotionAlarm", "MotionDetector", "VMD", "MotionGuard")),
    ("tamper", ("GlobalSceneChange", "Tamper", "Tampering", "TamperDetector")),
    ("too-blurry", ("ImageTooBlurry",)),
    ("too-dark", ("ImageTooDark",)),
    ("too-bright", ("ImageTooBright",)),
    ("signal-loss", ("SignalLoss", "VideoLoss")),
    ("digital-input", ("DigitalInput", "Port", "Sensor")),
    ("relay", ("Relay",)),
    ("intrusion", ("FieldDetector", "FenceGuard", "LoiteringGuard", "ObjectsInside")),
    ("crossing", ("LineDetector", "LineCounter")),
    ("card-failure", ("StorageFailure", "Alert")),
)
"""Kinds by a step of the topic; the first that fits. Vendors hang their own words into ONVIF's tree."""

_VALUES = (
    "IsMotion",
    "State",
    "LogicalState",
    "active",
    "state",
    "IsTamper",
    "IsInside",
    "Value",
    "tampering",
    "alert",
)
_TRUE = frozenset({"true", "1", "on", "active", "high"})
_FALSE = frozenset({"false", "0", "off", "inactive", "low"})
_SUBJECTS = ("InputToken", "Token", "RelayToken", "port", "RuleName", "Rule", "VideoSourceConfigurationToken", "Source")


@dataclass(frozen=True, slots=True)
class Said:
    """What a notice says, before it is known whether that is news."""

    kind: str
    subject: str
    state: SignalState
    initial: bool


def said(notice: Notice) -> Said | None:
    """None for a notice that says nothing that the node follows."""
    steps = notice.topic.split("/")
    kind = next((kind for kind, words in _KINDS if any(_fits(step, words) for step in steps)), None)
    if kind is None or notice.operation == "Deleted":
        return None
    values = dict(notice.data)
    value = next((values[name] for name in _VALUES if name in values), None)
    word = "" if value is None else value.strip().lower()
    state: SignalState = "on" if word in _TRUE else "off" if word in _FALSE else "pulse"
    source = dict(notice.source)
    subject = next((source[name] for name in _SUBJECTS if source.get(name)), steps[-1])
    return Said(kind, subject[:100], state, notice.operation == "Initialized")


def _fits(step: str, words: tuple[str, ...]) -> bool:
    return any(step == word or (word.isupper() and step.startswith(word)) for word in words)


class SignalReader:
    """Turns one camera's notices into rows, and knows where each thing stands.

    An `Initialized` notice tells how things are, not that they changed: it becomes a signal only where it contradicts
    what was known (a change that was missed while the subscription was lost). A notice that is older than what is
    known of the same thing is kept with its own time, and changes nothing that is known.
    """

    def __init__(self, camera_id: str) -> None:
        self._camera_id = camera_id
        self._known: dict[tuple[str, str], tuple[SignalState, Time]] = {}

    def restore(self, rows: list[SignalRow]) -> None:
        """What the database knows of this camera."""
        for row in rows:
            if row.source == "onvif":
                self._known[row.kind, row.subject] = (row.state, row.time)

    def read(self, notice: Notice, now: Time, ahead_us: int) -> SignalRow | None:
        """The row to store, or None; `ahead_us` is how far the camera's clock is ahead of ours."""
        found = said(notice)
        if found is None:
            return None
        time = self._time(notice.time, now, ahead_us)
        known = self._known.get((found.kind, found.subject))
        if found.initial and (known[0] if known else "off") == found.state:
            self._known.setdefault((found.kind, found.subject), (found.state, time))
            return None
        if known is not None and known[0] == found.state and found.state != "pulse" and time >= known[1]:
            return None
        if known is None or time >= known[1]:
            self._known[found.kind, found.subject] = (found.state, time)
        return self._row(found, notice, time, now)

    @staticmethod
    def _time(told: Time | None, now: Time, ahead_us: int) -> Time:
        """By our clock, and never later than the arrival: the measured offset is in doubt by tenths of a second."""
        if told is None:
            return now
        ours = Time(told - ahead_us)
        return min(ours, now) if ours >= now - STALE_US else now

    def _row(self, found: Said, notice: Notice, time: Time, now: Time) -> SignalRow:
        told = notice.time if notice.time is not None else time
        facts = (self._camera_id, notice.topic, repr(notice.source), repr(notice.data), str(told))
        digest = hashlib.sha256("\x00".join(facts).encode()).hexdigest()
        detail = json.dumps({"initial": found.initial, "topic": notice.topic[:200]}, separators=(",", ":"))
        return SignalRow(
            0, f"onvif-{digest[:32]}", self._camera_id, "onvif", found.kind, found.state, time, now,
            found.subject, detail,
        )  # fmt: skip
