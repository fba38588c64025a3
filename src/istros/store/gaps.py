"""The gap ledger: what was not recorded, why, and what was filled later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from istros.base.time import SECOND, Span, Time
from istros.store.repository import Repository
from istros.store.rows import GapCause, GapRow, StreamName
from istros.store.schema import GAP

LEAST_US = SECOND // 2
"""What is left of a gap beside a filled stretch is no gap when it is shorter: segments that close touch."""

_G = GAP.c
_STANDS = _G.filled.is_(None)


@dataclass(frozen=True, slots=True)
class GapQuery:
    """What to read from the ledger, newest first; `cameras` and `causes` empty mean all. `before` is the last row seen."""

    span: Span
    cameras: Sequence[str] = ()
    causes: Sequence[GapCause] = ()
    before: tuple[Time, str] | None = None
    limit: int = 100


class Gaps(Repository):
    """The table `gap`."""

    def open(self, row: GapRow) -> None:
        """A gap has begun (or, with an end, was found later)."""
        self._insert(GAP, row)

    def end(self, id: str, end: Time) -> None:
        """The gap is over."""
        self._connection.execute(GAP.update().where(_G.id == id).values(end=end))

    def open_one(self, camera_id: str, stream: StreamName) -> GapRow | None:
        """The newest gap of the stream that still lasts."""
        here = and_(_G.camera_id == camera_id, _G.stream == stream, _G.end.is_(None))
        return self._one(GapRow, select(GAP).where(here).order_by(_G.start.desc()).limit(1))

    def between(self, camera_id: str, stream: StreamName, span: Span) -> list[GapRow]:
        """Gaps that overlap the span, by start; without what was filled."""
        here = and_(_G.camera_id == camera_id, _G.stream == stream, _STANDS)
        return self._all(GapRow, select(GAP).where(here, _overlaps(span)).order_by(_G.start))

    def between_many(
        self, streams: Sequence[tuple[str, StreamName]], span: Span
    ) -> dict[tuple[str, str], list[GapRow]]:
        """`between` of several streams in one look; every one that was asked for has its list."""
        found: dict[tuple[str, str], list[GapRow]] = {(camera_id, stream): [] for camera_id, stream in streams}
        here = and_(_G.camera_id.in_(sorted({camera_id for camera_id, _ in streams})), _STANDS)
        for row in self._all(GapRow, select(GAP).where(here, _overlaps(span)).order_by(_G.start)):
            if (row.camera_id, row.stream) in found:
                found[row.camera_id, row.stream].append(row)
        return found

    def fill(self, camera_id: str, stream: StreamName, span: Span, time: Time, fresh_id: Callable[[], str]) -> None:
        """The span was fetched later: gaps that are over give it up, and the ledger keeps that it once was missing.

        What is left of a gap keeps its id (the part before, where there are two); the filled part is a row of its own.
        """
        for gap in self.between(camera_id, stream, span):
            if gap.end is not None:
                self._give_up(gap, gap.end, span, time, fresh_id)

    def _give_up(self, gap: GapRow, gap_end: Time, span: Span, time: Time, fresh_id: Callable[[], str]) -> None:
        start = span.start if span.start - gap.start > LEAST_US else gap.start
        end = span.end if gap_end - span.end > LEAST_US else gap_end
        filled = replace(gap, start=start, end=end, filled=time)
        left = [part for part in (Span(gap.start, start), Span(end, gap_end)) if part.duration_us]
        parts = [replace(gap, start=part.start, end=part.end) for part in left]
        self._connection.execute(GAP.delete().where(_G.id == gap.id))
        for at, part in enumerate([*parts, filled]):
            self._insert(GAP, part if at == 0 else replace(part, id=fresh_id()))

    def ledger(self, query: GapQuery) -> list[GapRow]:
        """The rows of the ledger that overlap the span, filled ones too, newest first."""
        found = select(GAP).where(_overlaps(query.span))
        if query.cameras:
            found = found.where(_G.camera_id.in_(query.cameras))
        if query.causes:
            found = found.where(_G.cause.in_(query.causes))
        if query.before is not None:
            found = found.where(tuple_(_G.start, _G.id) < query.before)
        return self._all(GapRow, found.order_by(_G.start.desc(), _G.id.desc()).limit(query.limit))

    def filled(self, camera_id: str, stream: StreamName, span: Span) -> list[GapRow]:
        """Stretches that overlap the span and were filled later, by start."""
        here = and_(_G.camera_id == camera_id, _G.stream == stream, _G.filled.is_not(None))
        return self._all(GapRow, select(GAP).where(here, _overlaps(span)).order_by(_G.start))

    def first(self, camera_id: str, stream: StreamName) -> Time | None:
        """When the ledger of a stream begins."""
        here = and_(_G.camera_id == camera_id, _G.stream == stream)
        start = self._connection.execute(select(func.min(_G.start)).where(here)).scalar_one()
        return None if start is None else Time(start)


def _overlaps(span: Span) -> ColumnElement[bool]:
    return and_(_G.start < span.end, or_(_G.end.is_(None), _G.end > span.start))
