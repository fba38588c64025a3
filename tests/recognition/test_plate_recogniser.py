"""Our own plate recogniser: the cut, the decoding, the weights against their original, plates that we draw."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest

from istros.recognition.models.cards import PLATE_RECOGNISER
from istros.recognition.models.registry import MODELS_FOLDER
from istros.recognition.plates.plate_crop import (
    COLUMNS,
    MARGIN_X,
    MARGIN_Y,
    ROWS,
    PlateCrop,
    box_corners,
    plate_crop,
    rectified,
    sides_px,
)
from istros.recognition.plates.plate_recogniser import Decoder, PlateRecogniser, confidence_features, edge
from tests.recognition.pictures import EVAL, needs_eval, needs_models

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _logits(text: str, places: int = 108, strength: float = 9.0) -> np.ndarray:
    """Logits that spell the text, each sign over two places, `-` for a gap."""
    logits = np.zeros((places, len(SIGNS) + 1), np.float32)
    logits[:, 0] = strength
    for index, sign in enumerate(text):
        if sign != "-":
            logits[2 * index : 2 * index + 2, 0] = 0
            logits[2 * index : 2 * index + 2, SIGNS.index(sign) + 1] = strength
    return logits


def test_a_cut_puts_the_corners_where_the_training_had_them() -> None:
    picture = np.zeros((200, 400), np.uint8)
    corners = np.array([[100, 60], [300, 80], [296, 130], [96, 110]], np.float32)
    cv2.fillConvexPoly(picture, corners.astype(np.int32), 255)
    crop = rectified(picture, corners)
    assert crop.shape == (ROWS, COLUMNS)
    rows, columns = np.nonzero(crop > 127)
    assert columns.min() == pytest.approx(MARGIN_X, abs=1.6) and columns.max() == pytest.approx(
        COLUMNS - MARGIN_X, abs=1.6
    )
    assert rows.min() == pytest.approx(MARGIN_Y, abs=1.6) and rows.max() == pytest.approx(ROWS - MARGIN_Y, abs=1.6)


@pytest.mark.parametrize("scale", [0.25, 1.0, 6.0])
def test_a_cut_looks_the_same_at_every_size(scale: float) -> None:
    """A large plate is shrunk before it is cut: fine stripes become grey and do not turn into others."""
    size = round(260 * scale), round(80 * scale)
    stripes = (np.arange(size[0]) // max(1, round(2 * scale)) % 2 * 255).astype(np.uint8)
    picture = np.repeat(stripes[None], size[1], axis=0)
    crop = rectified(picture, box_corners(0, 0, *size)).astype(int)
    inner = crop[10:-10, 20:-20]
    assert abs(inner.mean() - 127) < 12
    if scale > 1:
        assert np.abs(np.diff(inner, axis=0)).max() <= 1


def test_corners_outside_the_picture_are_no_fault() -> None:
    picture = np.full((40, 60, 3), 90, np.uint8)
    for x, y in ((-30, -20), (55, 38), (200, 200), (-500, 5)):
        assert (rectified(picture, box_corners(x, y, 50, 12)) == 90).all()


def test_decoding_joins_what_repeats_and_parts_what_a_gap_parts() -> None:
    decoder = Decoder(SIGNS, 1.0)
    assert decoder.decode(_logits("AB12")).text == "AB12"
    assert decoder.decode(_logits("A-A-11")).text == "AA1"
    assert decoder.decode(_logits("")).characters == ()


def test_a_doubt_is_an_alternative_and_lowers_the_chance() -> None:
    logits = _logits("B8-8")
    logits[0:2, SIGNS.index("8") + 1] = 8.0
    read = Decoder(SIGNS, 1.0).decode(logits)
    first = read.characters[0]
    assert (first.text, first.alternatives[0][0]) == ("B", "8")
    assert first.confidence == pytest.approx(0.73, abs=0.02)
    assert first.alternatives[0][1] == pytest.approx(0.27, abs=0.02)
    assert read.characters[1].confidence > 0.99


def test_a_higher_temperature_makes_less_sure() -> None:
    sure, doubtful = (Decoder(SIGNS, value).decode(_logits("AB12")) for value in (1.0, 3.0))
    assert sure.text == doubtful.text
    assert doubtful.characters[0].confidence < sure.characters[0].confidence - 0.2


def test_signs_drawn_alike_do_not_lower_the_chance_of_the_text() -> None:
    alike, unlike = _logits("TL-12"), _logits("TL-12")
    alike[6:8, SIGNS.index("I") + 1] = 8.5
    unlike[6:8, SIGNS.index("7") + 1] = 8.5
    values = [Decoder(SIGNS, 1.0).decode(logits).values.min() for logits in (alike, unlike)]
    assert values[0] > 0.95 > 0.7 > values[1]


def test_a_character_that_may_be_missing_is_a_doubt() -> None:
    whole, missing = _logits("AB1-2"), _logits("AB1-2")
    missing[6:8, SIGNS.index("7") + 1] = 8.5
    doubts = []
    for logits in (whole, missing):
        read = Decoder(SIGNS, 1.0).decode(logits)
        doubts.append(confidence_features(read, _stripes(1))["gap"])
    assert doubts[0] < 0.05 and doubts[1] > 0.3


def _stripes(blur: float, width_px: float = 120.0, contrast: float = 1.0) -> PlateCrop:
    """Broad upright strokes, out of focus by `blur` pixels of the crop."""
    bars = (np.arange(COLUMNS) // 14 % 2 * 200.0 + 20) * contrast
    picture = np.repeat(bars[None], ROWS, axis=0).astype(np.float32)
    blurred = cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture
    return PlateCrop(blurred.round().astype(np.uint8), width_px, width_px / 4.6)


def test_the_edge_of_a_crop_knows_blur_and_not_contrast() -> None:
    edges = [edge(_stripes(blur).picture) for blur in (0.0, 1.0, 2.0, 3.0)]
    assert edges == sorted(edges, reverse=True) and edges[3] < 0.55 * edges[0]
    assert edge(_stripes(1.0, contrast=0.3).picture) == pytest.approx(edges[1], rel=0.1)
    assert edge(np.full((ROWS, COLUMNS), 7, np.uint8)) == 0


def test_only_blur_and_few_pixels_beyond_a_limit_are_told() -> None:
    read = Decoder(SIGNS, 1.0).decode(_logits("AB-1234"))
    sharp, far, tiny = (
        confidence_features(read, crop) for crop in (_stripes(1.0), _stripes(1.0, 50), _stripes(1.0, 30))
    )
    assert sharp["blurred"] == 0 == sharp["small"]
    assert far["blurred"] == 0 and tiny["small"] < far["small"] < 0
    flat = np.tile(np.linspace(20, 220, COLUMNS), (ROWS, 1)).astype(np.uint8)
    assert confidence_features(read, PlateCrop(flat, 120, 26))["blurred"] < -1


def test_a_plates_sides_are_measured_along_and_across_its_text() -> None:
    corners = np.array([[0, 0], [40, 30], [34, 38], [-6, 8]], np.float32)
    assert sides_px(corners) == pytest.approx((50, 10))
    crop = plate_crop(np.zeros((60, 60), np.uint8), corners)
    assert (crop.width_px, crop.height_px, crop.picture.shape) == (
        pytest.approx(50),
        pytest.approx(10),
        (ROWS, COLUMNS),
    )


@pytest.fixture(scope="module")
def recogniser() -> PlateRecogniser:
    return PlateRecogniser()


@needs_models
def test_the_weights_are_small_and_compute_what_their_original_did() -> None:
    path = MODELS_FOLDER / PLATE_RECOGNISER.file
    assert path.stat().st_size < 2_600_000
    checks = pytest.importorskip("istros.recognition.models.conversion_checks")
    assert checks.check_plate_recogniser(path) < 1e-3


@needs_models
def test_nothing_is_read_where_nothing_is(recogniser: PlateRecogniser) -> None:
    assert recogniser.read([]) == []
    noise = np.random.default_rng(1).integers(0, 256, (ROWS, COLUMNS), np.uint8)
    blank = [np.full((ROWS, COLUMNS), shade, np.uint8) for shade in (0, 128, 255)]
    for read in recogniser.read([PlateCrop(crop, 100, 22) for crop in (noise, *blank)]):
        assert read.confidence < 0.5


@needs_models
def test_plates_of_the_simulated_city_are_read(recogniser: PlateRecogniser) -> None:
    plates = pytest.importorskip("istros.sim.city.plates", reason="drawing plates needs Pillow, of the group `render`")
    generator, rng = random.Random(20261127), np.random.default_rng(5)
    crops, texts, countries = [], [], []
    for _ in range(60):
        plate = plates.draw_plate(generator)
        picture = np.asarray(plates.plate_picture(plate))[:, :, ::-1]
        scene = np.full((220, 700, 3), 70, np.uint8)
        scene[54:166, 90:610] = picture
        scene = cv2.resize(scene, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        loose = box_corners(22.5, 13.5, 130, 28) + rng.normal(0, 1.2, (4, 2)).astype(np.float32)
        crops.append(plate_crop(scene, loose))
        texts.append(plate.text.replace(" ", ""))
        countries.append(plate.country)
    alike = str.maketrans("OQI", "001")
    read = recogniser.read(crops)
    right = [item.text.translate(alike) == text.translate(alike) for item, text in zip(read, texts, strict=True)]
    assert sum(right) >= 55
    assert not [item.text for item, is_right in zip(read, right, strict=True) if item.confidence > 0.9 and not is_right]
    named = [item.countries[0][0] == country for item, country in zip(read, countries, strict=True) if item.countries]
    assert sum(named) >= 50


@needs_models
def test_a_batch_reads_as_its_crops_alone(recogniser: PlateRecogniser) -> None:
    rng = np.random.default_rng(3)
    noise = [cv2.GaussianBlur(rng.integers(0, 256, (ROWS, COLUMNS), np.uint8), (0, 0), 2) for _ in range(5)]
    crops = [PlateCrop(np.asarray(crop, np.uint8), 100, 22) for crop in noise]
    together = recogniser.read(crops)
    alone = [recogniser.read([crop])[0] for crop in crops]
    assert [item.text for item in together] == [item.text for item in alone]


@needs_models
@needs_eval
def test_real_plates_that_were_not_learnt_from_are_read(recogniser: PlateRecogniser) -> None:
    from tools.training.plates.checking import checks_of_real, folded

    checks = [check for check in checks_of_real(EVAL) if check.source != "ro-poor"]
    read = recogniser.read([check.crop for check in checks])
    right = [folded(item.text) == folded(check.text) for item, check in zip(read, checks, strict=True)]
    # One plate stands in many frames, so that confident faults are counted by plate.
    sure = {check.text for item, check in zip(read, checks, strict=True) if item.confidence >= 0.8}
    told = zip(read, checks, right, strict=True)
    wrong = {check.text for item, check, is_right in told if item.confidence >= 0.8 and not is_right}
    assert np.mean(right) > 0.9
    assert len(sure) > 100 and len(wrong) <= 0.03 * len(sure), sorted(wrong)
