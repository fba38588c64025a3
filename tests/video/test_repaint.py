"""Privacy masks in pictures: one grey under them, whatever lies there, and nothing changed beside them."""

from __future__ import annotations

import numpy as np
import pytest
from av import VideoFrame

from istros.video.cover import paint, touches
from istros.video.fmp4 import walk_fragments
from istros.video.packet import Codec
from istros.video.painter import Pace
from istros.video.repaint import Repainter, paint_segment
from istros.video.segment_sound import sound_of, with_sound_of, without_sound
from istros.video.sound import SoundCodec
from tests.video.encodes import picture
from tests.video.masked_pictures import LOWER_LEFT, MIDDLE, decoded, is_masked
from tests.video.packets import packets_of
from tests.video.test_sound import segment as sounding
from tests.video.test_stills import segment_of, whole


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv422p", "yuv420p10le"])
def test_a_mask_is_the_same_grey_whatever_lies_under_it(pixels: str) -> None:
    bright = VideoFrame.from_ndarray(np.full((144, 176, 3), 250, np.uint8), format="rgb24").reformat(format=pixels)
    dark = VideoFrame.from_ndarray(np.full((144, 176, 3), 5, np.uint8), format="rgb24").reformat(format=pixels)
    lit, unlit = (paint(frame, MIDDLE).to_ndarray(format="gray")[40:100, 50:120] for frame in (bright, dark))
    assert np.array_equal(lit, unlit) and lit.std() == 0, "not even a lamp going on shows"
    beside = paint(bright, MIDDLE).to_ndarray(format="gray")[:30]
    assert abs(float(beside.mean()) - 250) < 4
    assert float(bright.to_ndarray(format="gray")[70, 88]) > 240, "the decoder's own picture stays as it is"


def test_a_slanting_mask_hides_what_it_touches_and_leaves_the_rest() -> None:
    frame = picture(0, 176, 144).reformat(format="yuv420p")
    before = frame.to_ndarray(format="gray")
    after = paint(frame, (((0.5, 0.2), (0.8, 0.8), (0.2, 0.8)),)).to_ndarray(format="gray")
    assert after[80:110, 80:96].std() == 0
    assert np.array_equal(before[:20], after[:20]) and np.array_equal(before[:60, :20], after[:60, :20])


@pytest.mark.parametrize("codec", list(Codec))
def test_a_stream_comes_out_painted_picture_for_picture(codec: Codec) -> None:
    packets, repainter = packets_of(codec, gop=5), Repainter(MIDDLE)
    painted = [each for packet in packets for each in repainter.take(packet)]
    assert [(each.media_time, each.time) for each in painted] == [(each.media_time, each.time) for each in packets]
    assert [each.is_key for each in painted] == [each.is_key for each in packets]
    assert painted[0].parameters.codec is Codec.H264
    assert is_masked(decoded(painted)) and not is_masked(decoded(packets))


def test_who_waits_for_a_keyframe_waits_two_seconds_at_most() -> None:
    packets, repainter = packets_of(gop=100, frames=60), Repainter(MIDDLE)
    painted = [each for packet in packets for each in repainter.take(packet)]
    assert [number for number, each in enumerate(painted) if each.is_key] == [0, 20, 40]


def test_what_is_not_shown_is_decoded_all_the_same() -> None:
    packets, repainter = packets_of(gop=20), Repainter(MIDDLE)
    painted = [each for number, packet in enumerate(packets) for each in repainter.take(packet, show=number % 4 == 0)]
    assert [each.media_time for each in painted] == [packets[number].media_time for number in range(0, 20, 4)]
    assert is_masked(decoded(painted))


@pytest.mark.parametrize("codec", list(Codec))
def test_a_segment_comes_out_painted_with_its_times_and_fragments(codec: Codec) -> None:
    data = segment_of(packets_of(codec))
    painted = paint_segment(data, MIDDLE)
    assert [ticks for ticks, _ in whole(painted)] == [ticks for ticks, _ in whole(data)]
    assert is_masked([pixels for _, pixels in whole(painted)])
    spans = [[(each.base_time, each.duration, each.frames) for each in walk_fragments(one)] for one in (data, painted)]
    assert spans[0] == spans[1]


def test_a_segment_that_cannot_be_decoded_is_not_shown() -> None:
    data = segment_of(packets_of())
    moof = next(walk_fragments(data)).offset
    with pytest.raises(ValueError, match="no picture"):
        paint_segment(data[:moof], MIDDLE)


def test_a_plate_that_reaches_under_a_mask_is_found() -> None:
    assert touches(MIDDLE, (0.7, 0.7, 0.9, 0.9)) and touches(MIDDLE, (0.4, 0.4, 0.41, 0.41))
    assert not touches(MIDDLE, (0.8, 0.1, 0.9, 0.9)) and not touches((), (0.4, 0.4, 0.5, 0.5))
    assert touches(LOWER_LEFT + MIDDLE, (0.1, 0.9, 0.12, 0.95))


def test_what_comes_late_is_left_out_until_the_stream_is_caught_up() -> None:
    pace, second = Pace(), 90_000
    assert pace.may_show(0, 10.0), "the first picture"
    assert pace.may_show(4 * second, 10.1), "the group of pictures that waited comes at once"
    assert pace.may_show(5 * second, 11.4)
    assert not pace.may_show(6 * second, 12.7), "0.6 s later than it could come"
    assert not pace.may_show(7 * second, 13.3)
    assert pace.may_show(8 * second, 14.15)


def test_a_painted_segment_takes_its_sound_back() -> None:
    data = sounding(SoundCodec.AAC)
    painted = with_sound_of(paint_segment(data, MIDDLE), data)
    assert sound_of(painted) == sound_of(data) is not None
    assert is_masked([pixels for _, pixels in whole(painted)])
    assert with_sound_of(paint_segment(without_sound(data), MIDDLE), without_sound(data)) == without_sound(painted)
