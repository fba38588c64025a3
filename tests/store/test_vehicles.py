"""Vehicles' passages in the store."""

from __future__ import annotations

from istros.base.time import Span
from istros.store import Database
from istros.store.vehicles import VehicleCount, VehicleQuery, VehicleRow
from tests.store.rows_made import at

ALL = Span(at(0), at(100_000))


def passage(number: int, **more: object) -> VehicleRow:
    values: dict[str, object] = {
        "id": f"v{number}", "camera_id": "IZ-01", "track_id": f"t{number}", "first_seen": at(number),
        "last_seen": at(number + 3), "vehicle_class": "car", "class_confidence": 0.9, "colour": "red",
        "direction": "towards", "heading": 12.5, "stood_s": 0.0, "box": (0.1, 0.2, 0.3, 0.4),
    }  # fmt: skip
    return VehicleRow(**(values | more))  # type: ignore[arg-type]


def test_passages_are_kept_once_and_whole(database: Database) -> None:
    rows = [passage(1), passage(2, colour=None, direction=None, heading=None)]
    database.write_now(lambda tx: tx.vehicles.add(rows))
    database.write_now(lambda tx: tx.vehicles.add([*rows, passage(3)]))
    database.write_now(lambda tx: tx.vehicles.add([]))
    assert database.read_now(lambda tx: tx.vehicles.search(VehicleQuery(ALL))) == [passage(3), rows[1], rows[0]]


def test_passages_are_found_by_what_they_were(database: Database) -> None:
    rows = [passage(1), passage(2, vehicle_class="van"), passage(3, colour="blue"), passage(4, camera_id="TL-01")]
    database.write_now(lambda tx: tx.vehicles.add(rows))

    def found(**wanted: object) -> list[str]:
        query = VehicleQuery(**({"span": ALL} | wanted))  # type: ignore[arg-type]
        return [row.id for row in database.read_now(lambda tx: tx.vehicles.search(query))]

    assert found(classes=("van", "bus")) == ["v2"]
    assert found(colours=("red",), cameras=("IZ-01",)) == ["v2", "v1"]
    assert found(span=Span(at(5), at(7))) == ["v3", "v2"]
    assert found(limit=1) == ["v4"]


def test_passages_are_counted_by_class_and_direction(database: Database) -> None:
    rows = [passage(1), passage(2), passage(3, direction="away"), passage(4, camera_id="TL-01")]
    database.write_now(lambda tx: tx.vehicles.add(rows))
    counts = database.read_now(lambda tx: tx.vehicles.counts("IZ-01", ALL))
    assert counts == [VehicleCount("car", "away", 1), VehicleCount("car", "towards", 2)]


def test_old_passages_are_erased(database: Database) -> None:
    database.write_now(lambda tx: tx.vehicles.add([passage(1), passage(50)]))
    assert database.write_now(lambda tx: tx.vehicles.remove_before(at(50))) == 1
    assert [row.id for row in database.read_now(lambda tx: tx.vehicles.search(VehicleQuery(ALL)))] == ["v50"]


def test_passages_that_waited_for_the_database_are_kept_once_over_many_statements(database: Database) -> None:
    rows = [passage(number) for number in range(1, 1201)]
    database.write_now(lambda tx: tx.vehicles.add(rows))
    database.write_now(lambda tx: tx.vehicles.add(rows))
    assert sum(each.count for each in database.read_now(lambda tx: tx.vehicles.counts("IZ-01", ALL))) == 1200
