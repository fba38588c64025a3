"""`avcC` and `hvcC`: the parameter sets as MP4 files carry them (ISO/IEC 14496-15 sections 5.3.3.1 and 8.3.3.1)."""

from __future__ import annotations

import struct

from istros.video.h265_sps import read_h265_sps
from istros.video.packet import Codec, CodecParameters
from istros.video.parameter_sets import format_of, nal_type, parameters_of

_PROFILES_WITH_CHROMA = frozenset({100, 110, 122, 144, 244, 44})


def configuration_of(parameters: CodecParameters) -> bytes:
    """The content of the `avcC` or `hvcC` box; NAL lengths take 4 bytes."""
    return _avcc(parameters) if parameters.codec is Codec.H264 else _hvcc(parameters)


def parameters_from(codec: Codec, configuration: bytes) -> CodecParameters:
    """The inverse of `configuration_of`; ValueError when the box is damaged or lacks a set."""
    nals = _avcc_nals(configuration) if codec is Codec.H264 else _hvcc_nals(configuration)
    parameters = parameters_of(codec, nals)
    if parameters is None:
        raise ValueError("the codec configuration lacks a parameter set")
    return parameters


def _avcc(parameters: CodecParameters) -> bytes:
    sps, pps = parameters.parameter_sets
    box = b"\x01" + sps[1:4] + b"\xff\xe1" + _sized(sps) + b"\x01" + _sized(pps)
    if sps[1] not in _PROFILES_WITH_CHROMA:
        return box
    picture = format_of(parameters)
    depths = bytes(
        (0xFC | picture.chroma_format, 0xF8 | picture.bit_depth_luma - 8, 0xF8 | picture.bit_depth_chroma - 8)
    )
    return box + depths + b"\x00"


def _hvcc(parameters: CodecParameters) -> bytes:
    sps = read_h265_sps(parameters.parameter_sets[1])
    head = struct.pack(
        ">B12sHBBBBHBB",
        1,
        sps.profile_tier_level,
        0xF000,
        0xFC,
        0xFC | sps.chroma_format,
        0xF8 | sps.bit_depth_luma - 8,
        0xF8 | sps.bit_depth_chroma - 8,
        0,
        sps.temporal_layers << 3 | sps.temporal_nested << 2 | 3,
        len(parameters.parameter_sets),
    )
    arrays = (bytes((0x80 | nal_type(Codec.H265, nal), 0, 1)) + _sized(nal) for nal in parameters.parameter_sets)
    return head + b"".join(arrays)


def _sized(nal: bytes) -> bytes:
    return len(nal).to_bytes(2, "big") + nal


def _avcc_nals(box: bytes) -> list[bytes]:
    sequence_sets, position = _take(box, 6, box[5] & 31) if len(box) > 6 else ([], 6)
    picture_sets, _ = _take(box, position + 1, box[position]) if len(box) > position else ([], 0)
    return sequence_sets + picture_sets


def _hvcc_nals(box: bytes) -> list[bytes]:
    nals: list[bytes] = []
    position = 23
    for _ in range(box[22] if len(box) > 22 else 0):
        taken, position = _take(box, position + 3, int.from_bytes(box[position + 1 : position + 3], "big"))
        nals += taken
    return nals


def _take(box: bytes, position: int, count: int) -> tuple[list[bytes], int]:
    nals = []
    for _ in range(count):
        size = int.from_bytes(box[position : position + 2], "big")
        nal = box[position + 2 : position + 2 + size]
        if not nal or len(nal) < size:
            raise ValueError("the codec configuration is cut off")
        nals.append(nal)
        position += 2 + size
    return nals, position
