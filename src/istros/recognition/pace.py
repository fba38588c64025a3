"""How often a camera is looked at, by what moves there, and how many of those looks the cores sufficed for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from istros.base.time import SECOND, Time
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.tracker import Track

_ROUSED_S = 1.5
"""After the first motion, and after the last sight of something that drives or walks, the pace stays full this long."""
_WINDOW_S = 60.0


@dataclass(slots=True)
class Pace:
    """The rate of one camera: `frames_per_second` while something drives or walks, less while only leaves move."""

    policy: AnalysisPolicy
    _roused: Time | None = None
    _moved: Time | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing moved at the last look and for a while before it."""
        return self._moved is None

    def see(self, time: Time, moved: bool, seen: tuple[Track, ...]) -> None:
        """Take what a look found."""
        if moved and self._moved is None:
            self._roused = time
        if any(not track.stands for track in seen):
            self._roused = time
        if moved:
            self._moved = time
        elif self._moved is not None and time - self._moved > _ROUSED_S * SECOND:
            self._moved = None

    def interval_s(self, time: Time) -> float:
        """Seconds from one look to the next."""
        if self._moved is None:
            return self.policy.idle_look_s
        if self._roused is not None and time - self._roused <= _ROUSED_S * SECOND:
            return 1 / self.policy.frames_per_second
        return max(1 / self.policy.frames_per_second, self.policy.restless_look_s)


@dataclass(slots=True)
class Looks:
    """How many looks were due within the last minute, and how many were done."""

    _noted: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=2000))

    def note(self, elapsed: float, late_s: float, interval_s: float) -> None:
        """A look began `late_s` after it was due: so many looks of the interval have been missed before it."""
        self._noted.append((elapsed, 1 + max(0.0, late_s) / interval_s))

    def within(self, elapsed: float) -> tuple[int, int]:
        """(looks wanted, looks done) of the last minute."""
        while self._noted and elapsed - self._noted[0][0] > _WINDOW_S:
            self._noted.popleft()
        return round(sum(wanted for _, wanted in self._noted)), len(self._noted)
