"""How sure a plate's text is: our recogniser's own calibrated chance, the country's format, and a second reader's word."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

from istros.base.plate_text import fold
from istros.recognition.plates.grammar import DOUBTED, HOME, formats_of, is_cut_off, is_home, says_a_word, weight_of
from istros.recognition.plates.plate_recogniser import CropText
from istros.recognition.plates.reading import PLATE, Reading, interpret

_COUNTRY_LEAST = 0.6
_AGREED = 0.5
"""Log-odds that our own reader's text gains where another one reads the same. Some 95 % of such texts are right, but what
blurs a letter for one reader blurs it for the other: with more, of the confident texts too many are wrong. How sure the
other one is adds nothing (docs/benchmarks/plates.md)."""
_AT_HOME = 0.3
"""Log-odds of a text in a home format: most misread texts fit none (95 of 101 such texts of the held-out drives were right)."""
_ALONE = 0.7
_FAINT, _MOST_AGAINST = 0.3, 0.75
"""A text against which another reader's stands with at least the first confidence keeps the second at most."""
_FORMAT, _WHOLE, _SECOND = 1.5, 2.5, 3.0


def first_reading(text: CropText, score: float) -> Reading | None:
    """What our recogniser read on a plate that was found with `score`; None where it can be no plate."""
    reading = interpret(text.characters, PLATE)
    if reading is None:
        return None
    same = reading.text == text.text
    own = text.confidence if same else min(text.confidence, reading.confidence)
    odds = _odds(own) + 0.8 * (min(1.0, weight_of(reading.text)) - 0.5) + 1.0 * (score - 0.7)
    odds += _AT_HOME * is_home(reading.text)
    reading = replace(reading, country=_country(reading, text))
    return replace(reading, confidence=_believed(reading, _chance(odds)))


def agreed(first: Reading | None, second: Reading | None) -> Reading | None:
    """One reading from two readers' of the same plate: surer where they agree, never sure where they do not.

    Between two texts the chances decide, the better fit to a format, and whether one is the other without its edge, for a
    reader loses a character more easily than it sees one that is not there. The second reader knows no Cyrillic letters: what
    it says of a text with some is not asked.
    """
    if first is None or second is None:
        only = first or second
        return None if only is None else replace(only, confidence=only.confidence * _ALONE)
    if not first.text.isascii():
        return first
    if fold(first.text) == fold(second.text):
        return replace(first, confidence=_believed(first, _chance(_odds(first.confidence) + _AGREED)))
    better, worse = sorted((first, second), key=lambda reading: -_strength(reading, (first, second)))
    confidence = better.confidence * (1 - worse.confidence / 2)
    if better is second or worse.confidence >= _FAINT:
        confidence = min(confidence, _MOST_AGAINST)
    others = ((worse.text, worse.confidence * (1 - confidence)), *better.alternatives)
    return replace(better, confidence=confidence, alternatives=others)


def _believed(reading: Reading, chance: float) -> float:
    """The chance of a text, at most a doubtful one where it has no country's format or says a word of signs (whatever is
    printed on a board can be read without any doubt), or can be a part of a plate from here."""
    is_doubted = says_a_word(reading.text) or not weight_of(reading.text)
    is_doubted = is_doubted or (reading.country is None and is_cut_off(reading.text))
    return min(DOUBTED, chance) if is_doubted else chance


def _strength(reading: Reading, both: tuple[Reading, Reading]) -> float:
    other = both[1] if reading is both[0] else both[0]
    longer = len(reading.text) > len(other.text) and other.text in reading.text
    trust = _odds(reading.confidence) - _SECOND * (reading is both[1])
    return trust + _FORMAT * weight_of(reading.text) + _WHOLE * longer


def _country(reading: Reading, text: CropText) -> str | None:
    """The format's country where it has one and the recogniser sees no plate from here; else the one that the recogniser
    names, where the format allows it."""
    if not text.countries:
        return reading.country
    name, chance = text.countries[0]
    if reading.country is not None:
        is_from_here = name in HOME and reading.country not in HOME and chance >= _COUNTRY_LEAST
        return None if is_from_here else reading.country
    fits = {form.country for form in formats_of(reading.text)}
    return name if chance >= _COUNTRY_LEAST and (name in fits or not fits) else None


def _odds(chance: float) -> float:
    chance = min(max(chance, 1e-4), 1 - 1e-4)
    return log(chance / (1 - chance))


def _chance(odds: float) -> float:
    return 1 / (1 + exp(-odds))
