"""The past in spans: touching segments joined, so that a timeline reads hundreds of rows instead of millions.

Triggers on `segment` keep the table in the transaction that adds, grows, closes or removes a segment (migration 0008,
docs/design/0019): the recorder pays for no statement of its own, and nobody can forget it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Table, and_, func, select

from istros.base.time import SECOND, Span, Time
from istros.store.columns import KEY, WHOLE
from istros.store.repository import Repository, batches
from istros.store.rows import StreamName
from istros.store.schema import METADATA, SEGMENT

TOUCHING_US = SECOND // 2
"""Segments closer than this count as one stretch on a timeline; the triggers hold the same number."""

RECORDED_SPAN = Table(
    "recorded_span",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("start", WHOLE, primary_key=True, autoincrement=False),
    Column("end", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

_R = RECORDED_SPAN.c
_S = SEGMENT.c


class Spans(Repository):
    """The table `recorded_span`. No two spans of a stream are closer than `TOUCHING_US`."""

    def recorded(self, camera_id: str, stream: StreamName, span: Span) -> list[Span]:
        """Stretches of the span that are recorded, by start."""
        found = self._connection.execute(
            select(_R.start, _R.end)
            .where(_R.camera_id == camera_id, _R.stream == stream)
            .where(_R.start >= self._first(camera_id, stream, span), _R.start < span.end)
            .order_by(_R.start)
        )
        return _clipped(found, span)

    def recorded_many(
        self, streams: Sequence[tuple[str, StreamName]], span: Span
    ) -> dict[tuple[str, StreamName], list[Span]]:
        """`recorded` of several streams in one statement; every one that was asked for has its list.

        It passes over all spans of these cameras before the asked one, a few thousand at the very most.
        """
        found: dict[tuple[str, StreamName], list[Span]] = {each: [] for each in streams}
        for cameras in batches({camera_id for camera_id, _ in streams}):
            rows = self._connection.execute(
                select(_R.camera_id, _R.stream, _R.start, _R.end)
                .where(_R.camera_id.in_(cameras), _R.start < span.end, _R.end > span.start)
                .order_by(_R.camera_id, _R.stream, _R.start)
            )
            first, last = span.start, span.end
            for camera_id, stream, start, end in rows:
                spans = found.get((camera_id, stream))
                if spans is not None:
                    spans.append(Span(Time(max(start, first)), Time(min(end, last))))
        return found

    def streams(self) -> list[tuple[str, StreamName]]:
        """Every stream that has a segment or a span, by camera."""
        known = select(_S.camera_id, _S.stream).distinct().union(select(_R.camera_id, _R.stream).distinct())
        return sorted((camera_id, stream) for camera_id, stream in self._connection.execute(known))

    def stored(self, camera_id: str, stream: StreamName) -> list[Span]:
        """The spans as they stand in the table."""
        here = and_(_R.camera_id == camera_id, _R.stream == stream)
        found = self._connection.execute(select(_R.start, _R.end).where(here).order_by(_R.start))
        return [Span(Time(start), Time(end)) for start, end in found]

    def counted(self, camera_id: str, stream: StreamName) -> list[Span]:
        """The spans as the segments make them: what `stored` must be. Walks every segment of the stream."""
        here = and_(_S.camera_id == camera_id, _S.stream == stream)
        found: list[list[int]] = []
        for start, end in self._connection.execute(select(_S.start, _S.end).where(here).order_by(_S.start)):
            if found and start - found[-1][1] <= TOUCHING_US:
                found[-1][1] = max(end, found[-1][1])
            else:
                found.append([start, end])
        return [Span(Time(start), Time(end)) for start, end in found]

    def first(self, camera_id: str, stream: StreamName) -> Time | None:
        """Where the oldest span of a stream begins."""
        here = and_(_R.camera_id == camera_id, _R.stream == stream)
        start = self._connection.execute(select(func.min(_R.start)).where(here)).scalar_one()
        return None if start is None else Time(start)

    def replace(self, camera_id: str, stream: StreamName, spans: Iterable[Span]) -> None:
        """Put these in the place of the stream's spans; for `check`, which found that they are not right."""
        here = and_(_R.camera_id == camera_id, _R.stream == stream)
        self._connection.execute(RECORDED_SPAN.delete().where(here))
        rows = [{"camera_id": camera_id, "stream": stream, "start": each.start, "end": each.end} for each in spans]
        if rows:
            self._connection.execute(RECORDED_SPAN.insert(), rows)

    def _first(self, camera_id: str, stream: str, span: Span) -> object:
        """The start of the last span at or before the asked one; no earlier one can reach into it."""
        earlier = RECORDED_SPAN.alias("earlier").c
        before = select(func.max(earlier.start)).where(
            earlier.camera_id == camera_id, earlier.stream == stream, earlier.start <= span.start
        )
        return func.coalesce(before.scalar_subquery(), span.start)


def _clipped(found: Iterable[Any], span: Span) -> list[Span]:
    first, last = span.start, span.end
    return [
        Span(Time(max(start, first)), Time(min(end, last)))
        for start, end in found
        if max(start, first) < min(end, last)
    ]
