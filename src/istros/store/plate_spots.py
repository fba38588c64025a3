"""How wide plates are at each spot of a camera's picture, as sums over everything seen there, and a person's scale.

No time, no text and no vehicle stands in here: what was seen cannot be told from it, so it outlives the reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from istros.base.time import Time
from istros.store.columns import KEY, NUMBER, TEXT, WHOLE, Listed
from istros.store.repository import Repository, values_of
from istros.store.schema import METADATA

ACROSS, DOWN = 16, 9
"""Spots of a picture: columns and rows of the grid."""


@dataclass(frozen=True, slots=True)
class PlateSpotRow:
    """What was seen at one spot. Widths and heights are sums of shares (of the picture's width, of its height)."""

    camera_id: str
    across: int
    down: int
    plates: int
    plate_widths: float
    vehicles: int
    """Cars whose whole height was in the picture; their feet were at this spot."""
    vehicle_heights: float


@dataclass(frozen=True, slots=True)
class CameraScaleRow:
    """Two things of known width that a person marked: (left x, y, right x, y, metres) each, in shares of the picture."""

    camera_id: str
    marks: tuple[tuple[float, float, float, float, float], ...]
    set_by: str
    time: Time


PLATE_SPOT = Table(
    "plate_spot",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("across", WHOLE, primary_key=True, autoincrement=False),
    Column("down", WHOLE, primary_key=True, autoincrement=False),
    Column("plates", WHOLE, nullable=False),
    Column("plate_widths", NUMBER, nullable=False),
    Column("vehicles", WHOLE, nullable=False),
    Column("vehicle_heights", NUMBER, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

CAMERA_SCALE = Table(
    "camera_scale",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("marks", Listed(), nullable=False),
    Column("set_by", TEXT, nullable=False),
    Column("time", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)


class PlateSpots(Repository):
    """The tables `plate_spot` and `camera_scale`."""

    def add(self, rows: Sequence[PlateSpotRow]) -> None:
        """Add these sums to what is known of their spots."""
        if not rows:
            return
        insert: Any = postgresql.insert(PLATE_SPOT) if self._on_postgresql else sqlite.insert(PLATE_SPOT)
        sums = ("plates", "plate_widths", "vehicles", "vehicle_heights")
        grown = {name: PLATE_SPOT.c[name] + insert.excluded[name] for name in sums}
        keys = ["camera_id", "across", "down"]
        self._connection.execute(
            insert.on_conflict_do_update(index_elements=keys, set_=grown), [values_of(row) for row in rows]
        )

    def of(self, camera_id: str) -> list[PlateSpotRow]:
        """Every spot of a camera at which something was seen."""
        spots = PLATE_SPOT.c
        here = select(PLATE_SPOT).where(spots.camera_id == camera_id).order_by(spots.down, spots.across)
        return self._all(PlateSpotRow, here)

    def forget(self, camera_id: str) -> None:
        """What was seen counts no more, because the camera was moved; so does its scale."""
        self._connection.execute(delete(PLATE_SPOT).where(PLATE_SPOT.c.camera_id == camera_id))
        self._connection.execute(delete(CAMERA_SCALE).where(CAMERA_SCALE.c.camera_id == camera_id))

    def scale(self, camera_id: str) -> CameraScaleRow | None:
        """What a person marked, if anybody did."""
        return self._one(CameraScaleRow, select(CAMERA_SCALE).where(CAMERA_SCALE.c.camera_id == camera_id))

    def put_scale(self, row: CameraScaleRow) -> None:
        """Keep a person's marks in place of earlier ones."""
        self._put(CAMERA_SCALE, [row])
