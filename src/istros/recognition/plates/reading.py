"""From the recogniser's characters to a plate's text: where it begins and ends, and which of the net's doubts to believe.

The net's own probabilities decide; a country's format is a prior that can tip the scales between characters that the net
itself thought of, and say that a lone letter at the edge belongs to the plate's band. It never invents a character.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import exp, log

from istros.recognition.plates.grammar import (
    BAND_SIGNS,
    DOUBTED,
    country_of,
    formats_of,
    is_home,
    says_a_word,
    weight_of,
)
from istros.recognition.plates.text_recogniser import ReadCharacter

LEAST_LENGTH, MOST_LENGTH = 4, 9
BAND_BONUS = 1.0
_DROPPED_BEFORE, _DROPPED_AFTER = 3, 2
_DOUBT = 0.98
_MOST_DOUBTS = 5
_LEAST_SHARE = 0.03
_MOST_TEXTS = 5
_SHORT = 5
_TWINS = {"0": "O", "O": "0", "1": "I", "I": "1"}
_TWIN_SHARE = 0.1
"""Plate fonts draw these alike (in many countries identically), so each reading of one makes the other possible."""
_FITTING = 0.5
"""Weight of a format from which it says where a letter stands, so that O or 0 is no doubt any more."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a recogniser is believed against the formats."""

    format_bonus: float
    """Log-odds that fitting a format adds; chosen on the training sets (docs/benchmarks/plates.md)."""
    band_share: float
    """Share of its chance by which a character at the edge is believed to belong to the text: a band's sign does not."""


TEXT_LINE = Trust(format_bonus=3.0, band_share=0.92)
"""A recogniser of any text: it reads bands' signs and frames as letters."""
PLATE = Trust(format_bonus=1.2, band_share=1.0)
"""Our recogniser, which has learnt what belongs to a plate's text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with each character's probability and the texts that came next, likeliest first."""

    text: str
    characters: tuple[float, ...]
    country: str | None
    confidence: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    text: str
    characters: tuple[float, ...]
    score: float
    country: str | None


def is_plausible(text: str) -> bool:
    """Whether a text can be a plate at all: its length, a digit, and a letter that is no digit's twin: a telephone number
    with an O read for 0 has none."""
    digits = sum(letter.isdigit() for letter in text)
    letters = sum(not letter.isdigit() and letter not in _TWINS for letter in text)
    return LEAST_LENGTH <= len(text) <= MOST_LENGTH and digits >= 1 and letters >= 1


def interpret(characters: tuple[ReadCharacter, ...], trust: Trust = TEXT_LINE) -> Reading | None:
    """The likeliest plate in one line's (or joined lines') characters; None when there is none."""
    best: dict[str, _Hypothesis] = {}
    for first, last in _spans(len(characters)):
        for hypothesis in _hypotheses(characters, first, last, trust):
            if hypothesis.text not in best or best[hypothesis.text].score < hypothesis.score:
                best[hypothesis.text] = hypothesis
    if not best:
        return None
    ranked = sorted(best.values(), key=lambda hypothesis: -hypothesis.score)[:_MOST_TEXTS]
    total = sum(exp(hypothesis.score - ranked[0].score) for hypothesis in ranked)
    shares = [exp(hypothesis.score - ranked[0].score) / total for hypothesis in ranked]
    winner = ranked[0]
    confidence = confidence_of(winner.text, winner.characters, shares[0])
    others = tuple(
        (hypothesis.text, confidence * share / shares[0])
        for hypothesis, share in zip(ranked[1:], shares[1:], strict=True)
        if share > _LEAST_SHARE / 3
    )
    return Reading(winner.text, winner.characters, winner.country, confidence, others)


def confidence_of(text: str, characters: tuple[float, ...], share: float) -> float:
    """The chance that the whole text is right: a logistic function of the weakest and the mean character, how well the
    text fits a format, the towns' own formats, its lead over the next text and its length.

    Its weights were fitted on every second picture of the training sets and rounded (docs/benchmarks/plates.md).
    """
    mean = exp(sum(log(max(value, 1e-3)) for value in characters) / len(characters))
    odds = -5.5 + 3.1 * min(characters) + 1.2 * mean + 2.4 * share
    odds += 0.8 * min(1.0, weight_of(text)) + 1.3 * is_home(text) - 1.1 * (len(text) <= _SHORT)
    chance = 1 / (1 + exp(-odds))
    return min(DOUBTED, chance) if says_a_word(text) else chance


def _spans(count: int) -> list[tuple[int, int]]:
    return [
        (first, last)
        for first in range(min(_DROPPED_BEFORE, count) + 1)
        for last in range(max(count - _DROPPED_AFTER, first), count + 1)
        if LEAST_LENGTH <= last - first <= MOST_LENGTH
    ]


def _hypotheses(characters: tuple[ReadCharacter, ...], first: int, last: int, trust: Trust) -> list[_Hypothesis]:
    dropped = [*characters[:first], *characters[last:]]
    penalty = sum(_dropped(character.confidence, trust) for character in dropped)
    sign = BAND_SIGNS.get("".join(character.text for character in characters[:first]))
    result = []
    for choice in product(*_choices(characters[first:last])):
        text = "".join(option.text for option in choice)
        if is_plausible(text):
            score = (
                sum(log(max(option.value, 1e-6)) for option in choice) + penalty + trust.format_bonus * weight_of(text)
            )
            fits = weight_of(text) >= _FITTING
            values = tuple(option.with_twin if fits else option.value for option in choice)
            fits_band = sign is not None and any(form.country == sign for form in formats_of(text))
            result.append(
                _Hypothesis(text, values, score + BAND_BONUS * fits_band, sign if fits_band else country_of(text))
            )
    return result


def _dropped(confidence: float, trust: Trust) -> float:
    """The logarithm of the chance that a character at the edge does not belong to the text."""
    return log(max(1 - confidence * trust.band_share, 1e-4))


@dataclass(frozen=True, slots=True)
class _Option:
    """A character that can stand at a place: its probability alone, and together with the one drawn alike."""

    text: str
    value: float
    with_twin: float


def _choices(characters: tuple[ReadCharacter, ...]) -> list[list[_Option]]:
    """For each place what the net thought of; only its least certain places stay open, so that the product stays small."""
    doubtful = sorted(range(len(characters)), key=lambda index: characters[index].confidence)[:_MOST_DOUBTS]
    return [_options(character, index in doubtful) for index, character in enumerate(characters)]


def _options(character: ReadCharacter, is_open: bool) -> list[_Option]:
    thought = dict(character.alternatives)
    values = {character.text: character.confidence}
    if is_open and character.confidence < _DOUBT:
        values |= {text: value for text, value in character.alternatives[:2] if value > _LEAST_SHARE}
    twin = _TWINS.get(character.text)
    if twin is not None:
        values[twin] = max(values.get(twin, 0.0), _TWIN_SHARE * character.confidence)
    pair = min(1.0, character.confidence + thought.get(twin or "", 0.0))
    return [_Option(text, value, pair if text in (character.text, twin) else value) for text, value in values.items()]
