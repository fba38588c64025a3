"""One plate text out of the readings of a vehicle's frames: votes per character over aligned texts.

A track can pass from one vehicle to the next. Readings that differ by more than a reader's doubts are therefore kept
apart: each group votes for itself, and a letter of one plate is never an alternative to a letter of another.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import log

from rapidfuzz.distance import Levenshtein

from istros.base.plate_text import fold
from istros.base.time import SECOND, Time
from istros.recognition.observation import Box, PlateText
from istros.recognition.plates.grammar import DOUBTED, country_of, is_home, says_a_word, weight_of
from istros.recognition.plates.voting import ballots, partial_of, voted

_MOST_READINGS = 24
_MOST_ALTERNATIVES = 5
_SURE = 0.75
_AGREEING = 2
_MOST_CERTAIN = 0.995
_VERY_SURE = 0.9
"""Confidence from which a single reading shows that a track held a second vehicle."""


@dataclass(frozen=True, slots=True)
class FrameReading:
    """A plate as read in one frame. `quality` weighs its vote (sharpness and size, 0 to 1); boxes are shares of the picture."""

    time: Time
    text: PlateText
    characters: tuple[float, ...]
    alternatives: tuple[PlateText, ...]
    plate_box: Box
    vehicle_box: Box | None
    width_px: int
    quality: float
    crop_jpeg: bytes = field(repr=False, default=b"")

    @property
    def weight(self) -> float:
        """How much its vote counts: the logarithm of the odds against an error, so that one sure frame outvotes several
        unsure ones, and less where the plate is small, blurred or aslant."""
        return -log(1 - min(_MOST_CERTAIN, max(0.01, self.text.confidence))) * (0.3 + 0.7 * self.quality)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the readings of one plate say together, the frame that shows it best, and from when to when it was read."""

    best: PlateText
    alternatives: tuple[PlateText, ...]
    frame: FrameReading
    frames_read: int
    first_read: Time
    last_read: Time
    partial: PlateText | None = None
    """What is known of the plate should the best text be too unsure: its characters, with `?` for what is not."""


def may_be_one_plate(one: str, other: str) -> bool:
    """Whether two folded texts can be readings of one plate: a part of it, or a few letters misread or left out."""
    short, long = sorted((one, other), key=len)
    # What is left of the edit distance when the longer text's additional letters are taken away.
    misread = Levenshtein.distance(short, long) - (len(long) - len(short))
    return misread <= (1 if len(short) <= 5 else 2 if len(short) <= 7 else 3)


class TrackReading:
    """Collects the readings of one track."""

    def __init__(self) -> None:
        self.readings: list[FrameReading] = []
        self.frames_read = 0
        self.vain = 0
        """Tries since the last text in which no plate was found."""
        self.vain_box: Box | None = None

    def add_vain(self, vehicle: Box) -> None:
        """No plate was found in a vehicle's picture."""
        self.vain += 1
        self.vain_box = vehicle

    def add(self, reading: FrameReading) -> None:
        """Take a reading; when there are many, the one that weighs least gives way."""
        self.frames_read += 1
        self.vain = 0
        self.readings.append(reading)
        if len(self.readings) > _MOST_READINGS:
            self.readings.remove(min(self.readings, key=lambda item: item.weight))

    @property
    def surest(self) -> float:
        """The confidence of the surest frame so far."""
        return max((reading.text.confidence for reading in self.readings), default=0.0)

    def is_good_enough(self) -> bool:
        """Two sure frames agree on a text that fits a format: more reading would change nothing."""
        return _agrees(self.readings)

    def is_over(self, now: Time, after_s: float) -> bool:
        """Whether the first reading is so long ago that an operator should not wait any longer."""
        return bool(self.readings) and now - self.readings[0].time > after_s * SECOND

    def verdicts(self) -> tuple[Verdict, ...]:
        """What the frames vote for, and after it each other vehicle's plate that was surely read in this track."""
        groups = _groups(self.readings)
        chosen = [group for position, group in enumerate(groups) if position == 0 or _stands_alone(group)]
        frames = self.frames_read - sum(len(group) for group in chosen[1:])
        return tuple(_verdict(group, len(group) if position else frames) for position, group in enumerate(chosen))


def _groups(readings: list[FrameReading]) -> list[list[FrameReading]]:
    """Readings of one plate each, the group with the greatest weight first."""
    groups: list[tuple[str, list[FrameReading]]] = []
    for reading in sorted(readings, key=lambda item: -item.weight):
        text = fold(reading.text.text)
        group = next((members for pivot, members in groups if may_be_one_plate(text, pivot)), None)
        if group is None:
            groups.append((text, [reading]))
        else:
            group.append(reading)
    return sorted((members for _, members in groups), key=_group_weight, reverse=True)


def _group_weight(group: list[FrameReading]) -> float:
    return sum(reading.weight * (1 + 0.3 * weight_of(reading.text.text)) for reading in group)


def _agrees(readings: list[FrameReading]) -> bool:
    sure = [reading.text.text for reading in readings if reading.text.confidence >= _SURE]
    return any(sure.count(text) >= _AGREEING and (is_home(text) or weight_of(text) > 0.7) for text in set(sure))


def _stands_alone(group: list[FrameReading]) -> bool:
    """Enough for a plate beside another one: a lorry's lettering must not become a second vehicle."""
    return _agrees(group) or any(item.text.confidence >= _VERY_SURE and is_home(item.text.text) for item in group)


def _verdict(group: list[FrameReading], frames_read: int) -> Verdict:
    votes = _votes(group)
    text = max(votes, key=lambda item: votes[item])
    frame = max(group, key=lambda item: (item.text.text == text, item.weight))
    first, last = min(item.time for item in group), max(item.time for item in group)
    best = _named(text, group)
    partial = partial_of(group) if best.confidence < _SURE else None
    return Verdict(best, _others(text, votes, group), frame, frames_read, first, last, partial)


def _named(text: str, group: list[FrameReading]) -> PlateText:
    """The text with its country and its chance: agreeing frames make it surer, disagreeing ones less sure."""
    agreeing = [reading for reading in group if reading.text.text == text]
    share = sum(reading.weight for reading in agreeing) / sum(reading.weight for reading in group)
    best = max((reading.text.confidence for reading in agreeing), default=0.6 * group[0].text.confidence)
    doubt = (1 - best) * 0.7 ** max(0, len(agreeing) - 1) + 0.5 * (1 - share) * (1 - best)
    country = next((reading.text.country for reading in agreeing if reading.text.country), country_of(text))
    most = DOUBTED if says_a_word(text) else _MOST_CERTAIN
    return PlateText(text, min(most, max(0.01, (1 - doubt) * _unopposed(text, group))), country)


def _unopposed(text: str, group: list[FrameReading]) -> float:
    """1 where no frame read another whole plate, a half where as much speaks for another as for this one.

    Texts of another length count for neither: a plate that was cut off or run together is no evidence of another letter.
    """
    against = sum(item.weight for item in group if item.text.text != text and len(item.text.text) == len(text))
    share = against / max(1e-9, against + sum(item.weight for item in group if item.text.text == text))
    return 1 - 2 * min(0.5, share) ** 2


def _others(chosen: str, votes: dict[str, float], group: list[FrameReading]) -> tuple[PlateText, ...]:
    """Texts that frames read, or thought of, beside the chosen one."""
    found: dict[str, float] = defaultdict(float)
    total = sum(votes.values())
    for text, vote in votes.items():
        found[text] = max(found[text], vote / total)
    for reading in group:
        for other in reading.alternatives:
            found[other.text] = max(found[other.text], other.confidence * reading.quality)
    ranked = sorted(found.items(), key=lambda item: -item[1])
    return tuple(PlateText(text, value, country_of(text)) for text, value in ranked if text != chosen)[
        :_MOST_ALTERNATIVES
    ]


def _votes(readings: list[FrameReading]) -> dict[str, float]:
    """Weight of each text: what was read, and what the characters of the aligned texts vote for together."""
    votes: dict[str, float] = defaultdict(float)
    for reading in readings:
        votes[reading.text.text] += reading.weight
    pivot = max(votes, key=lambda text: votes[text])
    joined = voted(ballots(readings, pivot), pivot)
    if weight_of(joined) >= weight_of(pivot):
        votes[joined] = 1.01 * max(votes.values())
    for text in votes:
        votes[text] *= 1 + 0.3 * weight_of(text)
    return dict(votes)
