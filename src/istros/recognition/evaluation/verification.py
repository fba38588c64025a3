"""Comparing faces against labelled pairs: the error curve, and the threshold for a wanted rate of false matches.

Terms and counting after ISO/IEC 19795-1: a *genuine* pair shows one person, an *impostor* pair two; a match is a distance
at or below the threshold. Pairs that the quality rules refuse are told apart and not counted as errors of comparing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from istros.recognition.evaluation.shares import Share
from istros.recognition.faces.comparing import FalseMatchModel

RULE_OF_THIRTY = 30
"""False matches that must be seen before a rate is known within 30 % (G. Doddington et al., 2000)."""

_ROUNDS = 300
_LOW, _HIGH = 2.5, 97.5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures compared. `one` and `other` name the people, as far as they are known, for the confidence intervals."""

    distance: float
    same: bool
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One threshold: false matches among impostor pairs, misses among genuine pairs."""

    threshold: float
    false_matches: Share
    misses: Share


@dataclass(frozen=True, slots=True)
class Threshold:
    """The distance up to which to match for a wanted rate of false matches."""

    wanted_rate: float
    distance: float
    low: float
    high: float
    """95 % confidence interval of the distance: people drawn again with replacement, 300 times."""
    false_matches: Share
    true_matches: Share

    @property
    def is_known(self) -> bool:
        """Whether enough false matches were seen for the rate to mean anything."""
        return self.false_matches.hits >= RULE_OF_THIRTY


class VerificationCurve:
    """The error curve of pairs; at least one genuine and one impostor pair."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pairs = list(pairs)
        self._genuine = np.sort([pair.distance for pair in pairs if pair.same])
        self._impostor = np.sort([pair.distance for pair in pairs if not pair.same])
        if not self._genuine.size or not self._impostor.size:
            raise ValueError("a curve needs pairs of one person and pairs of two")

    def at(self, threshold: float) -> CurvePoint:
        """The errors at a threshold."""
        false = int(np.searchsorted(self._impostor, threshold, side="right"))
        missed = self._genuine.size - int(np.searchsorted(self._genuine, threshold, side="right"))
        return CurvePoint(threshold, Share(false, self._impostor.size), Share(missed, self._genuine.size))

    def points(self, most: int = 200) -> list[CurvePoint]:
        """The curve at up to `most` thresholds, spread over the distances that occur."""
        distances = np.unique(np.concatenate([self._genuine, self._impostor]))
        places = np.unique(np.linspace(0, distances.size - 1, min(most, distances.size)).astype(int))
        return [self.at(float(distances[place])) for place in places]

    def equal_error(self) -> tuple[float, float]:
        """The threshold where both errors are most alike, and their mean there."""

        def errors(threshold: float) -> tuple[float, float]:
            point = self.at(threshold)
            return point.false_matches.value or 0.0, point.misses.value or 0.0

        distances = np.unique(np.concatenate([self._genuine, self._impostor]))
        best = min((float(each) for each in distances), key=lambda each: abs(np.subtract(*errors(each))))
        return best, sum(errors(best)) / 2

    def threshold_for(self, rate: float, seed: int = 1) -> Threshold:
        """The largest threshold whose rate of false matches is at most `rate` (0 to 1)."""
        distance = _threshold(self._impostor, np.ones(self._impostor.size), rate)
        low, high = self._interval(rate, seed)
        point = self.at(distance)
        true = Share(point.misses.total - point.misses.hits, point.misses.total)
        return Threshold(rate, distance, min(low, distance), max(high, distance), point.false_matches, true)

    def model(self) -> FalseMatchModel:
        """A normal distribution fitted to the impostor distances, for `istros compare` and watchlists of this node."""
        people = {name for pair in self._pairs if not pair.same for name in (pair.one, pair.other)}
        deviation = float(self._impostor.std(ddof=1)) if self._impostor.size > 1 else 0.1
        return FalseMatchModel(float(self._impostor.mean()), max(1e-3, deviation), self._impostor.size, len(people))

    def _interval(self, rate: float, seed: int) -> tuple[float, float]:
        """People, not pairs, are drawn: pairs of one person are not independent (R. Bolle et al., "subsets bootstrap", 2004)."""
        impostors = sorted((pair for pair in self._pairs if not pair.same), key=lambda pair: pair.distance)
        names = sorted({name for pair in impostors for name in (pair.one, pair.other)})
        number = {name: position for position, name in enumerate(names)}
        ones = np.array([number[pair.one] for pair in impostors])
        others = np.array([number[pair.other] for pair in impostors])
        source = np.random.default_rng(seed)
        found = []
        for _ in range(_ROUNDS):
            drawn = np.bincount(source.integers(0, len(names), len(names)), minlength=len(names)).astype(float)
            weights = drawn[ones] * drawn[others]
            if weights.sum() > 0:
                found.append(_threshold(self._impostor, weights, rate))
        if not found:
            return float(self._impostor[0]), float(self._impostor[-1])
        low, high = np.percentile(found, [_LOW, _HIGH])
        return float(low), float(high)


def _threshold(sorted_distances: NDArray[np.float64], weights: NDArray[np.float64], rate: float) -> float:
    """The largest distance at which at most `rate` of the weight lies at or below; just below all of them if none may."""
    shares = np.cumsum(weights) / weights.sum()
    allowed = int(np.searchsorted(shares, rate + 1e-12, side="right"))
    if allowed == 0:
        return float(np.nextafter(sorted_distances[0], -1.0))
    if allowed == sorted_distances.size:
        return float(sorted_distances[-1])
    # Equal distances stand or fall together: not beyond the first that must not match.
    return float(np.nextafter(sorted_distances[allowed], -1.0))


def all_pairs(distances: NDArray[np.floating], people: Sequence[str]) -> list[Pair]:
    """Every pair of pictures once, from a matrix of distances (n, n) and who each picture shows."""
    return [
        Pair(float(distances[one, other]), people[one] == people[other], people[one], people[other])
        for one in range(len(people))
        for other in range(one + 1, len(people))
    ]
