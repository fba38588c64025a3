"""Tracks in films against boxes with ids: from a table, or from the ground truth that the simulated city writes."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from istros.base.errors import IstrosError
from istros.recognition.car_scale import CarScale
from istros.recognition.detector import DetectorLike
from istros.recognition.evaluation.labels import LabelsWrong, LabelTable
from istros.recognition.evaluation.report import Cell, Report, Table
from istros.recognition.evaluation.shares import Share
from istros.recognition.evaluation.sheet import Tile, part_of
from istros.recognition.evaluation.tracks import LEAST_OVERLAP, PlacedThing, TrackMatching, TrackScore
from istros.recognition.film_tracks import FilmSight, tracks_of
from istros.recognition.observation import Box, overlap
from istros.recognition.tracker import Track, kind_of
from istros.recognition.vehicle_class import judge

_LEAST_SEEN = 0.35
"""Share of a simulated thing that must be visible before it has to be found."""
_LEAST_WIDTH = 0.02
"""Share of the picture's width below which a thing need not be found: 13 px of 640."""
CLASSES = {
    "cyclist": "bicycle",
    "truck": "lorry",
    "pedestrian": "person",
    "bike": "bicycle",
    "motorbike": "motorcycle",
}
"""What labels call a thing, and what Istros calls it."""


@dataclass(frozen=True, slots=True)
class FilmTruth:
    """The labelled frames of one film; a frame that is not among them is not judged."""

    film: Path
    frames: Mapping[int, list[PlacedThing]]
    classes: Mapping[str, str]
    """What each thing is, by its id; empty where the labels do not say it."""


@dataclass(slots=True)
class _FilmResult:
    name: str
    score: TrackScore
    seen_as: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(true class, class of the track that showed it most)."""
    failures: list[Tile] = field(default_factory=list)


def evaluate_tracks(films: list[FilmTruth], detector: DetectorLike, folder: str, *, fps: float = 8.0) -> Report:
    """Follow everything in each film and compare it with the truth."""
    results, problems = [], []
    for truth in films:
        try:
            results.append(_evaluate_film(truth, detector, fps))
        except IstrosError as error:
            problems.append(str(error))
    tables = [_table(results)]
    confusion = sum((result.seen_as for result in results), Counter())
    if confusion:
        tables.append(_confusion(confusion))
    failures = tuple(tile for result in results for tile in result.failures)
    return Report("tracks", folder, tuple(tables), (), tuple(problems), failures)


def truth_of_table(table: LabelTable) -> list[FilmTruth]:
    """The films of a table with file, frame, id, x, y, w, h in pixels (and class, optional). Raises LabelsWrong.

    The pictures' size stands in the columns img_w and img_h.
    """
    for column in ("img_w", "img_h"):
        if column not in table.columns:
            raise table.wrong(1, f"tracks need the column {column}, the film's size in pixels")
    frames: defaultdict[Path, defaultdict[int, list[PlacedThing]]] = defaultdict(lambda: defaultdict(list))
    classes: defaultdict[Path, dict[str, str]] = defaultdict(dict)
    for line, row in table.rows:
        film = table.file_of(row) or table.folder / row["file"]
        columns, rows = table.number(line, row, "img_w", 1), table.number(line, row, "img_h", 1)
        x, y = table.number(line, row, "x"), table.number(line, row, "y")
        width, height = table.number(line, row, "w", 1), table.number(line, row, "h", 1)
        box = Box(x / columns, y / rows, (x + width) / columns, (y + height) / rows)
        frame = int(table.number(line, row, "frame", 0))
        frames[film][frame].append(PlacedThing(row["id"], box, row.get("optional", "") in ("1", "yes")))
        if row.get("class"):
            classes[film][row["id"]] = CLASSES.get(row["class"], row["class"])
    return [FilmTruth(film, frames[film], classes[film]) for film in frames]


def truth_of_simulation(path: Path) -> FilmTruth:
    """The vehicles of a simulated clip; the document says every frame, so that an empty one is judged, too.

    Raises LabelsWrong.
    """
    try:
        return _truth_of(json.loads(path.read_text(encoding="utf-8")), path.with_name(f"{path.stem}_main.mp4"))
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError):
        raise LabelsWrong(
            f"The ground truth {path} is not as the simulated city writes it.", "Render the clip again."
        ) from None


def _truth_of(document: dict[str, Any], film: Path) -> FilmTruth:
    frames: dict[int, list[PlacedThing]] = {number: [] for number in range(int(document["frames"]))}
    classes = {}
    for vehicle in document["vehicles"]:
        classes[vehicle["id"]] = CLASSES.get(vehicle["class"], vehicle["class"])
        for name, number, box, seen in passages_of(vehicle, document["width"], document["height"]):
            classes[name] = classes[vehicle["id"]]
            optional = seen < _LEAST_SEEN or box.width < _LEAST_WIDTH
            frames[number].append(PlacedThing(name, box, optional))
    return FilmTruth(film, frames, classes)


def passages_of(vehicle: Mapping[str, Any], columns: int, rows: int) -> Iterator[tuple[str, int, Box, float]]:
    """(id, frame, box, share seen) of each sight of a simulated vehicle, with an id of its own for each passage.

    A clip repeats without a seam, so that one vehicle may leave and come again under the same id of the truth.
    """
    passage, last, before = 0, None, Box(0, 0, 1, 1)
    for record in vehicle["frames"]:
        number, (left, top, right, bottom) = record["frame"], record["box"]
        box = Box(left / columns, top / rows, right / columns, bottom / rows)
        if last is not None:
            away = number - last
            passage += away > _GONE_FRAMES or (away > 1 and overlap(before, box) == 0)
        last, before = number, box
        yield (f"{vehicle['id']}.{passage}" if passage else str(vehicle["id"])), number, box, record["seen"]


_GONE_FRAMES = 25
"""A simulated vehicle that nobody could see for a second, or that is elsewhere when it is seen again, is a new passage."""


def _evaluate_film(truth: FilmTruth, detector: DetectorLike, fps: float) -> _FilmResult:
    matching, scale, seen_tracks, failures = TrackMatching(), CarScale(), dict[str, Track](), list[Tile]()
    wanted = {kind_of(name) for name in truth.classes.values()} or {"vehicle", "cycle", "person"}
    for sight in tracks_of(truth.film, detector, fps=fps):
        for track in sight.ended:
            scale.learn(track)
        if sight.number not in truth.frames or (sight.ended and not sight.seen):
            continue
        tracks = [track for track in sight.seen if track.kind in wanted]
        seen_tracks |= {track.id: track for track in tracks}
        found = [PlacedThing(track.id, track.box) for track in tracks]
        for switch in matching.add(truth.frames[sight.number], found):
            lines = (f"{switch.thing.id}: track {switch.before}", f"is now track {switch.after}", _place(truth, sight))
            failures.append(Tile(part_of(sight.picture, switch.thing.box), lines))
    result = _FilmResult(truth.film.name, matching.score(), failures=failures)
    for thing, showing in matching.tracks.items():
        if showing and thing in truth.classes:
            judged = judge(seen_tracks[showing.most_common(1)[0][0]], scale)
            result.seen_as[truth.classes[thing], "nothing" if judged is None else judged.thing] += 1
    return result


def _place(truth: FilmTruth, sight: FilmSight) -> str:
    return f"{truth.film.name[-24:]} {sight.number}"


def _table(results: list[_FilmResult]) -> Table:
    columns = (
        "film",
        "things",
        "found",
        "boxes found",
        "false boxes",
        "switches",
        "fragments",
        "tracks a thing",
        "IDF1",
    )
    note = (
        f"A found box is the true one from an overlap of {LEAST_OVERLAP:g}. A switch: a thing goes on as another track. "
        "A fragment: it was lost and found again. One track a thing is one observation a vehicle."
    )
    rows = [_row(result.name, result.score) for result in results]
    return Table("Tracks", columns, (*rows, _sum(results)) if len(rows) > 1 else tuple(rows), note)


def _row(name: str, score: TrackScore) -> tuple[Cell, ...]:
    return (
        name,
        score.things,
        Share(score.things_found, score.things),
        Share(score.matched, score.true_boxes),
        score.false_boxes,
        score.switches,
        score.fragments,
        score.tracks_a_thing,
        score.idf1,
    )


def _sum(results: list[_FilmResult]) -> tuple[Cell, ...]:
    scores = [result.score for result in results]
    found = sum(score.things_found for score in scores)
    boxes = sum(score.true_boxes for score in scores)
    return (
        "all",
        sum(score.things for score in scores),
        Share(found, sum(score.things for score in scores)),
        Share(sum(score.matched for score in scores), boxes),
        sum(score.false_boxes for score in scores),
        sum(score.switches for score in scores),
        sum(score.fragments for score in scores),
        sum(score.tracks_a_thing * score.things_found for score in scores) / found if found else 0.0,
        sum(score.idf1 * score.true_boxes for score in scores) / boxes if boxes else 1.0,
    )


def _confusion(seen_as: Counter[tuple[str, str]]) -> Table:
    classes = sorted({name for pair in seen_as for name in pair})
    rows: list[tuple[Cell, ...]] = []
    for true in sorted({true for true, _ in seen_as}):
        total = sum(count for (one, _), count in seen_as.items() if one == true)
        right = Share(seen_as[true, true], total)
        rows.append((true, right, *(seen_as[true, name] for name in classes)))
    note = "By the track that showed the thing in most frames."
    return Table("What was taken for what", ("is", "right", *classes), tuple(rows), note)
