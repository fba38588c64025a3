"""The names that browsers know codecs by (RFC 6381; ISO/IEC 14496-15 annexes A and E)."""

from __future__ import annotations

from istros.video.h265_sps import read_h265_sps
from istros.video.packet import Codec, CodecParameters


def mime_type(parameters: CodecParameters) -> str:
    """RFC 6381 type of our fragmented MP4, e.g. `video/mp4; codecs="avc1.4d401f"`."""
    return f'video/mp4; codecs="{codec_string(parameters)}"'


def codec_string(parameters: CodecParameters) -> str:
    """The codecs parameter alone, e.g. `avc1.4d401f` or `hvc1.1.6.L93.B0`."""
    if parameters.codec is Codec.H264:
        return f"avc1.{parameters.parameter_sets[0][1:4].hex()}"
    return _hvc1(read_h265_sps(parameters.parameter_sets[1]).profile_tier_level)


def _hvc1(general: bytes) -> str:
    """From the 12 general bytes of profile_tier_level: space, tier, profile, compatibility, constraints, level."""
    space = ("", "A", "B", "C")[general[0] >> 6]
    tier = "H" if general[0] & 0x20 else "L"
    compatibility = int(f"{int.from_bytes(general[1:5], 'big'):032b}"[::-1], 2)
    parts = ["hvc1", f"{space}{general[0] & 31}", f"{compatibility:X}", f"{tier}{general[11]}"]
    return ".".join(parts + [f"{byte:X}" for byte in general[5:11].rstrip(b"\x00")])
