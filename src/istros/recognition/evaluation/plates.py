"""Plate reading against labelled plates, counted as the evaluation folder's own `score_plates.py` counts.

A label is located when a read's middle lies in its box grown by half on each side; its read is the surest of these. Exact
means equal after folding (`base.plate_text.fold`). Labels that nobody can read are left out, and so are reads on them.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import cv2
from rapidfuzz.distance import Levenshtein

from istros.base.errors import IstrosError
from istros.base.plate_text import fold
from istros.recognition.evaluation.labels import LabelTable, evenly
from istros.recognition.evaluation.report import Cell, Report, Table
from istros.recognition.evaluation.shares import share_of
from istros.recognition.evaluation.sheet import Tile, part_of
from istros.recognition.observation import Box
from istros.recognition.picture import Picture
from istros.recognition.plates.reader import PlateReadCandidate
from istros.recognition.read_files import picture_of

CONFIDENT = 0.8
"""Confidence from which a read counts as one that the reader stands by; a wrong one is the costliest error."""
_LEFT_OUT = frozenset({"unreadable", "leak"})
_GROUPS = ("country", "legibility", "lines", "kind")
"""Columns by which the plates are grouped, where a table has them."""
_STEPS = (0.0, 0.5, 0.7, 0.8, 0.95, 1.0001)

Progress = Callable[[int, int], object]


class StillReader(Protocol):
    """What reads the plates of one picture."""

    def read_still(self, picture: Picture) -> list[PlateReadCandidate]:
        """The plates in a BGR picture of which there is no second look, most certain first."""
        ...


@dataclass(frozen=True, slots=True)
class PlateLabel:
    """One labelled plate: its box in pixels, its text, and what its row says beside."""

    file: Path
    left: float
    top: float
    width: float
    height: float
    text: str
    row: dict[str, str]

    @property
    def is_readable(self) -> bool:
        """Whether a read of it counts."""
        return bool(fold(self.text)) and self.row.get("legibility") not in _LEFT_OUT

    def holds(self, read: PlateReadCandidate) -> bool:
        """Whether the read's middle lies in the box grown by half of its size on each side."""
        x, y = (read.box.left + read.box.right) / 2, (read.box.top + read.box.bottom) / 2
        return (
            self.left - self.width / 2 <= x <= self.left + 1.5 * self.width
            and self.top - self.height / 2 <= y <= self.top + 1.5 * self.height
        )


@dataclass(frozen=True, slots=True)
class PlateOutcome:
    """What was read of one label: `read` is the surest text in its box."""

    label: PlateLabel
    read: str | None
    confidence: float
    by_any: bool
    """Whether any read in the box was the plate."""

    @property
    def located(self) -> bool:
        """Whether something was read there."""
        return self.read is not None

    @property
    def exact(self) -> bool:
        """Whether the surest read is the plate."""
        return self.read is not None and fold(self.read) == fold(self.label.text)

    @property
    def confident_wrong(self) -> bool:
        """Whether the surest read is another text, and sure."""
        return self.located and not self.exact and self.confidence >= CONFIDENT

    @property
    def character_error(self) -> float:
        """Characters to change, as a share of the plate's, at most 1; 1 where nothing was read."""
        want = fold(self.label.text)
        return 1.0 if self.read is None else min(1.0, Levenshtein.distance(fold(self.read), want) / len(want))


@dataclass(slots=True)
class _Found:
    """All pictures' results."""

    outcomes: list[PlateOutcome] = field(default_factory=list)
    elsewhere: int = 0
    """Sure texts where no plate is labelled."""
    cpu_ms: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    failures: list[Tile] = field(default_factory=list)


def evaluate_plates(
    table: LabelTable, reader: StillReader, *, limit: int | None = None, progress: Progress | None = None
) -> Report:
    """Read every labelled picture (at most `limit`, evenly spread) and compare. Raises LabelsWrong."""
    labels = plate_labels(table)
    by_file: defaultdict[Path, list[PlateLabel]] = defaultdict(list)
    for label in labels:
        by_file[label.file].append(label)
    files = evenly(list(by_file), limit)
    found = _Found()
    for number, file in enumerate(files):
        _evaluate_file(file, by_file[file], reader, found)
        if progress is not None:
            progress(number + 1, len(files))
    return _report(table, found)


def plate_labels(table: LabelTable) -> list[PlateLabel]:
    """The labels of a table. A picture that is missing keeps its labels: they count as not found."""
    found = []
    for line, row in table.rows:
        x, y = table.number(line, row, "x"), table.number(line, row, "y")
        width, height = table.number(line, row, "w", 1), table.number(line, row, "h", 1)
        file = table.file_of(row) or table.folder / row["file"]
        found.append(PlateLabel(file, x, y, width, height, row["plate"], row))
    return found


def _evaluate_file(file: Path, labels: list[PlateLabel], reader: StillReader, found: _Found) -> None:
    picture, reads = None, []
    try:
        picture = picture_of(file)
        begun = time.process_time()
        reads = reader.read_still(picture)
        found.cpu_ms.append(1000 * (time.process_time() - begun))
    except (IstrosError, OSError, cv2.error) as error:
        reason = str(error) if isinstance(error, IstrosError) else f"The picture {file} cannot be read."
        found.problems.append(reason)
    outcomes = compare(labels, reads)
    found.outcomes += outcomes
    found.elsewhere += sum(
        read.confidence >= CONFIDENT and not any(label.holds(read) for label in labels) for read in reads
    )
    if picture is not None:
        found.failures += [_tile(picture, outcome) for outcome in outcomes if not outcome.exact]


def compare(labels: Iterable[PlateLabel], reads: Sequence[PlateReadCandidate]) -> list[PlateOutcome]:
    """The outcome of each readable label of one picture."""
    outcomes = []
    for label in labels:
        if not label.is_readable:
            continue
        near = [read for read in reads if label.holds(read) and fold(read.text)]
        best = max(near, key=lambda read: read.confidence, default=None)
        by_any = any(fold(read.text) == fold(label.text) for read in near)
        text, confidence = (None, 0.0) if best is None else (best.text, best.confidence)
        outcomes.append(PlateOutcome(label, text, confidence, by_any))
    return outcomes


def _tile(picture: Picture, outcome: PlateOutcome) -> Tile:
    label, (rows, columns) = outcome.label, picture.shape[:2]
    right, bottom = label.left + label.width, label.top + label.height
    box = Box(label.left / columns, label.top / rows, right / columns, bottom / rows)
    read = "not found" if outcome.read is None else f"read {outcome.read} {outcome.confidence:.2f}"
    return Tile(part_of(picture, box), (f"is {label.text}", read, label.file.name[-34:]))


def _report(table: LabelTable, found: _Found) -> Report:
    groups = [column for column in _GROUPS if column in table.columns]
    tables = [_accuracy("All plates", "plates", {"all": found.outcomes})]
    for column in groups:
        members: defaultdict[str, list[PlateOutcome]] = defaultdict(list)
        for outcome in found.outcomes:
            members[outcome.label.row[column] or "not said"].append(outcome)
        if len(members) > 1:
            tables.append(_accuracy(f"By {column}", column, dict(sorted(members.items()))))
    tables += [_costs(found), _calibration(found.outcomes)]
    items = tuple(_item(outcome) for outcome in found.outcomes)
    return Report("plates", table.name, tuple(tables), items, tuple(found.problems), tuple(found.failures))


def _accuracy(title: str, name: str, groups: dict[str, list[PlateOutcome]]) -> Table:
    columns = (name, "located", "exact", "exact by any read", "wrong", "confident wrong", "character error")
    return Table(title, columns, tuple((group, *_cells(outcomes)) for group, outcomes in groups.items()))


def _cells(outcomes: list[PlateOutcome]) -> tuple[Cell, ...]:
    errors = [outcome.character_error for outcome in outcomes]
    return (
        share_of([outcome.located for outcome in outcomes]),
        share_of([outcome.exact for outcome in outcomes]),
        share_of([outcome.by_any for outcome in outcomes]),
        share_of([outcome.located and not outcome.exact for outcome in outcomes]),
        share_of([outcome.confident_wrong for outcome in outcomes]),
        statistics.fmean(errors) if errors else None,
    )


def _costs(found: _Found) -> Table:
    columns = ("pictures", "CPU mean, ms", "CPU median, ms", "CPU p95, ms", "sure texts elsewhere, per plate")
    times = sorted(found.cpu_ms)
    elsewhere = found.elsewhere / len(found.outcomes) if found.outcomes else None
    cost: tuple[Cell, ...] = (
        (statistics.fmean(times), statistics.median(times), times[int(0.95 * (len(times) - 1))])
        if times
        else (None, None, None)
    )
    note = f"A sure text ({CONFIDENT} or more) elsewhere can be a plate that nobody labelled."
    return Table("Cost, and texts where no plate is labelled", columns, ((len(times), *cost, elsewhere),), note)


def _calibration(outcomes: list[PlateOutcome]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for low, high in pairwise(_STEPS):
        members = [outcome for outcome in outcomes if outcome.located and low <= outcome.confidence < high]
        if members:
            mean = statistics.fmean(outcome.confidence for outcome in members)
            rows.append((f"{low:g} to {min(high, 1.0):g}", mean, share_of([outcome.exact for outcome in members])))
    return Table("How far the confidence can be believed", ("confidence", "mean confidence", "exact"), tuple(rows))


def _item(outcome: PlateOutcome) -> dict[str, Cell]:
    return {
        "file": outcome.label.file.name,
        "plate": outcome.label.text,
        "read": outcome.read,
        "confidence": outcome.confidence,
        "exact": int(outcome.exact),
    }
