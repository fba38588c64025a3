"""Packets to fragments for Media Source Extensions, one fragment a picture, muxed once for all viewers of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field

from istros.base.time import Time
from istros.video.codec_names import mime_type
from istros.video.decode_time import DecodeTimes
from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.packet import MEDIA_RATE, CodecParameters, Packet
from istros.video.parameter_sets import format_of

_DEFAULT_FPS = 25.0
_LONGEST_FRAME = MEDIA_RATE


@dataclass(frozen=True, slots=True)
class MuxedPicture:
    """A fragment on the muxer's timeline, and the access unit in it (with NAL lengths).

    Decode and presentation time are in 90 kHz ticks since the timeline's first packet.
    """

    data: bytes = field(repr=False)
    unit: bytes = field(repr=False)
    decode_time: int
    shown_at: int
    time: Time
    is_key: bool
    arrived: Time


class LiveMuxer:
    """Makes a timeline that begins at 0 with its first packet and follows media time exactly, so it never drifts.

    How long a picture lasts is known only when the next one comes; each is given the length of the one before it.
    """

    def __init__(self, parameters: CodecParameters) -> None:
        self.parameters = parameters
        self.mime = mime_type(parameters)
        self.init = init_segment(parameters)
        self._times = DecodeTimes()
        self._first: int | None = None
        self._last_media = 0
        self._last_decoded = 0
        self._sequence = 0
        self._duration = round(MEDIA_RATE / (format_of(parameters).fps or _DEFAULT_FPS))

    def continues(self, packet: Packet) -> bool:
        """Whether the packet belongs on this timeline: same parameters, and no new session that counts from 0 again."""
        if packet.parameters is not self.parameters and packet.parameters != self.parameters:
            return False
        return self._first is None or not packet.is_key or packet.media_time > self._last_media

    def mux(self, packet: Packet, arrived: Time | None = None) -> MuxedPicture:
        """The packet as a fragment. Begin with a keyframe. `arrived` is when it came here."""
        if self._first is None:
            self._first = packet.media_time
        self._last_media = packet.media_time
        shown = packet.media_time - self._first
        decoded = self._times.next(shown, packet.is_key)
        if 1 < decoded - self._last_decoded <= _LONGEST_FRAME:
            self._duration = decoded - self._last_decoded
        self._last_decoded = decoded
        self._sequence += 1
        sample = Sample(self._duration, packet.data, packet.is_key, shown - decoded)
        data = fragment(self._sequence, decoded, (sample,))
        came = packet.time if arrived is None else arrived
        return MuxedPicture(data, packet.data, decoded, shown, packet.time, packet.is_key, came)
