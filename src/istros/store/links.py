"""The chain of each stream's segments: their numbers, their hashes, and the signed heads (docs/design/0019).

A closed segment carries its place in the chain itself (`segment.number`, `segment.chain`). When it is removed, its facts
stay in `segment_link` until every segment under the same signed head is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Column, Index, Table, and_, bindparam, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from istros.base.canonical import GENESIS, linked
from istros.base.time import Time
from istros.store.columns import KEY, TEXT, WHOLE, Choice, Flag, Sha256
from istros.store.repository import Repository, batches
from istros.store.rows import SegmentRow, SegmentState, StreamName
from istros.store.schema import METADATA, SEGMENT


class RemovalReason(StrEnum):
    """Why a segment is no longer there. `amended`: the same segment stands further on with what repair found out."""

    RETENTION = "retention"
    QUOTA = "quota"
    SPACE = "space"
    LOST = "lost"
    ERASED = "erased"
    AMENDED = "amended"


@dataclass(frozen=True, slots=True)
class Removal:
    """When and why a segment was taken out of the index."""

    time: Time
    reason: RemovalReason


SEGMENT_LINK = Table(
    "segment_link",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    Column("start", WHOLE, nullable=False),
    Column("end", WHOLE, nullable=False),
    Column("size_bytes", WHOLE, nullable=False),
    Column("frames", WHOLE, nullable=False),
    Column("mime", TEXT, nullable=False),
    Column("sha256", Sha256(), nullable=False),
    Column("chain", Sha256(), nullable=False),
    Column("removed", WHOLE, nullable=False),
    Column("reason", Choice(RemovalReason), nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""What was in the chain and is on no disk any more."""

CHAIN_TIP = Table(
    "chain_tip",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("number", WHOLE, nullable=False),
    Column("chain", Sha256(), nullable=False),
    Column("lowest", WHOLE),
    Column("highest", WHOLE),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Where each chain ends; `lowest` and `highest` are the starts of the segments since the newest head."""

CHAIN_HEAD = Table(
    "chain_head",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    Column("first", WHOLE, nullable=False),
    Column("chain", Sha256(), nullable=False),
    Column("lowest", WHOLE, nullable=False),
    Column("highest", WHOLE, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("cleared", Flag(), nullable=False),
    Column("key_id", TEXT, nullable=False),
    Column("signature", TEXT, nullable=False),
    Index("chain_head_time", "time"),
    sqlite_strict=True,
)
"""Signed statements about the stretch of links from `first` to `number`."""


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link: the facts of a segment and its place. `removed` and `reason` are None while the segment is there."""

    camera_id: str
    stream: StreamName
    number: int
    start: Time
    end: Time
    size_bytes: int
    frames: int
    mime: str
    sha256: str
    chain: str
    removed: Time | None = None
    reason: RemovalReason | None = None

    def facts(self) -> dict[str, object]:
        """What the hash covers, besides the hash before it. Path and disk are left out: a segment may be moved."""
        return {
            "camera": self.camera_id,
            "stream": self.stream,
            "number": self.number,
            "start": self.start,
            "end": self.end,
            "size": self.size_bytes,
            "frames": self.frames,
            "mime": self.mime,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True)
class TipRow:
    """Where the chain of a stream ends."""

    camera_id: str
    stream: StreamName
    number: int
    chain: str
    lowest: Time | None
    highest: Time | None


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A signed statement: the links from `first` to `number` end with the hash `chain`.

    Their segments start between `lowest` and `highest`. `cleared` says that all of them were removed, and their links
    with them.
    """

    camera_id: str
    stream: StreamName
    number: int
    first: int
    chain: str
    lowest: Time
    highest: Time
    time: Time
    cleared: bool
    key_id: str
    signature: str = ""

    def facts(self) -> dict[str, object]:
        """What the signature covers."""
        return {
            "kind": "istros-chain-head-1",
            "camera": self.camera_id,
            "stream": self.stream,
            "first": self.first,
            "number": self.number,
            "chain": self.chain,
            "lowest": self.lowest,
            "highest": self.highest,
            "time": self.time,
            "cleared": self.cleared,
            "key": self.key_id,
        }


_L = SEGMENT_LINK.c
_S = SEGMENT.c
_T = CHAIN_TIP.c
_H = CHAIN_HEAD.c
_KEPT = (_S.camera_id, _S.stream, _S.number, _S.start, _S.end, _S.size_bytes, _S.frames, _S.mime, _S.sha256, _S.chain)


_HERE = and_(_T.camera_id == bindparam("the_camera"), _T.stream == bindparam("the_stream"))
_TIP = select(CHAIN_TIP).where(_HERE)
_LOCK_TIP = _TIP.with_for_update()
_MOVE_TIP = (
    CHAIN_TIP.update().where(_HERE).values({name: bindparam(name) for name in ("number", "chain", "lowest", "highest")})
)
"""Built once: building costs more than running, and every segment that is closed runs them."""


class Links(Repository):
    """The tables `segment_link`, `chain_tip` and `chain_head`. `Segments` keeps the chain; nobody else adds to it."""

    def join(self, row: SegmentRow) -> SegmentRow:
        """Give a closed segment the next place in its stream's chain; the row with its number and its hash."""
        tip = self.tip(row.camera_id, row.stream)
        number, previous = (tip.number + 1, tip.chain) if tip else (1, GENESIS)
        link = _link_of(replace(row, number=number, chain=GENESIS))
        chain = linked(link.facts(), previous)
        lowest = row.start if tip is None or tip.lowest is None else min(tip.lowest, row.start)
        highest = row.start if tip is None or tip.highest is None else max(tip.highest, row.start)
        here = {"the_camera": row.camera_id, "the_stream": row.stream}
        values = {"number": number, "chain": chain, "lowest": lowest, "highest": highest}
        if tip is None:
            self._insert(CHAIN_TIP, TipRow(row.camera_id, row.stream, number, chain, lowest, highest))
        else:
            self._connection.execute(_MOVE_TIP, {**here, **values})
        return replace(row, number=number, chain=chain)

    def amended(self, row: SegmentRow, time: Time) -> None:
        """Keep the link of a segment that takes another place, because its facts were found to be others."""
        self._insert(SEGMENT_LINK, replace(_link_of(row), removed=time, reason=RemovalReason.AMENDED))

    def keep(self, ids: list[str], time: Time, reason: RemovalReason) -> None:
        """Keep the links of segments that are about to be removed."""
        for some in batches(ids):
            found = select(*_KEPT, literal(time), literal(reason, Choice(RemovalReason)))
            gone = found.where(_S.id.in_(some), _S.number.is_not(None))
            self._connection.execute(SEGMENT_LINK.insert().from_select([column.name for column in _L], gone))

    def tip(self, camera_id: str, stream: StreamName) -> TipRow | None:
        """Where a stream's chain ends; locks it while writing."""
        query = _LOCK_TIP if self._writing and self._on_postgresql else _TIP
        row = self._connection.execute(query, {"the_camera": camera_id, "the_stream": stream}).first()
        return None if row is None else TipRow(*row)

    def tips(self) -> list[TipRow]:
        """Where every chain ends, by stream."""
        return self._all(TipRow, select(CHAIN_TIP).order_by(_T.camera_id, _T.stream))

    def newest_head(self, camera_id: str, stream: StreamName) -> HeadRow | None:
        """The last head of a stream."""
        here = and_(_H.camera_id == camera_id, _H.stream == stream)
        return self._one(HeadRow, select(CHAIN_HEAD).where(here).order_by(_H.number.desc()).limit(1))

    def heads(self, camera_id: str, stream: StreamName, after: int = 0, limit: int = 1000) -> list[HeadRow]:
        """The heads of a stream with a greater number, by number."""
        here = and_(_H.camera_id == camera_id, _H.stream == stream, _H.number > after)
        return self._all(HeadRow, select(CHAIN_HEAD).where(here).order_by(_H.number).limit(limit))

    def head_over(self, camera_id: str, stream: StreamName, number: int) -> HeadRow | None:
        """The head whose stretch holds a link; None while it is not signed yet."""
        here = and_(_H.camera_id == camera_id, _H.stream == stream, _H.number >= number)
        return self._one(HeadRow, select(CHAIN_HEAD).where(here).order_by(_H.number).limit(1))

    def head_before(self, camera_id: str, stream: StreamName, number: int) -> HeadRow | None:
        """The last head whose stretch ends before a link."""
        here = and_(_H.camera_id == camera_id, _H.stream == stream, _H.number < number)
        return self._one(HeadRow, select(CHAIN_HEAD).where(here).order_by(_H.number.desc()).limit(1))

    def add_head(self, row: HeadRow) -> None:
        """A new head at the tip; the next stretch begins behind it."""
        self._insert(CHAIN_HEAD, row)
        here = and_(_T.camera_id == row.camera_id, _T.stream == row.stream)
        self._connection.execute(CHAIN_TIP.update().where(here).values(lowest=None, highest=None))

    def stretch(
        self, camera_id: str, stream: StreamName, first: int, last: int, lowest: Time, highest: Time
    ) -> list[LinkRow]:
        """The links of those numbers, by number: of segments that start between the two times, and of removed ones."""
        here = and_(_S.camera_id == camera_id, _S.stream == stream, _S.start.between(lowest, highest))
        kept = self._all(LinkRow, select(*_KEPT).where(here, _S.number.between(first, last)))
        gone = and_(_L.camera_id == camera_id, _L.stream == stream, _L.number.between(first, last))
        return sorted([*kept, *self._all(LinkRow, select(SEGMENT_LINK).where(gone))], key=lambda link: link.number)

    def tail(
        self, camera_id: str, stream: StreamName, first: int, lowest: Time, highest: Time
    ) -> list[tuple[int, Time, str]]:
        """(number, start, hash) of the links from `first` on, by number; see `stretch`."""
        here = and_(_S.camera_id == camera_id, _S.stream == stream, _S.start.between(lowest, highest))
        kept = select(_S.number, _S.start, _S.chain).where(here, _S.number >= first)
        gone = and_(_L.camera_id == camera_id, _L.stream == stream, _L.number >= first)
        queries = (kept, select(_L.number, _L.start, _L.chain).where(gone))
        return sorted((row[0], Time(row[1]), row[2]) for query in queries for row in self._connection.execute(query))

    def removed_stretches(self, limit: int) -> list[HeadRow]:
        """Heads of which every link is one of a removed segment."""
        gone = and_(_L.camera_id == _H.camera_id, _L.stream == _H.stream, _L.number >= _H.first, _L.number <= _H.number)
        count = select(func.count()).select_from(SEGMENT_LINK).where(gone).scalar_subquery()
        whole: ColumnElement[bool] = count == _H.number - _H.first + 1
        query = select(CHAIN_HEAD).where(_H.cleared == literal(False, Flag()), whole)
        return self._all(HeadRow, query.order_by(_H.camera_id, _H.stream, _H.number).limit(limit))

    def clear(self, head: HeadRow, joined: HeadRow | None) -> None:
        """Put a cleared head in the place of its stretch's links, and of the cleared head before it."""
        links = and_(_L.camera_id == head.camera_id, _L.stream == head.stream)
        self._connection.execute(SEGMENT_LINK.delete().where(links, _L.number.between(head.first, head.number)))
        if joined is not None:
            here = and_(_H.camera_id == joined.camera_id, _H.stream == joined.stream, _H.number == joined.number)
            self._connection.execute(CHAIN_HEAD.delete().where(here))
        self._put(CHAIN_HEAD, [head])

    def places(self, camera_id: str, stream: StreamName, after: Time, limit: int) -> list[tuple[Time, str, int | None]]:
        """(start, path, number) of the closed segments that start after a time, by start; for `check`."""
        here = and_(_S.camera_id == camera_id, _S.stream == stream, _S.start > after, _S.state == SegmentState.CLOSED)
        query = select(_S.start, _S.path, _S.number).where(here).order_by(_S.start).limit(limit)
        return [(Time(start), path, number) for start, path, number in self._connection.execute(query).all()]


def _link_of(row: SegmentRow) -> LinkRow:
    assert row.number is not None and row.chain is not None and row.sha256 is not None, "only closed segments"
    return LinkRow(
        row.camera_id, row.stream, row.number, row.start, row.end, row.size_bytes, row.frames, row.mime, row.sha256,
        row.chain,
    )  # fmt: skip
