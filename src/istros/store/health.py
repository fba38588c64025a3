"""How cameras do: each state as it stands, every change of it, and what is usual (docs/design/0022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Column, Index, Table, delete, func, select

from istros.base.time import Span, Time
from istros.store.columns import BLOB, KEY, NUMBER, TEXT, WHOLE
from istros.store.repository import Repository
from istros.store.schema import METADATA

HealthWord = Literal["ok", "bad", "unknown"]
"""`unknown`: it cannot be judged now, e.g. the frame rate of a stream that is offline."""


@dataclass(frozen=True, slots=True)
class HealthStateRow:
    """One state of one camera; `stream` is empty for what concerns all of it, and `camera_id` for the node itself."""

    camera_id: str
    stream: str
    kind: str
    state: HealthWord
    since: Time
    updated: Time
    value: float | None
    """What was measured last, in the unit of its kind."""
    bound: float | None
    """Beyond which it counts as bad."""


@dataclass(frozen=True, slots=True)
class HealthChangeRow:
    """A state became another at `time`."""

    id: str
    camera_id: str
    stream: str
    kind: str
    state: HealthWord
    time: Time
    value: float | None
    bound: float | None


@dataclass(frozen=True, slots=True)
class StreamUsualRow:
    """What is usual of a stream in one hour of the day (UTC), or in all of them (-1), from so many minutes of it."""

    camera_id: str
    stream: str
    hour: int
    bitrate_bps: float
    fps: float
    minutes: int


@dataclass(frozen=True, slots=True)
class PictureReferenceRow:
    """What a camera usually shows in one part of the day; `facts` is for `recognition.picture_reference` alone."""

    camera_id: str
    slot: str
    learned: Time
    updated: Time
    looks: int
    facts: bytes = field(repr=False)


HEALTH_STATE = Table(
    "health_state",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("kind", KEY, primary_key=True),
    Column("state", TEXT, nullable=False),
    Column("since", WHOLE, nullable=False),
    Column("updated", WHOLE, nullable=False),
    Column("value", NUMBER),
    Column("bound", NUMBER),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

HEALTH_CHANGE = Table(
    "health_change",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("camera_id", KEY, nullable=False),
    Column("stream", KEY, nullable=False),
    Column("kind", KEY, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("value", NUMBER),
    Column("bound", NUMBER),
    Index("health_change_place", "camera_id", "stream", "kind", "time"),
    Index("health_change_time", "time"),
    sqlite_strict=True,
)

STREAM_USUAL = Table(
    "stream_usual",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("hour", WHOLE, primary_key=True, autoincrement=False),
    Column("bitrate_bps", NUMBER, nullable=False),
    Column("fps", NUMBER, nullable=False),
    Column("minutes", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

PICTURE_REFERENCE = Table(
    "picture_reference",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("slot", KEY, primary_key=True),
    Column("learned", WHOLE, nullable=False),
    Column("updated", WHOLE, nullable=False),
    Column("looks", WHOLE, nullable=False),
    Column("facts", BLOB, nullable=False),
    sqlite_strict=True,
)

REFERENCE_RENEWAL = Table(
    "reference_renewal",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("asked", WHOLE, nullable=False),
    Column("asked_by", TEXT, nullable=False),
    sqlite_strict=True,
)
"""When a person last asked that a camera be learned anew; the analyser forgets what is older."""

_S, _C, _U, _P, _R = HEALTH_STATE.c, HEALTH_CHANGE.c, STREAM_USUAL.c, PICTURE_REFERENCE.c, REFERENCE_RENEWAL.c


class Health(Repository):
    """The tables `health_state`, `health_change`, `stream_usual`, `picture_reference` and `reference_renewal`."""

    def put(self, rows: Sequence[HealthStateRow]) -> None:
        """Overwrite these states; their changes are added by `changed`."""
        self._put(HEALTH_STATE, rows)

    def states(self, camera_id: str | None = None) -> list[HealthStateRow]:
        """Every state, or those of one camera, by camera, stream and kind."""
        query = select(HEALTH_STATE).order_by(_S.camera_id, _S.stream, _S.kind)
        return self._all(HealthStateRow, query if camera_id is None else query.where(_S.camera_id == camera_id))

    def bad_ones(self) -> list[HealthStateRow]:
        """What is bad now."""
        return self._all(HealthStateRow, select(HEALTH_STATE).where(_S.state == "bad").order_by(_S.since))

    def changed(self, rows: Sequence[HealthChangeRow]) -> None:
        """Add changes to the history."""
        for row in rows:
            self._insert(HEALTH_CHANGE, row)

    def changes(self, camera_id: str, span: Span) -> list[HealthChangeRow]:
        """The camera's changes in the span by time, with the last one before it of each state."""
        mine = _C.camera_id == camera_id
        within = self._all(
            HealthChangeRow,
            select(HEALTH_CHANGE).where(mine, _C.time >= span.start, _C.time < span.end).order_by(_C.time, _C.id),
        )
        last = (
            select(_C.stream, _C.kind, func.max(_C.time).label("time"))
            .where(mine, _C.time < span.start)
            .group_by(_C.stream, _C.kind)
            .subquery()
        )
        same = (_C.stream == last.c.stream) & (_C.kind == last.c.kind) & (_C.time == last.c.time)
        before = self._all(HealthChangeRow, select(HEALTH_CHANGE).join(last, same).where(mine).order_by(_C.time, _C.id))
        return before + within

    def fallings(self, camera_id: str, stream: str, kind: str, since: Time) -> int:
        """How often the state became bad since then."""
        here = (_C.camera_id == camera_id) & (_C.stream == stream) & (_C.kind == kind)
        query = select(func.count()).select_from(HEALTH_CHANGE).where(here, _C.state == "bad", _C.time >= since)
        return int(self._connection.execute(query).scalar_one())

    def remove_before(self, time: Time) -> int:
        """Remove changes older than `time`, but the last of each state; how many went."""
        newer = HEALTH_CHANGE.alias().c
        same = (newer.camera_id == _C.camera_id) & (newer.stream == _C.stream) & (newer.kind == _C.kind)
        followed = select(newer.id).where(same, newer.time > _C.time).exists()
        return self._changed(delete(HEALTH_CHANGE).where(_C.time < time, followed))

    def usuals(self) -> list[StreamUsualRow]:
        """What is usual of every stream."""
        return self._all(StreamUsualRow, select(STREAM_USUAL))

    def put_usuals(self, rows: Sequence[StreamUsualRow]) -> None:
        """Overwrite what is usual."""
        self._put(STREAM_USUAL, rows)

    def references(self, camera_id: str | None = None) -> list[PictureReferenceRow]:
        """The pictures' references, of all cameras or of one, by camera and part of the day."""
        query = select(PICTURE_REFERENCE).order_by(_P.camera_id, _P.slot)
        return self._all(PictureReferenceRow, query if camera_id is None else query.where(_P.camera_id == camera_id))

    def put_references(self, rows: Sequence[PictureReferenceRow]) -> None:
        """Overwrite references, unless the camera was asked to be learned anew after they were begun."""
        asked = self.renewals()
        self._put(PICTURE_REFERENCE, [row for row in rows if row.learned >= asked.get(row.camera_id, 0)])

    def renewals(self) -> dict[str, Time]:
        """When each camera was last asked to be learned anew."""
        return {camera: Time(asked) for camera, asked in self._connection.execute(select(_R.camera_id, _R.asked))}

    def renew(self, camera_id: str, time: Time, by: str) -> None:
        """Forget what was learned of the camera: its references and what is usual of its streams."""
        self._put(REFERENCE_RENEWAL, [_Renewal(camera_id, time, by)])
        self._connection.execute(delete(PICTURE_REFERENCE).where(_P.camera_id == camera_id))
        self._connection.execute(delete(STREAM_USUAL).where(_U.camera_id == camera_id))


@dataclass(frozen=True, slots=True)
class _Renewal:
    camera_id: str
    asked: Time
    asked_by: str
