"""Pictures of the main stream where and when a plate needs them: the newest group of pictures waits undecoded.

Decoding 1080p all day would cost 64 to 88 ms a second and camera (docs/benchmarks/analysis.md); so packets are only
kept. The keyframe at a group's beginning is had for 2 to 4 ms, a later picture for all those before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from istros.base.time import SECOND, Time
from istros.recognition.picture import Picture
from istros.video.packet import CodecParameters, Packet

MOST_PACKETS = 300
MOST_BYTES = 12 << 20
_NEAR_US = SECOND * 3 // 20
"""Pictures that are so near to each other that a vehicle's place in one is good enough for the other."""
_REMEMBERED = 3


class FrameLike(Protocol):
    """A decoded picture as `video.decode` gives it."""

    @property
    def time(self) -> Time:
        """Wall time of capture."""
        ...

    @property
    def luma(self) -> Picture:
        """The Y plane (rows, columns)."""
        ...

    def bgr(self) -> Picture:
        """The picture in colours (rows, columns, 3)."""
        ...

    def part(self, left: int, top: int, right: int, bottom: int) -> Picture:
        """A part of it in colours, from an even column and row on."""
        ...


class DecoderLike(Protocol):
    """A decoder as `video.decode` gives it."""

    def decode(self, packet: Packet) -> FrameLike | None:
        """The packet's picture, or None while there is none."""
        ...


@dataclass(frozen=True, slots=True)
class _Position:
    group: int
    index: int


class MainPictures:
    """Keeps the newest group of pictures of a main stream, bounded in packets and bytes, and decodes it when asked.

    `push` is called where packets arrive and `pictures_at` in a worker, never both at once for one object's decoder; the
    list of packets is only appended to or replaced whole, so a reader keeps a consistent one.
    """

    def __init__(self, new_decoder: Callable[[CodecParameters], DecoderLike]) -> None:
        self._new_decoder = new_decoder
        self._decoder: DecoderLike | None = None
        # One attribute, so that a worker sees a group's number and its packets together.
        self._kept: tuple[int, list[Packet]] = (0, [])
        self._bytes = 0
        self._position = _Position(-1, 0)
        self._newest: deque[FrameLike] = deque(maxlen=_REMEMBERED)
        self.period_s: float | None = None
        """Seconds between the last two keyframes."""
        self.dropped = 0
        """Packets not kept because the group of pictures is too large."""

    def push(self, packet: Packet) -> None:
        """Keep a packet; a keyframe begins a new group, and a loss ends the present one."""
        group, packets = self._kept
        if packet.is_key:
            self.period_s = (packet.time - packets[0].time) / SECOND if packets else self.period_s
            self._kept, self._bytes = (group + 1, [packet]), len(packet.data)
        elif not packets:
            return
        elif packet.lost_before or len(packets) >= MOST_PACKETS or self._bytes > MOST_BYTES:
            self._kept = (group, [])
            self.dropped += 1
        else:
            packets.append(packet)
            self._bytes += len(packet.data)

    @property
    def key_time(self) -> Time | None:
        """When the newest keyframe was taken."""
        _, packets = self._kept
        return packets[0].time if packets else None

    @property
    def columns(self) -> int | None:
        """Width of its pictures in pixels, as far as packets have come."""
        _, packets = self._kept
        return packets[0].parameters.width if packets else None

    @property
    def rows(self) -> int | None:
        """Height of its pictures in pixels, as far as packets have come."""
        _, packets = self._kept
        return packets[0].parameters.height if packets else None

    def left_to_decode(self, time: Time) -> int:
        """How many pictures must be decoded to have the one at `time`."""
        group, packets = self._kept
        done = self._position.index if self._position.group == group else 0
        return sum(packet.time <= time for packet in packets[done:])

    def pictures_at(self, time: Time) -> list[FrameLike]:
        """The newest picture that is not later than `time` (or the group's first one), behind those just before it that are
        decoded already; oldest first. Decodes only what is missing.
        """
        group, packets = self._kept
        if not packets:
            return []
        if self._position.group != group or self._decoder is None:
            self._decoder = self._decoder or self._new_decoder(packets[0].parameters)
            self._position = _Position(group, 0)
            self._newest.clear()
        index = self._position.index
        while index < len(packets) and (not self._newest or packets[index].time <= time):
            frame = self._decoder.decode(packets[index])
            if frame is not None:
                self._newest.append(frame)
            index += 1
        self._position = _Position(group, index)
        newest = self._newest[-1].time if self._newest else time
        return [frame for frame in self._newest if newest - frame.time <= _NEAR_US]

    def rest(self) -> None:
        """Let the decoder and its pictures go, which are 15 MB and more; what is asked for next begins at the keyframe."""
        self._decoder = None
        self._newest.clear()
        self._position = _Position(-1, 0)

    def forget(self) -> None:
        """After a decoder's error: wait for the next keyframe with a fresh decoder."""
        self._decoder, self._kept = None, (self._kept[0], [])
        self._newest.clear()
        self._position = _Position(-1, 0)
