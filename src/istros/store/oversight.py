"""What the data-protection officer oversees besides accesses: alarms' verdicts, open permits, the oldest that is kept.

`whose` is the organisation whose share is asked for; None: all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Table, and_, func, select, true
from sqlalchemy.sql.elements import ColumnElement

from istros.base.time import Span, Time
from istros.store.repository import Repository
from istros.store.rows import PermitRow, StreamName
from istros.store.schema import ALARM, AUDIT, METADATA, PERMIT, PLATE_READ, SEGMENT

_L = ALARM.c
_P = PERMIT.c
_S = SEGMENT.c


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many alarms of one kind at one camera were closed with one verdict (empty: by the node itself)."""

    kind: str
    camera_id: str
    verdict: str
    count: int


class Oversight(Repository):
    """Questions over tables of others; changes nothing."""

    def verdicts(self, span: Span) -> list[VerdictCount]:
        """Alarms that were closed in the span, by kind, camera and verdict."""
        query = (
            select(_L.kind, _L.camera_id, func.coalesce(_L.verdict, ""), func.count())
            .where(_L.closed >= span.start, _L.closed < span.end)
            .group_by(_L.kind, _L.camera_id, _L.verdict)
            .order_by(_L.kind, _L.camera_id, _L.verdict)
        )
        return [VerdictCount(str(r[0]), str(r[1]), str(r[2]), int(r[3])) for r in self._connection.execute(query)]

    def open_permits(self, now: Time, limit: int, whose: str | None = None) -> list[PermitRow]:
        """Permits that count now, those that end first before the others; without the standing ones of the shift."""
        counting = and_(_P.expires > now, _P.closed.is_(None), _P.purpose != "duty", _of(_P.organisation, whose))
        return self._all(PermitRow, select(PERMIT).where(counting).order_by(_P.expires, _P.id).limit(limit))

    def on_duty(self, now: Time, whose: str | None = None) -> int:
        """How many people hold a standing permit of the shift that counts now, each once however often signed in."""
        counting = and_(_P.expires > now, _P.closed.is_(None), _P.purpose == "duty", _of(_P.organisation, whose))
        return int(self._connection.execute(select(func.count(_P.holder.distinct())).where(counting)).scalar_one())

    def permits_opened(self, span: Span, whose: str | None = None) -> list[tuple[str, int]]:
        """(purpose, how many) of the permits that were opened in the span, without those of the shift."""
        query = (
            select(_P.purpose, func.count())
            .where(_P.opened >= span.start, _P.opened < span.end, _P.purpose != "duty", _of(_P.organisation, whose))
            .group_by(_P.purpose)
            .order_by(_P.purpose)
        )
        return [(str(row[0]), int(row[1])) for row in self._connection.execute(query)]

    def watches_opened(self, span: Span, whose: str | None = None) -> list[tuple[str, int]]:
        """(kind and purpose, how many) of the watchlist entries that were opened in the span: `plate:…`, `person:…`."""
        found: list[tuple[str, int]] = []
        for kind, table in (("person", METADATA.tables["person_entry"]), ("plate", METADATA.tables["watchlist_entry"])):
            query = (
                select(table.c.purpose, func.count())
                .where(table.c.created >= span.start, table.c.created < span.end, _of(table.c.owner, whose))
                .group_by(table.c.purpose)
                .order_by(table.c.purpose)
            )
            found += [(f"{kind}:{row[0]}", int(row[1])) for row in self._connection.execute(query)]
        return found

    def oldest_recordings(self, streams: Sequence[tuple[str, StreamName]]) -> dict[tuple[str, StreamName], Time]:
        """The start of the oldest segment of each stream that has one."""
        found: dict[tuple[str, StreamName], Time] = {}
        for camera_id, stream in streams:
            here = and_(_S.camera_id == camera_id, _S.stream == stream)
            start = self._connection.execute(select(func.min(_S.start)).where(here)).scalar()
            if start is not None:
                found[(camera_id, stream)] = Time(start)
        return found

    def oldest_rows(self) -> dict[str, Time]:
        """When the oldest of each class of rows was: `plates`, `vehicles`, `alarms`, `audit`."""
        columns = {
            "plates": PLATE_READ.c.time, "vehicles": _vehicles().c.last_seen, "alarms": _L.closed, "audit": AUDIT.c.time,
        }  # fmt: skip
        found = {name: self._oldest(column) for name, column in columns.items()}
        return {name: time for name, time in found.items() if time is not None}

    def _oldest(self, column: Column[int]) -> Time | None:
        by_number = select(column).order_by(AUDIT.c.sequence).limit(1)  # the log has no index over its time
        query = by_number if column.table is AUDIT else select(func.min(column))
        time = self._connection.execute(query).scalar()
        return None if time is None else Time(time)


def _of(owner: Column[str], whose: str | None) -> ColumnElement[bool]:
    """Of one organisation; None: of all."""
    return true() if whose is None else owner == whose


def _vehicles() -> Table:
    return METADATA.tables["vehicle"]
