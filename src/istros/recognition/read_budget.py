"""How many plate readings a node may do: a token bucket that all cameras share."""

from __future__ import annotations

from istros.base.clock import Clock


class ReadBudget:
    """Fills by `per_second` up to `burst`; whoever finds it empty waits for the next frame."""

    def __init__(self, clock: Clock, per_second: float, burst: float = 4.0) -> None:
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._tokens = burst
        self._filled = clock.elapsed()
        self.refused = 0

    def take(self, price: float = 1.0) -> bool:
        """Whether a reading of that price may be done now."""
        now = self._clock.elapsed()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._per_second)
        self._filled = now
        if self._tokens < price:
            self.refused += 1
            return False
        self._tokens -= price
        return True
