"""The evaluations of faces on made-up results whose scores are known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from istros.recognition.evaluation.age_sex import AgeSexOutcome, score_age_sex
from istros.recognition.evaluation.face_measuring import FaceMeasurer, LargestFace
from istros.recognition.evaluation.face_reports import evaluate_faces
from istros.recognition.evaluation.faces import FaceLabel, score_counts, score_faces
from istros.recognition.evaluation.labels import read_table
from istros.recognition.evaluation.verification import Pair, VerificationCurve, all_pairs
from istros.recognition.faces.age_sex import AgeSexSample, described
from istros.recognition.faces.embedder import FaceTemplate
from istros.recognition.faces.face import Face
from istros.recognition.picture import Picture
from tests.recognition.pictures import needs_models, street
from tests.recognition.simulated_faces import close_up

A, B, C = Path("a.jpg"), Path("b.jpg"), Path("c.jpg")


def _face(x: float, y: float, height: float, score: float = 0.9) -> Face:
    half = height * 0.4
    return Face(x - half, y - height / 2, x + half, y + height / 2, score, ((0, 0),) * 5)


def _label(file: Path, x: float, y: float, height: float) -> FaceLabel:
    return FaceLabel(file, x - height * 0.4, y - height / 2, height * 0.8, height)


def test_recall_is_counted_by_height_and_the_rest_is_elsewhere() -> None:
    labels = [_label(A, 50, 50, 20), _label(A, 150, 50, 40), _label(B, 80, 80, 40), _label(B, 300, 80, 100)]
    found = {
        A: [_face(150, 52, 36), _face(152, 50, 44, 0.5), _face(500, 500, 40)],
        B: [_face(300, 80, 110), _face(80, 80, 10)],
        C: [_face(10, 10, 30)],
    }
    scores = score_faces(labels, found)
    assert (scores.found.hits, scores.found.total, scores.pictures) == (2, 4, 3)
    by_height = {band.low: (band.found.hits, band.found.total) for band in scores.by_height if band.found.total}
    assert by_height == {16: (0, 1), 32: (1, 2), 96: (1, 1)}
    # The second box of one face, the one in the corner, the one of another size, the one in the unlabelled picture.
    assert scores.elsewhere == 4
    assert set(scores.missed) == {labels[0], labels[2]}


def test_numbers_of_faces_are_compared_a_picture() -> None:
    scores = score_counts([(3, 3), (2, 1), (0, 2), (0, 0)])
    assert (scores.found.hits, scores.found.total, scores.beyond) == (4, 5, 2)
    assert (scores.right.hits, scores.right.total) == (2, 4)


def _pairs(impostors: int = 400) -> list[Pair]:
    source = np.random.default_rng(5)
    genuine = [Pair(float(d), True, f"p{n % 20}", f"p{n % 20}") for n, d in enumerate(source.normal(0.4, 0.08, 200))]
    different = [
        Pair(float(d), False, f"p{n % 20}", f"p{(n % 20 + 1 + n % 7) % 20}")
        for n, d in enumerate(source.normal(0.8, 0.08, impostors))
    ]
    return genuine + different


def test_the_curve_counts_both_errors() -> None:
    pairs = [Pair(d, True, "a", "a") for d in (0.2, 0.3, 0.6)] + [
        Pair(d, False, "a", "b") for d in (0.5, 0.7, 0.8, 0.9)
    ]
    curve = VerificationCurve(pairs)
    point = curve.at(0.5)
    assert (point.false_matches.hits, point.false_matches.total) == (1, 4)
    assert (point.misses.hits, point.misses.total) == (1, 3)
    assert curve.at(0.1).misses.value == 1.0 and curve.at(0.95).false_matches.value == 1.0
    rates = [each.false_matches.value for each in curve.points()]
    assert len(rates) == 7 and rates == sorted(rates, key=lambda rate: rate or 0.0)
    with pytest.raises(ValueError, match="needs pairs"):
        VerificationCurve(pairs[:3])


def test_a_threshold_keeps_its_rate_and_knows_its_uncertainty() -> None:
    curve = VerificationCurve(_pairs())
    for rate in (0.01, 0.1):
        threshold = curve.threshold_for(rate)
        assert threshold.false_matches.value is not None and threshold.false_matches.value <= rate
        beyond = curve.at(threshold.distance + 0.02).false_matches.value
        assert beyond is not None and beyond > rate
        assert threshold.low <= threshold.distance <= threshold.high
        assert threshold.true_matches.value == pytest.approx(1.0, abs=0.02)
    assert not curve.threshold_for(0.01).is_known and curve.threshold_for(0.1).is_known
    assert curve.threshold_for(0.0).false_matches.hits == 0
    few, many = (VerificationCurve(_pairs(n)).threshold_for(0.05) for n in (100, 4000))
    assert few.high - few.low > many.high - many.low
    at, error = curve.equal_error()
    assert at == pytest.approx(0.6, abs=0.04) and error < 0.02


def test_equal_distances_stand_or_fall_together() -> None:
    pairs = [Pair(0.4, True, "a", "a")] + [Pair(d, False, "a", "b") for d in (0.5, 0.5, 0.5, 0.8)]
    threshold = VerificationCurve(pairs).threshold_for(0.3)
    assert threshold.false_matches.hits == 0 and 0.4 <= threshold.distance < 0.5


def test_the_fitted_model_foretells_the_rate() -> None:
    model = VerificationCurve(_pairs(4000)).model()
    assert (model.pairs, model.people) == (4000, 20)
    assert model.rate_at(0.64) == pytest.approx(0.0228, rel=0.3)


def test_every_pair_comes_once() -> None:
    distances = np.arange(9, dtype=float).reshape(3, 3)
    pairs = all_pairs(distances, ["a", "b", "a"])
    assert [(pair.distance, pair.same) for pair in pairs] == [(1.0, False), (2.0, True), (5.0, False)]


def test_age_and_sex_are_scored_by_band_of_true_age() -> None:
    def outcome(age: float, sex: str, said_age: float | None, female: float = 0.0) -> AgeSexOutcome:
        said = None if said_age is None else described([AgeSexSample(said_age, female)])
        return AgeSexOutcome(age, sex, said)  # type: ignore[arg-type]

    rows = score_age_sex(
        [
            outcome(30, "female", 35, 0.9), outcome(32, "male", 30, 0.3), outcome(38, "male", 60, 0.6),
            outcome(2, "female", 3, 0.55), outcome(35, "male", None),
        ]
    )  # fmt: skip
    by_band = {(row.low, row.high): row for row in rows}
    assert set(by_band) == {(0, 4), (25, 40), (18, 120), (0, 120)}
    adults = by_band[25, 40]
    assert adults.mean_error == pytest.approx((5 + 2 + 22) / 3) and adults.bias == pytest.approx((5 - 2 + 22) / 3)
    assert adults.mean_error_interval is not None
    assert adults.mean_error_interval[0] <= adults.mean_error <= adults.mean_error_interval[1]
    assert (adults.described.hits, adults.described.total) == (3, 4)
    assert (adults.in_band.hits, adults.in_band.total) == (2, 3)
    assert (adults.sex_right.hits, adults.sex_right.total) == (2, 3)
    assert (adults.sex_right_sure.hits, adults.sex_right_sure.total) == (1, 1)
    only_sex = score_age_sex([AgeSexOutcome(None, "male", described([AgeSexSample(30, 0.1)]))])
    assert only_sex[0].mean_error is None and only_sex[0].sex_right.value == 1.0
    assert score_age_sex([]) == []


@needs_models
def test_a_picture_is_measured_by_its_largest_face() -> None:
    measurer = FaceMeasurer()
    picture, face = close_up("w02", 70)
    largest = measurer.largest(picture)
    assert largest is not None
    assert abs(largest.face.height - face.height) < 0.3 * face.height
    template = measurer.template(picture, largest)
    assert template.distance(measurer.template(picture, largest)) == 0
    assert measurer.described(picture, largest) is not None
    assert measurer.largest(street()) is None


class _OneSmallFace(FaceMeasurer):
    """Finds a face that is too small to be compared, and must not be asked for its template."""

    def __init__(self) -> None:
        """Without any model."""

    def faces(self, picture: Picture) -> list[Face]:
        return [_face(picture.shape[1] / 2, picture.shape[0] / 2, 30)]

    def template(self, picture: Picture, largest: LargestFace) -> FaceTemplate:
        raise AssertionError("a template of a face that is refused")


def test_no_template_is_made_of_a_face_that_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), street())
    (tmp_path / "labels.csv").write_text("file,person\na.png,somebody\n")
    report = evaluate_faces(read_table(tmp_path / "labels.csv"), _OneSmallFace())
    assert report.problems == ()
    assert "for quality refused: 100" in report.tables[0].note
