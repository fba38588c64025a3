"""Which weights each kind of evaluation measures, by their hashes."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from istros.recognition.evaluation.labels import Kind
from istros.recognition.evaluation.report import Weights
from istros.recognition.models.cards import (
    AGE_ESTIMATOR,
    AGE_SEX_READER,
    FACE_DETECTOR,
    FACE_EMBEDDER,
    PLATE_CORNERS,
    PLATE_DETECTOR,
    PLATE_RECOGNISER,
    SEX_CLASSIFIER,
    STREET_DETECTOR,
    TEXT_RECOGNISER,
    ModelCard,
)
from istros.recognition.models.registry import MODELS_FOLDER, hash_of, model_path, running_models

MEASURED: MappingProxyType[Kind, tuple[ModelCard, ...]] = MappingProxyType(
    {
        "plates": (PLATE_DETECTOR, PLATE_CORNERS, PLATE_RECOGNISER, TEXT_RECOGNISER),
        "faces": (FACE_DETECTOR, FACE_EMBEDDER),
        "age-sex": (FACE_DETECTOR, AGE_ESTIMATOR, SEX_CLASSIFIER, AGE_SEX_READER),
        "counts": (STREET_DETECTOR,),
        "tracks": (STREET_DETECTOR,),
    }
)
OWN_DETECTOR = "own-detector"
"""The name under which the record has a detector of one's own."""


def weights_of(kind: Kind, detector: Path | None = None, folder: Path = MODELS_FOLDER) -> tuple[Weights, ...]:
    """What an evaluation of that kind measures, by the hashes that the files were held against; `detector` is the card of one's own."""
    if detector is not None and STREET_DETECTOR in MEASURED[kind]:
        return (Weights(OWN_DETECTOR, detector.name, hash_of(detector)),)
    paths = [(card.name, model_path(card, folder)) for card in MEASURED[kind]]
    hashes = running_models(folder)
    return tuple(Weights(name, path.name, hashes[name]) for name, path in paths)
