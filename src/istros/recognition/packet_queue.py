"""Packets waiting for a camera's turn: bounded, and whole from a keyframe on, because each needs the one before."""

from __future__ import annotations

import asyncio

from istros.video.packet import Packet


class PacketQueue:
    """Keeps at most `size` packets; when it overflows, what is older than the newest keyframe goes, counted."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._packets: list[Packet] = []
        self._filled = asyncio.Event()
        self._needs_key = True
        self.dropped = 0

    def push(self, packet: Packet) -> None:
        """Add a packet; after a loss nothing is taken before the next keyframe."""
        if packet.lost_before and not packet.is_key:
            self._needs_key = True
        if packet.is_key:
            self._needs_key = False
        if self._needs_key:
            self.dropped += 1
            return
        self._packets.append(packet)
        if len(self._packets) > self._size:
            self._shorten()
        if self._packets:
            self._filled.set()

    def _shorten(self) -> None:
        newest_key = max((index for index, packet in enumerate(self._packets) if packet.is_key), default=0)
        if newest_key == 0:
            newest_key = len(self._packets)
            self._needs_key = True
        self.dropped += newest_key
        del self._packets[:newest_key]

    async def pull(self) -> list[Packet]:
        """Everything that waits, as soon as there is something."""
        while not self._packets:
            self._filled.clear()
            await self._filled.wait()
        return self.take()

    def take(self) -> list[Packet]:
        """Everything that waits now, maybe nothing."""
        packets, self._packets = self._packets, []
        return packets

    def wait_for_keyframe(self) -> None:
        """Drop what waits and take nothing before the next keyframe."""
        self.dropped += len(self._packets)
        self._packets = []
        self._needs_key = True
