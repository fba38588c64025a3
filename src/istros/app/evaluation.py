"""`istros evaluate`: every evaluation that a labelled folder allows, or the ones that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from istros.recognition.detector import SIZES, DetectorLike
from istros.recognition.evaluation.face_measuring import FaceMeasurer
from istros.recognition.evaluation.face_reports import FALSE_MATCHES, evaluate_age_sex, evaluate_faces
from istros.recognition.evaluation.film_tracks import evaluate_tracks, truth_of_simulation, truth_of_table
from istros.recognition.evaluation.labels import (
    NEEDED,
    Kind,
    LabelsWrong,
    LabelTable,
    evenly,
    simulated_truth,
    tables_of,
)
from istros.recognition.evaluation.parts import Part
from istros.recognition.evaluation.plates import evaluate_plates
from istros.recognition.evaluation.report import Report
from istros.recognition.evaluation.weights import weights_of
from istros.recognition.film_tracks import FRAMES_PER_SECOND
from istros.recognition.own_detector import detector_of
from istros.recognition.plates.reader import PlateReader
from istros.traffic.counts_evaluation import evaluate_counts


@dataclass(frozen=True, slots=True)
class EvaluationWishes:
    """What to evaluate and with what."""

    kinds: tuple[Kind, ...] = ()
    """Empty: all that the labels allow."""
    part: Part = field(default_factory=Part)
    """Which of the folder's files; all of them unless it says otherwise."""
    limit: int | None = None
    """At most so many pictures, evenly spread."""
    detector: Path | None = None
    """The card of another detector of people and vehicles."""
    fps: float = FRAMES_PER_SECOND
    false_matches: tuple[float, ...] = FALSE_MATCHES
    """Rates of false matches for which a face threshold is wanted."""
    progress: Callable[[Kind, int, int], object] = lambda kind, done, total: None


def evaluate_folder(folder: Path, wishes: EvaluationWishes) -> Iterator[Report]:
    """One report a kind, which names the weights that it measured.

    Raises LabelsWrong when the folder's labels are at fault or allow nothing that was asked for.
    """
    for kind, report in _reports(folder, wishes):
        yield replace(report, weights=weights_of(kind, wishes.detector))


def _reports(folder: Path, wishes: EvaluationWishes) -> Iterator[tuple[Kind, Report]]:
    truths = simulated_truth(folder) if folder.is_dir() else []
    if truths and "tracks" in (wishes.kinds or ("tracks",)):
        chosen = evenly(wishes.part.of_files(folder, truths), wishes.limit)
        name = folder.name if wishes.part.is_all else f"{folder.name} ({wishes.part})"
        truth = [truth_of_simulation(path) for path in chosen]
        yield "tracks", evaluate_tracks(truth, _detector(wishes), name, fps=wishes.fps)
        return
    tables = tables_of(folder)
    found = [(kind, table) for kind, table in tables if not wishes.kinds or kind in wishes.kinds]
    missing = set(wishes.kinds) - {kind for kind, _ in found}
    if missing:
        wanted = "; or ".join(", ".join(columns) for kind in sorted(missing) for columns in NEEDED[kind])
        raise LabelsWrong(
            f"The labels in {folder} allow no evaluation of {' and '.join(sorted(missing))}.",
            f"It needs the columns {wanted}.",
        )
    for kind, table in found:
        yield kind, _evaluate(kind, wishes.part.of(table), wishes)


def _evaluate(kind: Kind, table: LabelTable, wishes: EvaluationWishes) -> Report:
    def tell(done: int, total: int) -> None:
        wishes.progress(kind, done, total)

    match kind:
        case "plates":
            return evaluate_plates(table, PlateReader(), limit=wishes.limit, progress=tell)
        case "counts":
            return evaluate_counts(table, _detector(wishes), fps=wishes.fps)
        case "tracks":
            return evaluate_tracks(truth_of_table(table), _detector(wishes), table.name, fps=wishes.fps)
        case "faces":
            rates = wishes.false_matches
            return evaluate_faces(table, FaceMeasurer(), rates=rates, limit=wishes.limit, progress=tell)
        case "age-sex":
            return evaluate_age_sex(table, FaceMeasurer(), limit=wishes.limit, progress=tell)


def _detector(wishes: EvaluationWishes) -> DetectorLike:
    return detector_of(wishes.detector, size=SIZES["wide"])
