"""The plate reader on scenes made to fool it: no crash, and nothing read with confidence that is not there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from istros.base.plate_text import fold
from istros.recognition.plates.reader import PlateReadCandidate, PlateReader
from tests.recognition.adversarial import scenes
from tests.recognition.adversarial.scenes import Scene
from tests.recognition.pictures import needs_models, street

pytestmark = needs_models

CONFIDENT = 0.8
"""From here on an operator would believe a read."""
MOST_GROWTH_MB = 900
"""Of the process, by a picture of 24 megapixels and its copies."""

KINDS: tuple[Callable[[], Iterator[Scene]], ...] = (
    scenes.signs, scenes.walls_of_adverts, scenes.phone_screens, scenes.mirrored, scenes.weathers, scenes.voids, scenes.sizes,
)  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return PlateReader()


def nonsense(scene: Scene, found: list[PlateReadCandidate]) -> list[str]:
    """What is read with confidence and is not there."""
    there = {fold(plate) for plate in scene.plates}
    return [
        f"{scene.name}: {each.text} at {each.confidence:.2f}"
        for each in found
        if each.confidence >= CONFIDENT and fold(each.text) not in there
    ]


def is_sound(each: PlateReadCandidate, scene: Scene) -> bool:
    """Whether a candidate holds only numbers that can be."""
    rows, columns = scene.picture.shape[:2]
    box = each.box
    sides = (box.left, box.top, box.right, box.bottom, *(value for corner in each.corners for value in corner))
    shares = (each.confidence, *each.characters, *(share for _, share in each.alternatives))
    return (
        all(math.isfinite(side) for side in sides)
        and all(math.isfinite(share) and 0 <= share <= 1 for share in shares)
        and len(each.characters) == len(each.text)
        and box.left < box.right <= 1.5 * columns
        and box.top < box.bottom <= 1.5 * rows
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_is_read_with_confidence_that_is_not_there(
    reader: PlateReader, kind: Callable[[], Iterator[Scene]]
) -> None:
    wrong: list[str] = []
    for scene in kind():
        found = reader.read(scene.picture, sides=(640,))
        assert all(is_sound(each, scene) for each in found), scene.name
        wrong += nonsense(scene, found)
    assert wrong == []


def test_a_plate_in_the_rain_is_still_read(reader: PlateReader) -> None:
    """That nothing is misread must not be because nothing is read."""
    read = [
        scene.name
        for scene in scenes.weathers()
        for each in reader.read(scene.picture, sides=(640,))
        if fold(each.text) == fold(scene.plates[0]) and each.confidence >= 0.5
    ]
    assert len(read) >= 6, read


def test_a_picture_leaves_nothing_behind(reader: PlateReader) -> None:
    huge = np.zeros((4000, 6000, 3), np.uint8)
    huge[1000:1360, 2000:2640] = street()
    reader.read(huge, sides=(640,))
    before = _resident_mb()
    for _ in range(3):
        reader.read(huge, sides=(640,))
        reader.read_still(huge)
    assert _resident_mb() - before < MOST_GROWTH_MB


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))
