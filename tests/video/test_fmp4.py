"""Fragmented MP4: what we write, PyAV plays; what is torn, we stop before."""

from __future__ import annotations

import contextlib
import io

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.time import Time
from istros.video.fmp4 import Sample, fragment, init_length, init_segment, read_init, safe_length, walk_fragments
from istros.video.packet import Codec, CodecParameters
from istros.video.parameter_sets import is_parameter_set, nal_type, parameters_of
from tests.video.encodes import encode, split_annexb

WALL = Time(1_795_493_100_123_456)


def samples_of(codec: Codec, **extra: object) -> tuple[CodecParameters, list[Sample]]:
    units = [split_annexb(unit) for unit in encode(codec, **extra)]  # type: ignore[arg-type]
    made = parameters_of(codec, units[0])
    assert made is not None
    return made, [sample_of(codec, nals) for nals in units]


def sample_of(codec: Codec, nals: list[bytes]) -> Sample:
    kept = [nal for nal in nals if not is_parameter_set(codec, nal)]
    keys = {5} if codec is Codec.H264 else set(range(16, 22))
    data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in kept)
    return Sample(9000, data, any(nal_type(codec, nal) in keys for nal in kept))


def file_of(codec: Codec, a_fragment: int = 5) -> bytes:
    made, samples = samples_of(codec)
    parts = [init_segment(made)]
    for number, first in enumerate(range(0, len(samples), a_fragment)):
        group = samples[first : first + a_fragment]
        parts.append(fragment(number + 1, first * 9000, group, WALL if number == 0 else None))
    return b"".join(parts)


@pytest.mark.parametrize("codec", list(Codec))
def test_pyav_plays_every_frame(codec: Codec) -> None:
    with av.open(io.BytesIO(file_of(codec))) as container:
        frames = [(frame.pts, frame.key_frame) for frame in container.decode(video=0)]
    assert [pts for pts, _ in frames] == [9000 * index for index in range(20)]
    assert [index for index, (_, key) in enumerate(frames) if key] == [0, 5, 10, 15]


@pytest.mark.parametrize("codec", list(Codec))
def test_walk_tells_what_was_written(codec: Codec) -> None:
    data = file_of(codec)
    made, _ = samples_of(codec)
    found = list(walk_fragments(data))
    assert read_init(data) == made
    assert [piece.base_time for piece in found] == [0, 45000, 90000, 135000]
    assert all((piece.frames, piece.duration, piece.starts_with_key) == (5, 45000, True) for piece in found)
    assert found[0].offset == init_length(data)
    assert found[-1].end == len(data) == safe_length(data)
    assert found[1].wall_time is None
    assert found[0].wall_time is not None and abs(found[0].wall_time - WALL) <= 1


def test_composition_offsets_reach_the_player() -> None:
    made, samples = samples_of(Codec.H264)
    late = [Sample(s.duration, s.data, s.is_key, 9000) for s in samples[:5]]
    data = init_segment(made) + fragment(1, 0, late)
    with av.open(io.BytesIO(data)) as container:
        assert [packet.pts - packet.dts for packet in container.demux() if packet.size] == [9000] * 5
    assert next(walk_fragments(data)).duration == 45000


FILE = file_of(Codec.H264)


@given(st.integers(0, len(FILE)), st.binary(max_size=40))
def test_torn_tail_is_cut_at_the_last_whole_fragment(length: int, rubbish: bytes) -> None:
    torn = FILE[:length]
    ends = [init_length(FILE), *(piece.end for piece in walk_fragments(FILE))]
    expected = max((end for end in ends if end <= length), default=0)
    assert safe_length(torn) == expected
    assert safe_length(torn + bytes(40)) in {expected, *(end for end in ends if length < end <= length + 40)}
    list(walk_fragments(torn + rubbish))


@settings(max_examples=200)
@given(st.integers(0, len(FILE) - 1), st.integers(0, 255))
def test_one_wrong_byte_never_crashes(position: int, value: int) -> None:
    damaged = FILE[:position] + bytes((value,)) + FILE[position + 1 :]
    list(walk_fragments(damaged))
    with contextlib.suppress(ValueError):
        read_init(damaged)


def test_reading_by_offsets_does_not_touch_the_pictures() -> None:
    asked = 0

    def read(offset: int, length: int) -> bytes:
        nonlocal asked
        asked += length
        return FILE[offset : offset + length]

    assert len(list(walk_fragments(read))) == 4
    assert asked < len(FILE) / 2


def test_no_video_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="does not begin"):
        read_init(b"\x00\x00\x00\x08free")
