"""What receiving picture and sound have in common (RFC 3550): headers, order and loss, what our reports tell."""

from __future__ import annotations

import struct

from istros.base.time import Time
from istros.video.rtcp import Reception, SenderReport

_HEADER = struct.Struct(">BBHII")


class RtpTrack:
    """The RTP packets of one media track, in the order of their numbers."""

    def __init__(self, payload_type: int) -> None:
        self.payload_type = payload_type
        self._expected = -1
        self._source = self._first = self._counted = self._missed = 0
        self.received = 0

    def rtp(self, packet: memoryview) -> None:
        """Take one RTP packet; nonsense is passed over."""
        if len(packet) < 12:
            return
        first, second, sequence, timestamp, source = _HEADER.unpack_from(packet)
        if second & 0x7F != self.payload_type or first & 0xC0 != 0x80:
            return
        if sequence != self._expected:
            self._out_of_order(sequence, source)
        self.received += 1
        self._expected = sequence + 1 & 0xFFFF
        payload = packet[12:] if first == 0x80 else _payload(packet, first)
        self.add(payload, timestamp, second & 0x80 != 0)

    def add(self, payload: memoryview, timestamp: int, is_last: bool) -> None:
        """Take the payload of the next packet; `is_last` is its marker bit."""
        raise NotImplementedError

    def missed(self, count: int) -> None:
        """That many packets are missing before the next one."""
        raise NotImplementedError

    def report(self, report: SenderReport, arrival: Time) -> None:
        """The camera tells its clock."""
        raise NotImplementedError

    @property
    def jitter(self) -> int:
        """How unevenly its packets arrive, in its own ticks; 0 where nobody measures."""
        return 0

    def is_mine(self, packet: memoryview) -> bool:
        """Whether it looks like a packet of this track."""
        return len(packet) > 12 and packet[0] & 0xC0 == 0x80 and packet[1] & 0x7F == self.payload_type

    def reception(self) -> Reception | None:
        """What has come so far, for our report to the camera; None before the first packet."""
        if self._expected < 0:
            return None
        expected = self.received - self._counted + self._missed
        highest = self._first + expected - 1
        return Reception(self._source, highest, expected, self._missed, self.jitter)

    def _out_of_order(self, sequence: int, source: int) -> None:
        begun = self._expected >= 0
        missed = sequence - self._expected & 0xFFFF
        # Half of the numbers back means that the camera began a new count, not that 65,000 packets are gone.
        self._source = source
        if not begun or missed >= 0x8000:
            self._first, self._counted, self._missed = sequence, self.received, 0
            missed = 1 if begun else 0
        else:
            self._missed += missed
        if missed:
            self.missed(missed)


def _payload(packet: memoryview, first: int) -> memoryview:
    """The payload of a packet with sources, an extension or padding (section 5.1)."""
    start = 12 + 4 * (first & 15)
    if first & 0x10:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet) - (packet[-1] if first & 0x20 else 0)
    return packet[start : max(start, end)]
