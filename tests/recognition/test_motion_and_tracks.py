"""The motion gate, the tracker and the detector's own arithmetic."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from istros.base.time import SECOND, Time
from istros.recognition.detector import StreetDetector, is_dark, treated_for_night
from istros.recognition.motion import Change, MotionGate
from istros.recognition.observation import Box, Detection, overlap
from istros.recognition.picture import Picture
from istros.recognition.tracker import Tracker
from tests.recognition.pictures import needs_models, street

START = Time(1_795_493_100_000_000)


def _tracker(**settings: float) -> Tracker:
    numbers = count(1)
    return Tracker(lambda: f"t{next(numbers)}", **settings)  # type: ignore[arg-type]


def _box(x: float, y: float, width: float = 0.1, height: float = 0.1) -> Box:
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _at(frame: int, fps: float = 5) -> Time:
    return Time(START + round(frame * SECOND / fps))


def test_a_still_picture_does_not_move_and_a_small_thing_does() -> None:
    gate, luma = MotionGate(), np.full((360, 640), 90, np.uint8)
    assert gate.see(luma).moved
    assert not gate.see(luma).moved
    with_person = luma.copy()
    with_person[100:140, 300:316] = 200
    assert gate.see(with_person).moved
    assert not gate.see(with_person).moved


def test_noise_and_a_change_of_light_are_no_motion() -> None:
    gate, noise = MotionGate(), np.random.default_rng(3)
    for light in (90, 90, 97, 110):
        picture = np.clip(light + noise.normal(0, 6, (360, 640)), 0, 255).astype(np.uint8)
        moved = gate.see(picture).moved
    assert not moved


def test_a_camera_that_changes_its_size_moves() -> None:
    gate = MotionGate()
    gate.see(np.zeros((360, 640), np.uint8))
    assert gate.see(np.zeros((480, 640), np.uint8)) == Change(moved=True, cut=True)


def _scene(seed: int) -> Picture:
    """Blocks of many greys: edges everywhere, as in a street."""
    blocks = np.random.default_rng(seed).integers(20, 220, (18, 32))
    return np.asarray(np.kron(blocks, np.ones((20, 20))), np.uint8)


def test_another_scene_is_a_cut_and_a_bus_or_a_lamp_is_none() -> None:
    gate, scene = MotionGate(), _scene(1)
    gate.see(scene)
    with_bus = scene.copy()
    with_bus[60:, 100:380] = _scene(2)[60:, 100:380]
    assert gate.see(with_bus) == Change(moved=True, cut=False)
    assert gate.see(scene) == Change(moved=True, cut=False)
    assert not gate.see(np.asarray(scene * 0.6 + 70, np.uint8)).cut
    assert gate.see(_scene(3)) == Change(moved=True, cut=True)
    assert gate.see(_scene(3)) == Change(moved=False, cut=False)


def test_a_dark_or_covered_camera_has_no_cuts() -> None:
    gate, noise = MotionGate(), np.random.default_rng(4)
    pictures = [np.clip(8 + noise.normal(0, 5, (360, 640)), 0, 255).astype(np.uint8) for _ in range(4)]
    assert not any(gate.see(picture).cut for picture in pictures)


def test_one_thing_keeps_one_id_through_missing_detections() -> None:
    tracker = _tracker()
    ids = set()
    for frame in range(40):
        found = [] if frame % 7 in (3, 4) else [Detection(_box(0.1 + 0.02 * frame, 0.5), "car", 0.7)]
        ids |= {track.id for track in tracker.update(found, _at(frame)).seen}
    assert ids == {"t1"}


def test_two_that_pass_each_other_keep_their_ids() -> None:
    tracker = _tracker()
    for frame in range(30):
        right, left = _box(0.05 + 0.03 * frame, 0.45, 0.12, 0.12), _box(0.95 - 0.03 * frame, 0.56, 0.12, 0.12)
        seen = tracker.update([Detection(left, "car", 0.8), Detection(right, "car", 0.8)], _at(frame)).seen
        where = {track.id: track.box for track in seen}
        if frame == 0:
            id_left, id_right = (next(i for i, b in where.items() if b == box) for box in (left, right))
        assert (where[id_left], where[id_right]) == (left, right)


def test_a_fast_car_at_few_frames_a_second_is_one_track() -> None:
    tracker = _tracker()
    seen = [
        tracker.update([Detection(_box(0.1 + 0.075 * frame, 0.5), "car", 0.7)], _at(frame)).seen for frame in range(10)
    ]
    assert {track.id for tracks in seen for track in tracks} == {"t1"}


def test_doubtful_detections_keep_tracks_but_begin_none() -> None:
    tracker = _tracker()
    assert tracker.update([Detection(_box(0.5, 0.5), "car", 0.3)], _at(0)).seen == ()
    tracker.update([Detection(_box(0.5, 0.5), "car", 0.6)], _at(1))
    (track,) = tracker.update([Detection(_box(0.51, 0.5), "car", 0.28)], _at(2)).seen
    assert (track.id, track.hits) == ("t1", 2)


def test_a_label_that_wavers_does_not_break_the_track_and_a_person_is_no_car() -> None:
    tracker = _tracker()
    for frame, label in enumerate(["lorry", "bus", "lorry", "lorry"]):
        (track,) = tracker.update([Detection(_box(0.5, 0.5), label, 0.7)], _at(frame)).seen
    assert (track.id, track.label) == ("t1", "lorry")
    seen = tracker.update([Detection(_box(0.5, 0.5), "person", 0.9)], _at(4)).seen
    assert [item.id for item in seen] == ["t2"]


def test_a_track_ends_once_after_its_patience() -> None:
    tracker = _tracker(patience_s=1.0)
    tracker.update([Detection(_box(0.5, 0.5), "car", 0.7)], _at(0))
    ended = [track.id for frame in range(1, 15) for track in tracker.update([], _at(frame)).ended]
    assert ended == ["t1"]
    assert tracker.tracks == []


def test_the_number_of_tracks_is_bounded_and_refusals_are_counted() -> None:
    tracker = _tracker(most_tracks=3)
    boxes = [Detection(_box(0.1 + 0.2 * number, 0.5), "car", 0.8) for number in range(5)]
    assert len(tracker.update(boxes, _at(0)).seen) == 3
    assert tracker.refused == 2


@settings(max_examples=40, deadline=None)
@given(some.data())
def test_separate_things_never_switch_ids(data: some.DataObject) -> None:
    """Cars on lanes of their own, each with its own speed and drop-outs of up to three frames."""
    lanes = data.draw(some.integers(1, 6))
    speeds = [data.draw(some.floats(-0.03, 0.03)) for _ in range(lanes)]
    tracker = _tracker()
    owner: dict[str, int] = {}
    missing = [0] * lanes
    for frame in range(20):
        found = []
        for lane, speed in enumerate(speeds):
            missing[lane] = (
                missing[lane] + 1 if frame > 1 and missing[lane] < 3 and data.draw(some.integers(0, 3)) == 0 else 0
            )
            if not missing[lane]:
                found.append(Detection(_box(0.5 + speed * (frame - 10), 0.1 + 0.15 * lane, 0.16, 0.12), "car", 0.8))
        for track in tracker.update(found, _at(frame)).seen:
            lane = round(((track.box.top + track.box.bottom) / 2 - 0.1) / 0.15)
            assert owner.setdefault(track.id, lane) == lane
    assert len(owner) == lanes


def test_overlap_is_symmetric_and_bounded() -> None:
    one, other = Box(0, 0, 0.4, 0.4), Box(0.2, 0.2, 0.6, 0.6)
    assert overlap(one, other) == overlap(other, one) == pytest.approx(0.04 / 0.28)
    assert overlap(one, one) == pytest.approx(1)
    assert overlap(one, Box(0.5, 0.5, 0.6, 0.6)) == 0


def test_the_night_is_measured_and_treated_grey() -> None:
    day, night = street(), (street() // 5).astype(np.uint8)
    assert not is_dark(day)
    assert is_dark(night)
    treated = treated_for_night(night)
    assert (treated[..., 0] == treated[..., 1]).all()
    assert treated.std() > night.std()


@needs_models
def test_an_empty_street_has_nothing_in_it() -> None:
    assert StreetDetector().detect(street(), 0.4) == []
    sliver = np.full((1000, 1, 3), 90, np.uint8)  # what is left of a box at the picture's edge, enlarged
    assert StreetDetector().detect(sliver, 0.4) == []
