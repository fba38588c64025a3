"""Vehicles' passages in the store."""

from __future__ import annotations

from dataclasses import replace

from istros.base.time import Span
from istros.store import Database, Transaction
from istros.store.vehicles import PlateWanted, VehicleCount, VehicleQuery, VehicleRow
from tests.store.rows_made import at, read

ALL = Span(at(0), at(100_000))


def passage(number: int, **more: object) -> VehicleRow:
    values: dict[str, object] = {
        "id": f"v{number}", "camera_id": "IZ-01", "track_id": f"t{number}", "first_seen": at(number),
        "last_seen": at(number + 3), "vehicle_class": "car", "class_confidence": 0.9, "colour": "red",
        "direction": "towards", "heading": 12.5, "stood_s": 0.0, "box": (0.1, 0.2, 0.3, 0.4), "box_time": at(number + 1),
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
    assert found(directions=("away",)) == []


def test_passages_are_found_by_whether_their_plate_was_read(database: Database) -> None:
    rows = [passage(1), passage(2), passage(3, camera_id="TL-01", track_id="t2")]
    reads = [
        replace(read(1, "BH1234AK", "IZ-01"), track_id="t2", confidence=0.6),
        replace(read(2, "BH1234AX", "IZ-01"), track_id="t2", confidence=0.9),
        replace(read(3, "TL10ABC", "IZ-01"), track_id="t9"),
    ]

    def work(tx: Transaction) -> None:
        tx.vehicles.add(rows)
        for each in reads:
            tx.reads.add(each)

    database.write_now(work)

    def found(wanted: PlateWanted) -> list[str]:
        return [row.id for row in database.read_now(lambda tx: tx.vehicles.search(VehicleQuery(ALL, plate=wanted)))]

    assert (found("with"), found("without"), found("any")) == (["v2"], ["v3", "v1"], ["v3", "v2", "v1"])
    plates = database.read_now(lambda tx: tx.vehicles.plates_of(tx.vehicles.search(VehicleQuery(ALL))))
    assert [(plate.read_id, plate.text) for plate in plates] == [("r2", "BH1234AX"), ("r1", "BH1234AK")]
    database.write_now(lambda tx: tx.reads.correct("r1", "BH1234AH", None, at(9), "olena"))
    plates = database.read_now(lambda tx: tx.vehicles.plates_of(tx.vehicles.search(VehicleQuery(ALL))))
    told = [(plate.text, plate.confidence, plate.corrected) for plate in plates]
    assert told == [("BH1234AH", None, at(9)), ("BH1234AX", 0.9, None)], "a person's word comes first"


def test_pages_go_on_where_the_one_before_ended_also_between_passages_of_one_moment(database: Database) -> None:
    rows = [passage(number, last_seen=at(number // 2)) for number in range(1, 8)]
    database.write_now(lambda tx: tx.vehicles.add(rows))
    seen: list[str] = []
    after = ""
    while True:
        query = VehicleQuery(ALL, limit=3, after=after)
        page = database.read_now(lambda tx, query=query: tx.vehicles.search(query))  # type: ignore[misc]
        if not page:
            break
        seen += [row.id for row in page]
        after = page[-1].id
    assert seen == ["v7", "v6", "v5", "v4", "v3", "v2", "v1"]
    narrow = VehicleQuery(Span(at(1), at(3)), classes=("bus",))
    assert database.read_now(lambda tx: tx.vehicles.searched(narrow)) == 4
    assert database.read_now(lambda tx: tx.vehicles.search(VehicleQuery(ALL, after="gone"))) == []


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
