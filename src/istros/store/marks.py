"""Marks on a timeline: reads, alarms and signals of many cameras, gathered into slots, so that a month fits a screen.

A short view is answered from the rows themselves; a longer one from counts by one hour or six, which triggers keep
(migration 0014): a walk over a month of reads would take seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Select, Table, func, literal, select

from istros.base.time import DAY, HOUR, Span, Time
from istros.store.columns import KEY, WHOLE
from istros.store.repository import Repository
from istros.store.schema import ALARM, GAP, METADATA, PLATE, PLATE_READ
from istros.store.signals import SIGNAL

EXACT_US = 8 * DAY
"""So much time, over all cameras together, is read from the rows."""

WIDTHS = (HOUR, 6 * HOUR)
"""The slots that are counted, in microseconds."""

READ = "read"
"""The kind under which plate reads are counted; signals are counted under their own."""

_MOST_LISTED = 1000

MARK_COUNT = Table(
    "mark_count",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("width", WHOLE, primary_key=True, autoincrement=False),
    Column("slot", WHOLE, primary_key=True, autoincrement=False),
    Column("kind", KEY, primary_key=True),
    Column("first", WHOLE, nullable=False),
    Column("marks", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Reads and signals by camera and slot (its number since the epoch), kept by triggers; `first` is when the first was."""

_C, _R, _S, _A, _G = MARK_COUNT.c, PLATE_READ.c, SIGNAL.c, ALARM.c, GAP.c


MarkName = Literal["read", "alarm", "gap", "signal"]
_BESIDE: dict[MarkName, tuple[Any, Any, Sequence[ColumnElement[bool]]]] = {
    "read": (_R, _R.time, ()),
    "alarm": (_A, _A.time, ()),
    "gap": (_G, _G.start, (_G.stream == "main",)),
    "signal": (_S, _S.time, (_S.state != "off",)),
}


@dataclass(frozen=True, slots=True)
class MarkRow:
    """How many of a kind a camera has in one slot, and exactly when the first was."""

    camera_id: str
    kind: str
    first: Time
    count: int


class Marks(Repository):
    """What the timeline shows besides recordings. `slot_us` is how wide a slot is: one of `WIDTHS` reads what is counted."""

    def reads(self, cameras: Sequence[str], span: Span, slot_us: int) -> list[MarkRow]:
        """Plate reads, by camera and time."""
        if slot_us in WIDTHS:
            return self._counted(_C.kind == READ, cameras, span, slot_us)
        query = select(_R.camera_id, literal(READ), func.min(_R.time), func.count())
        return self._all(MarkRow, _by_slot(query.where(*_within(_R, cameras, span)), _R, slot_us))

    def signals(self, cameras: Sequence[str], span: Span, slot_us: int) -> list[MarkRow]:
        """What begins or happens (not what ends), by camera and time."""
        if slot_us in WIDTHS:
            return self._counted(_C.kind != READ, cameras, span, slot_us)
        query = select(_S.camera_id, _S.kind, func.min(_S.time), func.count())
        begins = query.where(*_within(_S, cameras, span), _S.state != "off")
        return self._all(MarkRow, _by_slot(begins, _S, slot_us, _S.kind))

    def alarms(self, cameras: Sequence[str], span: Span, slot_us: int) -> list[MarkRow]:
        """Alarms; `kind` is their priority."""
        query = select(_A.camera_id, _A.priority, func.min(_A.time), func.count())
        return self._all(MarkRow, _by_slot(query.where(*_within(_A, cameras, span)), _A, slot_us, _A.priority))

    def listed(self, cameras: Sequence[str], span: Span, folded: Sequence[str]) -> list[MarkRow]:
        """The newest reads of these plates, in their folded form; each for itself."""
        if not folded:
            return []
        query = (
            select(_R.camera_id, literal(READ), _R.time, literal(1))
            .join(PLATE, PLATE.c.id == _R.plate_id)
            .where(PLATE.c.folded.in_(folded), *_within(_R, cameras, span))
            .order_by(_R.time.desc())
            .limit(_MOST_LISTED)
        )
        return self._all(MarkRow, query)

    def beside(
        self, kind: MarkName, cameras: Sequence[str], time: Time, later: bool, within: Sequence[Span]
    ) -> tuple[Time, str] | None:
        """The nearest moment of a kind after (or before) a time, and whose it is: one seek a camera and span.

        Only what lies in one of the spans is looked at.
        """
        found = [
            (Time(when), camera_id)
            for camera_id in cameras
            for span in within
            if (when := self._beside(kind, camera_id, time, later, span)) is not None
        ]
        return (min(found) if later else max(found)) if found else None

    def _beside(self, kind: MarkName, camera_id: str, time: Time, later: bool, span: Span) -> int | None:
        columns, moment, more = _BESIDE[kind]
        outermost = func.min(moment) if later else func.max(moment)
        side = moment > time if later else moment < time
        inside = (moment >= span.start, moment < span.end)
        query = select(outermost).where(columns.camera_id == camera_id, side, *inside, *more)
        found: int | None = self._connection.execute(query).scalar()
        return found

    def _counted(self, kind: ColumnElement[bool], cameras: Sequence[str], span: Span, width: int) -> list[MarkRow]:
        inside = (_C.width == width, _C.slot >= span.start // width, _C.slot <= (span.end - 1) // width)
        query = select(_C.camera_id, _C.kind, _C.first, _C.marks).where(_C.camera_id.in_(cameras), *inside, kind)
        return self._all(MarkRow, query.order_by(_C.camera_id, _C.slot, _C.kind))


def _within(columns: Any, cameras: Sequence[str], span: Span) -> tuple[ColumnElement[bool], ...]:
    return columns.camera_id.in_(cameras), columns.time >= span.start, columns.time < span.end


def _by_slot(query: Select[Any], columns: Any, width: int, *kinds: Any) -> Select[Any]:
    slot = columns.time // width
    return query.group_by(columns.camera_id, slot, *kinds).order_by(columns.camera_id, slot, *kinds)
