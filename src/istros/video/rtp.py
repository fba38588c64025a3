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
from istros.video.rtcp import SenderReport
from istros.video.rtp_sound import SoundReceiver
from istros.video.rtp_track import RtpTrack

_INTERLEAVED = struct.Struct(">BBHBBHI")
_SHORTEST = 20
"""The interleaved head, RTP's own, and a payload that may hold a piece of a picture."""

_DEPACKETISERS: dict[Codec, type[Depacketiser]] = {Codec.H264: H264Depacketiser, Codec.H265: H265Depacketiser}


class RtpReceiver(RtpTrack):
    """Turns the RTP packets of one session into `Packet`s, which gather in `packets` until they are taken.

    Where there is `sound`, each packet takes along what came of it before that picture.
    """

    def __init__(
        self,
        key: StreamKey,
        codec: Codec,
        payload_type: int,
        parameters: CodecParameters | None,
        clock: Clock,
    ) -> None:
        super().__init__(payload_type)
        self._key = key
        self._clock = clock
        self.media = MediaClock()
        self.sound: SoundReceiver | None = None
        self._depacketiser = _DEPACKETISERS[codec](self._unit, parameters)
        self._lost = 0
        self._seen = 0
        self.lost = 0
        self.packets: list[Packet] = []

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

    def add(self, payload: memoryview, timestamp: int, is_last: bool) -> None:
        """`RtpTrack`'s."""
        self._depacketiser.add(payload, timestamp, is_last)

    def missed(self, count: int) -> None:
        """`RtpTrack`'s."""
        self._lost += count
        self.lost += count
        self._depacketiser.lost()

    def report(self, report: SenderReport, arrival: Time) -> None:
        """`RtpTrack`'s."""
        self.media.report(report.timestamp, report.time, arrival)

    @property
    def jitter(self) -> int:
        """`RtpTrack`'s: that of whole pictures."""
        return self.media.jitter

    def take_activity(self) -> bool:
        """Whether RTP packets have come since the last time this was asked."""
        seen, self._seen = self._seen, self.received
        return seen != self.received

    def restart_at_key(self) -> None:
        """The reader could not keep up: count what it missed, and go on at the next keyframe."""
        self._lost += 1
        self.lost += 1
        self._depacketiser.waiting_for_key = True

    def _unit(self, unit: AccessUnit) -> None:
        media_time, time = self.media.date(unit.timestamp, self._clock.now())
        lost, self._lost = self._lost, 0
        offset, sound = self.media.clock_offset_us, self.sound
        if sound is None:
            packet = Packet(self._key, unit.parameters, media_time, time, unit.is_key, unit.data, lost, offset)
        else:
            packet = Packet(
                self._key, unit.parameters, media_time, time, unit.is_key, unit.data, lost, offset,
                sound.parameters, sound.take(),
            )  # fmt: skip
        self.packets.append(packet)
