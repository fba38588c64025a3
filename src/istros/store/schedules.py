"""When which stream was to be recorded: changes of its schedule, and the events that asked for it (docs/design/0020)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Table, and_, func, select

from istros.base.time import Span, Time
from istros.store.columns import KEY, TEXT, WHOLE
from istros.store.repository import Repository
from istros.store.rows import StreamName
from istros.store.schema import METADATA


@dataclass(frozen=True, slots=True)
class ScheduleChangeRow:
    """From `since` on the stream was recorded by this schedule (`recording.schedule.StreamSchedule` as JSON)."""

    camera_id: str
    stream: StreamName
    since: Time
    schedule: str


SCHEDULE_CHANGE = Table(
    "schedule_change",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("since", WHOLE, primary_key=True, autoincrement=False),
    Column("schedule", TEXT, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

TRIGGERED = Table(
    "triggered",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("start", WHOLE, primary_key=True, autoincrement=False),
    Column("end", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

_C = SCHEDULE_CHANGE.c
_T = TRIGGERED.c


class Schedules(Repository):
    """The tables `schedule_change` and `triggered`."""

    def change(self, row: ScheduleChangeRow) -> bool:
        """From now on another schedule holds; False when it is the one in force already."""
        newest = self.newest(row.camera_id, row.stream)
        if newest is not None and newest.schedule == row.schedule:
            return False
        self._put(SCHEDULE_CHANGE, [row])
        return True

    def newest(self, camera_id: str, stream: StreamName) -> ScheduleChangeRow | None:
        """The schedule in force."""
        here = and_(_C.camera_id == camera_id, _C.stream == stream)
        return self._one(ScheduleChangeRow, select(SCHEDULE_CHANGE).where(here).order_by(_C.since.desc()).limit(1))

    def changes(self, camera_id: str, stream: StreamName, before: Time) -> list[ScheduleChangeRow]:
        """Every change before that time, in order."""
        here = and_(_C.camera_id == camera_id, _C.stream == stream, _C.since < before)
        return self._all(ScheduleChangeRow, select(SCHEDULE_CHANGE).where(here).order_by(_C.since))

    def trigger(self, camera_id: str, stream: StreamName, span: Span) -> None:
        """An event asks for the stream in that span; one that is still running when it begins is made longer."""
        here = and_(_T.camera_id == camera_id, _T.stream == stream)
        last = self._connection.execute(
            select(_T.start, _T.end).where(here, _T.start <= span.start).order_by(_T.start.desc()).limit(1)
        ).first()
        if last is not None and last.end >= span.start:
            if span.end > last.end:
                self._connection.execute(TRIGGERED.update().where(here, _T.start == last.start).values(end=span.end))
        else:
            values = {"camera_id": camera_id, "stream": stream, "start": span.start, "end": span.end}
            self._connection.execute(TRIGGERED.insert().values(**values))

    def triggered(self, camera_id: str, stream: StreamName, span: Span) -> list[Span]:
        """Spans in which events asked for the stream that overlap this one, by start."""
        here = and_(_T.camera_id == camera_id, _T.stream == stream)
        before = select(func.max(_T.start)).where(here, _T.start <= span.start)
        first = self._connection.execute(before).scalar()
        since = span.start if first is None else int(first)
        query = select(_T.start, _T.end).where(here, _T.start >= since, _T.start < span.end, _T.end > span.start)
        return [Span(Time(start), Time(end)) for start, end in self._connection.execute(query.order_by(_T.start))]

    def forget_before(self, time: Time) -> None:
        """Forget events that ended before `time`."""
        self._connection.execute(TRIGGERED.delete().where(_T.end < time))
