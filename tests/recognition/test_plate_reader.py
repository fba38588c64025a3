"""The plate reader on drawn plates, and shortly on real ones."""

from __future__ import annotations

import csv
from collections import defaultdict

import cv2
import numpy as np
import pytest

from istros.base.plate_text import fold
from istros.recognition.picture import Picture
from istros.recognition.plates.reader import PixelBox, PlateReader
from istros.recognition.plates.text_box import TextBox
from istros.recognition.plates.text_detector import TextDetector
from istros.recognition.read_files import picture_of
from tests.recognition.pictures import EVAL, draw_plate, needs_eval, needs_models, street

pytestmark = needs_models


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return PlateReader()


@pytest.mark.parametrize(("text", "country"), [("AE1234KB", "UA"), ("B123ABC", "RO"), ("KAB123", None)])
def test_a_drawn_plate_is_read_where_it_is(reader: PlateReader, text: str, country: str | None) -> None:
    picture = street()
    draw_plate(picture, (text,), 300, 200)
    (found,) = reader.read(picture)
    assert (found.text, found.country) == (text, country)
    assert found.confidence > 0.8
    assert len(found.characters) == len(text)
    assert abs((found.box.left + found.box.right) / 2 - 300) < 12
    assert abs((found.box.top + found.box.bottom) / 2 - 200) < 8


def test_a_plate_of_two_lines_is_one_plate(reader: PlateReader) -> None:
    picture = street()
    draw_plate(picture, ("41353", "AE"), 300, 180)
    assert [found.text for found in reader.read(picture)] == ["41353AE"]


@pytest.mark.parametrize("slope", [-0.25, 0.25])
def test_a_plate_seen_from_the_side_is_straightened(reader: PlateReader, slope: float) -> None:
    picture = street()
    draw_plate(picture, ("AE1234KB",), 320, 180)
    shear = np.array([[1, 0, 0], [slope, 1, -slope * 320]], np.float64)
    slanted = cv2.warpAffine(picture, shear, (640, 360), borderMode=cv2.BORDER_REPLICATE)
    assert [found.text for found in reader.read(np.asarray(slanted, np.uint8))] == ["AE1234KB"]


@pytest.mark.parametrize("slope", [-1.1, 1.1])
def test_a_plate_seen_from_far_aside_is_found_in_a_still(reader: PlateReader, slope: float) -> None:
    picture = street(1280, 960)
    draw_plate(picture, ("AE1234KB",), 640, 480, 1.6)
    narrow = np.array([[0.45, 0, 350], [slope * 0.45, 1, -slope * 0.45 * 640]], np.float64)
    turned = np.asarray(cv2.warpAffine(picture, narrow, (1280, 960), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    (found,) = reader.read_still(turned)
    assert found.text == "AE1234KB"
    assert abs((found.box.left + found.box.right) / 2 - (0.45 * 640 + 350)) < 15
    assert abs((found.box.top + found.box.bottom) / 2 - 480) < 15


def test_a_still_is_searched_again_only_where_something_can_be_missing(
    reader: PlateReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[int] = []
    find = TextDetector.find

    def counting(detector: TextDetector, picture: Picture, side: int) -> list[TextBox]:
        searched.append(side)
        return find(detector, picture, side)

    monkeypatch.setattr(TextDetector, "find", counting)
    near, far = street(), street(1920, 1080)
    draw_plate(near, ("AE1234KB",), 300, 200)
    draw_plate(far, ("AE1234KB",), 900, 600, 0.9)
    assert [found.text for found in reader.read_still(near)] == ["AE1234KB"]
    assert searched == [640]
    assert [found.text for found in reader.read_still(far)] == ["AE1234KB"]
    assert searched == [640, 640, 960]


def test_a_region_gives_pixels_of_the_whole_picture(reader: PlateReader) -> None:
    picture = street(1280, 720)
    draw_plate(picture, ("TL05XYZ",), 900, 500)
    draw_plate(picture, ("B123ABC",), 200, 100)
    (found,) = reader.read(picture, PixelBox(700, 350, 1100, 650), sides=(416,))
    assert found.text == "TL05XYZ"
    assert abs((found.box.left + found.box.right) / 2 - 900) < 12
    assert abs(sum(y for _, y in found.corners) / 4 - 500) < 8


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
    draw_plate(picture, ("PHARMACY",), 300, 100)
    draw_plate(picture, ("2026",), 300, 250)
    assert reader.read(picture) == []


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
