"""Votes of a plate's readings: per character over aligned texts, weighted by how well each frame shows the plate.

A frame that cut the plate off, or read a letter too few, still votes for the letters that it has: its text is aligned with
the others' (Levenshtein's edit operations). A letter wins by what frames saw; a format never makes one up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from math import exp, log
from string import ascii_uppercase, digits
from typing import Protocol

from rapidfuzz.distance import Levenshtein

from istros.base.plate_text import UNREAD
from istros.recognition.observation import PlateText
from istros.recognition.plates.grammar import weight_of

_LEAST_CHANCE, _MOST_CHANCE = 0.01, 0.999
_SMALL = 0.2
"""Of a vote, what a letter without any certainty still has."""
_AN_ALTERNATIVE = 0.7
"""A frame's second thought counts so much beside its first, at the same probability."""
_MOST_APART = 2
_LONGEST_PART = 3
"""Letters that a text may lack or have too many and still be aligned."""
_KNOWN_SHARE, _KNOWN_VOTE = 0.8, 1.6
"""A place of a partial plate is known where one letter has this share of the votes, and this much: one frame that is 80 %
sure of it and shows it well, or two that are half sure."""
_MOST_UNREAD, _LEAST_KNOWN = 2, 4
_MOST_PARTIAL = 0.79
"""No partial plate is a confident one."""
_FITTING = 0.5


class Vote(Protocol):
    """What one frame says."""

    @property
    def text(self) -> PlateText:
        """What it read."""
        ...

    @property
    def characters(self) -> tuple[float, ...]:
        """The chance of each character."""
        ...

    @property
    def alternatives(self) -> tuple[PlateText, ...]:
        """What else it may be."""
        ...

    @property
    def quality(self) -> float:
        """0 to 1."""
        ...

    @property
    def weight(self) -> float:
        """Of its whole text."""
        ...


@dataclass(slots=True)
class Ballot:
    """The votes for one place of the plate, and in how many frames its winner was read."""

    votes: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    frames: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def winner(self) -> str:
        """The letter with most votes."""
        return max(self.votes, key=lambda letter: self.votes[letter])

    @property
    def share(self) -> float:
        """The winner's share of all votes."""
        return self.votes[self.winner] / max(1e-9, sum(self.votes.values()))


def ballots(readings: Sequence[Vote], pivot: str) -> list[Ballot]:
    """The votes for each place of the pivot, from every reading that can be aligned with it."""
    found = [Ballot() for _ in pivot]
    for reading in readings:
        text = reading.text.text
        places = aligned(pivot, text)
        if places is None:
            continue
        quality = 0.3 + 0.7 * reading.quality
        for place, position in places:
            found[place].votes[text[position]] += _strength(reading.characters[position]) * quality
            found[place].frames[text[position]] += 1
        for other in reading.alternatives:
            for place, position in places if len(other.text) == len(text) else ():
                if other.text[position] != text[position]:
                    strength = _strength(other.confidence) - _SMALL
                    found[place].votes[other.text[position]] += _AN_ALTERNATIVE * strength * quality
    return found


def aligned(pivot: str, text: str) -> list[tuple[int, int]] | None:
    """Pairs of places (in the pivot, in the text) that show the same character of the plate; None for another plate."""
    apart = Levenshtein.distance(pivot, text) - abs(len(pivot) - len(text))
    if abs(len(pivot) - len(text)) > _LONGEST_PART or apart > _MOST_APART:
        return None
    pairs: list[tuple[int, int]] = []
    for step in Levenshtein.opcodes(pivot, text):
        if step.tag in ("equal", "replace"):
            pairs += zip(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True)
    return pairs


def voted(found: Sequence[Ballot], pivot: str) -> str:
    """The pivot with each character replaced by what the frames vote for in its place."""
    return "".join(ballot.winner if ballot.votes else letter for ballot, letter in zip(found, pivot, strict=True))


def partial_of(readings: Sequence[Vote]) -> PlateText | None:
    """What is known of a plate that as a whole is not: its sure characters, and `?` for one or two others.

    None where too little is known, where no two frames agree, or where no format could hold it: a word is no plate.
    """
    pivot = max(readings, key=lambda reading: (len(reading.text.text), reading.weight)).text.text
    found = ballots(readings, pivot)
    known = [_is_known(ballot) for ballot in found]
    text = "".join(ballot.winner if sure else UNREAD for ballot, sure in zip(found, known, strict=True))
    unread = text.count(UNREAD)
    agreeing = min((ballot.frames[ballot.winner] for ballot, sure in zip(found, known, strict=True) if sure), default=0)
    if unread > _MOST_UNREAD or len(text) - unread < _LEAST_KNOWN or agreeing < 2 or not fits_some_format(text):
        return None
    chance = min(
        ballot.share * (1 - exp(-ballot.votes[ballot.winner])) for ballot, s in zip(found, known, strict=True) if s
    )
    return PlateText(text, min(_MOST_PARTIAL, chance))


def _is_known(ballot: Ballot) -> bool:
    return bool(ballot.votes) and ballot.share >= _KNOWN_SHARE and ballot.votes[ballot.winner] >= _KNOWN_VOTE


@lru_cache(maxsize=1024)
def fits_some_format(text: str) -> bool:
    """Whether some character in place of each `?` makes it a plate of a known format."""
    parts = text.split(UNREAD)
    for letters in product(ascii_uppercase + digits, repeat=len(parts) - 1):
        whole = parts[0] + "".join(letter + part for letter, part in zip(letters, parts[1:], strict=True))
        if weight_of(whole) >= _FITTING:
            return True
    return False


def _strength(chance: float) -> float:
    """A letter's vote: the logarithm of the odds against its being wrong, so that sure frames outvote many unsure ones."""
    return _SMALL - log(1 - min(_MOST_CHANCE, max(_LEAST_CHANCE, chance)))
