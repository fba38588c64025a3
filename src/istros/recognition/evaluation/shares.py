"""Shares with their uncertainty: of twenty pictures, nineteen right is no 95 %."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""Standard normal quantile for 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.total:
            raise ValueError(f"{self.hits} of {self.total} is no share")

    @property
    def value(self) -> float | None:
        """0 to 1; None of none."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval: E. B. Wilson, "Probable inference, the law of succession", 1927, equation 4."""
        if not self.total:
            return 0.0, 1.0
        share, square = self.hits / self.total, _Z**2 / self.total
        middle = (share + square / 2) / (1 + square)
        half = _Z / (1 + square) * sqrt(share * (1 - share) / self.total + square / (4 * self.total))
        low = 0.0 if self.hits == 0 else max(0.0, middle - half)
        high = 1.0 if self.hits == self.total else min(1.0, middle + half)
        return low, high

    def __str__(self) -> str:
        """For tables: `95.0 % (76.4 to 99.1, 19 of 20)`."""
        if self.value is None:
            return "none"
        low, high = self.interval
        return f"{self.value:.1%} ({low * 100:.1f} to {high * 100:.1f}, {self.hits} of {self.total})".replace("%", " %")

    def as_json(self) -> dict[str, object]:
        """Share, both ends of its interval, and the numbers."""
        low, high = self.interval
        value = None if self.value is None else round(self.value, 5)
        return {"share": value, "low": round(low, 5), "high": round(high, 5), "hits": self.hits, "total": self.total}


def share_of(outcomes: list[bool]) -> Share:
    """How many of the outcomes are true."""
    return Share(sum(outcomes), len(outcomes))
