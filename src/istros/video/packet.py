"""The packet: what a camera sends and everything else consumes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from istros.base.time import Time
from istros.devices.camera import Stream, StreamKey
from istros.video.sound import SoundParameters, SoundUnit

MEDIA_RATE = 90_000
"""Ticks of media time per second (RTP video clock rate, RFC 6184 section 8.2.1)."""


class Codec(StrEnum):
    """Video codings that Istros records."""

    H264 = "h264"
    H265 = "h265"


@dataclass(frozen=True, slots=True)
class CodecParameters:
    """What a decoder must know before the first packet.

    `parameter_sets` are NAL units without start codes: (SPS, PPS) for H.264, (VPS, SPS, PPS) for H.265.
    Width and height are the cropped picture in pixels.
    """

    codec: Codec
    width: int
    height: int
    parameter_sets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Packet:
    """One compressed access unit, exactly as the camera sent it.

    `media_time` counts unwrapped 90 kHz ticks since the session began; `time` is the wall time of capture as well as we
    know it (RTCP sender report, else arrival). `data` holds NAL units with 4-byte lengths (AVCC, ISO/IEC 14496-15),
    without the parameter sets that `parameters` carries. `lost_before` counts RTP packets missed since the last one.
    `sound` holds the sound that came before this picture, on the same timeline; `sound_parameters` is None where the
    stream has none or none is allowed.
    `clock_offset_us` is the camera's clock minus ours as its sender reports tell it, None while it sends none.
    """

    key: StreamKey
    parameters: CodecParameters
    media_time: int
    time: Time
    is_key: bool
    data: bytes = field(repr=False)
    lost_before: int = 0
    clock_offset_us: int | None = None
    sound_parameters: SoundParameters | None = None
    sound: tuple[SoundUnit, ...] = field(default=(), repr=False)


class PacketOpener(Protocol):
    """Opens a stream of a camera; the network's side of the Environment.

    The real one is `video.rtsp.open_rtsp`; the simulated city has its own. Iterating raises a
    `video.errors.StreamError` whose text names the camera and says what to do; closing the iterator closes the session.
    """

    def __call__(self, stream: Stream) -> AsyncIterator[Packet]:
        """Connect lazily, at the first step of the iteration."""
        ...


@runtime_checkable
class PacketFeed(Protocol):
    """An open stream that can also hand its packets on at once, without a queue and a task between."""

    async def feed(self, take: Callable[[Packet], None], patience_s: Callable[[], float]) -> None:
        """Call `take` with each packet as it comes, or as much later as `patience_s` allows at the moment.

        Ends as the iteration does; cancelling it closes the session.
        """
        ...


async def hand_on(
    packets: AsyncIterator[Packet], take: Callable[[Packet], None], patience_s: Callable[[], float]
) -> None:
    """Give every packet to `take` until the stream ends, without a queue between where the stream can do that.

    Raises what the stream raises; the stream is closed in every case.
    """
    if isinstance(packets, PacketFeed):
        return await packets.feed(take, patience_s)
    async with AsyncExitStack() as stack:
        closing: Any = getattr(packets, "aclose", None)
        if closing is not None:
            stack.push_async_callback(closing)
        async for packet in packets:
            take(packet)
