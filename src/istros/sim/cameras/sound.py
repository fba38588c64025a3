"""The sound of simulated cameras: a beep at each full second, coded once and packetised (RFC 3640, RFC 3551)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from istros.base.time import SECOND, Time
from istros.video.fmp4 import NTP_TO_UNIX_S
from istros.video.sound import AAC_SAMPLES, SoundCodec, SoundParameters
from istros.video.sound_coding import SoundEncoder

SOUND_TYPE = 97
SOUND_CHANNEL = 2
_STATIC_TYPES = {SoundCodec.PCMU: 0, SoundCodec.PCMA: 8}
_RATES = {SoundCodec.AAC: 16_000, SoundCodec.PCMU: 8_000, SoundCodec.PCMA: 8_000}
_SECONDS = 8
"""After so many seconds a whole number of AAC units of 16 kHz has passed, so the sound comes round without a seam."""

_G711_SAMPLES = 160
_BEEP_HZ, _BEEP_S, _LOUD = 880, 0.1, 12_000
_HEAD = struct.Struct(">BBHBBHII")
_REPORT = struct.Struct(">BBHBBHIIIIII")


@dataclass(frozen=True, slots=True)
class SoundFilm:
    """Units of `samples` each, to be played in a circle."""

    parameters: SoundParameters
    samples: int
    units: tuple[bytes, ...] = field(repr=False)

    @property
    def payload_type(self) -> int:
        """RTP's."""
        return _STATIC_TYPES.get(self.parameters.codec, SOUND_TYPE)

    def describe(self) -> list[str]:
        """The lines of its media section (RFC 8866)."""
        if self.parameters.codec is not SoundCodec.AAC:
            return [f"m=audio 0 RTP/AVP {self.payload_type}", "a=control:track2"]
        layout = "mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3"
        fields = f"streamtype=5;profile-level-id=1;{layout};config={self.parameters.configuration.hex()}"
        name = f"mpeg4-generic/{self.parameters.rate}/{self.parameters.channels}"
        return [
            f"m=audio 0 RTP/AVP {SOUND_TYPE}",
            f"a=rtpmap:{SOUND_TYPE} {name}",
            f"a=fmtp:{SOUND_TYPE} {fields}",
            "a=control:track2",
        ]


@lru_cache(maxsize=3)
def load_sound(codec: SoundCodec) -> SoundFilm:
    """Make it; a tenth of a second of work."""
    rate = _RATES[codec]
    times = np.arange(_SECONDS * rate) / rate
    wave = np.where(times % 1 < _BEEP_S, np.sin(2 * np.pi * _BEEP_HZ * times), 0) * _LOUD
    encoder = SoundEncoder(codec, rate, 1)
    samples = AAC_SAMPLES if codec is SoundCodec.AAC else _G711_SAMPLES
    coded = encoder.encode(wave.astype(np.int16).reshape(-1, 1)) + encoder.finish()
    if codec is SoundCodec.AAC:
        # The first unit holds what would be before the first sample: the end of the circle.
        units = coded[1 : 1 + len(times) // samples]
    else:
        joined = b"".join(coded)
        units = [joined[start : start + samples] for start in range(0, len(joined), samples)]
    return SoundFilm(encoder.parameters, samples, tuple(units))


class SoundPlayer:
    """The sound of one stream, as interleaved packets."""

    def __init__(self, film: SoundFilm, began: Time, base: int, source: int) -> None:
        self.film = film
        self._began = began
        self._base = base
        self._source = source
        self._played = 0
        self._sequence = base & 0xFFFF

    def due(self, now: Time) -> bytes:
        """What was heard up to now; after a long sleep only the last second."""
        rate, samples = self.film.parameters.rate, self.film.samples
        heard = (now - self._began) * rate // SECOND
        if heard - self._played > rate:
            self._played += (heard - self._played - rate) // samples * samples
        packets = bytearray()
        while self._played + samples <= heard:
            unit = self.film.units[self._played // samples % len(self.film.units)]
            head = b""
            if self.film.parameters.codec is SoundCodec.AAC:
                head = struct.pack(">HH", 16, len(unit) << 3)
            timestamp = self._base + self._played & 0xFFFFFFFF
            size = 12 + len(head) + len(unit)
            marked = self.film.payload_type | 0x80
            packets += _HEAD.pack(0x24, SOUND_CHANNEL, size, 0x80, marked, self._sequence, timestamp, self._source)
            packets += head + unit
            self._sequence = self._sequence + 1 & 0xFFFF
            self._played += samples
        return bytes(packets)

    def report(self, now: Time, clock_error_us: int) -> bytes:
        """A sender report: which timestamp is now, by the camera's clock."""
        seconds, micros = divmod(now + clock_error_us, SECOND)
        timestamp = self._base + (now - self._began) * self.film.parameters.rate // SECOND & 0xFFFFFFFF
        ntp, fraction = seconds + NTP_TO_UNIX_S & 0xFFFFFFFF, (micros << 32) // SECOND
        return _REPORT.pack(0x24, SOUND_CHANNEL + 1, 28, 0x80, 200, 6, self._source, ntp, fraction, timestamp, 0, 0)
