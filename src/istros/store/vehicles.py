"""Vehicles' passages before cameras: class, colour, direction; no plate and no picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, delete, func, select

from istros.base.time import Span, Time
from istros.store.columns import KEY, NUMBER, TEXT, WHOLE, Listed
from istros.store.repository import Repository, batches, values_of
from istros.store.rows import Direction
from istros.store.schema import METADATA


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


@dataclass(frozen=True, slots=True)
class VehicleQuery:
    """Which passages are wanted; empty means all."""

    span: Span
    cameras: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    limit: int = 200


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
    Index("vehicle_last_seen", "last_seen"),
    Index("vehicle_camera", "camera_id", "last_seen"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
_V = VEHICLE.c


class Vehicles(Repository):
    """The table `vehicle`."""

    def add(self, rows: Sequence[VehicleRow]) -> None:
        """New passages; one whose id is there already stays as it is."""
        for batch in batches(rows):
            known = set(self._connection.scalars(select(_V.id).where(_V.id.in_([row.id for row in batch]))))
            fresh = [values_of(row) for row in batch if row.id not in known]
            if fresh:
                self._connection.execute(VEHICLE.insert(), fresh)

    def search(self, query: VehicleQuery) -> list[VehicleRow]:
        """Passages that ended in the span, newest first."""
        wanted = select(VEHICLE).where(_V.last_seen >= query.span.start, _V.last_seen < query.span.end)
        for column, values in (
            (_V.camera_id, query.cameras),
            (_V.vehicle_class, query.classes),
            (_V.colour, query.colours),
        ):
            if values:
                wanted = wanted.where(column.in_(values))
        return self._all(VehicleRow, wanted.order_by(_V.last_seen.desc(), _V.id.desc()).limit(query.limit))

    def counts(self, camera_id: str, span: Span) -> list[VehicleCount]:
        """One camera's passages that ended in the span, by class and direction."""
        here = (_V.camera_id == camera_id) & (_V.last_seen >= span.start) & (_V.last_seen < span.end)
        groups = (_V.vehicle_class, _V.direction)
        asked = select(*groups, func.count().label("count")).where(here).group_by(*groups).order_by(*groups)
        return self._all(VehicleCount, asked)

    def remove_before(self, time: Time) -> int:
        """Delete passages that ended before; how many."""
        return self._changed(delete(VEHICLE).where(_V.last_seen < time))
