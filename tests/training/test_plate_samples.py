"""What the recogniser is trained on: crops that agree with their labels, and are the same from the same seed."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("PIL", reason="the renderer draws with Pillow, which the group `render` brings")

from istros.recognition.plates.plate_crop import box_corners, rectified
from tests.recognition.pictures import needs_models
from tools.training.plates import boxes
from tools.training.plates.__main__ import main
from tools.training.plates.camera import loosened, placed, seen
from tools.training.plates.drawing import draw_series
from tools.training.plates.labelled import LabelledMissing, RealPlate, european_crops
from tools.training.plates.pool import rendered
from tools.training.plates.samples import SIGNS, UNKNOWN, Sources, country_number, sample
from tools.training.plates.series import SERIES


@pytest.fixture(scope="module")
def sources() -> Sources:
    rng = np.random.default_rng(1)
    plates = [rendered(rng) for _ in range(12)]
    picture = np.full((40, 160, 3), 200, np.uint8)
    real = RealPlate(picture, box_corners(0, 0, 160, 40), "AB123", 1, "")
    return Sources(plates, [real], [real])


def test_a_step_gives_the_same_samples_again(sources: Sources) -> None:
    for seed in range(20):
        first, again = (sample(np.random.default_rng((5, seed)), sources) for _ in range(2))
        assert np.array_equal(first.crop.picture, again.crop.picture) and first.signs == again.signs
        assert first.crop.picture.shape == (48, 144) and first.crop.picture.dtype == np.uint8


def test_labels_are_the_texts_of_the_sources(sources: Sources) -> None:
    texts = {plate.text for plate in sources.pool} | {"AB123", ""}
    for seed in range(200):
        made = sample(np.random.default_rng(seed), sources)
        assert "".join(SIGNS[number - 1] for number in made.signs) in texts
        assert made.country >= UNKNOWN
        assert (made.lines == 0) == (not made.signs)


def test_the_corners_of_a_scene_are_the_plates() -> None:
    rng = np.random.default_rng(2)
    background = np.full((64, 112), 90, np.uint8)
    for _ in range(20):
        plate = rendered(rng)
        scene, corners = placed(rng, plate.picture, plate.corners, 150.0, background)
        flat = rectified(plate.picture, plate.corners).astype(float)[6:-6, 12:-12]
        found = rectified(scene, corners).astype(float)[6:-6, 12:-12]
        assert np.corrcoef(flat.ravel(), found.ravel())[0, 1] > 0.75


def test_loose_corners_stay_within_the_margin_that_is_promised() -> None:
    rng = np.random.default_rng(3)
    corners = box_corners(50, 50, 100, 25)
    for _ in range(300):
        loose = loosened(rng, corners, 0.0)
        grown = loose.max(axis=0) - loose.min(axis=0)
        assert (grown > [75, 17]).all() and (grown < [150, 40]).all()


def test_a_camera_keeps_the_size_and_spoils_more_at_full_strength() -> None:
    plate = draw_series(np.random.default_rng(4), SERIES[0])
    grey = cv2.resize(cv2.cvtColor(plate.picture, cv2.COLOR_BGR2GRAY), (160, 35), interpolation=cv2.INTER_AREA)
    lost = []
    for strength in (0.0, 1.0):
        results = [seen(np.random.default_rng(seed), grey, strength) for seed in range(60)]
        assert all(result.shape == grey.shape for result in results)
        likeness = [np.corrcoef(grey.ravel(), result.ravel())[0, 1] for result in results if result.std() > 0]
        lost.append(1 - np.mean(likeness))
    assert lost[1] > 1.5 * lost[0]


def test_countries_without_a_number_of_their_own_are_others() -> None:
    assert country_number("") == UNKNOWN
    assert country_number("UA") == 0
    assert country_number("NO") == country_number("other")


def test_missing_sets_are_named(tmp_path: Path) -> None:
    with pytest.raises(LabelledMissing, match="plates_eu_train are missing"):
        european_crops(tmp_path)


def test_what_is_not_known_to_train_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faces"]) == 2
    assert "fonts, recogniser, detector, boxes" in capsys.readouterr().err


@needs_models
def test_boxes_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A set of one plate that is labelled truly, once more under a false label, and one without a text."""
    series = next(item for item in SERIES if (item.country, item.kind) == ("RO", "standard"))
    plate = draw_series(np.random.default_rng(12), series)
    scene = np.full((160, 600, 3), 60, np.uint8)
    scene[20:132, 30 : 30 + plate.picture.shape[1]] = plate.picture
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "a.png"), scene)
    width = plate.picture.shape[1]
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "x", "y", "w", "h", "plate", "legibility"])
        for text, legibility in (
            (plate.lines[0], "clear"),
            ("XX99XXX", "clear"),
            ("", "clear"),
            ("TL01AAA", "unreadable"),
        ):
            rows.writerow(["a.png", 30, 20, width, 112, text, legibility])
    assert boxes.main([str(tmp_path), "--show"]) == 0
    said = capsys.readouterr().out
    assert f"| {tmp_path.name}, clear, 1 line(s) | 2 | 1 (50.0%)" in said
    assert f"XX99XXX read as {plate.lines[0]}" in said
