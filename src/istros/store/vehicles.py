"""Vehicles' passages before cameras: class, colour, direction; no plate and no picture.

A plate that was read while a vehicle passed stands in `plate_read` under the same track.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, ColumnElement, Index, Table, and_, case, delete, exists, func, or_, select

from istros.base.time import Span, Time
from istros.store.columns import KEY, NUMBER, TEXT, WHOLE, Listed
from istros.store.repository import Repository, batches, values_of
from istros.store.rows import Direction
from istros.store.schema import METADATA, PLATE_READ


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """A `VehicleSeen` observation as stored; the box is left, top, right, bottom as shares of the picture."""

    id: str
    camera_id: str
    track_id: str
    first_seen: Time
    last_seen: Time
    vehicle_class: str
    class_confidence: float
    colour: str | None
    direction: Direction | None
    heading: float | None
    stood_s: float
    box: tuple[float, float, float, float]
    """Where it was largest."""
    box_time: Time | None = None
    """When it was there; None for passages kept before that was noted."""


PlateWanted = Literal["any", "with", "without"]


@dataclass(frozen=True, slots=True)
class VehicleQuery:
    """Which passages are wanted; empty means all."""

    span: Span
    cameras: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    limit: int = 200
    directions: tuple[str, ...] = ()
    plate: PlateWanted = "any"
    """Whether a plate was read of it."""
    after: str = ""
    """The id of the last passage of the page before; empty for the first page."""


@dataclass(frozen=True, slots=True)
class PassagePlate:
    """A plate read of a passing vehicle, as much as a list shows of it."""

    read_id: str
    camera_id: str
    track_id: str
    time: Time
    text: str
    country: str | None
    confidence: float | None
    """The machine's; None where a person corrected the plate."""
    corrected: Time | None


@dataclass(frozen=True, slots=True)
class VehicleCount:
    """How many passages of one class in one direction."""

    vehicle_class: str
    direction: str | None
    count: int


VEHICLE = Table(
    "vehicle",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("camera_id", KEY, nullable=False),
    Column("track_id", KEY, nullable=False),
    Column("first_seen", WHOLE, nullable=False),
    Column("last_seen", WHOLE, nullable=False),
    Column("vehicle_class", TEXT, nullable=False),
    Column("class_confidence", NUMBER, nullable=False),
    Column("colour", TEXT),
    Column("direction", TEXT),
    Column("heading", NUMBER),
    Column("stood_s", NUMBER, nullable=False),
    Column("box", Listed(), nullable=False),
    Column("box_time", WHOLE),
    Index("vehicle_last_seen", "last_seen"),
    Index("vehicle_camera", "camera_id", "last_seen"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
_V, _R = VEHICLE.c, PLATE_READ.c


class Vehicles(Repository):
    """The table `vehicle`."""

    def add(self, rows: Sequence[VehicleRow]) -> None:
        """New passages; one whose id is there already stays as it is."""
        for batch in batches(rows):
            known = set(self._connection.scalars(select(_V.id).where(_V.id.in_([row.id for row in batch]))))
            fresh = [values_of(row) for row in batch if row.id not in known]
            if fresh:
                self._connection.execute(VEHICLE.insert(), fresh)

    def get(self, id: str) -> VehicleRow | None:
        """The passage of that id."""
        return self._one(VehicleRow, select(VEHICLE).where(_V.id == id))

    def search(self, query: VehicleQuery) -> list[VehicleRow]:
        """Passages that ended in the span, newest first; none when the page before ended with one that is erased."""
        wanted = select(VEHICLE).where(*_place(query), *_looks(query))
        if query.after:
            last = self.get(query.after)
            if last is None:
                return []
            earlier = and_(_V.last_seen == last.last_seen, _V.id < last.id)
            wanted = wanted.where(or_(_V.last_seen < last.last_seen, earlier))
        return self._all(VehicleRow, wanted.order_by(_V.last_seen.desc(), _V.id.desc()).limit(query.limit))

    def searched(self, query: VehicleQuery) -> int:
        """How many passages lie in the query's span before its cameras, whatever they look like."""
        counted = select(func.count()).select_from(VEHICLE).where(*_place(query))
        return int(self._connection.execute(counted).scalar_one())

    def plates_of(self, rows: Sequence[VehicleRow]) -> list[PassagePlate]:
        """The plates read of these vehicles: first those that a person corrected, then the surest."""
        wanted = {(row.camera_id, row.track_id) for row in rows}
        found: list[PassagePlate] = []
        for batch in batches(sorted({track for _, track in wanted})):
            sure = case((_R.corrected.is_(None), _R.confidence))
            read = select(_R.id, _R.camera_id, _R.track_id, _R.time, _R.text, _R.country, sure, _R.corrected)
            found += self._all(PassagePlate, read.where(_R.track_id.in_(batch)))
        ours = [plate for plate in found if (plate.camera_id, plate.track_id) in wanted]
        return sorted(ours, key=lambda plate: (-(plate.confidence or 1.0), plate.read_id))

    def counts(self, camera_id: str, span: Span) -> list[VehicleCount]:
        """One camera's passages that ended in the span, by class and direction."""
        here = (_V.camera_id == camera_id) & (_V.last_seen >= span.start) & (_V.last_seen < span.end)
        groups = (_V.vehicle_class, _V.direction)
        asked = select(*groups, func.count().label("count")).where(here).group_by(*groups).order_by(*groups)
        return self._all(VehicleCount, asked)

    def remove_before(self, time: Time) -> int:
        """Delete passages that ended before; how many."""
        return self._changed(delete(VEHICLE).where(_V.last_seen < time))


def _place(query: VehicleQuery) -> list[ColumnElement[bool]]:
    place: list[ColumnElement[bool]] = [_V.last_seen >= query.span.start, _V.last_seen < query.span.end]
    return [*place, _V.camera_id.in_(query.cameras)] if query.cameras else place


def _looks(query: VehicleQuery) -> list[ColumnElement[bool]]:
    asked = ((_V.vehicle_class, query.classes), (_V.colour, query.colours), (_V.direction, query.directions))
    looks: list[ColumnElement[bool]] = [column.in_(values) for column, values in asked if values]
    read = exists().where(_R.track_id == _V.track_id, _R.camera_id == _V.camera_id)
    return looks if query.plate == "any" else [*looks, read if query.plate == "with" else ~read]
