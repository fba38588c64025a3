"""The plate detector's training scenes and targets: repeatable, and labelled where the plates are."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PIL", reason="the renderer draws with Pillow, which the group `render` brings")

from istros.sim.clips import FOLDER
from tools.training.plates.detector_lookalikes import add_lookalikes, texture
from tools.training.plates.detector_scenes import (
    LEAST_HEIGHT_PX,
    LEAST_WIDTH_PX,
    SIDE_PX,
    bounds_of,
    make_scene,
    seen_from,
    sides_of,
)
from tools.training.plates.detector_sources import Sources, draw_plates, drawn_plate, is_held_out, read_clips


@pytest.fixture(scope="module")
def sources() -> Sources:
    plates = draw_plates(20, 3, drawn_plate)
    return Sources(read_clips(FOLDER, held_out=True)[::6], plates, plates)


def test_a_scene_is_the_same_for_the_same_number(sources: Sources) -> None:
    one, again, other = (make_scene(sources, np.random.default_rng((1, number))) for number in (4, 4, 5))
    assert np.array_equal(one.picture, again.picture)
    assert np.array_equal(one.quads, again.quads)
    assert not np.array_equal(one.picture, other.picture)


def test_labels_lie_where_plates_can_be_seen(sources: Sources) -> None:
    count = 0
    for number in range(60):
        scene = make_scene(sources, np.random.default_rng((2, number)))
        assert scene.picture.shape == (SIDE_PX, SIDE_PX)
        assert scene.picture.dtype == np.uint8
        assert len(scene.quads) == len(scene.exact) == len(scene.lines)
        for quad in scene.quads:
            width, height = sides_of(quad)
            left, top, right, bottom = bounds_of(quad)
            assert max(width, height) >= LEAST_WIDTH_PX
            assert min(width, height) >= LEAST_HEIGHT_PX
            assert right > 0
            assert bottom > 0
            assert left < SIDE_PX
            assert top < SIDE_PX
            count += 1
    assert count > 40


def test_a_pasted_plate_changes_the_picture_there_and_nowhere_else(sources: Sources) -> None:
    """The picture of a plate differs from its ground more than what lies around it."""
    contrasts = []
    for number in range(80):
        scene = make_scene(sources, np.random.default_rng((3, number)))
        for quad in scene.quads[scene.exact]:
            left, top, right, bottom = np.clip(bounds_of(quad).round().astype(int), 0, SIDE_PX)
            inside = scene.picture[top:bottom, left:right]
            contrasts.append(float(inside.std()) - float(scene.picture.std()) * 0.2)
    assert len(contrasts) > 20
    assert np.mean(np.array(contrasts) > 0) > 0.7


@pytest.mark.parametrize("width", [20.0, 150.0])
def test_plates_are_seen_from_all_sides_and_begin_at_the_texts_left(width: float) -> None:
    quads = [seen_from(np.random.default_rng(number), 4.6, width) for number in range(300)]
    slopes = [np.degrees(np.arctan2(*(quad[1] - quad[0])[::-1])) for quad in quads]
    assert max(slopes) > 25
    assert min(slopes) < -25
    assert abs(float(np.mean(slopes))) < 4
    assert all(quad[1, 0] > quad[0, 0] for quad in quads)
    assert 0.5 * width < np.mean([sides_of(quad)[0] for quad in quads]) < 1.3 * width


def test_what_is_no_plate_is_drawn_without_a_label() -> None:
    before = texture(np.random.default_rng(1), SIDE_PX)
    after = before.copy()
    for number in range(12):
        add_lookalikes(after, np.random.default_rng(number))
    assert np.abs(after - before).max() > 30
    assert np.isfinite(after).all()


def test_whole_drives_are_held_out() -> None:
    assert [
        is_held_out(name) for name in ("day_1_600.jpg", "day_1_1300.jpg", "day_1_3.jpg", "night3_001_1300.jpg")
    ] == [
        True,
        True,
        False,
        False,
    ]


def test_the_targets_say_where_a_plates_middle_and_corners_are(sources: Sources) -> None:
    pytest.importorskip("torch", reason="PyTorch is in the dependency group `training`")
    from tools.training.plates.detector_net import targets

    for number in range(30):
        scene = make_scene(sources, np.random.default_rng((4, number)))
        maps = targets(scene)
        for quad in scene.quads:
            hits = 0
            for stride, target in zip((8, 16, 32), maps, strict=True):
                column, row = np.clip((quad.mean(axis=0) / stride).astype(int), 0, SIDE_PX // stride - 1)
                near = target[0, max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
                hits += bool((near == 1).any())
            assert hits >= 1
