"""From RTP timestamps to media time and wall time, for days on end (docs/design/0001, "Time")."""

from __future__ import annotations

from collections import deque

from istros.base.time import SECOND, Time
from istros.video.packet import MEDIA_RATE

TRUSTED_US = 5 * SECOND
"""A camera whose own clock is further from ours than this is dated by arrival."""

_WRAP = 1 << 32
_HALF = _WRAP // 2
_JUMP_US = 10 * SECOND
_SLEW = 0.05
"""Corrections of the wall time change its pace by at most this share, so that it neither stands still nor jumps."""

_STILL_US = SECOND // 2
"""Timestamps that stand still for longer than this count nothing."""

_WATCH_US, _WRONG_PACES = 2 * SECOND, 3
"""Timestamps that run at less than half or more than twice the pace, in so many such times one after the other, do not
count in 90,000ths of a second."""

_REPORTS_WEIGHED = 8
"""Reports that the clock's offset is taken from: 40 s where a camera sends one every five seconds."""


class MediaClock:
    """Unwraps one session's timestamps and dates them.

    Media time is exact: ticks since the first unit, across any number of 32-bit wraps. Wall time is media time plus an
    offset that follows the camera's sender reports, or else the earliest arrivals (the least delayed units).
    """

    def __init__(self) -> None:
        self._timestamp = -1
        self._media = 0
        self._newest = 0
        self._arrival = Time(0)
        self._offset = 0.0
        self._is_dated = False
        self._reported: float | None = None
        self._early: tuple[int, Time, bool] | None = None
        self._last_time = Time(0)
        self.camera_zero: int | None = None
        """The camera's own time of media time 0, in microseconds, right or wrong; None before its first report."""
        self._jitter = 0
        self._still_since: Time | None = None
        self._watched_since, self._watched_ticks, self._wrong_paces = Time(0), 0, 0
        self.distrusted = False
        """The camera's timestamps make no sense: this session goes by arrival."""
        self._offsets: deque[int] = deque(maxlen=_REPORTS_WEIGHED)
        self.clock_offset_us: int | None = None
        """The camera's clock minus ours, by the report that was least delayed; None before the first one."""

    def date(self, timestamp: int, arrival: Time) -> tuple[int, Time]:
        """(media time in ticks, wall time) of the unit with that 32-bit timestamp, arrived now."""
        if self._timestamp >= 0:
            self._media += self._step(timestamp, arrival)
        else:
            self._watched_since = arrival
        self._timestamp, self._arrival = timestamp, arrival
        if self._early is not None:
            early, self._early = self._early, None
            self._set_zero(*early)
        media_us = self._media * SECOND // MEDIA_RATE
        self._follow(media_us, arrival)
        time = media_us + round(self._offset)
        if time > self._last_time:
            self._last_time = Time(time)
        return self._media, self._last_time

    @property
    def jitter(self) -> int:
        """How unevenly units arrive, in ticks (RFC 3550 section 6.4.1 and appendix A.8, for units, not packets)."""
        return self._jitter >> 4

    def report(self, timestamp: int, camera_time: Time, arrival: Time) -> bool:
        """Take a sender report; False when it is ignored: the camera's clock is too far from ours."""
        self._weigh(camera_time - arrival)
        if self.distrusted:
            return False
        is_trusted = abs(camera_time - arrival) <= TRUSTED_US
        if self._timestamp < 0:
            self._early = (timestamp, camera_time, is_trusted)
        else:
            self._set_zero(timestamp, camera_time, is_trusted)
        return is_trusted

    def _set_zero(self, timestamp: int, camera_time: Time, is_trusted: bool) -> None:
        zero = self._offset_of(timestamp, camera_time)
        self.camera_zero = round(zero)
        self._reported = zero if is_trusted else None

    @property
    def has_begun(self) -> bool:
        """Whether a unit has been dated."""
        return self._timestamp >= 0

    @property
    def wall_zero(self) -> int:
        """The wall time of media time 0, in microseconds, as well as we know it now."""
        return round(self._offset)

    def _weigh(self, offset_us: int) -> None:
        """A delay only ever makes the camera's clock look late. A clock that was set anew is measured anew."""
        if self.clock_offset_us is not None and abs(offset_us - self.clock_offset_us) > SECOND:
            self._offsets.clear()
        self._offsets.append(offset_us)
        self.clock_offset_us = max(self._offsets)

    def _offset_of(self, timestamp: int, camera_time: Time) -> float:
        return camera_time - (self._media + _signed(timestamp - self._timestamp)) * SECOND / MEDIA_RATE

    def _step(self, timestamp: int, arrival: Time) -> int:
        """Ticks since the last unit; where the time passed contradicts them by far, the camera began anew: use that."""
        step = (timestamp - self._timestamp + _HALF) % _WRAP - _HALF
        passed_us = arrival - self._arrival
        late = passed_us * MEDIA_RATE // SECOND - step
        self._jitter += (late if late > 0 else -late) - (self._jitter >> 4)
        if self.distrusted:
            return self._by_arrival(passed_us)
        if step == 0:
            self._stands_still(arrival)
        else:
            self._still_since = None
        if not -_JUMP_US <= step * SECOND // MEDIA_RATE - passed_us <= _JUMP_US:
            self._reported = self.camera_zero = None
            return self._by_arrival(passed_us)
        self._watched_ticks += step
        if arrival - self._watched_since >= _WATCH_US:
            self._weigh_pace(arrival)
        return step

    def _by_arrival(self, passed_us: int) -> int:
        return max(1, passed_us * MEDIA_RATE // SECOND)

    def _stands_still(self, arrival: Time) -> None:
        if self._still_since is None:
            self._still_since = self._arrival
        elif arrival - self._still_since > _STILL_US:
            self._distrust()

    def _weigh_pace(self, arrival: Time) -> None:
        """A network that stalled shows media slow once and fast once; a camera that counts wrongly does it always."""
        passed = (arrival - self._watched_since) * MEDIA_RATE // SECOND
        wrong = not passed // 2 <= self._watched_ticks <= 2 * passed
        self._wrong_paces = self._wrong_paces + 1 if wrong else 0
        self._watched_since, self._watched_ticks = arrival, 0
        if self._wrong_paces >= _WRONG_PACES:
            self._distrust()

    def _distrust(self) -> None:
        self.distrusted, self._is_dated = True, False
        self._reported = self._early = self.camera_zero = None

    def _follow(self, media_us: int, arrival: Time) -> None:
        target = self._reported if self._reported is not None else arrival - media_us
        wrong = target - self._offset
        if not -_JUMP_US <= wrong <= _JUMP_US or not self._is_dated:
            self._offset, self._is_dated, self._newest = target, True, media_us
            return
        passed = media_us - self._newest
        if passed <= 0:
            return
        self._newest = media_us
        most = passed * _SLEW
        if wrong < 0:
            self._offset += wrong if wrong > -most else -most
            return
        if self._reported is None:
            # Arrivals are only ever late: believe in a later clock slowly (500 ppm), in an earlier one soon.
            most /= 100
        self._offset += wrong if wrong < most else most


def _signed(difference: int) -> int:
    """A difference of 32-bit timestamps as the short way round."""
    return (difference + _HALF) % _WRAP - _HALF
