"""What evaluations of faces run on each picture: one call a picture, its models loaded once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from istros.recognition.faces.age_sex import LEAST_HEIGHT_PX, AgeSex, AgeSexEstimator, described
from istros.recognition.faces.detector import FaceDetector
from istros.recognition.faces.embedder import FaceEmbedder, FaceTemplate
from istros.recognition.faces.face import Face
from istros.recognition.faces.quality import FaceQuality, quality_of
from istros.recognition.models.registry import MODELS_FOLDER
from istros.recognition.picture import Picture


@dataclass(frozen=True, slots=True)
class LargestFace:
    """The largest face of a picture, judged."""

    face: Face
    quality: FaceQuality


class FaceMeasurer:
    """Finds, compares and describes for measuring. Small refused faces can be compared too, to see what refusing is worth."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._detector = FaceDetector(folder)
        self._embedder = FaceEmbedder(folder)
        self._estimator = AgeSexEstimator(folder)

    def faces(self, picture: Picture) -> list[Face]:
        """Every face, as `istros read faces` finds them."""
        return self._detector.detect_thoroughly(picture)

    def largest(self, picture: Picture) -> LargestFace | None:
        """The largest face; None where there is none."""
        face = max(self.faces(picture), key=lambda each: each.width * each.height, default=None)
        return None if face is None else LargestFace(face, quality_of(picture, face))

    def template(self, picture: Picture, largest: LargestFace) -> FaceTemplate:
        """The face's template, whatever its quality."""
        return self._embedder.template_of(picture, largest.face)

    def described(self, picture: Picture, largest: LargestFace) -> AgeSex | None:
        """Age and sex; None where the face is too small for them."""
        if largest.face.height < LEAST_HEIGHT_PX:
            return None
        return described([self._estimator.sample_of(picture, largest.face)])
