"""Which privacy masks hold now, and which lie over what was recorded before."""

from __future__ import annotations

from dataclasses import replace

from alembic import command

from istros.base.said import say
from istros.base.time import SECOND, Span, Time
from istros.devices.camera import Camera, Place
from istros.devices.masks import Masks, masks_now, masks_of
from istros.store import Database, Transaction
from istros.store.camera_zones import CameraZonesRow
from istros.store.database import connection_of
from istros.store.devices import HeldMasksRow
from istros.store.migrations import configuration

FILE: Masks = (((0.0, 0.0), (0.2, 0.0), (0.2, 0.2)),)
ONE: Masks = (((0.3, 0.3), (0.5, 0.3), (0.5, 0.5)),)
TWO: Masks = (((0.6, 0.6), (0.9, 0.6), (0.9, 0.9)),)
CAMERAS = [Camera(name, Place("Gate", "Izmail"), "izmail", (), private_zone=FILE) for name in ("IZ-07", "IZ-08")]
HOUR = 3600 * SECOND


def draw(database: Database, hour: int, masks: Masks, *, from_file: bool = False, waits: bool = False) -> None:
    time = Time(hour * HOUR)
    row = CameraZonesRow(
        f"z{hour}", "IZ-07", time, "olena", from_file, (), (), "r1" if waits else None, None if waits else time,
        private=masks,
    )  # fmt: skip
    database.write_now(lambda tx: tx.camera_zones.add(row))


def over(database: Database, first: int, last: int) -> set[object]:
    span = Span(Time(first * HOUR), Time(last * HOUR))
    return set(database.read_now(lambda tx: masks_of(tx, CAMERAS, "IZ-07")).over(span))


def now(database: Database) -> dict[str, Masks]:
    return database.read_now(lambda tx: masks_now(tx, CAMERAS))


def test_the_files_masks_hold_until_somebody_draws(database: Database) -> None:
    assert now(database) == {"IZ-07": FILE, "IZ-08": FILE} and over(database, 1, 2) == set(FILE)
    draw(database, 10, ONE)
    assert now(database) == {"IZ-07": ONE, "IZ-08": FILE}
    draw(database, 11, (), waits=True)
    assert now(database)["IZ-07"] == ONE, "what waits for a second person does not hold"
    draw(database, 12, FILE, from_file=True)
    assert now(database)["IZ-07"] == FILE


def test_a_recording_stays_under_what_held_when_it_was_made_and_under_what_holds_now(database: Database) -> None:
    draw(database, 10, ONE)
    draw(database, 20, TWO)
    assert over(database, 12, 13) == {*ONE, *TWO}
    assert over(database, 21, 22) == set(TWO)
    assert over(database, 19, 21) == {*ONE, *TWO}, "the change lies within"
    assert over(database, 5, 6) == {*FILE, *TWO}, "before anybody drew, the file's masks held"
    assert over(database, 9, 11) == {*FILE, *ONE, *TWO}
    draw(database, 30, ())
    assert over(database, 21, 22) == set(TWO), "uncovering later does not uncover what was recorded"
    assert over(database, 31, 32) == set()


def test_a_mask_that_came_into_the_file_later_stays_over_what_was_recorded_under_it(database: Database) -> None:
    draw(database, 10, (), from_file=True)
    draw(database, 20, ())
    assert over(database, 15, 16) == set(FILE), "the file's masks held, whatever they were when it was chosen"
    assert over(database, 21, 22) == set()


def test_what_was_drawn_after_a_moment_is_told_from_what_was_drawn_before(database: Database) -> None:
    draw(database, 10, ONE)

    def since(hour: int, first: int = 12) -> bool:
        span = Span(Time(first * HOUR), Time((first + 1) * HOUR))
        return database.read_now(lambda tx: masks_of(tx, CAMERAS, "IZ-07")).drawn_over_since(span, Time(hour * HOUR))

    assert not since(15) and since(9)
    draw(database, 20, (*ONE, *TWO))
    assert since(15) and not since(21)
    draw(database, 30, ())
    assert not since(15), "what is shown again hides nothing; what was made under it stays so"


def test_a_camera_that_the_node_has_no_more_keeps_what_was_drawn_on_it(database: Database) -> None:
    draw(database, 10, ONE)
    span = Span(Time(12 * HOUR), Time(13 * HOUR))
    assert database.read_now(lambda tx: masks_of(tx, (), "IZ-07")).over(span) == ONE


def test_what_a_camera_holds_is_kept_and_an_older_version_reads_the_zones_all_the_same(database: Database) -> None:
    problem = say("camera-masks-none", "Camera IZ-07 cannot hold privacy masks itself.", camera="IZ-07")
    row = HeldMasksRow("IZ-07", 4, 8, True, 2, 1, (("m1", "video", ONE[0]),), problem, Time(HOUR))
    drawn = CameraZonesRow(
        "z1", "IZ-07", Time(HOUR), "olena", False, (), (), since=Time(HOUR), private=ONE, in_camera=True
    )

    def fill(tx: Transaction) -> None:
        tx.devices.put_held_masks(HeldMasksRow("IZ-07"))
        tx.devices.put_held_masks(row)
        tx.camera_zones.add(drawn)

    database.write_now(fill)
    assert database.read_now(lambda tx: tx.devices.held_masks("IZ-07")) == row and row.put[0].zone == ONE[0]
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0047")
        command.upgrade(configuration(connection), "head")
    again = database.read_now(lambda tx: tx.camera_zones.in_force("IZ-07"))
    assert again == replace(drawn, in_camera=False), "who draws next decides again"
