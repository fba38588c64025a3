"""Age and sex against labels: error by band of age, how often the band held the age, and how often the sex was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from istros.recognition.evaluation.shares import Share, share_of
from istros.recognition.faces.age_sex import AgeSex, Sex

AGES = (0, 4, 13, 18, 25, 40, 55, 70, 120)
"""Edges of the bands of true age, years."""

ADULT_FROM = 18
_ROUNDS = 500
_SURE = 0.8


@dataclass(frozen=True, slots=True)
class AgeSexOutcome:
    """One labelled face and what was said of it; None where it was too small or not found."""

    age: float | None
    sex: Sex | None
    said: AgeSex | None


@dataclass(frozen=True, slots=True)
class AgeSexScores:
    """Errors of the people from `low` to below `high` years of age."""

    low: int
    high: int
    described: Share
    mean_error: float | None
    """Mean of the absolute errors of the expected age, years."""
    mean_error_interval: tuple[float, float] | None
    """95 % confidence interval: people drawn again with replacement, 500 times."""
    bias: float | None
    """Mean of the errors with their sign: below 0 where people are taken for younger."""
    in_band: Share
    sex_right: Share
    sex_right_sure: Share
    """Of those whose sex was said with a certainty of 0.8 and more."""


def score_age_sex(outcomes: Sequence[AgeSexOutcome], ages: Sequence[int] = AGES) -> list[AgeSexScores]:
    """One row a band of true age that occurs, then adults, then everybody."""
    bands = [*pairwise(ages), (ADULT_FROM, ages[-1]), (ages[0], ages[-1])]
    rows = []
    for low, high in bands:
        members = [each for each in outcomes if each.age is not None and low <= each.age < high]
        if members:
            rows.append(_scores(low, high, members))
    if not rows and outcomes:  # only sexes are labelled
        rows.append(_scores(ages[0], ages[-1], list(outcomes)))
    return rows


def _scores(low: int, high: int, members: Sequence[AgeSexOutcome]) -> AgeSexScores:
    aged = [(each.age, each.said) for each in members if each.age is not None and each.said is not None]
    errors = np.array([said.age.expected - age for age, said in aged])
    sexed = [(each.sex, each.said.sex) for each in members if each.sex is not None and each.said is not None]
    return AgeSexScores(
        low=low,
        high=high,
        described=share_of([each.said is not None for each in members]),
        mean_error=float(np.abs(errors).mean()) if errors.size else None,
        mean_error_interval=_interval(np.abs(errors)) if errors.size else None,
        bias=float(errors.mean()) if errors.size else None,
        in_band=share_of([said.age.low <= age <= said.age.high for age, said in aged]),
        sex_right=share_of([said.sex == sex for sex, said in sexed]),
        sex_right_sure=share_of([said.sex == sex for sex, said in sexed if said.certainty >= _SURE]),
    )


def _interval(errors: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, float]:
    drawn = np.random.default_rng(1).integers(0, errors.size, (_ROUNDS, errors.size))
    low, high = np.percentile(errors[drawn].mean(1), [2.5, 97.5])
    return float(low), float(high)
