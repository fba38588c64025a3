"""The committed clips: size, coding, loop and truth."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from istros.sim.city.plates import GRAMMAR
from istros.sim.clips import FOLDER, Clip, clips

CLIPS = clips()
NAMES = [clip.name for clip in CLIPS]
MOST_BYTES = 20_000_000


def _truth(clip: Clip) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(clip.truth_path.read_text(encoding="utf-8"))
    return document


def _small(frame: Any) -> NDArray[np.float32]:
    """Brightness at a quarter of the sub stream's size: coding noise averages out, movement does not."""
    return cv2.resize(frame.to_ndarray(format="gray"), (160, 90), interpolation=cv2.INTER_AREA).astype(np.float32)


def test_there_are_cameras_of_both_towns_and_all_clips_fit() -> None:
    assert {clip.town for clip in CLIPS} == {"Izmail", "Tulcea"}
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) <= MOST_BYTES
    assert any(clip.reads_plates for clip in CLIPS)


@pytest.mark.parametrize("clip", CLIPS, ids=NAMES)
@pytest.mark.parametrize(
    ("stream", "size", "fps", "group"), [("main", (1920, 1080), 25, 50), ("sub", (640, 360), 10, 10)]
)
def test_streams_are_coded_as_promised(clip: Clip, stream: str, size: tuple[int, int], fps: int, group: int) -> None:
    """H.264 without B-frames, exact frame times, key frames at the promised distance, as many frames as the truth."""
    path = clip.main_path if stream == "main" else clip.sub_path
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.codec_context.name == "h264"
        assert (video.width, video.height, video.average_rate) == (*size, fps)
        packets = [packet for packet in container.demux(video) if packet.size]
        step = 1 / (fps * video.time_base)
        assert [packet.pts for packet in packets] == [packet.dts for packet in packets]
        assert [packet.pts for packet in packets] == [round(i * step) for i in range(len(packets))]
        assert [i for i, packet in enumerate(packets) if packet.is_keyframe] == list(range(0, len(packets), group))
    truth = _truth(clip)
    assert len(packets) == truth["frames"] * fps // 25


@pytest.mark.parametrize("clip", CLIPS, ids=NAMES)
def test_the_end_meets_the_beginning(clip: Clip) -> None:
    """From the last frame to the first is no further than between other neighbours."""
    with av.open(str(clip.sub_path)) as container:
        frames = [_small(frame) for frame in container.decode(video=0)]
    steps = [float(np.abs(a - b).mean()) for a, b in itertools.pairwise(frames)]
    assert float(np.abs(frames[-1] - frames[0]).mean()) <= max(steps) * 1.1
    assert float(np.mean(steps)) > 0.05, "nothing moves in this clip"


@pytest.mark.parametrize("clip", CLIPS, ids=NAMES)
def test_truth_is_well_formed(clip: Clip) -> None:
    truth = _truth(clip)
    assert truth["scene"] == clip.name
    for kind in ("vehicles", "persons", "cyclists"):
        for thing in truth[kind]:
            numbers = [frame["frame"] for frame in thing["frames"]]
            assert numbers == sorted(set(numbers)) and numbers[0] >= 0 and numbers[-1] < truth["frames"]
            for frame in thing["frames"]:
                left, top, right, bottom = frame["box"]
                assert 0 <= left < right <= truth["width"] and 0 <= top < bottom <= truth["height"]
                assert 0.15 <= frame["seen"] <= 1
    ids = [thing["id"] for kind in ("vehicles", "persons", "cyclists") for thing in truth[kind]]
    assert len(ids) == len(set(ids))
    assert truth["vehicles"] or truth["persons"]


@pytest.mark.parametrize("clip", CLIPS, ids=NAMES)
def test_plates_follow_their_countries_grammar(clip: Clip) -> None:
    vehicles = _truth(clip)["vehicles"]
    for vehicle in vehicles:
        assert GRAMMAR[vehicle["country"]].fullmatch(vehicle["plate"]), vehicle["plate"]
    assert len({vehicle["plate"] for vehicle in vehicles}) == len(vehicles)


@pytest.mark.parametrize("clip", [clip for clip in CLIPS if clip.reads_plates and clip.weather in ("day", "rain")])
def test_plate_cameras_see_plates_of_80_pixels(clip: Clip) -> None:
    """A vehicle that comes close shows its plate 80 px wide or more in at least eight frames."""
    wide = [
        sum(frame.get("plate_width_px", 0) >= 80 for frame in vehicle["frames"])
        for vehicle in _truth(clip)["vehicles"]
        if not vehicle["parked"]
    ]
    assert sum(count >= 8 for count in wide) >= 2


def test_every_file_belongs_to_a_clip() -> None:
    known = {path for clip in CLIPS for path in (clip.main_path, clip.sub_path, clip.truth_path)}
    assert {Path(path) for path in FOLDER.iterdir() if path.suffix in (".mp4", ".json")} == known
