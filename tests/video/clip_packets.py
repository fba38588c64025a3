"""A clip's film as the packets that a camera would have sent, from a wall time on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av

from istros.base.time import SECOND, Time
from istros.devices.camera import StreamKey
from istros.video.packet import Codec, Packet
from istros.video.parameter_sets import parameters_of


def clip_packets(path: Path, key: StreamKey, begin: Time) -> Iterator[Packet]:
    """The access units of an H.264 film in MP4, whose data has 4-byte lengths already."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        parameters = parameters_of(Codec.H264, _sets(bytes(stream.codec_context.extradata or b"")))
        assert parameters is not None and stream.time_base is not None
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            seconds = float(packet.pts * stream.time_base)
            time = Time(begin + round(seconds * SECOND))
            yield Packet(key, parameters, round(seconds * 90_000), time, bool(packet.is_keyframe), bytes(packet))


def _sets(avcc: bytes) -> list[bytes]:
    """The parameter sets of an `avcC` box (ISO/IEC 14496-15)."""
    found, at = [], 5
    for mask in (0x1F, 0xFF):
        count = avcc[at] & mask
        at += 1
        for _ in range(count):
            size = int.from_bytes(avcc[at : at + 2], "big")
            found.append(avcc[at + 2 : at + 2 + size])
            at += 2 + size
    return found
