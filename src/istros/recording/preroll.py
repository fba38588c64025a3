"""The newest packets of a stream that is recorded on events alone, from a keyframe on, in a bounded memory."""

from __future__ import annotations

from collections import deque

from istros.base.time import SECOND
from istros.video.packet import Packet


class Preroll:
    """Keeps whole groups of pictures: at least `seconds` where `bytes_max` allows, never more than that many bytes."""

    def __init__(self, seconds: float, bytes_max: int) -> None:
        self._us = round(seconds * SECOND)
        self._bytes_max = bytes_max
        self._packets: deque[Packet] = deque()
        self._keys: deque[Packet] = deque()
        self._bytes = 0
        self.dropped = 0
        """Packets that gave way although they were young enough: the memory was too small for them."""

    def push(self, packet: Packet) -> None:
        """Remember the next packet; what is older than asked for gives way, a group at a time."""
        if packet.lost_before or (self._packets and packet.parameters != self._packets[-1].parameters):
            self._clear()
        if packet.is_key:
            self._keys.append(packet)
        elif not self._packets:
            return
        self._packets.append(packet)
        self._bytes += len(packet.data)
        while len(self._keys) > 1 and packet.time - self._keys[1].time >= self._us:
            self._forget_group()
        while self._bytes > self._bytes_max:
            self.dropped += self._forget_group()

    def take(self) -> list[Packet]:
        """Everything, in order; nothing is kept."""
        packets = list(self._packets)
        self._clear()
        return packets

    def _forget_group(self) -> int:
        """Forget the oldest group; how many packets that were."""
        self._keys.popleft()
        count = 0
        while self._packets and (not count or not self._packets[0].is_key):
            self._bytes -= len(self._packets.popleft().data)
            count += 1
        return count

    def _clear(self) -> None:
        self._packets.clear()
        self._keys.clear()
        self._bytes = 0
