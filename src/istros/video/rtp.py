"""Receiving RTP and RTCP of one stream (RFC 3550): order and loss, the payload, the sender's clock."""

from __future__ import annotations

import struct

from istros.base.clock import Clock
from istros.base.time import Time
from istros.devices.camera import StreamKey
from istros.video.depacketise import AccessUnit, Depacketiser
from istros.video.depacketise_h264 import H264Depacketiser
from istros.video.depacketise_h265 import H265Depacketiser
from istros.video.media_clock import MediaClock
from istros.video.packet import Codec, CodecParameters, Packet
from istros.video.rtcp import Reception, SenderReport

_INTERLEAVED = struct.Struct(">BBHBBHI")
_SHORTEST = 20
"""The interleaved head, RTP's own, and a payload that may hold a piece of a picture."""
_HEADER = struct.Struct(">BBHII")
_DEPACKETISERS: dict[Codec, type[Depacketiser]] = {Codec.H264: H264Depacketiser, Codec.H265: H265Depacketiser}


class RtpReceiver:
    """Turns the RTP packets of one session into `Packet`s, which gather in `packets` until they are taken."""

    def __init__(
        self,
        key: StreamKey,
        codec: Codec,
        payload_type: int,
        parameters: CodecParameters | None,
        clock: Clock,
    ) -> None:
        self._key = key
        self.payload_type = payload_type
        self._clock = clock
        self._media = MediaClock()
        self._depacketiser = _DEPACKETISERS[codec](self._unit, parameters)
        self._expected = -1
        self._source = self._first = self._counted = self._missed = 0
        self._lost = 0
        self._seen = 0
        self.received = 0
        self.lost = 0
        self.packets: list[Packet] = []

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
        self._depacketiser.add(payload, timestamp, second & 0x80 != 0)

    def run(self, buffer: bytearray, view: memoryview, position: int, end: int, channel: int) -> int:
        """Take the interleaved RTP packets (RFC 2326 section 10.12) of `channel` that lie one behind the other.

        Returns where something else begins, or a packet that is not whole yet. The hot path: nearly all packets go on
        with a picture that was begun, and are copied here without a call.
        """
        unpack, payload_type, depacketiser = _INTERLEAVED.unpack_from, self.payload_type, self._depacketiser
        mask, value, head = depacketiser.fragment_mask, depacketiser.fragment_value, depacketiser.fragment_head
        unit, timestamp = depacketiser.open_fragment(), depacketiser.timestamp
        while end - position >= _SHORTEST:
            mark, at, size, first, second, sequence, stamp = unpack(buffer, position)
            following = position + 4 + size
            if mark != 0x24 or at != channel or following > end:
                break
            if (
                unit is not None
                and sequence == self._expected
                and stamp == timestamp
                and first == 0x80
                and second & 0x7F == payload_type
                and size > 12 + head
                and buffer[position + 16] & mask == value
                and (flags := buffer[position + 15 + head]) < 0x80
            ):
                unit += view[position + 16 + head : following]
                self._expected = sequence + 1 & 0xFFFF
                self.received += 1
                if flags < 0x40 and second == payload_type:
                    position = following
                    continue
                depacketiser.went_on(flags >= 0x40, second != payload_type)
            else:
                self.rtp(view[position + 4 : following])
            unit, timestamp = depacketiser.open_fragment(), depacketiser.timestamp
            position = following
        return position

    def is_mine(self, packet: memoryview) -> bool:
        """Whether it looks like a packet of this stream."""
        return len(packet) > 12 and packet[0] & 0xC0 == 0x80 and packet[1] & 0x7F == self.payload_type

    def report(self, report: SenderReport, arrival: Time) -> None:
        """The camera tells its clock."""
        self._media.report(report.timestamp, report.time, arrival)

    def reception(self) -> Reception | None:
        """What has come so far, for our report to the camera; None before the first packet."""
        if self._expected < 0:
            return None
        expected = self.received - self._counted + self._missed
        highest = self._first + expected - 1
        return Reception(self._source, highest, expected, self._missed, self._media.jitter)

    def take_activity(self) -> bool:
        """Whether RTP packets have come since the last time this was asked."""
        seen, self._seen = self._seen, self.received
        return seen != self.received

    def restart_at_key(self) -> None:
        """The reader could not keep up: count what it missed, and go on at the next keyframe."""
        self._lost += 1
        self.lost += 1
        self._depacketiser.waiting_for_key = True

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
            self._lost += missed
            self.lost += missed
            self._depacketiser.lost()

    def _unit(self, unit: AccessUnit) -> None:
        media_time, time = self._media.date(unit.timestamp, self._clock.now())
        lost, self._lost = self._lost, 0
        offset = self._media.clock_offset_us
        packet = Packet(self._key, unit.parameters, media_time, time, unit.is_key, unit.data, lost, offset)
        self.packets.append(packet)


def _payload(packet: memoryview, first: int) -> memoryview:
    """The payload of a packet with sources, an extension or padding (section 5.1)."""
    start = 12 + 4 * (first & 15)
    if first & 0x10:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet) - (packet[-1] if first & 0x20 else 0)
    return packet[start : max(start, end)]
