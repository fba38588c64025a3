"""Faces, and ages and sexes, of a labelled folder as reports: finding, comparing, describing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from istros.base.errors import IstrosError
from istros.recognition.evaluation.age_sex import ADULT_FROM, AGES, AgeSexOutcome, AgeSexScores, score_age_sex
from istros.recognition.evaluation.face_measuring import FaceMeasurer, LargestFace
from istros.recognition.evaluation.faces import FaceLabel, score_counts, score_faces
from istros.recognition.evaluation.labels import LabelTable, evenly
from istros.recognition.evaluation.report import Cell, Report, Table
from istros.recognition.evaluation.shares import Share
from istros.recognition.evaluation.sheet import Tile, part_of, reduced_to_tile
from istros.recognition.evaluation.verification import Pair, VerificationCurve
from istros.recognition.faces.age_sex import Sex
from istros.recognition.faces.embedder import FaceTemplate
from istros.recognition.faces.face import Face
from istros.recognition.faces.quality import quality_of
from istros.recognition.observation import Box
from istros.recognition.picture import Picture
from istros.recognition.read_files import picture_of

FALSE_MATCHES = (0.01, 0.001)
"""Rates of false matches for which thresholds are given, unless others are asked for."""
_WORST_PAIRS = 18
_SEXES: dict[str, Sex] = {"f": "female", "female": "female", "w": "female", "m": "male", "male": "male"}

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class _Person:
    """A picture's largest face and whose it is."""

    name: str
    file: str
    template: FaceTemplate | None
    """None where the face is refused for its quality: nothing is compared with it, so that none is made."""
    chip: Picture


class _Pictures:
    """The table's pictures, read one after the other; those that cannot be read are told."""

    def __init__(self, table: LabelTable, limit: int | None, progress: Progress | None) -> None:
        self.table = table
        by_file: defaultdict[Path, list[tuple[int, dict[str, str]]]] = defaultdict(list)
        for line, row in table.rows:
            by_file[table.file_of(row) or table.folder / row["file"]].append((line, row))
        self.rows = {file: by_file[file] for file in evenly(list(by_file), limit)}
        self.problems: list[str] = []
        self._progress = progress
        self._done = 0

    def read(self, file: Path) -> Picture | None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, len(self.rows))
        try:
            return picture_of(file)
        except (IstrosError, OSError, cv2.error) as error:
            reason = str(error) if isinstance(error, IstrosError) else f"The picture {file} cannot be read."
            self.problems.append(reason)
            return None


def evaluate_faces(
    table: LabelTable,
    measurer: FaceMeasurer,
    *,
    rates: Sequence[float] = FALSE_MATCHES,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Recall by height where boxes are labelled, numbers where numbers are, the error curve where persons are."""
    pictures = _Pictures(table, limit, progress)
    found: dict[Path, list[Face]] = {}
    people: list[_Person] = []
    for file, rows in pictures.rows.items():
        picture = pictures.read(file)
        found[file] = [] if picture is None else measurer.faces(picture)
        if picture is None:
            continue
        name = rows[0][1].get("person", "")
        largest = max(found[file], key=lambda face: face.width * face.height, default=None)
        if name and largest is not None:
            judged = LargestFace(largest, quality_of(picture, largest))
            people.append(_person(name, file, picture, judged, measurer))
    tables, failures = _found_tables(table, pictures, found)
    if "person" in table.columns:
        more, pairs = _verification(people, pictures, rates)
        tables, failures = [*tables, *more], [*failures, *pairs]
    return Report("faces", table.name, tuple(tables), (), tuple(pictures.problems), tuple(failures))


def _person(name: str, file: Path, picture: Picture, largest: LargestFace, measurer: FaceMeasurer) -> _Person:
    refused = largest.quality.refused_because is not None
    template = None if refused else measurer.template(picture, largest)
    return _Person(name, file.name, template, _chip(picture, largest.face))


def _chip(picture: Picture, face: Face) -> Picture:
    rows, columns = picture.shape[:2]
    box = Box(face.left / columns, face.top / rows, face.right / columns, face.bottom / rows)
    return part_of(picture, box, 0.2)


def _found_tables(
    table: LabelTable, pictures: _Pictures, found: dict[Path, list[Face]]
) -> tuple[list[Table], list[Tile]]:
    if "faces" in table.columns:
        return _counted(table, pictures, found)
    if not {"x", "y", "w", "h"} <= set(table.columns):
        return [], []
    labels = []
    for file, rows in pictures.rows.items():
        for line, row in rows:
            x, y = table.number(line, row, "x"), table.number(line, row, "y")
            labels.append(FaceLabel(file, x, y, table.number(line, row, "w", 1), table.number(line, row, "h", 1)))
    scores = score_faces(labels, found)
    heights: list[tuple[Cell, ...]] = [
        (f"{band.low} to {band.high}" if band.high < 10_000 else f"from {band.low}", band.found)
        for band in scores.by_height
        if band.found.total
    ]
    rows_: tuple[tuple[Cell, ...], ...] = (*heights, ("all", scores.found))
    note = f"{scores.elsewhere} boxes in {scores.pictures} pictures where no face is labelled, or a second time."
    tiles = [tile for label in scores.missed if (tile := _missed(label)) is not None]
    return [Table("Faces found, by height in pixels", ("height", "found"), rows_, note)], tiles


def _again(file: Path) -> Picture | None:
    """A picture read again, for not all of a set's pictures fit into memory; None where it cannot be read."""
    try:
        return picture_of(file)
    except (IstrosError, OSError, cv2.error):
        return None


def _missed(label: FaceLabel) -> Tile | None:
    """The face that was not found."""
    picture = _again(label.file)
    if picture is None:
        return None
    rows, columns = picture.shape[:2]
    right, bottom = (label.left + label.width) / columns, (label.top + label.height) / rows
    box = Box(label.left / columns, label.top / rows, right, bottom)
    return Tile(part_of(picture, box), ("not found", f"{label.height:.0f} px high", label.file.name[-34:]))


def _counted(table: LabelTable, pictures: _Pictures, found: dict[Path, list[Face]]) -> tuple[list[Table], list[Tile]]:
    counts, tiles = [], []
    for file, rows in pictures.rows.items():
        labelled = sum(int(table.number(line, row, "faces", 0)) for line, row in rows)
        counts.append((labelled, len(found[file])))
        if labelled != len(found[file]) and (picture := _again(file)) is not None:
            tiles.append(Tile(reduced_to_tile(picture), (f"has {labelled}, found {len(found[file])}", file.name[-34:])))
    scores = score_counts(counts)
    columns = ("pictures", "faces found", "found beyond the labels", "pictures with the right number")
    return [Table("Faces found", columns, ((len(counts), scores.found, scores.beyond, scores.right),))], tiles


def _verification(people: list[_Person], pictures: _Pictures, rates: Sequence[float]) -> tuple[list[Table], list[Tile]]:
    seen = [(person, person.template) for person in people if person.template is not None]
    left_out = Share(len(people) - len(seen), len(people))
    note = (
        f"{len(people)} of {len(pictures.rows)} pictures show a face; for quality refused: {left_out}. Those are not "
        "compared. A genuine pair shows one person, an impostor pair two (ISO/IEC 19795-1)."
    )
    pairs = [
        (Pair(template.distance(another), one.name == other.name, one.name, other.name), one, other)
        for position, (one, template) in enumerate(seen)
        for other, another in seen[position + 1 :]
    ]
    try:
        curve = VerificationCurve([pair for pair, _, _ in pairs])
    except ValueError:
        lacking = "There are no pairs of one person, or none of two, that may be compared. " + note
        return [Table("Comparing faces", ("pairs",), ((len(pairs),),), lacking)], []
    return _curve_tables(curve, rates, note), _worst(pairs, curve.threshold_for(rates[0]).distance)


def _curve_tables(curve: VerificationCurve, rates: Sequence[float], note: str) -> list[Table]:
    columns = ("wanted false matches", "distance", "95 % from", "to", "false matches", "true matches", "known")
    rows: list[tuple[Cell, ...]] = []
    for rate in rates:
        found = curve.threshold_for(rate)
        known = "yes" if found.is_known else "no: fewer than 30 false matches seen"
        rows.append((rate, found.distance, found.low, found.high, found.false_matches, found.true_matches, known))
    at, error = curve.equal_error()
    note += f" Equal error: {error:.2%} at {at:.3f}."
    points: list[tuple[Cell, ...]] = [
        (point.threshold, point.false_matches.value, point.misses.value) for point in curve.points(24)
    ]
    model = curve.model()
    fitted: tuple[Cell, ...] = (model.mean, model.deviation, model.pairs, model.people)
    return [
        Table("Thresholds", columns, tuple(rows), note),
        Table("Error curve", ("distance", "false matches", "misses"), tuple(points)),
        Table(
            "Distances of different people, as a normal distribution",
            ("mean", "deviation", "pairs", "people"),
            (fitted,),
        ),
    ]


def _worst(pairs: list[tuple[Pair, _Person, _Person]], threshold: float) -> list[Tile]:
    """Different people nearest to each other, and pictures of one person that do not match."""
    false = sorted((item for item in pairs if not item[0].same), key=lambda item: item[0].distance)
    missed = sorted((item for item in pairs if item[0].same), key=lambda item: -item[0].distance)
    wrong = [(item, "different people") for item in false if item[0].distance <= threshold][:_WORST_PAIRS]
    wrong += [(item, "one person") for item in missed if item[0].distance > threshold][:_WORST_PAIRS]
    return [
        Tile(_side_by_side(one.chip, other.chip), (f"{what}: {pair.distance:.3f}", one.file[-34:], other.file[-34:]))
        for (pair, one, other), what in wrong
    ]


def _side_by_side(one: Picture, other: Picture) -> Picture:
    sizes = [(max(1, round(chip.shape[1] * 120 / chip.shape[0])), 120) for chip in (one, other)]
    chips = [cv2.resize(chip, size) for chip, size in zip((one, other), sizes, strict=True)]
    return np.asarray(np.hstack(chips), np.uint8)


def evaluate_age_sex(
    table: LabelTable, measurer: FaceMeasurer, *, limit: int | None = None, progress: Progress | None = None
) -> Report:
    """What is said of the largest face of each picture, against its `age` (years) and `sex` (female, male)."""
    pictures = _Pictures(table, limit, progress)
    outcomes: list[AgeSexOutcome] = []
    tiles: list[tuple[float, Tile]] = []
    for file, rows in pictures.rows.items():
        line, row = rows[0]
        age = table.number(line, row, "age", 0) if row.get("age") else None
        sex = _sex_of(table, line, row)
        picture = pictures.read(file)
        largest = None if picture is None else measurer.largest(picture)
        said = None if picture is None or largest is None else measurer.described(picture, largest)
        outcome = AgeSexOutcome(age, sex, said)
        outcomes.append(outcome)
        if picture is not None and largest is not None and (fault := _fault(outcome)) is not None:
            tiles.append((-fault[0], Tile(_chip(picture, largest.face), (*fault[1], file.name[-34:]))))
    failures = tuple(tile for _, tile in sorted(tiles, key=lambda item: item[0]))
    rows_ = tuple(_age_row(scores) for scores in score_age_sex(outcomes))
    columns = ("true age", "described", "mean error, years", "95 % from", "to", "bias", "age in the band", "sex right",
               "sex right where sure")  # fmt: skip
    note = "Bias below 0: taken for younger. Every other attribute of a person is left alone."
    tables = (Table("Age and sex", columns, rows_, note),)
    return Report("age-sex", table.name, tables, (), tuple(pictures.problems), failures)


def _sex_of(table: LabelTable, line: int, row: dict[str, str]) -> Sex | None:
    text = row.get("sex", "").lower()
    if not text:
        return None
    if text not in _SEXES:
        raise table.wrong(line, f"sex is {row['sex']!r} and must be female or male")
    return _SEXES[text]


def _fault(outcome: AgeSexOutcome) -> tuple[float, tuple[str, str]] | None:
    """(how bad, two lines) where the age lies outside the band or the sex is wrong."""
    said = outcome.said
    if said is None:
        return None
    outside = 0.0
    if outcome.age is not None:
        outside = max(said.age.low - outcome.age, outcome.age - said.age.high, 0.0)
    wrong_sex = outcome.sex is not None and said.sex.sex != outcome.sex
    if not outside and not wrong_sex:
        return None
    is_ = f"is {'' if outcome.age is None else f'{outcome.age:g} '}{outcome.sex or ''}"
    return outside + 100 * wrong_sex, (
        is_,
        f"said {said.age.low} to {said.age.high}, {said.sex.sex} {said.sex.certainty:.2f}",
    )


def _age_row(scores: AgeSexScores) -> tuple[Cell, ...]:
    name = "adults" if scores.low == ADULT_FROM and scores.high == AGES[-1] else f"{scores.low} to {scores.high}"
    name = "all" if (scores.low, scores.high) == (AGES[0], AGES[-1]) else name
    low, high = scores.mean_error_interval or (None, None)
    return (
        *(name, scores.described, scores.mean_error, low, high, scores.bias),
        *(scores.in_band, scores.sex_right, scores.sex_right_sure),
    )
