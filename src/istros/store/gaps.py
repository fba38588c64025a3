"""The gap ledger: what was not recorded, and why."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select

from istros.base.time import Span, Time
from istros.store.repository import Repository
from istros.store.rows import GapRow, StreamName
from istros.store.schema import GAP

_G = GAP.c


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
        """Gaps that overlap the span, by start."""
        here = and_(_G.camera_id == camera_id, _G.stream == stream)
        overlapping = and_(_G.start < span.end, or_(_G.end.is_(None), _G.end > span.start))
        return self._all(GapRow, select(GAP).where(here, overlapping).order_by(_G.start))

    def between_many(
        self, streams: Sequence[tuple[str, StreamName]], span: Span
    ) -> dict[tuple[str, str], list[GapRow]]:
        """`between` of several streams in one look; every one that was asked for has its list."""
        found: dict[tuple[str, str], list[GapRow]] = {(camera_id, stream): [] for camera_id, stream in streams}
        here = _G.camera_id.in_(sorted({camera_id for camera_id, _ in streams}))
        overlapping = and_(_G.start < span.end, or_(_G.end.is_(None), _G.end > span.start))
        for row in self._all(GapRow, select(GAP).where(here, overlapping).order_by(_G.start)):
            if (row.camera_id, row.stream) in found:
                found[row.camera_id, row.stream].append(row)
        return found
