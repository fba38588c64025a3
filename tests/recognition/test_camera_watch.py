"""One camera's looks: what follows a cut of the scene."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np

from istros.base.time import SECOND, Time
from istros.recognition.camera_watch import CameraWatch
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
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
        self._frames = iter([_Frame(Time(START + round(number * SECOND / 5)), luma) for number, luma in enumerate(lumas)])

    def decode(self, packet: Packet) -> _Frame | None:
        return next(self._frames)


class _Detector:
    """Sees a car at the same place in every picture."""

    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        return [Detection(Box(0.3, 0.3, 0.7, 0.7), "car", 0.9)]


def _scene(seed: int) -> Picture:
    blocks = np.random.default_rng(seed).integers(20, 220, (18, 32))
    return np.asarray(np.kron(blocks, np.ones((20, 20))), np.uint8)


def test_a_cut_ends_every_track_and_what_follows_is_another_one() -> None:
    slides = _Slides([_scene(1), _scene(1), _scene(2), _scene(2)])
    numbers = count(1)

    def new_decoder(parameters: CodecParameters) -> _Slides:
        return slides

    watch = CameraWatch(AnalysisPolicy(), _Detector(), None, new_decoder, lambda: f"t{next(numbers)}", None)  # type: ignore[arg-type]
    (packet, *_) = packets_of(frames=1, gop=1)
    sights = [watch.look([packet]) for _ in range(4)]
    assert [track.id for track in sights[0].seen] == ["t1"]
    assert [track.id for track in sights[2].ended] == ["t1"]
    assert [track.id for track in sights[2].seen] == ["t2"]
    assert [track.id for track in watch.tracker.tracks] == ["t2"]
