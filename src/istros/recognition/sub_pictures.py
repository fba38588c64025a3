"""Pictures of the analysed stream, decoded no more than motion needs.

Only the newest picture is looked at, so what lies before the newest keyframe is never decoded. Where nothing moves, only
keyframes are: a third of the work (docs/benchmarks/analysis.md). Motion is noticed within a second all the same. Where
keyframes are rarer, everything is decoded once a second, and a packet much larger than its neighbours is motion's own
sign and has everything decoded at once: an encoder spends bits on what changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

from istros.base.time import SECOND, Time
from istros.recognition.main_pictures import DecoderLike, FrameLike
from istros.video.packet import CodecParameters, Packet

BLIND_US = SECOND
"""The longest time without a decoded picture."""
_MOST_KEPT = 300
_REMEMBERED, _LEAST_KNOWN = 40, 8
_LARGE, _LARGE_BYTES = 2.5, 400
"""A packet so many times as large as usual, and by so many bytes, tells of motion."""


class PacketSizes:
    """Tells packets that are much larger than what the stream sends while nothing moves."""

    def __init__(self) -> None:
        self._usual: deque[int] = deque(maxlen=_REMEMBERED)

    def is_large(self, packet: Packet) -> bool:
        """Whether the packet is one; keyframes, which are large by nature, never are. Learns from the others."""
        if packet.is_key:
            return False
        size = len(packet.data)
        if len(self._usual) < _LEAST_KNOWN:
            self._usual.append(size)
            return False
        usual = median(self._usual)
        large = size > _LARGE * usual and size > usual + _LARGE_BYTES
        # What lasts becomes usual, but slowly: one packet in four of a burst counts.
        if not large or packet.media_time // 9000 % 4 == 0:
            self._usual.append(size)
        return large


class SubPictures:
    """Decodes for one camera; one call at a time."""

    def __init__(self, new_decoder: Callable[[CodecParameters], DecoderLike]) -> None:
        self._new_decoder = new_decoder
        self._decoder: DecoderLike | None = None
        self._waiting: list[Packet] = []
        self._decoded: Time | None = None
        self.newest: FrameLike | None = None

    def take(self, packets: list[Packet]) -> None:
        """Add packets; what lies before the newest keyframe is let go."""
        self._waiting += packets
        newest_key = max((index for index, packet in enumerate(self._waiting) if packet.is_key), default=0)
        del self._waiting[:newest_key]

    def keyframe(self) -> FrameLike | None:
        """The picture of the waiting keyframe, if one waits; what follows it goes on waiting."""
        if not self._waiting or not self._waiting[0].is_key:
            return None
        return self._decode([self._waiting.pop(0)])

    def is_blind(self) -> bool:
        """Whether the last decoded picture is so old, or so much waits, that everything must be decoded."""
        if not self._waiting or self._decoded is None:
            return bool(self._waiting)
        return len(self._waiting) > _MOST_KEPT or self._waiting[-1].time - self._decoded >= BLIND_US

    def last(self) -> FrameLike | None:
        """The newest picture of all that waits; None where nothing does or nothing could be decoded."""
        waiting, self._waiting = self._waiting, []
        return self._decode(waiting)

    def _decode(self, packets: list[Packet]) -> FrameLike | None:
        newest = None
        for packet in packets:
            self._decoder = self._decoder or self._new_decoder(packet.parameters)
            newest = self._decoder.decode(packet) or newest
        if newest is not None:
            self.newest, self._decoded = newest, newest.time
        return newest

    def forget(self) -> None:
        """After a loss or a damaged packet: begin anew at the next keyframe."""
        self._decoder, self.newest, self._decoded = None, None, None
        self._waiting = []
