"""Alarms: each change gets the next number, so that screens can ask what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, and_, case, select, text

from istros.base.time import Span, Time
from istros.store.repository import Repository
from istros.store.rows import AlarmRow, AlarmState, PlateReadRow, Verdict
from istros.store.schema import ALARM, ALARM_CHANGE

_A = ALARM.c
_ROW = [column for column in ALARM.columns if column.name != "changed"]
_WORST_FIRST = case({"critical": 0, "high": 1, "medium": 2, "low": 3}, value=_A.priority, else_=4)
_KEYED = text("state <> 'closed' AND dedupe_key <> ''")
"""Written out, because a bound parameter cannot use the partial index."""


class Alarms(Repository):
    """The tables `alarm` and `alarm_change`."""

    def add(self, row: AlarmRow) -> None:
        """A new alarm; a second open one with the same non-empty `dedupe_key` is refused by the database."""
        self._insert(ALARM, row, changed=self._next_change())

    def get(self, id: str) -> AlarmRow | None:
        """The alarm of that id."""
        return self._one(AlarmRow, select(*_ROW).where(_A.id == id))

    def by_states(
        self, states: Iterable[AlarmState | str], limit: int, cameras: Collection[str] | None = None
    ) -> list[AlarmRow]:
        """Alarms in these states, the worst and then the oldest first; of some cameras ("" is the node), or of all."""
        of = _A.state.in_([AlarmState(state) for state in states])
        wanted = of if cameras is None else and_(of, _A.camera_id.in_(cameras))
        query = select(*_ROW).where(wanted).order_by(_WORST_FIRST, _A.raised, _A.id).limit(limit)
        return self._all(AlarmRow, query)

    def cameras_in(self, states: Iterable[AlarmState]) -> list[str]:
        """Of which cameras there are alarms in these states; "" is the node."""
        query = select(_A.camera_id).where(_A.state.in_(list(states))).distinct()
        return [str(name) for name in self._connection.execute(query).scalars()]

    def open_by_key(self, dedupe_key: str) -> AlarmRow | None:
        """The alarm of that cause that is not closed."""
        return self._one(AlarmRow, select(*_ROW).where(_A.dedupe_key == dedupe_key, _KEYED))

    def fold(self, id: str, time: Time) -> None:
        """The same cause was seen again at `time`."""
        self._change(_A.id == id, count=_A.count + 1, last_time=time)

    def acknowledge(self, id: str, time: Time, by: str) -> bool:
        """A new alarm is now somebody's; False when it is not new."""
        is_new = and_(_A.id == id, _A.state == AlarmState.NEW)
        return self._change(is_new, state=AlarmState.ACKNOWLEDGED, acknowledged=time, acknowledged_by=by)

    def close(self, id: str, time: Time, by: str, verdict: Verdict, note: str) -> bool:
        """An acknowledged alarm is answered; False when it is in another state."""
        answered = and_(_A.id == id, _A.state == AlarmState.ACKNOWLEDGED)
        values = {"closed": time, "closed_by": by, "verdict": verdict, "note": note}
        return self._change(answered, state=AlarmState.CLOSED, **values)

    def escalate(self, id: str, time: Time) -> None:
        """Nobody answered in time."""
        self._change(_A.id == id, escalated=time)

    def returned(self, id: str, time: Time | None) -> None:
        """The alarm's cause is over since `time`; with None it lasts again."""
        self._change(_A.id == id, returned=time)

    def tell(self, id: str, facts: str) -> None:
        """What the title says has changed."""
        self._change(_A.id == id, facts=facts)

    def end(self, id: str, time: Time, by: str, verdict: Verdict) -> bool:
        """The node itself closes an alarm that needs no more answer, in whatever state; False when it is closed."""
        still_open = and_(_A.id == id, _A.state != AlarmState.CLOSED)
        return self._change(still_open, state=AlarmState.CLOSED, closed=time, closed_by=by, verdict=verdict)

    def revise(self, id: str, verdict: Verdict) -> bool:
        """A closed alarm turned out to be something else; False when it is not closed."""
        return self._change(and_(_A.id == id, _A.state == AlarmState.CLOSED), verdict=verdict)

    def reread(self, id: str, plate_read: str, match: str, title: str) -> None:
        """The plate that raised it was another one."""
        self._change(_A.id == id, plate_read=plate_read, match=match, title=title)

    def of_read(self, read: PlateReadRow) -> list[AlarmRow]:
        """Alarms that a plate read raised, oldest first."""
        raised = and_(_A.camera_id == read.camera_id, _A.time == read.time, _A.observation_id == read.id)
        return self._all(AlarmRow, select(*_ROW).where(raised).order_by(_A.raised, _A.id))

    def settled(self, before: Time) -> list[AlarmRow]:
        """Acknowledged alarms whose cause has been over since before that time."""
        over = and_(_A.state == AlarmState.ACKNOWLEDGED, _A.returned.is_not(None), _A.returned < before)
        return self._all(AlarmRow, select(*_ROW).where(over, _A.acknowledged < before).order_by(_A.raised, _A.id))

    def overdue(self, now: Time) -> list[AlarmRow]:
        """New alarms whose cause lasts, whose time to answer is over and that were not escalated yet, oldest first."""
        unanswered = and_(_A.state == AlarmState.NEW, _A.answer_by <= now)
        waiting = and_(unanswered, _A.escalated.is_(None), _A.returned.is_(None))
        return self._all(AlarmRow, select(*_ROW).where(waiting).order_by(_A.answer_by, _A.id))

    def between(self, camera_id: str, span: Span) -> list[AlarmRow]:
        """Alarms whose cause lies in the span, by time."""
        here = and_(_A.camera_id == camera_id, _A.time >= span.start, _A.time < span.end)
        return self._all(AlarmRow, select(*_ROW).where(here).order_by(_A.time, _A.id))

    def changed_since(self, sequence: int) -> tuple[list[AlarmRow], int]:
        """Alarms changed after change number `sequence`, in order of change, and the newest number."""
        newest = int(self._connection.execute(select(ALARM_CHANGE.c.sequence)).scalar_one())
        if newest <= sequence:
            return [], newest
        changed = select(*_ROW).where(_A.changed > sequence, _A.changed <= newest).order_by(_A.changed)
        return self._all(AlarmRow, changed), newest

    def _change(self, which: ColumnElement[bool], **values: object) -> bool:
        return self._changed(ALARM.update().where(which).values(changed=self._next_change(), **values)) == 1

    def _next_change(self) -> int:
        """The row lock of the counter lasts to the commit, so numbers become visible in their order."""
        bump = ALARM_CHANGE.update().values(sequence=ALARM_CHANGE.c.sequence + 1)
        return int(self._connection.execute(bump.returning(ALARM_CHANGE.c.sequence)).scalar_one())
