"""Counts on lines against counted films: `line_counts.csv` (and `occupancy.csv`) of the evaluation folder."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from istros.base.errors import IstrosError
from istros.recognition.detector import DetectorLike
from istros.recognition.evaluation.labels import LabelTable, read_table
from istros.recognition.evaluation.report import Cell, Report, Table
from istros.recognition.film_tracks import FRAMES_PER_SECOND
from istros.traffic.film_counts import CLASSES, FilmCounts, Occupancy, count_film
from istros.traffic.line_count import CountLine, Direction

OCCUPANCY = "occupancy.csv"
_SEEN_FROM: dict[str, tuple[int, int]] = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
_ALL_VEHICLES = frozenset({"", "car", "cars", "vehicle", "vehicles"})
_PEOPLE = frozenset({"person", "persons", "pedestrian"})
_OCCUPANTS: dict[str, Callable[[Occupancy], int]] = {
    "person": lambda item: item.persons,
    "car": lambda item: item.vehicles - item.cycles,
    "vehicle": lambda item: item.vehicles,
    "moving car": lambda item: item.moving_vehicles,
    "cyclist": lambda item: item.cycles,
}


@dataclass(frozen=True, slots=True)
class LineLabel:
    """One counted line: how many crossed it towards each side, and how many may count or not."""

    film: Path
    line: CountLine
    what: str
    counts: dict[Direction, int]
    turned: bool
    """Whether the label's direction a is our b: it is named (up, down, left, right) and points the other way."""
    slack: int
    """Vehicles that stand on the line at an end of the film."""
    tolerance: int


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What was counted for one direction of a label."""

    label: LineLabel
    direction: Direction
    counted: int

    @property
    def wanted(self) -> int:
        """The label's count."""
        return self.label.counts[self.direction]

    @property
    def error(self) -> int:
        """Vehicles too many or too few, beyond those that may count or not."""
        beyond = self.label.slack + self.label.tolerance
        return max(0, self.wanted - self.label.tolerance - self.counted, self.counted - self.wanted - beyond)


@dataclass(slots=True)
class _Counted:
    lines: list[LineOutcome] = field(default_factory=list)
    occupancy: dict[str, list[Occupancy]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def evaluate_counts(table: LabelTable, detector: DetectorLike, *, fps: float = FRAMES_PER_SECOND) -> Report:
    """Count every film of the table, and compare. Raises LabelsWrong."""
    labels = line_labels(table)
    by_film: defaultdict[Path, list[LineLabel]] = defaultdict(list)
    for label in labels:
        by_film[label.film].append(label)
    occupants = _occupancy_table(table.folder)
    for _, row in occupants.rows if occupants else ():
        by_film.setdefault(table.file_of(row) or table.folder / row["file"], [])
    counted = _Counted()
    for film, its_labels in by_film.items():
        _count(film, its_labels, detector, fps, counted)
    tables = [_line_table(counted.lines)]
    if occupants is not None:
        tables.append(_occupancy(occupants, counted))
    return Report("counts", table.name, tuple(tables), _items(counted.lines), tuple(counted.problems))


def line_labels(table: LabelTable) -> list[LineLabel]:
    """The labelled lines, numbered through. Raises LabelsWrong."""
    labels = []
    for number, (line, row) in enumerate(table.rows, 1):
        ends = [table.number(line, row, column) for column in ("x1", "y1", "x2", "y2")]
        try:
            drawn = CountLine(str(number), (ends[0], ends[1]), (ends[2], ends[3]))
        except ValueError:
            raise table.wrong(line, "the line has no length") from None
        counts: dict[Direction, int] = {}
        for direction, column in (("a", "count_a"), ("b", "count_b")):
            if row[column] not in ("", "-"):
                counts[direction] = int(table.number(line, row, column, 0))  # type: ignore[index]
        extra = [int(table.number(line, row, name, 0)) if row.get(name) else 0 for name in _EXTRA]
        film = table.file_of(row) or table.folder / row["file"]
        turned = is_turned(drawn, row.get("direction_a", ""))
        labels.append(LineLabel(film, drawn, row.get("what", ""), counts, turned, extra[0] + extra[1], extra[2]))
    return labels


_EXTRA = ("edge_start", "edge_end", "tolerance")


def is_turned(line: CountLine, direction_a: str) -> bool:
    """Whether the named direction (up, down, left, right) points to our side b."""
    towards = _SEEN_FROM.get(direction_a.strip().lower())
    return towards is not None and towards[0] * line.normal[0] + towards[1] * line.normal[1] > 0


def _count(film: Path, labels: list[LineLabel], detector: DetectorLike, fps: float, counted: _Counted) -> None:
    try:
        result: FilmCounts | None = count_film(film, [label.line for label in labels], detector, fps=fps)
    except IstrosError as error:
        counted.problems.append(str(error))
        result = None
    for label in labels:
        for direction in label.counts:
            counted.lines.append(
                LineOutcome(label, direction, 0 if result is None else _number(result, label, direction))
            )
    counted.occupancy[film.name] = [] if result is None else result.occupancy


def _number(result: FilmCounts, label: LineLabel, direction: Direction) -> int:
    ours: Direction = direction if not label.turned else "b" if direction == "a" else "a"
    if label.what in _ALL_VEHICLES or label.what not in {*CLASSES, *_PEOPLE}:
        return result.vehicles(label.line.name, ours)
    thing = "person" if label.what in _PEOPLE else label.what
    return sum(count for key, count in result.counts.items() if key == (label.line.name, ours, thing))


def _line_table(outcomes: list[LineOutcome]) -> Table:
    rows: list[tuple[Cell, ...]] = [_line_row(outcome) for outcome in outcomes]
    wanted, wrong = sum(outcome.wanted for outcome in outcomes), sum(outcome.error for outcome in outcomes)
    rows.append(("all", "", "", "", wanted, sum(item.counted for item in outcomes), wrong, _error_share(wrong, wanted)))
    columns = ("film", "line", "what", "direction", "labelled", "counted", "wrong", "error")
    note = "Wrong: too many or too few, beyond what stands on the line when the film begins or ends. Error: wrong of labelled."
    return Table("Lines", columns, tuple(rows), note)


def _line_row(outcome: LineOutcome) -> tuple[Cell, ...]:
    label = outcome.label
    ends = ",".join(f"{value:g}" for value in (*label.line.start, *label.line.end))
    share = _error_share(outcome.error, outcome.wanted)
    return (label.film.name, ends, label.what, outcome.direction, outcome.wanted, outcome.counted, outcome.error, share)


def _error_share(wrong: int, wanted: int) -> str:
    return f"{wrong / wanted:.1%}".replace("%", " %") if wanted else ("0 %" if not wrong else "all")


def _items(outcomes: list[LineOutcome]) -> tuple[dict[str, Cell], ...]:
    return tuple(
        {
            "file": outcome.label.film.name,
            "line": int(outcome.label.line.name),
            "direction": outcome.direction,
            "labelled": outcome.wanted,
            "counted": outcome.counted,
        }
        for outcome in outcomes
    )


def _occupancy_table(folder: Path) -> LabelTable | None:
    if not (folder / OCCUPANCY).is_file():
        return None
    table = read_table(folder / OCCUPANCY)
    missing = [name for name in ("frame_from", "frame_to", "what", "count") if name not in table.columns]
    if missing:
        raise table.wrong(1, f"there is no column {', '.join(missing)}")
    return table


def _occupancy(table: LabelTable, counted: _Counted) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for line, row in table.rows:
        first, last = int(table.number(line, row, "frame_from", 0)), int(table.number(line, row, "frame_to", 0))
        wanted, measure = int(table.number(line, row, "count", 0)), _OCCUPANTS.get(row["what"])
        seen = _frames(counted.occupancy.get(Path(row["file"]).name, []), first, last)
        found = None if measure is None or not seen else statistics.median(measure(item) for item in seen)
        off = None if found is None else abs(found - wanted)
        rows.append((row["file"], f"{first} to {last}", row["what"], wanted, found, off))
    known = [row[5] for row in rows if isinstance(row[5], int | float)]
    mean = statistics.fmean(known) if known else None
    columns = ("film", "frames", "what", "labelled", "median seen", "off by")
    return Table(
        "Things in the picture", columns, (*rows, ("all", "", "", None, None, mean)), "The last row: the mean."
    )


def _frames(occupancy: list[Occupancy], first: int, last: int) -> list[Occupancy]:
    """The frames looked at in an interval; the nearest one where none was."""
    inside = [item for item in occupancy if first <= item.frame <= last]
    if inside or not occupancy:
        return inside
    return [min(occupancy, key=lambda item: abs(item.frame - (first + last) / 2))]
