"""One camera's looks: which vehicle is read next, and what follows a cut of the scene."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, pairwise

import numpy as np

from istros.base.time import SECOND, Time
from istros.recognition.camera_watch import CameraWatch
from istros.recognition.chances import Chance
from istros.recognition.observation import Box, Detection, PlateText
from istros.recognition.picture import Picture
from istros.recognition.plates.track_reading import FrameReading, TrackReading
from istros.recognition.policy import AnalysisPolicy
from istros.video.packet import CodecParameters, Packet
from tests.video.packets import packets_of

START = Time(1_795_493_100_000_000)


@dataclass(frozen=True)
class _Frame:
    time: Time
    luma: Picture

    def bgr(self) -> Picture:
        return np.asarray(np.repeat(self.luma[:, :, None], 3, axis=2), np.uint8)


class _Slides:
    """A decoder that gives prepared pictures, one a packet."""

    def __init__(self, lumas: list[Picture]) -> None:
        self._frames = iter(
            [_Frame(Time(START + round(number * SECOND / 5)), luma) for number, luma in enumerate(lumas)]
        )

    def decode(self, packet: Packet) -> _Frame | None:
        return next(self._frames)


class _Detector:
    """Sees a car at the same place in every picture."""

    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        return [Detection(Box(0.3, 0.3, 0.7, 0.7), "car", 0.9)]


def _scene(seed: int) -> Picture:
    blocks = np.random.default_rng(seed).integers(20, 220, (18, 32))
    return np.asarray(np.kron(blocks, np.ones((20, 20))), np.uint8)


def _watch(slides: _Slides | None = None) -> CameraWatch:
    numbers = count(1)

    def new_decoder(parameters: CodecParameters) -> _Slides:
        return slides or _Slides([])

    return CameraWatch(AnalysisPolicy(), _Detector(), None, new_decoder, lambda: f"t{next(numbers)}", None)  # type: ignore[arg-type]


def test_a_standing_vehicle_without_a_plate_is_tried_ever_more_rarely() -> None:
    watch, tried = _watch(), []
    for look in range(300):
        time = Time(START + look * SECOND // 5)
        (track,) = watch.tracker.update([Detection(Box(0.3, 0.3, 0.7, 0.7), "car", 0.9)], time).seen
        if watch.best_chance([track], time, {track.id: tried[-1]} if tried else {}) is not None:
            watch.readings.setdefault(track.id, TrackReading()).add_vain(track.box)
            tried.append(time)
    waits = [(after - before) / SECOND for before, after in pairwise(tried)]
    assert waits == sorted(waits)
    assert len(tried) <= 10
    driven = track.box.left + 0.2, track.box.right + 0.2
    track.box = Box(driven[0], 0.3, driven[1], 0.7)
    chance = watch.best_chance([track], Time(tried[-1] + SECOND), {track.id: tried[-1]})
    assert chance is not None and chance.track is track


def test_one_that_drives_is_read_before_one_that_stands() -> None:
    watch = _watch()
    for look in range(6):
        left = 0.05 + 0.03 * look
        boxes = Box(0.5, 0.3, 0.8, 0.6), Box(left, 0.7, left + 0.25, 0.95)
        time = Time(START + look * SECOND // 5)
        seen = watch.tracker.update([Detection(box, "car", 0.9) for box in boxes], time).seen
    driving = next(track for track in seen if track.box.top > 0.6)
    chance = watch.best_chance(list(seen), time, {})
    assert chance is not None and chance.track is driving


def test_a_cut_ends_every_track_and_what_follows_is_another_one() -> None:
    slides = _Slides([_scene(1), _scene(1), _scene(2), _scene(2)])
    watch = _watch(slides)
    (packet, *_) = packets_of(frames=1, gop=1)
    sights = [watch.look([packet]) for _ in range(4)]
    assert [track.id for track in sights[0].seen] == ["t1"]
    assert [track.id for track in sights[2].ended] == ["t1"]
    assert [track.id for track in sights[2].seen] == ["t2"]
    assert [track.id for track in watch.tracker.tracks] == ["t2"]


def test_a_plate_goes_to_the_vehicle_whose_middle_it_is_nearest_to() -> None:
    watch = _watch()
    parked, passing = Box(0.30, 0.3, 0.42, 0.5), Box(0.32, 0.25, 0.62, 0.75)
    seen = watch.tracker.update([Detection(box, "car", 0.9) for box in (parked, passing)], START).seen
    tracks = {track.box: track for track in seen}
    reading = FrameReading(
        START, PlateText("TL26CWM", 0.95), (0.95,) * 7, (), Box(0.34, 0.45, 0.38, 0.46), passing, 70, 0.8
    )
    assert watch._is_of(reading, Chance(tracks[parked], START, parked))
    assert not watch._is_of(reading, Chance(tracks[passing], START, passing))
