"""What the parameter sets of H.264 and H.265 say about the picture (ITU-T H.264 7.3.2.1, H.265 7.3.2.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from istros.video.bits import BitReader, payload_of
from istros.video.h265_sps import H265Sps, read_h265_sps
from istros.video.packet import Codec, CodecParameters

H264_SPS, H264_PPS = 7, 8
H265_VPS, H265_SPS, H265_PPS = 32, 33, 34

_H264_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_SET_TYPES = {Codec.H264: (H264_SPS, H264_PPS), Codec.H265: (H265_VPS, H265_SPS, H265_PPS)}
_LARGEST_SIDE = 16_384


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """The picture that a sequence parameter set describes: cropped size in pixels, and fps where it says so."""

    width: int
    height: int
    fps: float | None
    chroma_format: int
    bit_depth_luma: int
    bit_depth_chroma: int


def nal_type(codec: Codec, nal: bytes | bytearray | memoryview) -> int:
    """`nal_unit_type` of a NAL unit that is not empty."""
    return nal[0] & 31 if codec is Codec.H264 else nal[0] >> 1 & 63


def is_parameter_set(codec: Codec, nal: bytes) -> bool:
    """Whether the NAL unit belongs into `CodecParameters.parameter_sets`."""
    return nal_type(codec, nal) in _SET_TYPES[codec]


def picture_format(codec: Codec, sps: bytes) -> PictureFormat:
    """Parse a sequence parameter set (with its NAL header). ValueError when it makes no sense."""
    picture = _h264_picture(sps) if codec is Codec.H264 else _h265_picture(read_h265_sps(sps))
    if not (0 < picture.width <= _LARGEST_SIDE and 0 < picture.height <= _LARGEST_SIDE):
        raise ValueError(f"the parameter set describes a picture of {picture.width}x{picture.height} pixels")
    return picture


def parameters_of(codec: Codec, nals: Iterable[bytes]) -> CodecParameters | None:
    """CodecParameters from NAL units in any order, the last of each type; None while one is missing.

    ValueError when the sequence parameter set makes no sense.
    """
    latest = {nal_type(codec, nal): bytes(nal) for nal in nals if nal}
    sets = tuple(latest[kind] for kind in _SET_TYPES[codec] if kind in latest)
    if len(sets) < len(_SET_TYPES[codec]):
        return None
    picture = picture_format(codec, sets[-2])
    return CodecParameters(codec, picture.width, picture.height, sets)


def format_of(parameters: CodecParameters) -> PictureFormat:
    """The picture format of the parameters' own SPS."""
    return picture_format(parameters.codec, parameters.parameter_sets[-2])


def _h264_picture(sps: bytes) -> PictureFormat:
    reader = BitReader(payload_of(sps, 1))
    profile = reader.bits(8)
    reader.skip(16)
    reader.unsigned()
    chroma, luma_bits, chroma_bits = _h264_chroma(reader) if profile in _H264_WITH_CHROMA else (1, 8, 8)
    _skip_h264_order(reader)
    reader.unsigned()
    reader.skip(1)
    columns, rows = reader.unsigned() + 1, reader.unsigned() + 1
    frames_only = reader.flag()
    if not frames_only:
        reader.skip(1)
    reader.skip(1)
    width, height = columns * 16, rows * 16 * (1 if frames_only else 2)
    if reader.flag():
        unit_x = 2 if chroma in (1, 2) else 1
        unit_y = (2 if chroma == 1 else 1) * (1 if frames_only else 2)
        width -= unit_x * (reader.unsigned() + reader.unsigned())
        height -= unit_y * (reader.unsigned() + reader.unsigned())
    return PictureFormat(width, height, _h264_fps(reader), chroma, luma_bits, chroma_bits)


def _h264_chroma(reader: BitReader) -> tuple[int, int, int]:
    chroma = reader.unsigned()
    if chroma == 3:
        reader.skip(1)
    luma_bits, chroma_bits = reader.unsigned() + 8, reader.unsigned() + 8
    reader.skip(1)
    if reader.flag():
        for index in range(8 if chroma != 3 else 12):
            if reader.flag():
                _skip_scaling_list(reader, 16 if index < 6 else 64)
    return chroma, luma_bits, chroma_bits


def _skip_scaling_list(reader: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + reader.signed()) % 256
        last = following or last


def _skip_h264_order(reader: BitReader) -> None:
    """log2_max_frame_num and the picture order count's fields."""
    reader.unsigned()
    kind = reader.unsigned()
    if kind == 0:
        reader.unsigned()
    elif kind == 1:
        reader.skip(1)
        reader.signed()
        reader.signed()
        for _ in range(min(reader.unsigned(), 255)):
            reader.signed()


def _h264_fps(reader: BitReader) -> float | None:
    """Frames per second from the VUI; cameras often leave it out or write nonsense, so damage here is no error."""
    try:
        if not reader.flag():
            return None
        if reader.flag() and reader.bits(8) == 255:
            reader.skip(32)
        if reader.flag():
            reader.skip(1)
        if reader.flag():
            reader.skip(4)
            if reader.flag():
                reader.skip(24)
        if reader.flag():
            reader.unsigned()
            reader.unsigned()
        if not reader.flag():
            return None
        unit, scale = reader.bits(32), reader.bits(32)
    except ValueError:
        return None
    return scale / (2 * unit) if unit and scale else None


def _h265_picture(sps: H265Sps) -> PictureFormat:
    return PictureFormat(sps.width, sps.height, sps.fps, sps.chroma_format, sps.bit_depth_luma, sps.bit_depth_chroma)
