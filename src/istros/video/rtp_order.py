"""Puts RTP packets that came by UDP back into the order sent (RFC 3550 section 5.1, sequence number)."""

from __future__ import annotations

from collections.abc import Callable

HELD_PACKETS = 128
"""Packets that may wait for a missing one: a large picture of a 4 Mbit/s stream."""

HELD_S = 0.1
"""How long the oldest of them may wait: no network that is worth a camera reorders over more."""

_HALF = 0x8000
_FAR = 3_000
"""A number further ahead than this is a new count (MAX_DROPOUT of RFC 3550 appendix A.1)."""

_OLD = 100
"""A number further back than this is a new count, if the next one follows it (MAX_MISORDER of the same)."""


class PacketOrder:
    """Hands packets to `release` by sequence number. A hole is waited for a little, then left to the receiver to count.

    Packets that come too late, and those that come twice, are dropped.
    """

    def __init__(self, release: Callable[[memoryview], None], packets_max: int = HELD_PACKETS) -> None:
        self._release = release
        self._packets_max = packets_max
        self._next = -1
        self._held: dict[int, tuple[float, bytes]] = {}
        self._suspected = -1
        self.late = 0

    def push(self, packet: memoryview, now_s: float) -> None:
        """Take a packet as it came; it is copied where it must wait."""
        if len(packet) < 12:
            return
        sequence = packet[2] << 8 | packet[3]
        if sequence == self._next or self._next < 0:
            self._give(sequence, packet)
        else:
            self._out_of_order(sequence, packet, now_s)
        if self._held:
            self._give_held(now_s)

    def _give(self, sequence: int, packet: memoryview) -> None:
        self._next = sequence + 1 & 0xFFFF
        self._suspected = -1
        self._release(packet)

    def _out_of_order(self, sequence: int, packet: memoryview, now_s: float) -> None:
        ahead = sequence - self._next & 0xFFFF
        if ahead < _FAR:
            self._held.setdefault(sequence, (now_s, bytes(packet)))
        elif ahead >= 0x10000 - _OLD:
            self.late += 1
        elif sequence == self._suspected:
            self._held.clear()
            self._give(sequence, packet)
        else:
            self._suspected = sequence + 1 & 0xFFFF

    def _give_held(self, now_s: float) -> None:
        """What follows without a hole; and over a hole that was waited for long enough."""
        while self._held:
            found = self._held.pop(self._next, None)
            if found is None:
                oldest_s = min(at for at, _ in self._held.values())
                if len(self._held) <= self._packets_max and now_s - oldest_s < HELD_S:
                    return
                self._next = min(self._held, key=lambda sequence: sequence - self._next & 0xFFFF)
            else:
                self._give(self._next, memoryview(found[1]))
