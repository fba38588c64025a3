"""Stretches of a camera in which something happened: what was recorded then is kept longer (docs/design/0020)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Table, and_, func, select

from istros.base.time import MINUTE, Span, Time
from istros.store.columns import KEY, WHOLE
from istros.store.repository import Repository
from istros.store.schema import METADATA

JOIN_US = MINUTE
"""Stretches closer than this are one: the minute between two passers-by is part of the story, and rows stay few."""


@dataclass(frozen=True, slots=True)
class EventMark:
    """How far signals and alarms have been looked through."""

    signal: int
    alarm: int


EVENT_SPAN = Table(
    "event_span",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("start", WHOLE, primary_key=True, autoincrement=False),
    Column("end", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Spans of one camera neither overlap nor touch."""

EVENT_MARK = Table(
    "event_mark",
    METADATA,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("signal", WHOLE, nullable=False),
    Column("alarm", WHOLE, nullable=False),
    sqlite_strict=True,
)

_E = EVENT_SPAN.c


class EventSpans(Repository):
    """The tables `event_span` and `event_mark`."""

    def cover(self, camera_id: str, span: Span) -> None:
        """Something happened then; spans that it touches become one with it."""
        near = and_(_E.camera_id == camera_id, _E.start <= span.end + JOIN_US, _E.end >= span.start - JOIN_US)
        found = self._connection.execute(select(_E.start, _E.end).where(near, _E.start >= self._first(camera_id, span)))
        touched = [(Time(start), Time(end)) for start, end in found]
        start = min([span.start, *(first for first, _ in touched)])
        end = max([span.end, *(last for _, last in touched)])
        if touched == [(start, end)]:
            return
        if touched:
            gone = and_(_E.camera_id == camera_id, _E.start.in_([first for first, _ in touched]))
            self._connection.execute(EVENT_SPAN.delete().where(gone))
        self._connection.execute(EVENT_SPAN.insert().values(camera_id=camera_id, start=start, end=end))

    def between(self, camera_id: str, span: Span) -> list[Span]:
        """Spans that overlap the span, by start, in full length."""
        here = and_(_E.camera_id == camera_id, _E.start >= self._first(camera_id, span), _E.start < span.end)
        found = self._connection.execute(select(_E.start, _E.end).where(here, _E.end > span.start).order_by(_E.start))
        return [Span(Time(start), Time(end)) for start, end in found]

    def remove_before(self, camera_id: str, time: Time) -> None:
        """Forget spans of a camera that ended before `time`."""
        self._connection.execute(EVENT_SPAN.delete().where(_E.camera_id == camera_id, _E.end < time))

    def mark(self) -> EventMark:
        """How far signals and alarms have been looked through."""
        row = self._connection.execute(select(EVENT_MARK.c.signal, EVENT_MARK.c.alarm)).first()
        return EventMark(0, 0) if row is None else EventMark(*row)

    def set_mark(self, mark: EventMark) -> None:
        """Go on behind these numbers the next time."""
        self._connection.execute(EVENT_MARK.update().values(signal=mark.signal, alarm=mark.alarm))

    def _first(self, camera_id: str, span: Span) -> int:
        """Start of the last span that begins before this one: as spans do not overlap, no earlier one reaches it."""
        before = select(func.max(_E.start)).where(_E.camera_id == camera_id, _E.start <= span.start)
        found = self._connection.execute(before).scalar()
        return span.start - JOIN_US if found is None else min(int(found), span.start - JOIN_US)
