"""Finding faces against labelled faces: recall by height, and what is found beside them.

Two kinds of labels: boxes (`file, x, y, w, h` in pixels, one row a face), or numbers of faces a picture (`file, faces`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from istros.recognition.evaluation.shares import Share, share_of
from istros.recognition.faces.face import Face

HEIGHTS = (0, 16, 24, 32, 48, 64, 96, 10_000)
"""Edges of the bands of height, pixels."""


@dataclass(frozen=True, slots=True)
class FaceLabel:
    """One labelled face: its box in pixels."""

    file: Path
    left: float
    top: float
    width: float
    height: float

    def holds(self, face: Face) -> bool:
        """Whether a found face is this one: its middle lies in the box, and its height is at most twice or half as large.

        Labellers draw faces with and without hair and chin, so that a demanded overlap would measure their habits.
        """
        x, y = (face.left + face.right) / 2, (face.top + face.bottom) / 2
        inside = self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height
        return inside and 0.5 <= face.height / max(1.0, self.height) <= 2.0


@dataclass(frozen=True, slots=True)
class HeightRecall:
    """Of the labelled faces from `low` to below `high` pixels of height: how many were found."""

    low: int
    high: int
    found: Share


@dataclass(frozen=True, slots=True)
class FaceScores:
    """How well faces were found."""

    found: Share
    by_height: tuple[HeightRecall, ...]
    elsewhere: int
    """Faces found where none is labelled, and second boxes of one that is."""
    pictures: int
    missed: tuple[FaceLabel, ...]


def score_faces(
    labels: Sequence[FaceLabel], found: Mapping[Path, Sequence[Face]], heights: Sequence[int] = HEIGHTS
) -> FaceScores:
    """Compare labels with what was found in each file. Files without a label count too: all found there is elsewhere."""
    by_file: dict[Path, list[FaceLabel]] = {}
    for label in labels:
        by_file.setdefault(label.file, []).append(label)
    hit: list[FaceLabel] = []
    elsewhere = 0
    for file in {*by_file, *found}:
        matched, spare = _matched(by_file.get(file, []), found.get(file, ()))
        hit += matched
        elsewhere += spare
    hits = {id(label) for label in hit}
    outcomes = [(label.height, id(label) in hits) for label in labels]
    bands = tuple(
        HeightRecall(low, high, share_of([is_hit for height, is_hit in outcomes if low <= height < high]))
        for low, high in pairwise(heights)
    )
    missed = tuple(label for label in labels if id(label) not in hits)
    return FaceScores(share_of([is_hit for _, is_hit in outcomes]), bands, elsewhere, len({*by_file, *found}), missed)


def _matched(labels: list[FaceLabel], faces: Sequence[Face]) -> tuple[list[FaceLabel], int]:
    """Each face, the surest first, takes the nearest free label that holds it."""
    free = list(labels)
    matched = []
    for face in sorted(faces, key=lambda each: -each.score):
        holding = [label for label in free if label.holds(face)]
        if holding:
            label = min(holding, key=lambda each: abs(each.left + each.width / 2 - (face.left + face.right) / 2))
            free.remove(label)
            matched.append(label)
    return matched, len(faces) - len(matched)


@dataclass(frozen=True, slots=True)
class CountScores:
    """How well numbers of faces were met: found as far as they are labelled, and what was found beyond."""

    found: Share
    beyond: int
    right: Share
    """Pictures with exactly the labelled number."""


def score_counts(counts: Iterable[tuple[int, int]]) -> CountScores:
    """From pairs of the labelled and the found number, one a picture."""
    pairs = list(counts)
    found = sum(min(labelled, seen) for labelled, seen in pairs)
    return CountScores(
        Share(found, sum(labelled for labelled, _ in pairs)),
        sum(max(0, seen - labelled) for labelled, seen in pairs),
        share_of([labelled == seen for labelled, seen in pairs]),
    )
