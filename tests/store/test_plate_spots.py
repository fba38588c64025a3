"""Sums of what was seen at each spot of a picture grow, and are forgotten with the scale when a camera is moved."""

from __future__ import annotations

from istros.store import Database
from istros.store.plate_spots import CameraScaleRow, PlateSpotRow
from tests.store.rows_made import at


def test_sums_grow_by_spot_and_camera(database: Database) -> None:
    first = [PlateSpotRow("IZ-07", 3, 5, 1, 0.05, 2, 0.4), PlateSpotRow("IZ-08", 3, 5, 7, 0.7, 0, 0.0)]
    database.write_now(lambda tx: tx.plate_spots.add(first))
    database.write_now(lambda tx: tx.plate_spots.add([PlateSpotRow("IZ-07", 3, 5, 1, 0.07, 1, 0.3)]))
    database.write_now(lambda tx: tx.plate_spots.add([PlateSpotRow("IZ-07", 4, 2, 0, 0.0, 1, 0.1)]))
    far, near = database.read_now(lambda tx: tx.plate_spots.of("IZ-07"))
    assert (far.across, far.down, far.vehicles) == (4, 2, 1)
    assert (near.plates, round(near.plate_widths, 3), near.vehicles, round(near.vehicle_heights, 3)) == (
        2,
        0.12,
        3,
        0.7,
    )
    assert database.read_now(lambda tx: tx.plate_spots.of("IZ-08"))[0].plates == 7


def test_a_moved_camera_is_learnt_anew(database: Database) -> None:
    marks = ((0.1, 0.5, 0.2, 0.5, 1.8), (0.1, 0.9, 0.4, 0.9, 1.8))
    database.write_now(lambda tx: tx.plate_spots.add([PlateSpotRow("IZ-07", 3, 5, 1, 0.05, 2, 0.4)]))
    database.write_now(lambda tx: tx.plate_spots.put_scale(CameraScaleRow("IZ-07", marks[:1], "admin", at(1))))
    database.write_now(lambda tx: tx.plate_spots.put_scale(CameraScaleRow("IZ-07", marks, "admin", at(2))))
    kept = database.read_now(lambda tx: tx.plate_spots.scale("IZ-07"))
    assert kept is not None and (kept.marks, kept.time) == (marks, at(2))
    database.write_now(lambda tx: tx.plate_spots.forget("IZ-07"))
    assert database.read_now(lambda tx: (tx.plate_spots.of("IZ-07"), tx.plate_spots.scale("IZ-07"))) == ([], None)
