"""The plate detector: its map's meaning without the net, and the net on drawn plates and on the simulated city's films."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from istros.recognition.models.cards import PLATE_DETECTOR
from istros.recognition.models.registry import MODELS_FOLDER
from istros.recognition.picture import Picture
from istros.recognition.plates.plate_corners import PlateCorners
from istros.recognition.plates.plate_detector import (
    CHANNELS,
    CORNER_UNIT,
    STRIDES,
    FoundPlate,
    PlateDetector,
    decoded,
    prepared,
)
from istros.sim.clips import clips
from istros.video.files import frames_of
from tests.recognition.pictures import needs_models, paste_plate, street

HELD_OUT = ("tulcea-dusk", "izmail-harbour-gate")
"""The clips that the detector was not trained on (tools/training/plates/detector_sources.py)."""


def _maps(rows: int = 8, columns: int = 16) -> list[np.ndarray]:
    """Maps of an empty picture of 64 x 128 pixels."""
    maps = []
    for stride in STRIDES:
        level = np.zeros((CHANNELS, rows * 8 // stride, columns * 8 // stride), np.float32)
        level[0] = -9
        maps.append(level)
    return maps


def _put(level: np.ndarray, stride: int, row: int, column: int, logit: float, corners: np.ndarray) -> None:
    middle = (np.array([column, row]) + 0.5) * stride
    level[0, row, column] = logit
    level[1:9, row, column] = ((corners - middle) / (CORNER_UNIT * stride)).reshape(-1)


def _box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def test_a_peak_is_a_plate_with_its_own_corners() -> None:
    maps = _maps()
    slanted = np.array([[30, 20], [80, 26], [79, 38], [29, 32]], np.float64)
    _put(maps[0], 8, 3, 6, 2.0, slanted)
    maps[0][9, 3, 6] = 1.5
    (found,) = decoded(maps, 0.3)
    assert np.allclose(found.corners, slanted, atol=1e-3)
    assert found.score == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert found.has_lines
    assert found.bounds == pytest.approx((29, 20, 80, 38), abs=1e-3)
    assert (found.width_px, found.height_px) == pytest.approx((50.4, 12.0), abs=0.1)


def test_one_plate_on_two_maps_is_one_and_the_surer_one_counts() -> None:
    maps = _maps()
    _put(maps[0], 8, 3, 6, 1.0, _box(30, 20, 80, 34))
    _put(maps[1], 16, 1, 3, 3.0, _box(31, 20, 82, 35))
    _put(maps[0], 8, 6, 13, 0.5, _box(95, 48, 125, 56))
    found = decoded(maps, 0.3)
    assert [plate.bounds for plate in found] == [pytest.approx((31, 20, 82, 35)), pytest.approx((95, 48, 125, 56))]


def test_a_cell_beside_a_peak_and_one_below_the_threshold_are_none() -> None:
    maps = _maps()
    _put(maps[0], 8, 3, 6, 1.0, _box(30, 20, 80, 34))
    _put(maps[0], 8, 3, 7, 0.9, _box(95, 48, 125, 56))
    _put(maps[0], 8, 6, 13, -1.0, _box(95, 48, 125, 56))
    assert len(decoded(maps, 0.3)) == 1


@pytest.mark.parametrize("size", [(720, 1280), (97, 61), (2000, 300), (20, 20)])
def test_the_net_gets_multiples_of_32(size: tuple[int, int]) -> None:
    for picture in (np.zeros((*size, 3), np.uint8), np.full(size, 255, np.uint8)):
        tensor = prepared(picture, 640)
        assert tensor.shape[2] % 32 == tensor.shape[3] % 32 == 0
        assert max(tensor.shape) == 640
        assert 0 <= tensor.min() <= tensor.max() <= 1


@pytest.fixture(scope="module")
def detector() -> PlateDetector:
    return PlateDetector()


@needs_models
def test_the_weights_compute_what_pytorch_computed() -> None:
    checks = pytest.importorskip("istros.recognition.models.conversion_checks")
    assert checks.check_plate_detector(MODELS_FOLDER / PLATE_DETECTOR.file) < 1e-3


@needs_models
@pytest.mark.parametrize("dark", [1.0, 0.25])
@pytest.mark.parametrize("width", [48, 120, 300])
def test_a_drawn_plate_is_found_by_its_corners(detector: PlateDetector, width: int, dark: float) -> None:
    picture = street(640, 360)
    height = width * 112 / 520
    wanted = _box(320 - width / 2, 180 - height / 2, 320 + width / 2, 180 + height / 2)
    paste_plate(picture, "AE 1234 KB", wanted)
    found = detector.find((picture * dark).astype(np.uint8), 640)
    assert len(found) == 1
    assert _error(found[0], wanted) < 0.6
    assert not found[0].has_lines


@needs_models
@pytest.mark.parametrize("slope", [-30, -15, 15, 30])
def test_a_sloping_plate_begins_at_its_texts_own_corner(detector: PlateDetector, slope: int) -> None:
    picture = street(640, 360)
    turn = cv2.getRotationMatrix2D((320, 180), -slope, 1.0)
    wanted = cv2.transform(_box(250, 165, 390, 195)[None], turn)[0]
    paste_plate(picture, "TL 05 XYZ", wanted)
    found = detector.find(picture, 640)
    (exact,) = PlateCorners().moved(picture, found)
    assert _error(found[0], wanted) < 0.9
    assert _error(exact, wanted) < 0.35


@needs_models
@pytest.mark.parametrize("width", [60, 200, 900])
def test_wrong_corners_are_put_right_at_any_size(width: int) -> None:
    picture = street(1280, 720)
    height = width * 112 / 520
    wanted = _box(640 - width / 2, 360 - height / 2, 640 + width / 2, 360 + height / 2)
    paste_plate(picture, "AE 1234 KB", wanted)
    wrong = wanted + np.array([[0.04, 0.3], [0.05, -0.2], [0.03, 0.25], [-0.04, 0.4]]) * [width, height]
    (exact,) = PlateCorners().moved(picture, [FoundPlate(wrong, 0.9, False)])
    assert _error(FoundPlate(wrong, 0.9, False), wanted) > 0.3
    assert _error(exact, wanted) < 0.15
    assert PlateCorners().moved(picture, []) == []


@needs_models
def test_nothing_is_found_where_nothing_is(detector: PlateDetector) -> None:
    for picture in (street(), np.zeros((360, 640, 3), np.uint8), np.full((360, 640, 3), 255, np.uint8)):
        assert detector.find(picture, 640) == []


@needs_models
def test_the_simulated_citys_plates_are_found() -> None:
    """On the clips that were held out: plates of 45 px and more in the full picture, every 25th frame, at 960."""
    detector, wanted, hits, extra = PlateDetector(), 0, 0, 0
    for clip in (clip for clip in clips() if clip.name in HELD_OUT):
        truth = json.loads(clip.truth_path.read_text(encoding="utf-8"))
        boxes: dict[int, list[tuple[float, list[float]]]] = {}
        for vehicle in truth["vehicles"]:
            for seen in vehicle["frames"]:
                if seen.get("plate_box") and seen["seen"] > 0.9:
                    boxes.setdefault(seen["frame"], []).append((seen["plate_width_px"], seen["plate_box"]))
        for item in frames_of(clip.main_path):
            if item.number % 25 == 0:
                found = detector.find(item.frame.bgr(), 960)
                large = [box for width, box in boxes.get(item.number, []) if width >= 45]
                wanted += len(large)
                hits += sum(any(_is_at(plate, box) for plate in found) for box in large)
                every = [box for _, box in boxes.get(item.number, [])]
                extra += sum(plate.score >= 0.5 and not any(_is_at(plate, box) for box in every) for plate in found)
    assert wanted >= 30
    assert hits >= 0.95 * wanted
    assert extra <= 0.15 * wanted


def _error(found: FoundPlate, wanted: np.ndarray) -> float:
    """Mean distance of the corners in shares of the plate's height."""
    height = float(np.linalg.norm(wanted[3] - wanted[0]))
    return float(np.linalg.norm(found.corners - wanted, axis=1).mean()) / height


def _is_at(plate: FoundPlate, box: list[float]) -> bool:
    x, y = plate.corners.mean(axis=0)
    return box[0] <= x <= box[2] and box[1] - 2 <= y <= box[3] + 2


def test_a_grey_picture_gives_what_its_colour_picture_gives() -> None:
    picture: Picture = street()
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    assert np.abs(prepared(picture, 320) - prepared(grey, 320)).max() < 0.01
