"""One exact frame out of a segment: held against the decoding of the whole file by somebody else's demuxer."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.packet import Codec, Packet
from istros.video.samples import keyframes_only, read_table
from istros.video.stills import jpeg_of, keyframe_near, picture_at, with_metadata
from tests.video.packets import packets_of

FRAMES, GOP, STEP = 20, 5, 9000


def segment_of(packets: list[Packet]) -> bytes:
    """Four fragments of a keyframe group each, as a recorder writes them."""
    pieces = [init_segment(packets[0].parameters)]
    for number, at in enumerate(range(0, len(packets), GOP), 1):
        samples = [Sample(STEP, packet.data, packet.is_key) for packet in packets[at : at + GOP]]
        pieces.append(fragment(number, at * STEP, samples, packets[at].time))
    return b"".join(pieces)


def whole(data: bytes) -> list[tuple[int, np.ndarray]]:  # type: ignore[type-arg]
    """(ticks, pixels) of every frame, by FFmpeg's own reading of the file."""
    with av.open(io.BytesIO(data)) as container:
        return [(frame.pts or 0, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
def test_every_frame_is_the_one_that_was_on_the_screen(codec: Codec) -> None:
    data = segment_of(packets_of(codec))
    frames = whole(data)
    assert len(frames) == FRAMES
    for ticks, pixels in frames:
        for moment in (ticks, ticks + 1, ticks + STEP - 1):
            picture = picture_at(data, moment)
            assert picture is not None
            assert picture.shown == ticks
            assert np.array_equal(picture.frame.to_ndarray(format="rgb24"), pixels)


def test_before_the_first_and_behind_the_last_frame_those_two_stand() -> None:
    data = segment_of(packets_of())
    first, last = picture_at(data, -500), picture_at(data, 10**9)
    assert first is not None
    assert last is not None
    assert (first.shown, last.shown) == (0, (FRAMES - 1) * STEP)


def test_pictures_out_of_order_come_in_the_order_they_are_shown() -> None:
    # I0 P3 B1 B2, as decoded: shown 0, 3, 1, 2; the table alone must find who is on the screen.
    packets = packets_of(frames=4, gop=10)
    samples = [
        Sample(STEP, packet.data, packet.is_key, offset * STEP)
        for packet, offset in zip(packets, (1, 3, 0, 0), strict=True)
    ]
    table = read_table(init_segment(packets[0].parameters) + fragment(1, 0, samples, packets[0].time))
    assert [sample.shown // STEP for sample in table.samples] == [1, 4, 2, 3]
    assert [table.shown_at(ticks * STEP) for ticks in (1, 2, 3, 4)] == [0, 2, 3, 1]


def test_the_nearest_keyframe() -> None:
    data = segment_of(packets_of())
    near = [keyframe_near(data, ticks * STEP) for ticks in (0, 2, 3, 14, 19)]
    assert [picture.shown // STEP for picture in near if picture is not None] == [0, 0, 5, 15, 15]
    assert all(picture is not None and picture.is_key for picture in near)


def test_keyframes_alone_make_a_file_that_lasts_as_long() -> None:
    data = segment_of(packets_of())
    thin = keyframes_only(data)
    table = read_table(thin)
    assert [sample.shown // STEP for sample in table.samples] == [0, 5, 10, 15]
    assert sum(sample.duration for sample in table.samples) == FRAMES * STEP
    everything = dict(whole(data))
    for ticks, pixels in whole(thin):
        assert np.array_equal(pixels, everything[ticks])


def test_a_torn_segment_gives_what_is_whole() -> None:
    data = segment_of(packets_of())
    torn = read_table(data[: len(data) - 300])
    assert 0 < len(torn.samples) < FRAMES
    with pytest.raises(ValueError, match="video track"):
        read_table(b"\x00\x00\x00\x10ftypiso6\x00\x00\x00\x00")


def test_a_jpeg_is_small_or_whole_and_tells_what_it_shows() -> None:
    picture = picture_at(segment_of(packets_of()), 7 * STEP)
    assert picture is not None
    for width, size in ((0, (176, 144)), (88, (88, 72)), (5000, (176, 144))):
        (frame,) = av.CodecContext.create("mjpeg", "r").decode(av.Packet(jpeg_of(picture, width)))  # type: ignore[attr-defined]
        assert (frame.width, frame.height) == size
    said = with_metadata(jpeg_of(picture), {"istros:camera": 'IZ-07 "<gate>"', "dc:source": "Ізмаїл"})
    assert b"istros:camera='IZ-07 \"&lt;gate&gt;\"'" in said
    assert "Ізмаїл".encode() in said
    decoded = av.CodecContext.create("mjpeg", "r").decode(av.Packet(said))  # type: ignore[attr-defined]
    assert decoded[0].width == 176
