"""How well tracks hold: found boxes with ids against true boxes with ids, frame by frame.

Sources: K. Bernardin, R. Stiefelhagen, "Evaluating multiple object tracking performance: the CLEAR MOT metrics", 2008
(matching, misses, false boxes, switches); E. Ristani et al., "Performance measures and a data set for multi-target,
multi-camera tracking", 2016 (IDF1).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from istros.recognition.evaluation.assignment import cheapest_pairs
from istros.recognition.observation import Box, overlap

LEAST_OVERLAP = 0.4
"""Intersection over union from which a found box is the true one; half of MOTChallenge's strictness for loose truth."""


@dataclass(frozen=True, slots=True)
class PlacedThing:
    """A thing's box in one frame (shares of the picture). An `optional` one may be found or not: it is hardly visible."""

    id: str
    box: Box
    optional: bool = False


@dataclass(frozen=True, slots=True)
class TrackScore:
    """What was counted over all frames of a film."""

    true_boxes: int
    found_boxes: int
    matched: int
    switches: int
    """Times that a thing's box was matched with another track than at its last match."""
    fragments: int
    """Times that a thing was lost after a match and matched again later."""
    things: int
    """True things that had to be found at least once."""
    things_found: int
    """Of these, those matched at least once."""
    tracks_a_thing: float
    """Tracks that showed a thing, mean over the things found: 1 is one observation a vehicle."""
    idf1: float
    """Share of the boxes that carry their right id over the whole film, 0 to 1."""

    @property
    def missed(self) -> int:
        """True boxes without a found one."""
        return self.true_boxes - self.matched

    @property
    def false_boxes(self) -> int:
        """Found boxes that are none of the true ones."""
        return self.found_boxes - self.matched


@dataclass(frozen=True, slots=True)
class Switch:
    """A thing that was one track and now is another."""

    thing: PlacedThing
    before: str
    after: str


class TrackMatching:
    """The state between frames: who was matched with whom."""

    def __init__(self, least_overlap: float = LEAST_OVERLAP) -> None:
        self._least = least_overlap
        self._last: dict[str, str] = {}
        self._was_lost: set[str] = set()
        self._needed: set[str] = set()
        self.tracks: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Of each thing, how often it was matched with which track."""
        self._true_ids: Counter[str] = Counter()
        self._found_ids: Counter[str] = Counter()
        self._switches = self._fragments = 0

    def add(self, truth: Sequence[PlacedThing], found: Sequence[PlacedThing]) -> list[Switch]:
        """Match the boxes of the next frame; the switches in it."""
        pairs = self._pairs(truth, found)
        # What matches a hardly visible thing is neither right nor wrong.
        ignored = {number for position, number in pairs.items() if truth[position].optional}
        self._true_ids.update(thing.id for thing in truth if not thing.optional)
        self._needed.update(thing.id for thing in truth if not thing.optional)
        self._found_ids.update(thing.id for number, thing in enumerate(found) if number not in ignored)
        switches = []
        for position, thing in enumerate(truth):
            if position in pairs:
                switches += self._met(thing, found[pairs[position]])
            elif not thing.optional and thing.id in self._last:
                self._was_lost.add(thing.id)
        self._switches += len(switches)
        return switches

    def _met(self, thing: PlacedThing, found: PlacedThing) -> list[Switch]:
        if not thing.optional:
            self.tracks[thing.id][found.id] += 1
        before = self._last.get(thing.id, found.id)
        self._fragments += thing.id in self._was_lost
        self._was_lost.discard(thing.id)
        self._last[thing.id] = found.id
        return [Switch(thing, before, found.id)] if before != found.id else []

    def score(self) -> TrackScore:
        """What has been counted so far."""
        met = [tracks for thing, tracks in self.tracks.items() if thing in self._needed]
        return TrackScore(
            true_boxes=self._true_ids.total(),
            found_boxes=self._found_ids.total(),
            matched=sum(tracks.total() for tracks in self.tracks.values()),
            switches=self._switches,
            fragments=self._fragments,
            things=len(self._needed),
            things_found=len(met),
            tracks_a_thing=sum(len(tracks) for tracks in met) / len(met) if met else 0.0,
            idf1=self._idf1(),
        )

    def _pairs(self, truth: Sequence[PlacedThing], found: Sequence[PlacedThing]) -> dict[int, int]:
        """Position in `truth` to position in `found`: first those who were together before, then the best others."""
        shared = [[overlap(thing.box, other.box) for other in found] for thing in truth]
        number_of = {other.id: number for number, other in enumerate(found)}
        pairs: dict[int, int] = {}
        for position, thing in enumerate(truth):
            number = number_of.get(self._last.get(thing.id, ""))
            if number is not None and number not in pairs.values() and shared[position][number] >= self._least:
                pairs[position] = number
        left = [position for position in range(len(truth)) if position not in pairs]
        free = [number for number in range(len(found)) if number not in pairs.values()]
        costs = [[-shared[position][number] for number in free] for position in left]
        for row, column in cheapest_pairs(costs):
            if shared[left[row]][free[column]] >= self._least:
                pairs[left[row]] = free[column]
        return pairs

    def _idf1(self) -> float:
        """2 * right / (true + found), with the one-to-one choice of ids that makes the most boxes right."""
        total = self._true_ids.total() + self._found_ids.total()
        if not total:
            return 1.0
        true_ids, found_ids = list(self._true_ids), list(self._found_ids)
        costs = [[-float(self.tracks[thing][other]) for other in found_ids] for thing in true_ids]
        right = -sum(costs[row][column] for row, column in cheapest_pairs(costs))
        return 2 * right / total
