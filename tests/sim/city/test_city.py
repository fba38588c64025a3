"""Plates, paths, patches and truth of the simulated city; and one small picture where OpenGL is there."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.sim.city.catalogue import UnknownScene, build, scene_names
from istros.sim.city.lens import Rain
from istros.sim.city.patches import Patch, patches
from istros.sim.city.plates import GRAMMAR, SIZE, draw_plate, plate_picture
from istros.sim.city.scene import RAIN, Journey, Scene, way
from istros.sim.city.truth import Witness


@given(st.integers(0, 10_000))
def test_drawn_plates_follow_the_grammar(seed: int) -> None:
    plate = draw_plate(random.Random(seed))
    assert GRAMMAR[plate.country].fullmatch(plate.text)


def test_a_plate_is_drawn_one_pixel_a_millimetre_dark_on_light() -> None:
    picture = np.asarray(plate_picture(draw_plate(random.Random(1), "R")).convert("L"))
    assert picture.shape == SIZE[::-1]
    assert 0.1 < (picture[:, 60:] < 80).mean() < 0.5


@given(st.floats(0, 40), st.floats(0, 10))
@settings(max_examples=60)
def test_journeys_never_go_back_and_repeat(time: float, start: float) -> None:
    journey = Journey(way((0, 0), (0, 30), (40, 30)), (0.0, 3.0, 5.0, 9.0), (0.0, 20.0, 20.0, 60.0), start)
    pose, later, again = (journey.pose(at, 10.0) for at in (time, time + 0.01, time + 10.0))
    if pose and later and (time - start) % 10 < 8.9:
        assert later.travelled >= pose.travelled - 1e-9
    if pose and again:
        assert again.travelled == pytest.approx(pose.travelled, abs=1e-6)


def test_a_vehicle_waits_where_its_distances_stand_still() -> None:
    journey = Journey(way((0, 0), (0, 60)), (0.0, 3.0, 5.0, 9.0), (0.0, 20.0, 20.0, 60.0))
    waiting = [journey.pose(time, 10.0) for time in (3.1, 4.0, 4.9)]
    assert [pose.y for pose in waiting if pose] == pytest.approx([20.0, 20.0, 20.0])
    assert journey.pose(9.5, 10.0) is None


@pytest.fixture(scope="module")
def avenue() -> Scene:
    return build("izmail-avenue", 3)


def test_a_scene_is_the_same_for_the_same_seed(avenue: Scene) -> None:
    again, other = build("izmail-avenue", 3), build("izmail-avenue", 4)
    plates = [[thing.plate for thing in scene.things] for scene in (avenue, again, other)]
    assert plates[0] == plates[1] != plates[2]
    assert np.array_equal(avenue.still, again.still)


@pytest.mark.parametrize("name", scene_names())
def test_no_journey_is_longer_than_a_round(name: str) -> None:
    scene = build(name, 1)
    for thing in scene.things:
        if thing.journey is not None and thing.label:
            assert thing.journey.times[-1] <= scene.seconds + 0.1, thing.id  # the last steps may be cut, out of sight


def test_patches_do_not_overlap_and_hold_what_they_show(avenue: Scene) -> None:
    present = [(thing, pose) for thing in avenue.things if thing.journey and (pose := thing.pose(6.0, avenue.seconds))]
    found = patches(avenue, present)
    assert found
    for number, patch in enumerate(found):
        assert not any(patch.touches(other) for other in found[number + 1 :])
        assert patch.left >= 0 and patch.left + patch.width <= avenue.camera.width
        assert patch.top >= 0 and patch.top + patch.height <= avenue.camera.height


def test_patches_touch_only_when_they_share_pixels() -> None:
    assert Patch(0, 0, 10, 10).touches(Patch(9, 9, 5, 5))
    assert not Patch(0, 0, 10, 10).touches(Patch(10, 0, 5, 5))
    assert Patch(0, 0, 2, 2).joined(Patch(8, 8, 2, 2)) == Patch(0, 0, 10, 10)


def test_the_nearer_vehicle_hides_the_farther(avenue: Scene) -> None:
    """Two vehicles of the same make, one close behind the other on the camera's line of sight."""
    car = next(thing for thing in avenue.things if thing.body == "van" and thing.journey)
    path = [(-1.8, 110.0), (-1.8, -4.0)]
    near = replace(car, id="near", journey=Journey(np.array(path), (0.0, 9.9), (80.0, 80.0)))
    far = replace(car, id="far", journey=Journey(np.array(path), (0.0, 9.9), (73.0, 73.0)))
    both = {s.thing.id: s.seen for s in Witness(replace(avenue, things=(near, far))).look(1.0)}
    alone = {s.thing.id: s.seen for s in Witness(replace(avenue, things=(far,))).look(1.0)}
    assert both["near"] == pytest.approx(1.0)
    assert both.get("far", 0.0) < alone["far"]


def test_rain_repeats_with_the_round() -> None:
    rain = Rain(RAIN, 1, (160, 90), 10.0)
    dark = np.zeros((90, 160, 3), np.uint8)
    assert np.array_equal(rain.fall(dark, 0.3), rain.fall(dark, 10.3))
    assert not np.array_equal(rain.fall(dark, 0.3), rain.fall(dark, 0.4))


def test_an_unknown_scene_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownScene, match="izmail-avenue"):
        build("atlantis", 1)


def test_a_small_picture_is_drawn() -> None:
    """One frame at 320x180: moving things change the picture, still parts stay what they are."""
    moderngl = pytest.importorskip("moderngl", reason="the render dependency group is not installed")
    assert moderngl
    from istros.sim.city.renderer import NoOpenGL, Renderer

    scene = build("izmail-avenue", 3)
    scene = replace(scene, camera=replace(scene.camera, width=320, height=180))
    try:
        renderer = Renderer(scene, passes=1)
    except NoOpenGL as error:
        pytest.skip(f"no OpenGL on this machine: {error}")
    first, second = renderer.frame(2.0), renderer.frame(6.0)
    assert first.shape == (180, 320, 3)
    assert 40 < first.mean() < 220
    changed = (np.abs(first.astype(int) - second.astype(int)).max(2) > 40).mean()
    assert 0.01 < changed < 0.6
    distance = renderer.still_distance()
    assert 8 < np.median(distance) < 80
