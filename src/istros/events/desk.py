"""What operators do with alarms: acknowledge, and close with a verdict."""

from __future__ import annotations

from istros.base.environment import Environment
from istros.base.said import say
from istros.events.errors import AlarmNeedsVerdicts, AlarmStateConflict, AlarmUnknown
from istros.events.face_judging import FACE, confirmed
from istros.events.record import Author, record
from istros.store import Transaction
from istros.store.rows import AlarmRow, AlarmState, Verdict


def acknowledge(tx: Transaction, environment: Environment, author: Author, alarm_id: str) -> AlarmRow:
    """Take the alarm; asked again by the same operator, it changes and records nothing.

    Raises AlarmUnknown, and AlarmStateConflict when another operator has taken it or it is closed.
    """
    alarm = _get(tx, alarm_id)
    if alarm.state is AlarmState.ACKNOWLEDGED and alarm.acknowledged_by == author.actor:
        return alarm
    if not tx.alarms.acknowledge(alarm_id, environment.clock.now(), author.actor):
        raise _conflict(alarm, "acknowledged")
    record(tx, environment, author, "alarm.acknowledge", alarm_id, {"kind": alarm.kind, "camera": alarm.camera_id})
    return _get(tx, alarm_id)


def close(
    tx: Transaction, environment: Environment, author: Author, alarm_id: str, verdict: Verdict, note: str
) -> AlarmRow:
    """Close an acknowledged alarm; the same asked again by the same operator changes and records nothing.

    Raises AlarmUnknown, and AlarmStateConflict when nobody has acknowledged it or it is closed already.
    """
    alarm = _get(tx, alarm_id)
    if alarm.state is AlarmState.CLOSED and (alarm.closed_by, alarm.verdict, alarm.note) == (
        author.actor,
        verdict,
        note,
    ):
        return alarm
    if alarm.state is not AlarmState.ACKNOWLEDGED:
        raise _conflict(alarm, "closed")
    if not tx.alarms.close(alarm_id, environment.clock.now(), author.actor, verdict, note):
        raise _conflict(alarm, "closed")
    detail: dict[str, object] = {"verdict": verdict, "note": note, "kind": alarm.kind, "camera": alarm.camera_id}
    record(tx, environment, author, "alarm.close", alarm_id, detail)
    # Asked once the record is this transaction's: a face that was undone at the same moment is known to be undone now.
    if alarm.kind == FACE and verdict == "true" and not confirmed(tx, alarm):
        raise AlarmNeedsVerdicts(
            "This alarm is not called true before two people have confirmed the face.",
            "Give your verdict on the candidate; another person gives theirs.",
        )
    return _get(tx, alarm_id)


def _get(tx: Transaction, alarm_id: str) -> AlarmRow:
    alarm = tx.alarms.get(alarm_id)
    if alarm is None:
        raise AlarmUnknown("There is no such alarm.", "Open the list of alarms again.")
    return alarm


def _conflict(alarm: AlarmRow, wish: str) -> AlarmStateConflict:
    if alarm.state is AlarmState.CLOSED:
        return AlarmStateConflict(
            say(
                "alarm-closed-by",
                f"The alarm cannot be {wish}: {alarm.closed_by} has closed it.",
                name=alarm.closed_by or "",
            ),
            "Read its verdict in the list of alarms.",
        )
    if alarm.state is AlarmState.ACKNOWLEDGED:
        return AlarmStateConflict(
            say(
                "alarm-acknowledged-by",
                f"The alarm cannot be {wish}: {alarm.acknowledged_by} has acknowledged it.",
                name=alarm.acknowledged_by or "",
            ),
            f"Speak to {alarm.acknowledged_by}.",
        )
    return AlarmStateConflict(
        say("alarm-not-acknowledged", f"The alarm cannot be {wish}: nobody has acknowledged it."),
        "Acknowledge it first.",
    )
