"""What a distance between two faces means, said as a rate of false matches.

The rate is the share of pairs of different people whose pictures lie as near or nearer. It grows with the number of
people that a face is compared with: among n entries about n times as often somebody else is as near.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from statistics import NormalDist

LEAST_RATE = 1e-4
"""Lower rates cannot be told from so few pairs; they are given as this."""


@dataclass(frozen=True, slots=True)
class FalseMatchModel:
    """Distances of different people, as a normal distribution fitted to `pairs` pairs of `people` people."""

    mean: float
    deviation: float
    pairs: int
    people: int

    def rate_at(self, distance: float) -> float:
        """The share of pairs of different people that lie at this distance or nearer, 1e-4 to 1."""
        share = 0.5 * erfc((self.mean - distance) / (self.deviation * sqrt(2.0)))
        return min(1.0, max(LEAST_RATE, share))

    def threshold_for(self, rate: float) -> float:
        """The distance up to which different people lie with this share (above 0, below 1)."""
        return NormalDist(self.mean, self.deviation).inv_cdf(min(1 - LEAST_RATE, max(LEAST_RATE, rate)))


SHIPPED = FalseMatchModel(mean=0.780, deviation=0.088, pairs=36, people=9)
"""What the shipped embedder gives for nine people of test pictures in registry packages. It agrees with its author's
figure (0.62 % errors at 0.6 on Labeled Faces in the Wild) within a factor of about three, to the side of more false matches.
`istros evaluate` measures a node's own."""

MATCH_RATE = 0.001
"""The rate of false matches of one comparison up to which two faces are said to match."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two faces compared: 0 is the same picture; `similarity` is 1 less the distance, 0 at least."""

    distance: float
    false_match_rate: float

    @property
    def similarity(self) -> float:
        """1 for the same picture, 0 for faces as different as can be."""
        return max(0.0, 1.0 - self.distance)

    @property
    def is_match(self) -> bool:
        """Whether different people are as near less often than `MATCH_RATE`. A suggestion, never a finding."""
        return self.false_match_rate <= MATCH_RATE


def compared(distance: float, tried: int = 1, model: FalseMatchModel = SHIPPED) -> Comparison:
    """What the least of `tried` distances means: the more faces were tried, the nearer somebody else's will be."""
    return Comparison(distance, 1.0 - (1.0 - model.rate_at(distance)) ** max(1, tried))
