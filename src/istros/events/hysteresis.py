"""One state with hysteresis: it changes only after a measure has stood beyond a bound for long enough."""

from __future__ import annotations

from dataclasses import dataclass, field

from istros.base.time import Time
from istros.events.bounds import Bounds
from istros.store.health import HealthWord

UNKNOWN_AFTER_S = 30.0
"""Without a measure for this long the state cannot be told any more."""

FALLS_WITHIN_S = 3600.0
LEAVE_MOST_S = 900.0
"""The longest off-delay of a state that comes and goes: longer would hide that it is well."""


@dataclass(slots=True)
class Hysteresis:
    """A state; each time that it falls within an hour it must then stay well for twice as long.

    That is ISA-18.2's cure for chattering alarms: the off-delay grows, the alarm latches, nobody is called again.
    """

    state: HealthWord
    since: Time
    falls: list[float] = field(default_factory=list)
    """When it fell, in elapsed seconds."""
    _pending: tuple[HealthWord, float, Time] | None = None

    @property
    def is_falling(self) -> bool:
        """Whether it would be bad, did it last."""
        return self._pending is not None and self._pending[0] == "bad"

    def step(self, badness: float | None, bounds: Bounds, now: Time, elapsed: float) -> bool:
        """Take one measure (None: it cannot be measured now) at a wall time and an elapsed time; whether it changed."""
        wanted = self._wanted(badness, bounds)
        if wanted is None or wanted == self.state:
            self._pending = None
            return False
        if self._pending is None or self._pending[0] != wanted:
            self._pending = (wanted, elapsed, now)
        if elapsed - self._pending[1] < self._delay_s(wanted, bounds):
            return False
        self.state, self.since = wanted, self._pending[2]
        self._pending = None
        self.falls = [fall for fall in self.falls if elapsed - fall <= FALLS_WITHIN_S]
        if wanted == "bad":
            self.falls.append(elapsed)
        return True

    def _wanted(self, badness: float | None, bounds: Bounds) -> HealthWord | None:
        if badness is None:
            return "unknown"
        if badness > bounds.enter:
            return "bad"
        if badness <= bounds.leave or self.state == "unknown":
            return "ok"
        return None

    def _delay_s(self, wanted: HealthWord, bounds: Bounds) -> float:
        if wanted == "bad":
            return bounds.enter_s
        if wanted == "unknown":
            return UNKNOWN_AFTER_S
        if self.state == "unknown":
            return 0.0
        return min(max(LEAVE_MOST_S, bounds.leave_s), bounds.leave_s * 2.0 ** max(0, len(self.falls) - 1))
