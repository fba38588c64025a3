"""`istros count`: who crosses which line in a film, by class and direction, and how many things each frame shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from istros.base.errors import IstrosError
from istros.recognition.car_scale import CarScale
from istros.recognition.detector import DetectorLike
from istros.recognition.film_tracks import FRAMES_PER_SECOND, FilmSight, tracks_of
from istros.recognition.observation import VehicleClass
from istros.recognition.tables import opened_table
from istros.recognition.tracker import Track
from istros.recognition.vehicle_class import ThingClass, is_large_mover, judge
from istros.traffic.line_count import LEAST_HITS, CountLine, Crossing, Direction, LineCounter, crossings_of

VEHICLES: tuple[str, ...] = get_args(VehicleClass)
CLASSES: tuple[str, ...] = (*VEHICLES, "person")
COUNT_COLUMNS = (
    *("file", "x1", "y1", "x2", "y2", "line", "count_a", "count_b"),
    *(f"{name}_{direction}" for name in CLASSES for direction in get_args(Direction)),
)
"""`count_a` and `count_b` are all vehicles towards each side (`line_count`); persons have columns of their own alone."""
_BLIND = 2
"""So many large unnamed movers to one vehicle with a name, and the detector does not see vehicles here."""
OCCUPANCY_COLUMNS = ("file", "frame", "time_s", "vehicles", "cycles", "persons", "moving_vehicles")


class LineOutside(IstrosError):
    """A line that lies outside the film's pictures."""

    code = "line-outside"


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How many things one frame showed."""

    frame: int
    time_s: float
    vehicles: int
    """Of all classes, cycles among them."""
    cycles: int
    persons: int
    moving_vehicles: int
    """Those on four wheels and more that do not stand."""


@dataclass(slots=True)
class FilmCounts:
    """What was counted in one film."""

    film: Path
    lines: tuple[CountLine, ...]
    counts: Counter[tuple[str, Direction, ThingClass]] = field(default_factory=Counter)
    """By line, direction and class."""
    occupancy: list[Occupancy] = field(default_factory=list)

    def vehicles(self, line: str, direction: Direction) -> int:
        """Vehicles of all classes over a line in a direction."""
        return sum(
            count
            for (name, way, thing), count in self.counts.items()
            if (name, way) == (line, direction) and thing in VEHICLES
        )


def count_film(
    film: Path, lines: Sequence[CountLine], detector: DetectorLike, *, fps: float = FRAMES_PER_SECOND
) -> FilmCounts:
    """Count a whole film. Raises UnreadableFile, and LineOutside for a line with no point in the film's pictures."""
    counting = _Counting(FilmCounts(film, tuple(lines)))
    for sight in tracks_of(film, detector, fps=fps):
        counting.see(sight)
    return counting.finish()


class _Counting:
    """One film while it is counted: crossings wait for their track's end, when its class is known best."""

    def __init__(self, result: FilmCounts) -> None:
        self.result = result
        self._counters: list[LineCounter] | None = None
        self._crossings: dict[str, list[Crossing]] = {}
        self._scale = CarScale()
        self._ended: list[Track] = []

    def see(self, sight: FilmSight) -> None:
        if self._counters is None:
            self._counters = self._counters_for(sight)
        for track in sight.seen:
            for crossing in crossings_of(self._counters, track, sight.time):
                self._crossings.setdefault(track.id, []).append(crossing)
        for track in sight.ended:
            self._end(track)
        if sight.seen or not sight.ended:
            self.result.occupancy.append(_occupancy(sight))

    def _counters_for(self, sight: FilmSight) -> list[LineCounter]:
        rows, columns = sight.picture.shape[:2]
        for line in self.result.lines:
            points = (line.start, line.end)
            if all(x < 0 or y < 0 or x > columns or y > rows for x, y in points):
                raise LineOutside(
                    f"The line {line.name} lies outside the pictures of {self.result.film.name}, "
                    f"which are {columns} pixels wide and {rows} high.",
                    "Give its points in the film's own pixels.",
                )
        return [LineCounter(line, (columns, rows)) for line in self.result.lines]

    def _end(self, track: Track) -> None:
        self._scale.learn(track)
        if track.id in self._crossings or track.hits >= LEAST_HITS:
            self._ended.append(track)
        for counter in self._counters or ():
            counter.forget(track.id)

    def finish(self) -> FilmCounts:
        """The counts, when the whole film's cars have become the ruler for the others' heights.

        From above the detector knows no vehicle; where that is so, what is large and moves counts as a car. Elsewhere it
        is left out: it is the shadow of something that has been counted.
        """
        judged = [(track, judge(track, self._scale)) for track in self._ended]
        named = sum(
            found is not None and found.thing in VEHICLES and track.hits >= LEAST_HITS for track, found in judged
        )
        unnamed = [track for track, found in judged if found is None and is_large_mover(track)]
        is_blind = len(unnamed) > _BLIND * named
        for track, found in judged:
            if found is not None:
                self._count(track, found.thing)
            elif is_blind and track in unnamed:
                self._count(track, "car")
        return self.result

    def _count(self, track: Track, thing: ThingClass) -> None:
        for crossing in self._crossings.pop(track.id, ()):
            self.result.counts[crossing.line, crossing.direction, thing] += 1


def _occupancy(sight: FilmSight) -> Occupancy:
    judged = [(track, judgement) for track in sight.seen if track.hits >= 2 and (judgement := judge(track)) is not None]
    vehicles = [track for track, judgement in judged if judgement.thing in VEHICLES]
    return Occupancy(
        sight.number,
        sight.time / 1_000_000,
        len(vehicles),
        sum(track.kind == "cycle" for track in vehicles),
        len(judged) - len(vehicles),
        sum(track.kind == "vehicle" and not track.stands for track in vehicles),
    )


def count_rows(counted: FilmCounts) -> Iterator[tuple[object, ...]]:
    """One row a line, in the order of `COUNT_COLUMNS`."""
    for line in counted.lines:
        ends = (f"{value:g}" for value in (*line.start, *line.end))
        totals = (counted.vehicles(line.name, direction) for direction in get_args(Direction))
        cells = (counted.counts[line.name, way, name] for name in CLASSES for way in get_args(Direction))  # type: ignore[index]
        yield (str(counted.film), *ends, line.name, *totals, *cells)


def occupancy_rows(counted: FilmCounts) -> Iterator[tuple[object, ...]]:
    """One row a frame that was looked at, in the order of `OCCUPANCY_COLUMNS`."""
    for item in counted.occupancy:
        yield (
            *(str(counted.film), item.frame, round(item.time_s, 3)),
            *(item.vehicles, item.cycles, item.persons, item.moving_vehicles),
        )


def write_table(path: Path, columns: Sequence[str], rows: Iterator[tuple[object, ...]]) -> None:
    """Write a CSV table. Raises TableNotWritten."""
    with opened_table(path, columns) as table:
        for row in rows:
            table.write(row)
