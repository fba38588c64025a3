"""One stream of a simulated camera: its film's frames to everybody who plays it, and the faults that tests ask for."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random
from typing import Protocol

from istros.base.time import SECOND, Time
from istros.sim.cameras.film import HEADER_BYTES, Film, FilmUnit
from istros.sim.cameras.sound import SoundFilm, SoundPlayer
from istros.video.fmp4 import NTP_TO_UNIX_S
from istros.video.packet import MEDIA_RATE

REPORT_EVERY_US = 5 * SECOND
_PATCH = struct.Struct(">HII")
_REPORT = struct.Struct(">BBHBBHIIIIII")


class Listener(Protocol):
    """A client that plays the stream."""

    def send(self, data: bytes) -> None:
        """Write at once; a client that is too slow is hung up on."""
        ...

    def send_sound(self, data: bytes) -> None:
        """The same for sound; clients that did not ask for it get none."""
        ...

    def hang_up(self) -> None:
        """End the connection without a word."""
        ...


class SimulatedStream:
    """Plays its film in a circle without a seam: timestamps and sequence numbers go on."""

    def __init__(self, film: Film, position: int, random: Random, sound: SoundFilm | None = None) -> None:
        self.film = film
        self.sound = sound
        self.sound_asked = 0
        """How often a client has asked for the sound."""
        self._player: SoundPlayer | None = None
        self._random = random
        self._index = position % len(film.units)
        self._sequence = random.getrandbits(16)
        self._base = random.getrandbits(32)
        self._source = random.getrandbits(32)
        self._packets = self._bytes = 0
        self._reported = Time(0)
        self._clock_error_us = 0
        self._lost_share = 0.0
        self._disordered_share = 0.0
        self.is_stopped = False
        self.is_frozen = False
        self.reports_heard: list[bytes] = []
        """The newest receiver reports of its clients."""
        self.on_frame: Callable[[Film, FilmUnit], None] | None = None
        """Told of every frame, whether anybody listens or not: the camera's own card."""
        self.listeners: set[Listener] = set()
        self.waiting: set[Listener] = set()

    # Faults on demand.

    def stop(self) -> None:
        """The camera loses its power: everybody is hung up on, and nobody is let in until `start`."""
        self.is_stopped = True
        self.close_without_teardown()

    def start(self) -> None:
        """The power is back, and frozen pictures move again."""
        self.is_stopped = self.is_frozen = False

    def freeze(self) -> None:
        """Connections stand, but no picture comes until `start`."""
        self.is_frozen = True

    def wrong_clock(self, seconds: float) -> None:
        """Sender reports tell a time that is wrong by so much."""
        self._clock_error_us = round(seconds * SECOND)
        self._reported = Time(0)

    def lose(self, share: float) -> None:
        """Leave out this share (0 to 1) of the RTP packets, at random."""
        self._lost_share = share

    def disorder(self, share: float) -> None:
        """Send this share of the RTP packets after the one that follows them, as networks do with UDP."""
        self._disordered_share = share

    def change_parameters(self, film: Film) -> None:
        """Play another film from its first keyframe on, as when somebody changes the encoder's settings."""
        passed = self.film.units[self._index].shown
        self._base = self._base + passed & 0xFFFFFFFF
        self.film, self._index = film, 0

    def close_without_teardown(self) -> None:
        """Hang up on everybody in the middle."""
        for listener in (*self.listeners, *self.waiting):
            listener.hang_up()
        self.listeners.clear()
        self.waiting.clear()

    # Playing.

    def heard(self, report: bytes) -> None:
        """A client's receiver report."""
        self.reports_heard = [*self.reports_heard[-9:], report]

    def leave(self, listener: Listener) -> None:
        """A client has gone."""
        self.listeners.discard(listener)
        self.waiting.discard(listener)

    def tick(self, now: Time) -> None:
        """Send the next frame; clients join at a keyframe, with a sender report before it."""
        unit = self.film.units[self._index]
        timestamp = self._base + unit.shown & 0xFFFFFFFF
        self._index += 1
        if self._index == len(self.film.units):
            self._index = 0
            self._base = self._base + self.film.duration & 0xFFFFFFFF
        if self.on_frame is not None and not self.is_frozen:
            self.on_frame(self.film, unit)
        if self.is_frozen or not (self.listeners or self.waiting):
            return
        if unit.is_key and self.waiting:
            report = self._report(now, timestamp)
            for listener in self.waiting:
                listener.send(report)
                if self._player is not None:
                    listener.send_sound(self._player.report(now, self._clock_error_us))
            self.listeners |= self.waiting
            self.waiting.clear()
        if self.sound is not None:
            self._play_sound(self.sound, now)
        self._send(unit, timestamp, now)

    def _play_sound(self, film: SoundFilm, now: Time) -> None:
        if self._player is None:
            self._player = SoundPlayer(film, now, self._random.getrandbits(32), self._random.getrandbits(32))
        data = self._player.due(now)
        if now - self._reported > REPORT_EVERY_US:
            data = self._player.report(now, self._clock_error_us) + data
        for listener in tuple(self.listeners):
            listener.send_sound(data)

    def _send(self, unit: FilmUnit, timestamp: int, now: Time) -> None:
        template, sequence, patch = unit.template, self._sequence, _PATCH.pack_into
        for offset in unit.offsets:
            patch(template, offset + 6, sequence & 0xFFFF, timestamp, self._source)
            sequence += 1
        self._sequence = sequence & 0xFFFF
        data = self._damaged(unit) if self._lost_share or self._disordered_share else bytes(template)
        self._packets += len(unit.offsets)
        self._bytes += len(template) - HEADER_BYTES * len(unit.offsets)
        if now - self._reported > REPORT_EVERY_US:
            self._reported = now
            data = self._report(now, timestamp) + data
        for listener in tuple(self.listeners):
            listener.send(data)

    def _damaged(self, unit: FilmUnit) -> bytes:
        ends = (*unit.offsets[1:], len(unit.template))
        pieces = zip(unit.offsets, ends, strict=True)
        kept = [unit.template[a:b] for a, b in pieces if self._random.random() >= self._lost_share]
        for index in range(len(kept) - 1):
            if self._random.random() < self._disordered_share:
                kept[index], kept[index + 1] = kept[index + 1], kept[index]
        return b"".join(kept)

    def _report(self, now: Time, timestamp: int) -> bytes:
        """An RTCP sender report on channel 1 (RFC 3550 section 6.4.1)."""
        seconds, micros = divmod(now + self._clock_error_us, SECOND)
        fraction = (micros << 32) // SECOND
        sent = (self._packets & 0xFFFFFFFF, self._bytes & 0xFFFFFFFF)
        ntp = seconds + NTP_TO_UNIX_S & 0xFFFFFFFF
        return _REPORT.pack(0x24, 1, 28, 0x80, 200, 6, self._source, ntp, fraction, timestamp, *sent)

    @property
    def interval_s(self) -> float:
        """Seconds from frame to frame."""
        return self.film.duration / len(self.film.units) / MEDIA_RATE
