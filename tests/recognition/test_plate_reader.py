"""The plate reader on drawn plates, and shortly on real ones."""

from __future__ import annotations

import csv
from collections import defaultdict

import cv2
import numpy as np
import pytest

from istros.base.plate_text import fold
from istros.recognition.picture import Picture
from istros.recognition.plates.plate_detector import FoundPlate, PlateDetector
from istros.recognition.plates.reader import PixelBox, PlateReader
from istros.recognition.plates.second_reader import SecondReader, lines_of
from istros.recognition.read_files import picture_of
from tests.recognition.pictures import EVAL, needs_eval, needs_models, paste_plate, street

pytestmark = needs_models


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return PlateReader()


def _at(x: float, y: float, width: float = 140) -> np.ndarray:
    """Corners of an upright plate round x, y."""
    height = width * 112 / 520
    return np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2 + [x, y]


@pytest.mark.parametrize(
    ("text", "country"), [("AE 1234 KB", "UA"), ("B 123 ABC", "RO"), ("TL 05 XYZ", "RO"), ("KAB 123", "MD")]
)
def test_a_plate_is_read_where_it_is(reader: PlateReader, text: str, country: str) -> None:
    picture = street()
    paste_plate(picture, text, _at(300, 200), country)
    (found,) = reader.read(picture)
    assert found.text == text.replace(" ", "")
    assert found.country == country
    assert found.confidence > 0.8
    assert len(found.characters) == len(found.text)
    assert np.abs(np.array(found.corners) - _at(300, 200)).max() < 8
    assert (found.box.left, found.box.top) == pytest.approx(np.array(found.corners).min(axis=0))


@pytest.mark.parametrize("slope", [-35, -15, 15, 35])
def test_a_plate_seen_from_the_side_is_straightened(reader: PlateReader, slope: float) -> None:
    picture = street()
    turn = cv2.getRotationMatrix2D((320, 180), -slope, 1.0)
    paste_plate(picture, "AE 1234 KB", cv2.transform(_at(320, 180, 170)[None], turn)[0])
    assert [found.text for found in reader.read(picture)] == ["AE1234KB"]


def test_a_still_is_searched_again_only_where_something_can_be_missing(
    reader: PlateReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[tuple[int, int]] = []
    find = PlateDetector.find

    def counting(detector: PlateDetector, picture: Picture, side: int, *least: float) -> list[FoundPlate]:
        searched.append((picture.shape[1], side))
        return find(detector, picture, side, *least)

    monkeypatch.setattr(PlateDetector, "find", counting)
    near, far = street(), street(1920, 1080)
    paste_plate(near, "AE 1234 KB", _at(300, 200))
    paste_plate(far, "AE 1234 KB", _at(900, 600, 150))
    assert [found.text for found in reader.read_still(near)] == ["AE1234KB"]
    assert [side for columns, side in searched if columns == 640] == [640]
    assert [found.text for found in reader.read_still(far)] == ["AE1234KB"]
    assert [side for columns, side in searched if columns == 1920] == [640, 960]


def test_a_plate_three_quarters_as_wide_as_a_still_is_read(reader: PlateReader) -> None:
    picture = street()
    paste_plate(picture, "AE 1234 KB", _at(320, 180, 480))
    assert [found.text for found in reader.read_still(picture)] == ["AE1234KB"]


def test_a_region_gives_pixels_of_the_whole_picture(reader: PlateReader) -> None:
    picture = street(1280, 720)
    paste_plate(picture, "TL 05 XYZ", _at(900, 500), "RO")
    paste_plate(picture, "B 123 ABC", _at(200, 100), "RO")
    (found,) = reader.read(picture, PixelBox(700, 350, 1100, 650), sides=(416,))
    assert found.text == "TL05XYZ"
    assert np.abs(np.array(found.corners) - _at(900, 500)).max() < 8


def test_every_size_is_searched_where_no_confidence_is_enough(reader: PlateReader) -> None:
    picture = street(1920, 1080)
    paste_plate(picture, "TL 05 XYZ", _at(900, 700, 300), "RO")
    paste_plate(picture, "B 123 ABC", _at(400, 100, 60), "RO")
    assert {found.text for found in reader.read(picture, sides=(640, 1280), enough=1.1)} == {"TL05XYZ", "B123ABC"}


def test_nothing_is_read_where_nothing_is(reader: PlateReader) -> None:
    assert reader.read(street()) == []
    assert reader.read_still(street()) == []
    assert reader.read_still(np.zeros((4, 4, 3), np.uint8)) == []
    assert reader.read(np.zeros((360, 640, 3), np.uint8)) == []
    assert reader.read(np.full((360, 640, 3), 255, np.uint8)) == []
    assert reader.read(np.zeros((4, 4, 3), np.uint8)) == []
    assert reader.read(street(), PixelBox(-50, -50, -10, -10)) == []


def test_words_and_numbers_are_no_plates(reader: PlateReader) -> None:
    picture = street()
    paste_plate(picture, "PHARMACY", _at(300, 100))
    paste_plate(picture, "2026", _at(300, 250))
    assert [found.text for found in reader.read(picture) if found.confidence > 0.5] == []


def test_the_second_reader_reads_a_straightened_plate_line_by_line() -> None:
    picture = street()
    corners = np.array([[250, 150], [400, 170], [400, 202], [250, 182]], np.float64)
    paste_plate(picture, "AE 1234 KB", corners)
    reading = SecondReader().read(picture, FoundPlate(corners, 0.9, False))
    assert reading is not None
    assert reading.text == "AE1234KB"
    square = FoundPlate(np.array([[100, 100], [200, 100], [200, 170], [100, 170]], np.float64), 0.9, True)
    assert [line.shape[0] for line in lines_of(picture, square)] == [62, 62]


@needs_eval
def test_real_plates_are_read(reader: PlateReader) -> None:
    folder = EVAL / "plates_ro"
    labels: dict[str, list[str]] = defaultdict(list)
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["legibility"] == "clear":
                labels[row["file"]].append(fold(row["plate"]))
    names = sorted(labels)[::5]
    wanted = [plate for name in names for plate in labels[name]]
    read = {fold(found.text) for name in names for found in reader.read_still(picture_of(folder / "images" / name))}
    assert sum(plate in read for plate in wanted) >= 0.85 * len(wanted)
