"""Packets made from real encodes, for tests behind the depacketiser."""

from __future__ import annotations

from istros.base.clock import SystemClock
from istros.base.time import Time
from istros.devices.camera import StreamKey
from istros.video.packet import Codec, Packet
from istros.video.parameter_sets import is_parameter_set, nal_type, parameters_of
from tests.video.encodes import encode, split_annexb

KEY = StreamKey("IZ-07", "main")


def packets_of(codec: Codec = Codec.H264, fps: int = 10, key: StreamKey = KEY, **settings: object) -> list[Packet]:
    """One packet for each access unit of `encode`, from media time 0 and from now: live views ask how old packets are."""
    units = [split_annexb(unit) for unit in encode(codec, fps=fps, **settings)]  # type: ignore[arg-type]
    parameters = parameters_of(codec, units[0])
    assert parameters is not None
    packets = []
    start = SystemClock().now()
    for index, nals in enumerate(units):
        kept = [nal for nal in nals if not is_parameter_set(codec, nal)]
        keys = {5} if codec is Codec.H264 else set(range(16, 22))
        data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in kept)
        is_key = any(nal_type(codec, nal) in keys for nal in kept)
        time = Time(start + index * 1_000_000 // fps)
        packets.append(Packet(key, parameters, index * 90_000 // fps, time, is_key, data))
    return packets
