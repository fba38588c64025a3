"""How far a camera's clock is off, from answers that tell whole seconds only.

Each answer says: the camera showed second C somewhere between our asking and our hearing of it. So its offset lies in
[C - heard, C + 1 s - asked]. The stretches of several answers are intersected: a few answers at odd moments bring the
doubt from a second down to little more than the way of a message.
"""

from __future__ import annotations

from dataclasses import dataclass

from istros.base.time import SECOND, Time

DRIFT = 200e-6
"""How fast a bad crystal runs away: the doubt grows by this share of the time that passes."""


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """The camera's clock is ahead of ours by `offset_us`, give or take `doubt_us`, as measured at `measured`."""

    offset_us: int
    doubt_us: int
    measured: Time

    @property
    def seconds(self) -> float:
        """The offset in seconds."""
        return self.offset_us / SECOND


class ClockBound:
    """Narrows the offset from answer to answer; begins anew when an answer contradicts the ones before it."""

    def __init__(self) -> None:
        self._low = self._high = 0.0
        self._measured: Time | None = None

    def add(self, asked: Time, heard: Time, camera_second: Time) -> ClockOffset:
        """One answer: the second that the camera showed between `asked` and `heard`."""
        low, high = float(camera_second - heard), float(camera_second + SECOND - asked)
        if self._measured is not None:
            drift = max(0, heard - self._measured) * DRIFT
            narrowed = max(low, self._low - drift), min(high, self._high + drift)
            if narrowed[0] <= narrowed[1]:
                low, high = narrowed
        self._low, self._high, self._measured = low, high, heard
        return ClockOffset(round((low + high) / 2), round((high - low) / 2), heard)

    def forget(self) -> None:
        """The clock was set: what was known is worth nothing."""
        self._measured = None
