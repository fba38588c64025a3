"""Receiving the sound of a stream: its units, put onto the picture's timeline, wait for the next picture."""

from __future__ import annotations

from collections import deque

from istros.base.clock import Clock
from istros.base.time import SECOND, Time
from istros.video.depacketise_sound import AacDepacketiser, G711Depacketiser, SoundDepacketiser
from istros.video.media_clock import MediaClock
from istros.video.packet import MEDIA_RATE
from istros.video.rtcp import SenderReport
from istros.video.rtp_track import RtpTrack
from istros.video.sdp import OfferedSound
from istros.video.sound import SoundCodec, SoundParameters, SoundUnit

WAITING_UNITS = 512
"""About ten seconds of sound while no picture comes; older sound gives way."""

_STEP_US = 40_000
"""The place of the sound moves only when it is wrong by more than a picture's time: small steps would be heard."""


_WRAP, _HALF = 1 << 32, 1 << 31


class SoundReceiver(RtpTrack):
    """One session's sound beside a picture whose `MediaClock` is `picture`."""

    def __init__(self, offered: OfferedSound, picture: MediaClock, clock: Clock) -> None:
        super().__init__(offered.payload_type)
        self.parameters: SoundParameters = offered.parameters
        self._picture = picture
        self._clock = clock
        self._rate = offered.parameters.rate
        self._depacketiser: SoundDepacketiser = (
            AacDepacketiser(offered.headers, self._unit)
            if offered.parameters.codec is SoundCodec.AAC
            else G711Depacketiser(offered.parameters, self._unit)
        )
        self._timestamp = -1
        self._samples = 0
        self._reported_zero: int | None = None
        self._arrived_zero: float | None = None
        self._place: int | None = None
        self._waiting: deque[SoundUnit] = deque(maxlen=WAITING_UNITS)
        self.dropped_units = 0

    def take(self) -> tuple[SoundUnit, ...]:
        """What has come since the last picture."""
        if not self._waiting:
            return ()
        units = tuple(self._waiting)
        self._waiting.clear()
        return units

    def add(self, payload: memoryview, timestamp: int, is_last: bool) -> None:
        """`RtpTrack`'s."""
        self._depacketiser.add(payload, timestamp, is_last)

    def missed(self, count: int) -> None:
        """`RtpTrack`'s: sound that is missing is a silence, no damage."""
        self._depacketiser.lost()

    def report(self, report: SenderReport, arrival: Time) -> None:
        """The camera tells its clock: sound and picture meet in it, even where it is wrong."""
        if self._timestamp >= 0:
            self._reported_zero = report.time - self._micros(self._unwrapped(report.timestamp))

    def _unit(self, timestamp: int, samples: int, data: bytes) -> None:
        if self._timestamp >= 0:
            self._samples = self._unwrapped(timestamp)
        self._timestamp = timestamp
        if not self._picture.has_begun:
            self.dropped_units += 1
            return
        wished = self._wished_place()
        if self._place is None or abs(wished - self._place) > _STEP_US:
            self._place = wished
        media_us = self._micros(self._samples) + self._place
        if len(self._waiting) == WAITING_UNITS:
            self.dropped_units += 1
        self._waiting.append(SoundUnit(media_us * MEDIA_RATE // SECOND, samples, data))

    def _wished_place(self) -> int:
        """What must be added to the sound's own time to have the picture's, in microseconds."""
        arrived = self._clock.now() - self._micros(self._samples)
        if self._arrived_zero is None or arrived < self._arrived_zero or arrived - self._arrived_zero > SECOND:
            self._arrived_zero = arrived
        else:
            # Arrivals are only ever late; a crystal that differs is followed slowly.
            self._arrived_zero += (arrived - self._arrived_zero) / 1000
        if self._reported_zero is not None and self._picture.camera_zero is not None:
            return self._reported_zero - self._picture.camera_zero
        return round(self._arrived_zero) - self._picture.wall_zero

    def _unwrapped(self, timestamp: int) -> int:
        return self._samples + (timestamp - self._timestamp + _HALF) % _WRAP - _HALF

    def _micros(self, samples: int) -> int:
        return samples * SECOND // self._rate
