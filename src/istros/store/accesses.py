"""Who looked at what, counted: the index of the audit chain, and the questions that the officer asks of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, and_, distinct, exists, func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from istros.base.time import DAY, HOUR, Span, Time
from istros.store.access_tables import (
    ACCESS_FACT,
    ACCESS_HOUR,
    ACCESS_MARK,
    AUDIT_SHARE,
    OVERSIGHT_MARK,
    PLACE_HOUR,
    WATCHED_PLATE,
    AccessFactRow,
    OversightMarkRow,
    ShareRow,
    WatchedPlateRow,
)
from istros.store.columns import WHOLE
from istros.store.repository import Repository, batches, values_of
from istros.store.rows import AuditRow
from istros.store.schema import AUDIT, PERMIT, WATCHLIST_ENTRY

_F = ACCESS_FACT.c
_H = ACCESS_HOUR.c
_P = PLACE_HOUR.c
_A = AUDIT.c
_W = WATCHED_PLATE.c
_E = WATCHLIST_ENTRY.c
_S = AUDIT_SHARE.c


@dataclass(frozen=True, slots=True)
class AccessCount:
    """How often something was done in a span, and how often it was refused. `name`: a person, camera or purpose."""

    name: str
    action: str
    count: int
    refused: int


@dataclass(frozen=True, slots=True)
class HourCount:
    """How often one person did something in one hour."""

    hour: Time
    actor: str
    count: int


@dataclass(frozen=True, slots=True)
class PlateSearches:
    """How often one person searched for one plate, from the first time to the last."""

    actor: str
    plate: str
    count: int
    first: Time
    last: Time


@dataclass(frozen=True, slots=True)
class DaySearches:
    """How many different plates one person searched for on one day (UTC)."""

    actor: str
    day: int
    count: int
    first: Time


@dataclass(frozen=True, slots=True)
class AccessQuery:
    """Which rows of the log: within the span, of a person, about a camera, for a purpose, of an action, about a plate."""

    span: Span
    actor: str = ""
    camera_id: str = ""
    purpose: str = ""
    action: str = ""
    searched: str = ""
    organisation: str = ""
    """Only rows of this organisation; those of its cameras alone are found by no plate, and by no other camera."""
    own: Sequence[str] = ()
    """Its cameras."""


class Accesses(Repository):
    """The tables of `store.access_tables`."""

    def mark(self) -> int:
        """The last audit row in the index; locks it while writing."""
        query = select(ACCESS_MARK.c.sequence).where(ACCESS_MARK.c.id == 1)
        return int(self._connection.execute(query.with_for_update() if self._writing else query).scalar_one())

    def purposes(self, permits: Collection[str]) -> dict[str, str]:
        """The purpose of each permit."""
        found: dict[str, str] = {}
        for some in batches(permits):
            query = select(PERMIT.c.id, PERMIT.c.purpose).where(PERMIT.c.id.in_(some))
            found |= {str(row[0]): str(row[1]) for row in self._connection.execute(query)}
        return found

    def index(self, facts: Sequence[AccessFactRow], shares: Sequence[ShareRow], upto: int) -> None:
        """Add facts and shares, count the facts in their hours, and remember that the index reaches to the row `upto`."""
        if facts:
            self._connection.execute(ACCESS_FACT.insert(), [values_of(fact) for fact in facts])
        if shares:
            self._connection.execute(AUDIT_SHARE.insert(), [values_of(share) for share in shares])
        people: Counter[tuple[object, ...]] = Counter()
        places: Counter[tuple[object, ...]] = Counter()
        seen: set[int] = set()
        for fact in facts:
            hour = fact.time - fact.time % HOUR
            if fact.camera_id:
                places[(hour, fact.camera_id, fact.action, fact.refused)] += 1
            if fact.sequence not in seen:
                seen.add(fact.sequence)
                people[(hour, fact.actor, fact.action, fact.purpose, fact.refused)] += 1
        self._count(ACCESS_HOUR, ("hour", "actor", "action", "purpose"), people)
        self._count(PLACE_HOUR, ("hour", "camera_id", "action"), places)
        self._connection.execute(ACCESS_MARK.update().where(ACCESS_MARK.c.id == 1).values(sequence=upto))

    def _count(self, table: Table, names: tuple[str, ...], counts: Counter[tuple[object, ...]]) -> None:
        totals: dict[tuple[object, ...], list[int]] = {}
        for key, count in counts.items():
            total = totals.setdefault(key[:-1], [0, 0])
            total[0] += count
            total[1] += count if key[-1] else 0
        if not totals:
            return
        insert: Any = postgresql.insert(table) if self._on_postgresql else sqlite.insert(table)
        more = {name: table.c[name] + insert.excluded[name] for name in ("count", "refused")}
        rows = [
            dict(zip(names, key, strict=True)) | {"count": total[0], "refused": total[1]}
            for key, total in totals.items()
        ]
        self._connection.execute(insert.on_conflict_do_update(index_elements=list(names), set_=more), rows)

    def clear(self) -> None:
        """Empty the index, so that it is made anew."""
        for table in (ACCESS_FACT, ACCESS_HOUR, PLACE_HOUR, AUDIT_SHARE):
            self._connection.execute(table.delete())
        self._connection.execute(ACCESS_MARK.update().where(ACCESS_MARK.c.id == 1).values(sequence=0))

    def facts(self, first: int, last: int) -> list[AccessFactRow]:
        """The facts of the audit rows `first` to `last`, for `check`."""
        query = select(ACCESS_FACT).where(_F.sequence.between(first, last)).order_by(_F.sequence, _F.camera_id)
        return self._all(AccessFactRow, query)

    def by_person(self, span: Span) -> list[AccessCount]:
        """What each person did."""
        return self._totals(_H.actor, _H.hour, span, _H.action, _H.count, _H.refused)

    def by_purpose(self, span: Span) -> list[AccessCount]:
        """What was done for each purpose; empty for what needs no permit."""
        return self._totals(_H.purpose, _H.hour, span, _H.action, _H.count, _H.refused)

    def by_camera(self, span: Span) -> list[AccessCount]:
        """What was done with each camera; `*` for all of them at once."""
        return self._totals(_P.camera_id, _P.hour, span, _P.action, _P.count, _P.refused)

    def _totals(
        self, name: ColumnElement[Any], hour: ColumnElement[Any], span: Span, action: ColumnElement[Any],
        count: ColumnElement[Any], refused: ColumnElement[Any],
    ) -> list[AccessCount]:  # fmt: skip
        query = (
            select(name, action, func.sum(count), func.sum(refused))
            .where(hour >= span.start - span.start % HOUR, hour < span.end)
            .group_by(name, action)
            .order_by(name, action)
        )
        return [
            AccessCount(str(row[0]), str(row[1]), int(row[2]), int(row[3])) for row in self._connection.execute(query)
        ]

    def hourly(self, span: Span, actions: Collection[str]) -> list[HourCount]:
        """How often each person did any of the actions in each hour, by hour."""
        query = (
            select(_H.hour, _H.actor, func.sum(_H.count))
            .where(_H.hour >= span.start, _H.hour < span.end, _H.action.in_(actions))
            .group_by(_H.hour, _H.actor)
            .order_by(_H.hour, _H.actor)
        )
        return [HourCount(Time(row[0]), str(row[1]), int(row[2])) for row in self._connection.execute(query)]

    def rows(self, query: AccessQuery, before: int | None = None, limit: int = 100) -> list[AuditRow]:
        """The audit rows themselves, newest first."""
        first, last = self._sequences(query.span)
        found = select(_F.sequence).distinct().where(_F.sequence.between(first, last))
        for column, value in (
            (_F.actor, query.actor), (_F.camera_id, query.camera_id), (_F.action, query.action),
            (_F.searched, query.searched),
        ):  # fmt: skip
            if value:
                found = found.where(column == value)
        if query.purpose:
            found = found.where(_F.purpose == ("" if query.purpose == "none" else query.purpose))
        if query.organisation:
            found = found.where(_shared(query))
        if before is not None:
            found = found.where(_F.sequence < before)
        numbers = self._connection.execute(found.order_by(_F.sequence.desc()).limit(limit)).scalars().all()
        return self._all(AuditRow, select(AUDIT).where(_A.sequence.in_(numbers)).order_by(_A.sequence.desc()))

    def _sequences(self, span: Span) -> tuple[int, int]:
        """The audit rows that a span reaches over; a clock that was set makes it wider, never narrower."""
        within = and_(_F.time >= span.start, _F.time < span.end)
        lowest = select(_F.sequence).where(within).order_by(_F.time).limit(200).subquery()
        highest = select(_F.sequence).where(within).order_by(_F.time.desc()).limit(200).subquery()
        first = self._connection.execute(select(func.min(lowest.c.sequence))).scalar()
        last = self._connection.execute(select(func.max(highest.c.sequence))).scalar()
        return int(first or 0), int(last or 0)

    def repeated(self, span: Span, least: int) -> list[PlateSearches]:
        """Plates that one person searched for at least so often."""
        query = (
            select(_F.actor, _F.searched, func.count(distinct(_F.sequence)), func.min(_F.time), func.max(_F.time))
            .where(_searches(span))
            .group_by(_F.actor, _F.searched)
            .having(func.count(distinct(_F.sequence)) >= least)
        )
        return [_plate_searches(row) for row in self._connection.execute(query)]

    def of_watched(self, span: Span) -> list[PlateSearches]:
        """Searches for plates that the officer watches over."""
        watched = exists().where(_W.folded == _F.searched, or_(_W.removed.is_(None), _W.removed > _F.time))
        query = (
            select(_F.actor, _F.searched, func.count(distinct(_F.sequence)), func.min(_F.time), func.max(_F.time))
            .where(_searches(span), watched)
            .group_by(_F.actor, _F.searched)
        )
        return [_plate_searches(row) for row in self._connection.execute(query)]

    def unlisted(self, span: Span, least: int) -> list[DaySearches]:
        """Days on which one person searched for so many different plates that no watchlist entry sought at that moment."""
        sought = exists().where(
            _E.folded == _F.searched, _E.created <= _F.time, _E.expires > _F.time,
            or_(_E.closed.is_(None), _E.closed > _F.time),
        )  # fmt: skip
        day = _F.time // literal(DAY, WHOLE)
        query = (
            select(_F.actor, day.label("day"), func.count(distinct(_F.searched)), func.min(_F.time))
            .where(_searches(span), ~sought)
            .group_by(_F.actor, "day")
            .having(func.count(distinct(_F.searched)) >= least)
        )
        return [
            DaySearches(str(row[0]), int(row[1]), int(row[2]), Time(row[3])) for row in self._connection.execute(query)
        ]

    def add_mark(self, row: OversightMarkRow) -> None:
        """Remember that something was looked at; a later note takes the place of an earlier one."""
        self._put(OVERSIGHT_MARK, [row])

    def marks(self, ids: Collection[str]) -> dict[str, OversightMarkRow]:
        """What was looked at already, of those."""
        found: dict[str, OversightMarkRow] = {}
        for some in batches(ids):
            rows = self._all(OversightMarkRow, select(OVERSIGHT_MARK).where(OVERSIGHT_MARK.c.id.in_(some)))
            found |= {row.id: row for row in rows}
        return found

    def watch_over(self, row: WatchedPlateRow) -> None:
        """A plate to watch over."""
        self._insert(WATCHED_PLATE, row)

    def stop_watching(self, id: str, time: Time) -> bool:
        """End that; False when it had ended or is not there."""
        still = and_(_W.id == id, _W.removed.is_(None))
        return self._changed(WATCHED_PLATE.update().where(still).values(removed=time)) == 1

    def watched(self) -> list[WatchedPlateRow]:
        """Plates that are watched over, newest first."""
        return self._all(
            WatchedPlateRow, select(WATCHED_PLATE).where(_W.removed.is_(None)).order_by(_W.added.desc(), _W.id)
        )


def _shared(query: AccessQuery) -> ColumnElement[bool]:
    """Whether a fact is of a row of the organisation in which it may look for what is asked."""
    found = exists().where(_S.organisation == query.organisation, _S.sequence == _F.sequence)
    return found.where(_S.whole) if query.searched or query.camera_id not in ("", *query.own) else found


def _searches(span: Span) -> ColumnElement[bool]:
    return and_(_F.searched != "", _F.time >= span.start, _F.time < span.end)


def _plate_searches(row: Any) -> PlateSearches:
    return PlateSearches(str(row[0]), str(row[1]), int(row[2]), Time(row[3]), Time(row[4]))
