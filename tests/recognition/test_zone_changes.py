"""Zones that people draw: by one person, by two where something is uncovered, and never a shape that holds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from istros.base.environment import Environment, real_environment
from istros.base.time import Time
from istros.compliance.errors import ReleaseRefused
from istros.devices.camera import Camera, Place, Zone
from istros.devices.polygon import area, crossing
from istros.recognition.zone_changes import WantedZones, ZonesConflict, ZonesRefused, answer, change, waiting
from istros.recognition.zones import PictureZones
from istros.store import Database, open_database
from istros.store.camera_zones import CameraZonesRow
from istros.store.rows import OperatorRow

SQUARE: Zone = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
SMALLER: Zone = ((0.2, 0.2), (0.7, 0.2), (0.7, 0.8), (0.2, 0.8))
BOW: Zone = ((0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8))
CAMERA = Camera("IZ-07", Place("Gate", "Izmail"), "izmail", (), ignored_zone=(SMALLER,))
OLENA = OperatorRow("o1", "olena", "Olena", "council", "shift_leader", "")
PETRO = OperatorRow("o2", "petro", "Petro", "council", "administrator", "")


@pytest.fixture
def environment() -> Iterator[Environment]:
    real = real_environment(workers=1)
    yield real
    real.workers.close()


@pytest.fixture
def database(environment: Environment, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'zones.db'}", environment.workers)
    yield opened
    opened.close()


class Desk:
    """What people at their desks do to the zones of CAMERA."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self.environment, self.database = environment, database

    def change(self, operator: OperatorRow = OLENA, **wanted: object) -> CameraZonesRow:
        asked = WantedZones(**wanted)  # type: ignore[arg-type]
        return self.database.write_now(lambda tx: change(tx, self.environment, operator, CAMERA, asked, "desk"))

    def answer(self, operator: OperatorRow, agree: bool, note: str = "why") -> CameraZonesRow:
        return self.database.write_now(lambda tx: answer(tx, self.environment, operator, CAMERA, agree, note, "desk"))

    @property
    def held(self) -> PictureZones:
        return PictureZones.in_force(CAMERA, self.database.read_now(lambda tx: tx.camera_zones.in_force("IZ-07")))

    @property
    def waits(self) -> bool:
        return self.database.read_now(lambda tx: waiting(tx, "IZ-07")) is not None


@pytest.fixture
def desk(environment: Environment, database: Database) -> Desk:
    return Desk(environment, database)


def test_the_files_zones_hold_until_somebody_draws(desk: Desk) -> None:
    assert desk.held == PictureZones((), (SMALLER,))
    desk.change(plates=(SQUARE,), ignored=(SQUARE,))
    assert desk.held == PictureZones((SQUARE,), (SQUARE,)) and not desk.waits
    (row,) = desk.database.read_now(lambda tx: tx.audit.page(action="cameras.zones"))
    assert row.actor == "olena" and '"before":{"ignored":[[[0.2,0.2],[0.7,0.2]' in row.detail


def test_what_uncovers_something_waits_for_another_person(desk: Desk) -> None:
    desk.change(ignored=(SQUARE,))
    with pytest.raises(ZonesRefused, match="a second person must agree"):
        desk.change(ignored=(SMALLER,))
    desk.change(ignored=(SMALLER,), reason="The new shop asked for it")
    assert desk.held.ignored == (SQUARE,) and desk.waits
    with pytest.raises(ZonesConflict, match="waits for its answer"):
        desk.change(PETRO, ignored=(SQUARE,))
    with pytest.raises(ReleaseRefused, match="Whoever asks"):
        desk.answer(OLENA, agree=True)
    desk.answer(PETRO, agree=True)
    assert desk.held.ignored == (SMALLER,) and not desk.waits
    held = desk.database.read_now(lambda tx: tx.camera_zones.in_force("IZ-07"))
    assert held is not None and (held.set_by, held.agreed_by) == ("olena", "petro")


def test_a_second_person_may_refuse_and_the_first_take_it_back(desk: Desk) -> None:
    for who in (PETRO, OLENA):
        desk.change(ignored=(), reason="Nothing to hide")
        desk.answer(who, agree=False)
        assert desk.held.ignored == (SMALLER,) and not desk.waits
    with pytest.raises(ZonesConflict, match="No change"):
        desk.answer(PETRO, agree=True)


def test_a_mask_that_the_camera_holds_shrinks_by_two_even_where_the_file_shrank_alone(desk: Desk) -> None:
    row = CameraZonesRow(
        "z1", "IZ-07", Time(1), "olena", True, (), (SMALLER,), since=Time(1), private=(SQUARE,), in_camera=True
    )
    desk.database.write_now(lambda tx: tx.camera_zones.add(row))
    assert desk.held.private == (), "the file has no mask any more; the camera has"
    with pytest.raises(ZonesRefused, match="takes a mask out of the camera"):
        desk.change(ignored=(SMALLER,), private=(SMALLER,), in_camera=True)
    desk.change(ignored=(SMALLER,), private=(SQUARE, SMALLER), in_camera=True)
    assert not desk.waits, "it holds more"


def test_back_to_the_file_is_a_change_like_any_other(desk: Desk) -> None:
    desk.change(plates=(SQUARE,), ignored=(SQUARE,))
    desk.change(from_file=True, reason="As it was planned")
    assert desk.held.ignored == (SQUARE,), "the file ignores less"
    desk.answer(PETRO, agree=True)
    assert desk.held == PictureZones.of(CAMERA)
    moved = replace(CAMERA, ignored_zone=(SQUARE,))
    drawn = desk.database.read_now(lambda tx: tx.camera_zones.in_force("IZ-07"))
    assert PictureZones.in_force(moved, drawn).ignored == (SQUARE,), "what the file says now, not what it said then"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (BOW, "The plate zone 1 crosses itself: the edge after corner 1 meets the edge after corner 3"),
        (((0.1, 0.1), (0.2, 0.2)), "has 2 corners"),
        (((0.1, 0.1), (0.105, 0.1), (0.105, 0.105)), "too small"),
        (((0.1, 0.1), (1.2, 0.1), (0.5, 0.5)), "outside the picture"),
        (((0.1, 0.1), (0.9, 0.1), (0.5, 0.1), (0.5, 0.5)), "crosses itself"),
    ],
)
def test_a_shape_that_holds_nothing_is_refused_in_words(desk: Desk, zone: Zone, words: str) -> None:
    with pytest.raises(ZonesRefused, match=words):
        desk.change(plates=(zone,))


def test_edges_that_meet_are_found() -> None:
    assert crossing(SQUARE) is None and crossing(((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))) is None
    assert crossing(((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.0, 1.0))) is None, "straight on is no crossing"
    assert crossing(BOW) == (0, 2)
    assert crossing(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.0), (0.0, 1.0))) == (0, 2), "a corner on an edge"
    assert area(SQUARE) == pytest.approx(0.36)


def test_only_what_was_hidden_can_be_uncovered() -> None:
    none, one = PictureZones(), PictureZones(ignored=(SQUARE,))
    assert none.uncovers(one) and not one.uncovers(none) and not one.uncovers(one)
    halves = PictureZones(ignored=(SMALLER, ((0.6, 0.2), (0.8, 0.2), (0.8, 0.8), (0.6, 0.8))))
    assert not halves.uncovers(one), "the same part in two pieces"


def test_no_comb_of_slits_uncovers_what_a_mask_hid() -> None:
    """Teeth as narrow as a hair look like the whole mask to a coarse grid, and leave most of a 4K picture open."""
    start, teeth, step = 0.3, 9, 1 / 640
    top: list[tuple[float, float]] = []
    for number in range(teeth):
        left = start + (number - 0.001) * step
        top += [(left, 0.3), (left, 0.6), (left + 0.002 * step, 0.6), (left + 0.002 * step, 0.3)]
    comb = PictureZones(private=((*top, (start + teeth * step, 0.25), (start - step, 0.25)),))
    whole = PictureZones(private=(((start, 0.3), (start + (teeth - 1) * step, 0.3),
                                   (start + (teeth - 1) * step, 0.6), (start, 0.6)),))  # fmt: skip
    assert comb.uncovers(whole)
