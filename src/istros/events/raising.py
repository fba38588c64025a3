"""How alarms come to be: their deadlines, and the folding of repeats into the alarm that is already there."""

from __future__ import annotations

from dataclasses import replace

from istros.base.environment import Environment
from istros.base.plate_text import fold_read
from istros.base.said import Said
from istros.base.time import MINUTE, SECOND, Time
from istros.events.matching import Match
from istros.events.record import NODE, record
from istros.store import Transaction
from istros.store.rows import AlarmRow, AlarmState, PlateReadRow, Priority

ANSWER_WITHIN: dict[Priority, int] = {
    "critical": 30 * SECOND,
    "high": 2 * MINUTE,
    "medium": 10 * MINUTE,
    "low": 60 * MINUTE,
}
"""Microseconds from raising to the latest answer (docs/design/0015)."""

FOLD_WITHIN = 5 * MINUTE
"""Microseconds after its last cause in which an open alarm takes up repeats of the same cause."""

MOST_OPEN = 1000
"""Open alarms looked through for one to fold into; with more, a repeat raises its own alarm rather than none."""

SOUGHT_VEHICLE = "sought-vehicle"


def raise_for_match(tx: Transaction, environment: Environment, read: PlateReadRow, match: Match) -> None:
    """Raise an alarm for a sought plate, or fold the read into the open alarm of the same camera and entry.

    A near match also folds into an exact alarm; an exact match never hides inside a near one.
    """
    standing = _standing(tx, read, match)
    if standing is None:
        raise_alarm(tx, environment, _sought(environment, read, match), match.why)
    else:
        fold_into(tx, environment, standing, Time(max(read.time, standing.last_time)), read.id, match.why)


def raise_alarm(tx: Transaction, environment: Environment, alarm: AlarmRow, why: Said) -> None:
    """Store a new alarm and say so in the audit log."""
    tx.alarms.add(alarm)
    detail = {
        "kind": alarm.kind, "priority": alarm.priority, "camera": alarm.camera_id, "match": alarm.match,
        "observation": alarm.observation_id, "entry": alarm.watchlist_entry_id, **_told(why),
    }  # fmt: skip
    record(tx, environment, NODE, "alarm.raise", alarm.id, detail)


def fold_into(tx: Transaction, environment: Environment, alarm: AlarmRow, time: Time, cause: str, why: Said) -> None:
    """Count one more cause on an open alarm and say so in the audit log."""
    tx.alarms.fold(alarm.id, time)
    record(
        tx, environment, NODE, "alarm.fold", alarm.id, {"observation": cause, "count": alarm.count + 1, **_told(why)}
    )


def new_alarm(environment: Environment, kind: str, priority: Priority, camera_id: str, time: Time, title: str,
              key: str) -> AlarmRow:  # fmt: skip
    """An alarm as it is when it is raised now; `time` is that of its cause."""
    now = environment.clock.now()
    return AlarmRow(
        id=environment.ids.new(), kind=kind, priority=priority, state=AlarmState.NEW, camera_id=camera_id, time=time,
        raised=now, answer_by=Time(now + ANSWER_WITHIN[priority]), count=1, last_time=time, title=title,
        observation_id=None, watchlist_entry_id=None, match="", plate="", plate_read="", dedupe_key=key,
    )  # fmt: skip


def _told(why: Said) -> dict[str, object]:
    """The sentence, and what the screens say it with in their languages."""
    return {"why": why.text, "why_code": why.code, "why_facts": dict(why.facts)}


def title_of(plate: str, camera_id: str) -> str:
    """What the alarm of a sought plate is called."""
    return f"Sought vehicle {plate} at {camera_id}"


def _sought(environment: Environment, read: PlateReadRow, match: Match) -> AlarmRow:
    entry = match.entry
    title = title_of(entry.plate, read.camera_id)
    key = f"{SOUGHT_VEHICLE}:{read.camera_id}:{entry.id}:{match.kind}:{read.id}"
    alarm = new_alarm(environment, SOUGHT_VEHICLE, entry.priority, read.camera_id, read.time, title, key)
    return replace(
        alarm, observation_id=read.id, watchlist_entry_id=entry.id, match=match.kind, plate=entry.plate,
        plate_read=read.text,
    )  # fmt: skip


def _standing(tx: Transaction, read: PlateReadRow, match: Match) -> AlarmRow | None:
    """The open alarm that takes up the match, an exact one before a near one, the newest first."""
    kinds = ("exact", "near") if match.kind == "near" else (match.kind,)
    fitting = [
        alarm
        for alarm in tx.alarms.by_states((AlarmState.NEW, AlarmState.ACKNOWLEDGED), MOST_OPEN)
        if (alarm.camera_id, alarm.watchlist_entry_id) == (read.camera_id, match.entry.id)
        and alarm.match in kinds
        # A pattern fits several vehicles: each plate has an alarm of its own.
        and (match.kind != "pattern" or fold_read(alarm.plate_read) == fold_read(read.text))
        and abs(read.time - alarm.last_time) <= FOLD_WITHIN
    ]
    return min(fitting, key=lambda alarm: (kinds.index(alarm.match), -alarm.last_time), default=None)
