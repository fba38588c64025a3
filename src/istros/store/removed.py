"""What retention took since it was last put on the audit record: one row a stream and cause (docs/design/0020)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Column, ColumnElement, Table, and_, select

from istros.base.time import Time
from istros.store.columns import KEY, WHOLE, Sha256
from istros.store.repository import Repository
from istros.store.rows import SegmentRow, StreamName
from istros.store.schema import METADATA

RemovalCause = Literal["age", "profile", "space", "quota"]
"""`profile`: the settings would have kept it longer, the deployment profile does not; `space`: a disk needed the room;
`quota`: a bound of one camera or of all recordings."""

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """Segments of one stream that went for one cause. `digest` is SHA-256 over the digest before and a segment's own
    SHA-256 (32 bytes each), beginning with 32 zero bytes, in the order in which they went."""

    camera_id: str
    stream: StreamName
    cause: RemovalCause
    since: Time
    count: int
    size_bytes: int
    first: Time
    last: Time
    digest: str

    def and_also(self, row: SegmentRow) -> RemovedRow:
        """With one more."""
        return replace(
            self, count=self.count + 1, size_bytes=self.size_bytes + row.size_bytes, first=min(self.first, row.start),
            last=max(self.last, row.end), digest=joined_digest(self.digest, row.sha256 or GENESIS),
        )  # fmt: skip


def joined_digest(before: str, sha256: str) -> str:
    """The next of the digests; both are 64 hexadecimal digits."""
    return hashlib.sha256(bytes.fromhex(before) + bytes.fromhex(sha256)).hexdigest()


REMOVED = Table(
    "removed",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("cause", KEY, primary_key=True),
    Column("since", WHOLE, nullable=False),
    Column("count", WHOLE, nullable=False),
    Column("size_bytes", WHOLE, nullable=False),
    Column("first", WHOLE, nullable=False),
    Column("last", WHOLE, nullable=False),
    Column("digest", Sha256(), nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
_R = REMOVED.c


class Removed(Repository):
    """The table `removed`; written in the transaction that takes the segments, so that a kill loses no line of it."""

    def add(self, taken: Iterable[tuple[SegmentRow, RemovalCause]], time: Time) -> None:
        """These segments went."""
        sums: dict[tuple[str, StreamName, RemovalCause], RemovedRow] = {}
        for row, cause in taken:
            key = (row.camera_id, row.stream, cause)
            so_far = sums.get(key) or self._of(*key) or RemovedRow(*key, time, 0, 0, row.start, row.end, GENESIS)
            sums[key] = so_far.and_also(row)
        self._put(REMOVED, list(sums.values()))

    def due(self, before: Time) -> list[RemovedRow]:
        """What has been gathered since an earlier time; nobody adds to it before the commit."""
        query = select(REMOVED).where(_R.since <= before).order_by(_R.camera_id, _R.stream, _R.cause)
        return self._all(RemovedRow, query.with_for_update())

    def is_due(self, before: Time) -> bool:
        """Whether anything has been gathered since an earlier time."""
        return self._connection.execute(select(_R.since).where(_R.since <= before).limit(1)).first() is not None

    def clear(self, row: RemovedRow) -> None:
        """It is on the audit record."""
        self._connection.execute(REMOVED.delete().where(_key(row.camera_id, row.stream, row.cause)))

    def _of(self, camera_id: str, stream: str, cause: str) -> RemovedRow | None:
        return self._one(RemovedRow, select(REMOVED).where(_key(camera_id, stream, cause)).with_for_update())


def _key(camera_id: str, stream: str, cause: str) -> ColumnElement[bool]:
    return and_(_R.camera_id == camera_id, _R.stream == stream, _R.cause == cause)
