"""Pictures of the main stream where and when a plate needs them: the newest group of pictures waits undecoded.

Decoding 1080p all day would cost 140 ms a second and camera (docs/design/0012); so packets are only kept, and decoding
begins at the last keyframe when a vehicle is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from istros.base.time import Time
from istros.recognition.picture import Picture
from istros.video.packet import CodecParameters, Packet

MOST_PACKETS = 300
MOST_BYTES = 12 << 20


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

    `push` is called where packets arrive and `picture_at` in a worker, never both at once for one object's decoder; the
    list of packets is only appended to or replaced whole, so a reader keeps a consistent one.
    """

    def __init__(self, new_decoder: Callable[[CodecParameters], DecoderLike]) -> None:
        self._new_decoder = new_decoder
        self._decoder: DecoderLike | None = None
        # One attribute, so that a worker sees a group's number and its packets together.
        self._kept: tuple[int, list[Packet]] = (0, [])
        self._bytes = 0
        self._position = _Position(-1, 0)
        self._newest: FrameLike | None = None
        self.dropped = 0
        """Packets not kept because the group of pictures is too large."""

    def push(self, packet: Packet) -> None:
        """Keep a packet; a keyframe begins a new group, and a loss ends the present one."""
        group, packets = self._kept
        if packet.is_key:
            self._kept, self._bytes = (group + 1, [packet]), len(packet.data)
        elif not packets:
            return
        elif packet.lost_before or len(packets) >= MOST_PACKETS or self._bytes > MOST_BYTES:
            self._kept = (group, [])
            self.dropped += 1
        else:
            packets.append(packet)
            self._bytes += len(packet.data)

    def picture_at(self, time: Time) -> FrameLike | None:
        """The newest picture that is not later than `time` (or the group's first one); decodes only what is missing."""
        group, packets = self._kept
        if not packets:
            return None
        if self._position.group != group or self._decoder is None:
            self._decoder = self._decoder or self._new_decoder(packets[0].parameters)
            self._position, self._newest = _Position(group, 0), None
        index = self._position.index
        while index < len(packets) and (self._newest is None or packets[index].time <= time):
            self._newest = self._decoder.decode(packets[index]) or self._newest
            index += 1
        self._position = _Position(group, index)
        return self._newest

    def forget(self) -> None:
        """After a decoder's error: wait for the next keyframe with a fresh decoder."""
        self._decoder, self._kept, self._newest = None, (self._kept[0], []), None
        self._position = _Position(-1, 0)
