"""What is decoded of the analysed stream, and what of the main stream, and that neither misses motion for long."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np

from istros.base.time import SECOND, Time
from istros.recognition.camera_watch import CameraWatch
from istros.recognition.chances import Chances
from istros.recognition.main_pictures import MainPictures
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.sub_pictures import PacketSizes, SubPictures
from istros.recognition.tracker import Tracker
from istros.recognition.zones import PictureZones
from istros.video.decode import Decoder
from istros.video.packet import Packet
from tests.video.packets import packets_of


class _Counting(Decoder):
    """Counts what it decodes."""

    decoded = 0

    def decode(self, packet: Packet):  # type: ignore[no-untyped-def]
        _Counting.decoded += 1
        return super().decode(packet)


class _Detector:
    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        return []


def _film(frames: int, gop: int) -> list[Packet]:
    """Ten pictures a second, timed exactly."""
    packets = packets_of(frames=frames, gop=gop)
    return [replace(packet, time=Time(packets[0].time + n * SECOND // 10)) for n, packet in enumerate(packets)]


def _watch() -> CameraWatch:
    numbers = count(1)
    _Counting.decoded = 0
    return CameraWatch(AnalysisPolicy(), _Detector(), None, _Counting, lambda: f"t{next(numbers)}", None)  # type: ignore[arg-type]


def test_what_lies_before_the_newest_keyframe_is_not_decoded() -> None:
    packets, watch = _film(20, 5), _watch()
    sight = watch.look(packets[:13])
    assert (sight.time, _Counting.decoded) == (packets[12].time, 3)


def test_an_idle_camera_has_keyframes_alone_decoded_until_something_moves() -> None:
    sub = SubPictures(_Counting)
    _Counting.decoded = 0
    packets = _film(20, 10)
    sub.take(packets[:10])
    frame = sub.keyframe()
    assert frame is not None and frame.time == packets[0].time
    assert not sub.is_blind()
    assert _Counting.decoded == 1
    newest = sub.last()
    assert newest is not None and newest.time == packets[9].time
    assert _Counting.decoded == 10


def test_where_keyframes_are_rare_everything_is_decoded_once_a_second() -> None:
    sub = SubPictures(_Counting)
    packets = _film(40, 40)
    sub.take(packets[:1])
    assert sub.keyframe() is not None
    seen = []
    for packet in packets[1:]:
        sub.take([packet])
        if sub.is_blind():
            frame = sub.last()
            assert frame is not None
            seen.append((frame.time - packets[0].time) / SECOND)
    assert seen == [1.0, 2.0, 3.0]


def test_a_packet_much_larger_than_usual_tells_of_motion() -> None:
    packet = _film(2, 2)[1]
    sizes = PacketSizes()
    usual = [replace(packet, data=bytes(300 + 20 * (n % 7)), media_time=n * 9000) for n in range(100)]
    assert not any(sizes.is_large(each) for each in usual)
    assert sizes.is_large(replace(packet, data=bytes(2000)))
    assert not sizes.is_large(replace(packet, data=bytes(20_000), is_key=True))
    lasting = [sizes.is_large(replace(packet, data=bytes(2000), media_time=n * 9000)) for n in range(200)]
    assert lasting[0] and not lasting[-1]


def _driving(main: MainPictures, first: Packet, seconds: float, step: float) -> tuple[Chances, list, dict]:  # type: ignore[type-arg]
    numbers = count(1)
    tracker = Tracker(lambda: f"t{next(numbers)}")
    chances = Chances(AnalysisPolicy(least_vehicle_px=20), PictureZones(), main, 160)
    seen = []
    for look in range(round(seconds * 5) + 1):
        left = 0.1 + step * look
        time = Time(first.time + look * SECOND // 5)
        seen = list(tracker.update([Detection(Box(left, 0.3, left + 0.3, 0.7), "car", 0.9)], time).seen)
    return chances, seen, {}


def test_a_vehicle_is_read_in_the_keyframe_where_it_was_in_it() -> None:
    packets, main = _film(20, 20), MainPictures(Decoder)
    for packet in packets[:11]:
        main.push(packet)
    chances, seen, _ = _driving(main, packets[0], 1.0, 0.02)
    chance = chances.best(seen, packets[10].time, {}, {})
    assert chance is not None
    assert (chance.time, round(chance.box.left, 3)) == (packets[0].time, 0.1)
    again = chances.best(seen, packets[10].time, {}, {seen[0].id: packets[10].time})
    assert again is None or again.time == packets[10].time


def test_a_picture_between_keyframes_is_decoded_for_a_vehicle_that_is_about_to_leave() -> None:
    packets, main = _film(40, 20), MainPictures(Decoder)
    for packet in packets[:31]:
        main.push(packet)
    assert main.period_s == 2.0
    chances, seen, _ = _driving(main, packets[20], 1.0, 0.1)
    now = packets[30].time
    asked = {seen[0].id: packets[24].time}
    leaving = chances.best(seen, now, {}, asked)
    assert leaving is not None and leaving.time == now
    assert main.left_to_decode(now) == 11


def test_places_between_two_looks_are_told() -> None:
    tracker = Tracker(lambda: "t")
    for look, left in enumerate((0.1, 0.3)):
        (track,) = tracker.update([Detection(Box(left, 0.3, left + 0.4, 0.7), "car", 0.9)], Time(look * SECOND)).seen
    between = track.box_at(Time(SECOND // 2))
    assert between is not None and np.allclose((between.left, between.right), (0.2, 0.6))
    assert track.box_at(Time(2 * SECOND)) is None


def test_a_part_of_a_picture_has_the_colours_of_the_whole() -> None:
    frame = Decoder(_film(1, 1)[0].parameters).decode(_film(1, 1)[0])
    assert frame is not None
    whole, part = frame.bgr(), frame.part(21, 11, 100, 60)
    assert part.shape == (50, 80, 3)
    assert np.abs(whole[10:60, 20:100].astype(int) - part).mean() < 2.0
    outside = frame.part(frame.width - 10, frame.height - 10, frame.width + 50, frame.height + 50)
    assert outside.shape == (10, 10, 3)
