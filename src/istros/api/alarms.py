"""Alarms: the queue, one alarm with what raised it, and the two answers."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api import schemas
from istros.api.alarm_concerns import concern_of
from istros.api.face_shapes import AlarmDetail
from istros.api.faces import face_alarm
from istros.api.gate import Caller, needs
from istros.api.problems import BadRequest
from istros.api.shapes import alarm_shape, entry_shape, listed_now, read_shape
from istros.base.said import Said, from_facts
from istros.events import desk
from istros.events.errors import AlarmUnknown
from istros.events.face_judging import FACE
from istros.store import Transaction
from istros.store.rows import AlarmRow, AlarmState

router = APIRouter(tags=["alarms"])

_TOLD = {
    "alarm.raise": ("why",),
    "alarm.fold": ("why",),
    "alarm.escalate": ("late_s",),
    "alarm.close": ("verdict", "note"),
    "alarm.revise": ("verdict", "why"),
}
"""What of an audit row's detail the history tells; the rest concerns the log alone."""


@router.get("/alarms")
async def list_alarms(
    caller: Annotated[Caller, Depends(needs("alarms.read"))],
    state: str = "new,acknowledged",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[schemas.Alarm]:
    """Alarms in the given states, worst and oldest first."""
    states = _states(state)

    def work(tx: Transaction) -> list[schemas.Alarm]:
        cameras = [each for each in tx.alarms.cameras_in(states) if caller.may_on("alarms.read", each)]
        return [alarm_shape(tx, row) for row in tx.alarms.by_states(states, limit, cameras)]

    return await caller.disclose("alarms", work, {"states": [str(each) for each in states]})


@router.get("/alarms/{alarm_id}")
async def get_alarm(alarm_id: str, caller: Annotated[Caller, Depends(needs("alarms.read"))]) -> AlarmDetail:
    """An alarm with its read, its watchlist entry and its history."""
    return await caller.disclose(alarm_id, lambda tx: _detail(tx, caller, alarm_id))


@router.post("/alarms/{alarm_id}/acknowledge")
async def acknowledge_alarm(alarm_id: str, caller: Annotated[Caller, Depends(needs("alarms.answer"))]) -> schemas.Alarm:
    """Take an alarm."""

    def work(tx: Transaction) -> schemas.Alarm:
        require_seen(tx, caller, "alarms.answer", alarm_id)
        return alarm_shape(tx, desk.acknowledge(tx, caller.node.environment, caller.author, alarm_id))

    return await caller.act(alarm_id, work)


@router.post("/alarms/{alarm_id}/close")
async def close_alarm(
    alarm_id: str, body: schemas.AlarmClosing, caller: Annotated[Caller, Depends(needs("alarms.answer"))]
) -> schemas.Alarm:
    """Close an acknowledged alarm with a verdict."""

    def work(tx: Transaction) -> schemas.Alarm:
        require_seen(tx, caller, "alarms.answer", alarm_id)
        row = desk.close(tx, caller.node.environment, caller.author, alarm_id, body.verdict, body.note)
        return alarm_shape(tx, row)

    return await caller.act(alarm_id, work)


def _states(text: str) -> list[AlarmState]:
    try:
        return [AlarmState(word.strip()) for word in text.split(",")]
    except ValueError:
        known = ", ".join(AlarmState)
        raise BadRequest(f"'{text}' is not a list of alarm states.", f"The states are {known}.") from None


def require_seen(tx: Transaction, caller: Caller, action: str, alarm_id: str) -> AlarmRow:
    """The alarm, where the policy lets the caller do that with its camera; else it is as one that is not there. AlarmUnknown."""
    row = tx.alarms.get(alarm_id)
    if row is None or not caller.may_on(action, row.camera_id):
        raise AlarmUnknown("There is no such alarm.", "Open the list of alarms again.")
    return row


def _detail(tx: Transaction, caller: Caller, alarm_id: str) -> AlarmDetail:
    row = require_seen(tx, caller, "alarms.read", alarm_id)
    now = caller.node.environment.clock.now()
    read = tx.reads.get(row.observation_id) if row.observation_id else None
    entry = tx.watchlist.get(row.watchlist_entry_id) if row.watchlist_entry_id else None
    return AlarmDetail(
        **alarm_shape(tx, row).model_dump(),
        read=read_shape(read, listed_now(tx, now)(read)) if read else None,
        entry=entry_shape(entry, now) if entry else None,
        face=face_alarm(tx, row, caller) if row.kind == FACE else None,
        concerns=concern_of(tx, caller, row),
        history=_history(tx, row),
    )


def _history(tx: Transaction, row: AlarmRow) -> list[schemas.HistoryItem]:
    # How it was raised is shown however often it was seen since.
    told = {audit.sequence: audit for audit in (*tx.audit.beginning(row.id), *tx.audit.about(row.id))}
    steps = (audit for audit in told.values() if audit.action.startswith("alarm."))
    return [
        schemas.HistoryItem(
            time=step.time,
            actor=step.actor,
            action=step.action,
            detail=said.text,
            code=said.code,
            facts=dict(said.facts),
        )
        for step in sorted(steps, key=lambda step: step.sequence)
        for said in (_told(step.action, step.detail),)
    ]


def _told(action: str, detail: str) -> Said:
    facts = json.loads(detail or "{}")
    if action == "alarm.revise" and "why_code" not in facts:
        facts.pop(
            "why", None
        )  # a row of an earlier version holds what a person wrote, for fewer readers than an alarm's
    text = " · ".join(str(facts[key]) for key in _TOLD.get(action, ()) if facts.get(key) not in (None, ""))
    return from_facts(text, facts.get("why_code"), facts.get("why_facts"))
