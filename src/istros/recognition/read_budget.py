"""How much plate reading a node may do: a token bucket that the cameras share fairly."""

from __future__ import annotations

from dataclasses import dataclass

from istros.base.clock import Clock

_PATIENCE_S = 1.0
_LEARNING = 0.1
_LEAST_PRICE_S = 0.01
_SEARCH = 3.0


@dataclass(slots=True)
class Price:
    """What a reading costs, as far as it is known: the mean of the last ones, with the decoding for it."""

    _mean_s: float = 0.05

    @property
    def reading_s(self) -> float:
        """Seconds of a vehicle's reading."""
        return max(_LEAST_PRICE_S, self._mean_s)

    @property
    def search_s(self) -> float:
        """Seconds of a search through a whole picture."""
        return _SEARCH * self.reading_s

    def learn(self, seconds: float) -> None:
        """A reading took so long."""
        self._mean_s += _LEARNING * (seconds - self._mean_s)


class ReadBudget:
    """Fills by `per_second` up to `burst`, in the prices' unit; who was refused comes first when there is something again."""

    def __init__(self, clock: Clock, per_second: float, burst: float = 4.0) -> None:
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._tokens = burst
        self._filled = clock.elapsed()
        # Who was refused, longest waiting first, and when it last asked.
        self._waiting: dict[str, float] = {}
        self.refused = 0

    def spare(self, price: float) -> bool:
        """Take that much when nobody waits and the bucket stays half full: work that comes after everything else."""
        now = self._clock.elapsed()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._per_second)
        self._filled = now
        waits = any(now - asked <= _PATIENCE_S for asked in self._waiting.values())
        if waits or self._tokens - price < self._burst / 2:
            self.refused += 1
            return False
        self._tokens -= price
        return True

    def take(self, who: str, price: float = 1.0) -> bool:
        """Whether work of that price may be done now; who was refused keeps its place while it asks again each second.

        A price above the burst is paid by a full bucket: nothing else would ever pay it, and no cheaper work correct it.
        """
        price = min(price, self._burst)
        now = self._clock.elapsed()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._per_second)
        self._filled = now
        self._waiting = {name: asked for name, asked in self._waiting.items() if now - asked <= _PATIENCE_S}
        ahead = list(self._waiting).index(who) if who in self._waiting else len(self._waiting)
        if self._tokens < price * (1 + ahead):
            self._waiting[who] = now
            self.refused += 1
            return False
        self._waiting.pop(who, None)
        self._tokens -= price
        return True
