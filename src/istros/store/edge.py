"""Holes that a camera's own card may fill: what was fetched of each, and which segments came that way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, Index, Table, select

from istros.base.time import Span, Time
from istros.store.columns import KEY, TEXT, WHOLE, Choice
from istros.store.repository import Repository, batches
from istros.store.rows import GapCause, StreamName
from istros.store.schema import METADATA

EdgeState = Literal["waiting", "done", "nothing"]
"""`waiting`: not all fetched yet; `done`: fetched as far as the card had it; `nothing`: the card had none of it."""


@dataclass(frozen=True, slots=True)
class EdgeFillRow:
    """One hole as the gap ledger had it first, and how far it was filled. `id` is the gap's."""

    id: str
    camera_id: str
    stream: StreamName
    start: Time
    end: Time
    cause: GapCause
    detail: str
    done_to: Time
    """Everything before it was dealt with."""
    state: EdgeState
    attempts: int
    problem: str
    disk: str
    path: str
    """The file that is being written; empty between two. After a kill it has no row and is removed."""
    updated: Time


EDGE_FILL = Table(
    "edge_fill",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("camera_id", KEY, nullable=False),
    Column("stream", KEY, nullable=False),
    Column("start", WHOLE, nullable=False),
    Column("end", WHOLE, nullable=False),
    Column("cause", Choice(GapCause), nullable=False),
    Column("detail", TEXT, nullable=False),
    Column("done_to", WHOLE, nullable=False),
    Column("state", KEY, nullable=False),
    Column("attempts", WHOLE, nullable=False),
    Column("problem", TEXT, nullable=False),
    Column("disk", KEY, nullable=False),
    Column("path", KEY, nullable=False),
    Column("updated", WHOLE, nullable=False),
    Index("edge_fill_place", "camera_id", "start"),
    sqlite_strict=True,
)

EDGE_SEGMENT = Table(
    "edge_segment",
    METADATA,
    Column("segment_id", KEY, primary_key=True),
    Column("fill_id", KEY, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Segments that came from a camera's card; every other one came live."""

_F = EDGE_FILL.c


class Edge(Repository):
    """The tables `edge_fill` and `edge_segment`."""

    def put(self, row: EdgeFillRow) -> None:
        """Overwrite the row of this hole."""
        self._put(EDGE_FILL, [row])

    def get(self, id: str) -> EdgeFillRow | None:
        """One hole."""
        return self._one(EdgeFillRow, select(EDGE_FILL).where(_F.id == id))

    def waiting(self, limit: int = 1000) -> list[EdgeFillRow]:
        """Holes that are not done, by start."""
        return self._all(EdgeFillRow, select(EDGE_FILL).where(_F.state == "waiting").order_by(_F.start).limit(limit))

    def between(self, camera_id: str, span: Span) -> list[EdgeFillRow]:
        """Holes of a camera that overlap the span, by start."""
        here = select(EDGE_FILL).where(_F.camera_id == camera_id, _F.start < span.end, _F.end > span.start)
        return self._all(EdgeFillRow, here.order_by(_F.start))

    def came(self, segment_id: str, fill_id: str) -> None:
        """This segment came from the card."""
        self._connection.execute(EDGE_SEGMENT.insert().values(segment_id=segment_id, fill_id=fill_id))

    def from_cards(self, segment_ids: Sequence[str]) -> set[str]:
        """Those of the segments that came from a card."""
        found: set[str] = set()
        for some in batches(segment_ids):
            query = select(EDGE_SEGMENT.c.segment_id).where(EDGE_SEGMENT.c.segment_id.in_(some))
            found.update(self._connection.execute(query).scalars())
        return found
