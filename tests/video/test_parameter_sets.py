"""Parameter sets against real encoders: odd sizes, all chroma formats, and hostile bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from istros.video.codec_configuration import configuration_of, parameters_from
from istros.video.codec_names import codec_string, mime_type
from istros.video.packet import Codec, CodecParameters
from istros.video.parameter_sets import format_of, parameters_of, picture_format
from tests.video.encodes import encode, split_annexb

SIZES = [(176, 144), (178, 146), (322, 182), (640, 360), (1920, 1080)]


def parameters(codec: Codec, **settings: object) -> CodecParameters:
    made = parameters_of(codec, split_annexb(encode(codec, frames=1, **settings)[0]))  # type: ignore[arg-type]
    assert made is not None
    return made


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_cropped_size_and_fps_of_real_encodes(codec: Codec, width: int, height: int) -> None:
    made = parameters(codec, width=width, height=height, fps=25)
    assert (made.width, made.height) == (width, height)
    assert format_of(made).fps == pytest.approx(25)


@pytest.mark.parametrize(
    ("codec", "pixels", "chroma", "depth"),
    [
        (Codec.H264, "yuv422p", 2, 8),
        (Codec.H264, "yuv444p", 3, 8),
        (Codec.H264, "yuv420p10le", 1, 10),
        (Codec.H265, "yuv420p10le", 1, 10),
        (Codec.H265, "yuv444p", 3, 8),
    ],
)
def test_chroma_and_depth(codec: Codec, pixels: str, chroma: int, depth: int) -> None:
    made = parameters(codec, pixels=pixels, width=178, height=146)
    picture = format_of(made)
    assert (picture.width, picture.height, picture.chroma_format, picture.bit_depth_luma) == (178, 146, chroma, depth)


def test_interlaced_h264() -> None:
    made = parameters(Codec.H264, width=320, height=180, fps=25, extra=":interlaced=1")
    assert (made.width, made.height) == (320, 180)


def test_scaling_lists_of_h265_are_walked_through() -> None:
    assert format_of(parameters(Codec.H265, fps=30, extra=":scaling-list=default")).fps == pytest.approx(30)


@pytest.mark.parametrize("codec", list(Codec))
def test_configuration_round_trip(codec: Codec) -> None:
    made = parameters(codec, width=178, height=146)
    assert parameters_from(codec, configuration_of(made)) == made


def test_codec_names() -> None:
    assert codec_string(parameters(Codec.H264, profile="baseline")).startswith("avc1.42")
    assert mime_type(parameters(Codec.H265)).startswith('video/mp4; codecs="hvc1.1.6.L')


def test_missing_set() -> None:
    nals = [nal for nal in split_annexb(encode(Codec.H264, frames=1)[0]) if nal[0] & 31 != 8]
    assert parameters_of(Codec.H264, nals) is None


@given(st.sampled_from(list(Codec)), st.binary(max_size=80))
def test_hostile_bytes_raise_nothing_but_value_error(codec: Codec, data: bytes) -> None:
    for attempt in (lambda: picture_format(codec, data), lambda: parameters_from(codec, data)):
        try:
            attempt()
        except ValueError:
            continue
