"""What the recorder knows of its disks, and the files that must go (docs/design/0020)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Column, Select, Table, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from istros.base.said import Said
from istros.base.time import Time
from istros.store.columns import KEY, NUMBER, TEXT, WHOLE, Spoken
from istros.store.repository import Repository, batches, values_of
from istros.store.rows import StreamName
from istros.store.schema import METADATA, SEGMENT, SEGMENT_TOTAL

DiskStatus = Literal["working", "filling", "only-held", "full", "failing"]
"""`filling`: held footage leaves little room; `only-held`: nothing is left to evict; `full`: not even that helps."""


@dataclass(frozen=True, slots=True)
class DiskStateRow:
    """How a disk does; overwritten each minute by the recorder. Bytes are -1 where the disk cannot tell."""

    disk: str
    tier: int
    place: str
    status: DiskStatus
    problem: Said
    updated: Time
    total_bytes: int
    free_bytes: int
    bytes_max: int
    """What recordings may fill: by the settings, or by what the disk holds."""
    used_bytes: int
    event_bytes: int
    held_bytes: int
    bytes_per_day: int
    """What is recorded (or, on tier 2, moved) to it in a day, by the last 24 hours."""
    waiting_bytes: int
    """What ought to lie on the second tier by now."""
    full_at: Time | None
    """When its room is used up at this rate; None: never, or it is already and what is old goes."""
    only_held_at: Time | None
    """When held footage will have taken all of it, if the holds that still grow go on; None: never."""
    routine_days: float
    """How many days of recording fit beside what is held."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A file without a row that must go: a kill in between finds it here again."""

    disk: str
    path: str


DISK_STATE = Table(
    "disk_state",
    METADATA,
    Column("disk", KEY, primary_key=True),
    Column("tier", WHOLE, nullable=False),
    Column("place", TEXT, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("problem", Spoken(), nullable=False),
    Column("updated", WHOLE, nullable=False),
    Column("total_bytes", WHOLE, nullable=False),
    Column("free_bytes", WHOLE, nullable=False),
    Column("bytes_max", WHOLE, nullable=False),
    Column("used_bytes", WHOLE, nullable=False),
    Column("event_bytes", WHOLE, nullable=False),
    Column("held_bytes", WHOLE, nullable=False),
    Column("bytes_per_day", WHOLE, nullable=False),
    Column("waiting_bytes", WHOLE, nullable=False),
    Column("full_at", WHOLE),
    Column("only_held_at", WHOLE),
    Column("routine_days", NUMBER, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

LEAVING = Table(
    "leaving",
    METADATA,
    Column("disk", KEY, primary_key=True),
    Column("path", KEY, primary_key=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

_L = LEAVING.c
_T = SEGMENT_TOTAL.c


def _first_of(camera_id: str, stream: str) -> Select[Any]:
    return select(func.min(SEGMENT.c.start)).where(SEGMENT.c.camera_id == camera_id, SEGMENT.c.stream == stream)


class Storage(Repository):
    """The tables `disk_state`, `leaving` and `segment_total`."""

    def put(self, rows: Sequence[DiskStateRow]) -> None:
        """How the disks do now; disks that are not named any more are forgotten."""
        self._put(DISK_STATE, rows)
        self._connection.execute(DISK_STATE.delete().where(DISK_STATE.c.disk.not_in([row.disk for row in rows])))

    def disks(self) -> list[DiskStateRow]:
        """Every disk as its recorder saw it last."""
        return self._all(DiskStateRow, select(DISK_STATE).order_by(DISK_STATE.c.tier, DISK_STATE.c.disk))

    def leave(self, files: Sequence[Leaving]) -> None:
        """These files have no row and must go."""
        if files:
            insert: Any = (postgresql if self._on_postgresql else sqlite).insert(LEAVING)
            self._connection.execute(insert.on_conflict_do_nothing(), [values_of(file) for file in files])

    def left(self, files: Iterable[Leaving]) -> None:
        """They are gone, or are somebody's again."""
        for some in batches(files):
            self._connection.execute(
                LEAVING.delete().where(tuple_(_L.disk, _L.path).in_([(f.disk, f.path) for f in some]))
            )

    def leaving(self, limit: int = 1000) -> list[Leaving]:
        """Files that must still go."""
        return self._all(Leaving, select(LEAVING).limit(limit))

    def is_leaving(self, disk: str, path: str) -> bool:
        """Whether that file must go."""
        return self._one(Leaving, select(LEAVING).where(_L.disk == disk, _L.path == path)) is not None

    def bytes_of(self, camera_id: str) -> int:
        """Bytes of a camera's segments on all disks."""
        return self._sum(_T.camera_id == camera_id)

    def bytes_on(self, disk: str) -> int:
        """Bytes of all segments on a disk."""
        return self._sum(_T.disk == disk)

    def streams(self) -> list[tuple[str, StreamName]]:
        """Every stream that has segments."""
        query = select(_T.camera_id, _T.stream).where(_T.bytes > 0).distinct().order_by(_T.camera_id, _T.stream)
        return [(camera, stream) for camera, stream in self._connection.execute(query)]

    def streams_on(self, disk: str) -> list[tuple[str, StreamName]]:
        """Every stream that has segments on a disk."""
        query = select(_T.camera_id, _T.stream).where(_T.bytes > 0, _T.disk == disk)
        return [(camera, stream) for camera, stream in self._connection.execute(query)]

    def oldest(self, camera_id: str) -> Time | None:
        """Start of the oldest segment of a camera."""
        streams = [stream for camera, stream in self.streams() if camera == camera_id]
        starts = [self._connection.execute(_first_of(camera_id, stream)).scalar() for stream in streams]
        return min((Time(start) for start in starts if start is not None), default=None)

    def _sum(self, which: object) -> int:
        query = select(func.coalesce(func.sum(_T.bytes), 0)).where(which)  # type: ignore[arg-type]
        return int(self._connection.execute(query).scalar_one())
