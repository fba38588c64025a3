"""RTCP (RFC 3550 section 6): the camera's sender reports read, our receiver reports written."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from istros.base.time import SECOND, Time
from istros.video.fmp4 import NTP_TO_UNIX_S

REPORT_EVERY_S = 5.0
"""The least interval that RFC 3550 section 6.2 recommends; with two members it is the one to use."""

_SENDER_REPORT, _RECEIVER_REPORT, _DESCRIPTION, _BYE = 200, 201, 202, 203
_SENDER = struct.Struct(">BBHIIII")
_BLOCK = struct.Struct(">IIIIII")
_WHOLE_24, _MOST_LOST = 0xFFFFFF, 0x7FFFFF


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What a camera says of its clock: `timestamp` (RTP's) was `time`. `middle` are the 32 bits that we send back."""

    source: int
    timestamp: int
    time: Time
    middle: int


@dataclass(frozen=True, slots=True)
class Reception:
    """What has come of one source so far. `highest` is the extended sequence number of section 6.4.1."""

    source: int
    highest: int
    expected: int
    lost: int
    jitter: int


def sender_reports(compound: bytes) -> Iterator[SenderReport]:
    """The sender reports in a compound packet; what makes no sense is passed over (section 6.4.1)."""
    position = 0
    while position + 4 <= len(compound):
        size = 4 * (int.from_bytes(compound[position + 2 : position + 4], "big") + 1)
        is_report = compound[position] & 0xC0 == 0x80 and compound[position + 1] == _SENDER_REPORT
        if is_report and position + _SENDER.size <= len(compound):
            _, _, _, source, seconds, fraction, timestamp = _SENDER.unpack_from(compound, position)
            time = Time((seconds - NTP_TO_UNIX_S) * SECOND + (fraction * SECOND >> 32))
            yield SenderReport(source, timestamp, time, (seconds & 0xFFFF) << 16 | fraction >> 16)
        position += size


def leaves(compound: bytes) -> bool:
    """Whether the sender says goodbye in it (section 6.6)."""
    position = 0
    while position + 4 <= len(compound):
        if compound[position + 1] == _BYE:
            return True
        position += 4 * (int.from_bytes(compound[position + 2 : position + 4], "big") + 1)
    return False


class ReceiverReports:
    """Writes the receiver reports about one source (section 6.4.2), each with our name (SDES CNAME, section 6.5)."""

    def __init__(self, own_source: int) -> None:
        self._own = own_source
        self._expected = self._lost = 0
        self._heard: tuple[SenderReport, Time] | None = None

    def heard(self, report: SenderReport, arrival: Time) -> None:
        """Remember when the camera's report came, to tell it how long ago that was."""
        self._heard = report, arrival

    def write(self, reception: Reception | None, now: Time) -> bytes:
        """The next compound packet; without a `reception` it is empty and only keeps the way open."""
        block = b"" if reception is None else self._block(reception, now)
        head = struct.pack(">BBHI", 0x80 | bool(block), _RECEIVER_REPORT, 1 + len(block) // 4, self._own)
        return head + block + self._description()

    def _block(self, reception: Reception, now: Time) -> bytes:
        expected, lost = reception.expected - self._expected, reception.lost - self._lost
        self._expected, self._lost = reception.expected, reception.lost
        fraction = min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0
        middle, delay = 0, 0
        if self._heard is not None:
            report, arrival = self._heard
            middle, delay = report.middle, min(0xFFFFFFFF, max(0, now - arrival) * 65_536 // SECOND)
        return _BLOCK.pack(
            reception.source,
            fraction << 24 | min(max(reception.lost, 0), _MOST_LOST) & _WHOLE_24,
            reception.highest & 0xFFFFFFFF,
            reception.jitter & 0xFFFFFFFF,
            middle,
            delay,
        )

    def _description(self) -> bytes:
        name = f"istros-{self._own:08x}".encode()
        items = self._own.to_bytes(4, "big") + bytes((1, len(name))) + name
        items += bytes(4 - len(items) % 4)
        return struct.pack(">BBH", 0x81, _DESCRIPTION, len(items) // 4) + items
