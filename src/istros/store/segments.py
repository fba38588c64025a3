"""Segments: what is recorded, and where on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select, text

from istros.base.time import Span, Time
from istros.store.event_spans import EVENT_SPAN
from istros.store.links import Links, Removal, RemovalReason
from istros.store.repository import Repository, batches
from istros.store.rows import SegmentRow, SegmentState, StreamName
from istros.store.schema import SEGMENT, SEGMENT_TOTAL
from istros.store.spans import Spans
from istros.store.storage import Leaving, Storage

_S = SEGMENT.c
_THIS = _S.id == bindparam("the_id")
_BY_ID = select(SEGMENT).where(_THIS)
_GROW = SEGMENT.update().where(_THIS).values({name: bindparam(name) for name in ("end", "size_bytes", "frames")})
_CLOSE = (
    SEGMENT.update()
    .where(_THIS)
    .values({name: bindparam(name) for name in ("end", "size_bytes", "frames", "sha256", "state", "number", "chain")})
)
"""What the recorder runs all the time is built once: building costs more than running."""
_IS_OPEN = text("state = 'open'")
"""Written out, because a bound parameter cannot use the partial index."""


class Segments(Repository):
    """The table `segment`. Segments of one stream never overlap; the recorder sees to it."""

    def add(self, row: SegmentRow) -> None:
        """A new segment, usually open; a closed one takes the next place in its stream's chain."""
        is_closed = row.state is SegmentState.CLOSED and row.sha256 is not None
        self._insert(SEGMENT, self._links.join(row) if is_closed else replace(row, number=None, chain=None))

    def grow(self, id: str, *, end: Time, size_bytes: int, frames: int) -> None:
        """More fragments are written."""
        self._grow([{"the_id": id, "end": end, "size_bytes": size_bytes, "frames": frames}])

    def grow_many(self, rows: Sequence[SegmentRow]) -> None:
        """`grow` of several segments in one statement: sixty a second are the recorder's most frequent writes."""
        self._grow(
            [{"the_id": row.id, "end": row.end, "size_bytes": row.size_bytes, "frames": row.frames} for row in rows]
        )

    def _grow(self, values: list[dict[str, object]]) -> None:
        if values:
            self._connection.execute(_GROW, values)

    def close(self, id: str, *, end: Time, size_bytes: int, frames: int, sha256: str) -> None:
        """The file is whole; `sha256` (64 hexadecimal digits) covers all of it. It joins its stream's chain.

        Closed again with other facts, it takes the next place, and its old link stays with the reason `amended`.
        """
        row = self.get(id)
        if row is None:
            return
        closed = replace(row, end=end, size_bytes=size_bytes, frames=frames, sha256=sha256, state=SegmentState.CLOSED)
        if row.number is not None:
            if closed == row:
                return
            self._links.amended(row, end)
        joined = self._links.join(closed)
        values = {"the_id": id, "end": end, "size_bytes": size_bytes, "frames": frames, "sha256": sha256}
        place = {"state": SegmentState.CLOSED, "number": joined.number, "chain": joined.chain}
        self._connection.execute(_CLOSE, {**values, **place})

    def get(self, id: str) -> SegmentRow | None:
        """The segment of that id."""
        row = self._connection.execute(_BY_ID, {"the_id": id}).first()
        return None if row is None else SegmentRow(*row)

    def by_path(self, path: str) -> SegmentRow | None:
        """The segment kept in that file."""
        return self._one(SegmentRow, select(SEGMENT).where(_S.path == path))

    def between(self, camera_id: str, stream: StreamName, span: Span) -> list[SegmentRow]:
        """Segments that overlap the span, by start."""
        found = self._all(SegmentRow, self._walk(select(SEGMENT), camera_id, stream, span))
        return [row for row in found if row.end > span.start]

    def recorded(self, camera_id: str, stream: StreamName, span: Span) -> list[Span]:
        """Stretches of the span that are recorded, by start; neighbours within `TOUCHING_US` are one."""
        return Spans(self._connection, self._writing).recorded(camera_id, stream, span)

    def recorded_many(
        self, streams: Sequence[tuple[str, StreamName]], span: Span
    ) -> dict[tuple[str, StreamName], list[Span]]:
        """`recorded` of several streams, from the joined spans: 30 cameras over 30 days in a few milliseconds."""
        return Spans(self._connection, self._writing).recorded_many(streams, span)

    @staticmethod
    def _walk(query: Select[Any], camera_id: str, stream: str, span: Span) -> Select[Any]:
        """Walk the primary key from the last segment that starts at or before the span.

        No other earlier segment can reach into it, as segments of a stream do not overlap.
        """
        here = and_(_S.camera_id == camera_id, _S.stream == stream)
        earlier = SEGMENT.alias("earlier").c
        before = select(func.max(earlier.start)).where(
            earlier.camera_id == camera_id, earlier.stream == stream, earlier.start <= span.start
        )
        first = func.coalesce(before.scalar_subquery(), span.start)
        return query.where(here, _S.start >= first, _S.start < span.end).order_by(_S.start)

    def open_ones(self) -> list[SegmentRow]:
        """Segments that are being written, or were when their recorder died."""
        return self._all(SegmentRow, select(SEGMENT).where(_IS_OPEN).order_by(_S.start))

    def newest(self, camera_id: str, stream: StreamName) -> SegmentRow | None:
        """The last segment of a stream."""
        here = and_(_S.camera_id == camera_id, _S.stream == stream)
        return self._one(SegmentRow, select(SEGMENT).where(here).order_by(_S.start.desc()).limit(1))

    def oldest(self, limit: int) -> list[SegmentRow]:
        """The oldest closed segments over all cameras, by start."""
        return self._oldest(None, limit)

    def before(self, time: Time, limit: int) -> list[SegmentRow]:
        """The oldest closed segments that end at or before `time`, by start."""
        return self._oldest(time, limit)

    def _oldest(self, time: Time | None, limit: int) -> list[SegmentRow]:
        """One seek a stream instead of an index over 8 million rows that nothing else would use."""
        found: list[SegmentRow] = []
        streams = select(SEGMENT_TOTAL.c.camera_id, SEGMENT_TOTAL.c.stream).distinct()
        for camera_id, stream in self._connection.execute(streams):
            query = select(SEGMENT).where(_S.camera_id == camera_id, _S.stream == stream)
            if time is not None:
                query = query.where(_S.start < time, _S.end <= time)
            closed = query.where(_S.state == SegmentState.CLOSED).order_by(_S.start).limit(limit)
            found += self._all(SegmentRow, closed)
        return sorted(found, key=lambda row: (row.start, row.camera_id, row.stream))[:limit]

    def closed_from(
        self, camera_id: str, stream: StreamName, start: Time, limit: int, disk: str | None = None
    ) -> list[SegmentRow]:
        """Closed segments of a stream that start at `start` or later, by start; on one disk, where it is named."""
        query = select(SEGMENT).where(_S.camera_id == camera_id, _S.stream == stream, _S.start >= start)
        if disk is not None:
            query = query.where(_S.disk == disk)
        closed = query.where(_S.state == SegmentState.CLOSED).order_by(_S.start).limit(limit)
        return self._all(SegmentRow, closed)

    def bytes_between(self, camera_id: str, stream: StreamName, span: Span) -> dict[str, int]:
        """Bytes on each disk of the segments that start in the span."""
        here = and_(_S.camera_id == camera_id, _S.stream == stream, _S.start >= span.start, _S.start < span.end)
        query = select(_S.disk, func.sum(_S.size_bytes)).where(here).group_by(_S.disk)
        return {disk: int(size) for disk, size in self._connection.execute(query)}

    def bytes_before(self, camera_id: str, stream: StreamName, start: Time, end: Time, disk: str) -> int:
        """Bytes on a disk of the segments that start at `start` or later and end by `end`."""
        inside = and_(_S.start >= start, _S.start < end, _S.end <= end)
        here = and_(_S.camera_id == camera_id, _S.stream == stream, inside, _S.disk == disk)
        return int(self._connection.execute(select(func.coalesce(func.sum(_S.size_bytes), 0)).where(here)).scalar_one())

    def bytes_in_events(self, camera_id: str, stream: StreamName) -> dict[str, int]:
        """Bytes on each disk of the segments that start in a stretch in which something happened."""
        event = EVENT_SPAN.c
        here = and_(_S.camera_id == camera_id, _S.stream == stream, _S.start >= event.start, _S.start < event.end)
        joined = EVENT_SPAN.join(SEGMENT, and_(here, event.camera_id == camera_id))
        query = select(_S.disk, func.sum(_S.size_bytes)).select_from(joined).group_by(_S.disk)
        return {disk: int(size) for disk, size in self._connection.execute(query)}

    def move(self, id: str, disk: str) -> bool:
        """The segment lies on another disk from now on; False when it is gone."""
        return self._changed(SEGMENT.update().where(_S.id == id).values(disk=disk)) == 1

    def leave(self, rows: Sequence[SegmentRow], removal: Removal) -> None:
        """Forget segments whose files are still there, and write down that the files must go."""
        self.remove([row.id for row in rows], removal.time, removal.reason)
        Storage(self._connection, self._writing).leave([Leaving(row.disk, row.path) for row in rows])

    def every(self, after_path: str = "", limit: int = 1000) -> list[SegmentRow]:
        """Segments by path, from the one after `after_path`: the order in which a disk is walked."""
        return self._all(SegmentRow, select(SEGMENT).where(_S.path > after_path).order_by(_S.path).limit(limit))

    def remove(self, ids: list[str], time: Time, reason: RemovalReason) -> None:
        """Forget segments whose files are gone; their links stay in the chain, with the time and the reason."""
        self._links.keep(ids, time, reason)
        for some in batches(ids):
            self._connection.execute(SEGMENT.delete().where(_S.id.in_(some)))

    @property
    def _links(self) -> Links:
        return Links(self._connection, self._writing)

    def total_bytes(self) -> int:
        """Bytes of all segments."""
        return int(self._connection.execute(select(func.coalesce(func.sum(SEGMENT_TOTAL.c.bytes), 0))).scalar_one())
