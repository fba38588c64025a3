"""Compares converted and exported models with what their originals compute for a picture from a formula."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from istros.base.errors import IstrosError
from istros.recognition.models.centerface import CHANNELS
from istros.recognition.models.centernet import reference_picture
from istros.recognition.models.face_resnet import SIDE
from istros.recognition.models.face_xception import SIDE as XCEPTION_SIDE
from istros.recognition.models.tfjs import Array

_FOLDER = Path(__file__).parent
_DETECTOR_TOLERANCE, _EMBEDDER_TOLERANCE, _READER_TOLERANCE, _PLATE_TOLERANCE = 2e-5, 2e-5, 1e-3, 1e-3
PLATE_SIDE = 320
"""Side of the picture with which the plate detector is compared."""
_RECOGNISER_TOLERANCE = 1e-3


class ConversionDiffers(IstrosError):
    """A converted model does not compute what its original does."""

    code = "model-differs"


def check_face_detector(path: Path) -> float:
    """Compare with OpenCV's run of the file as it was shipped; the largest difference of a value. Raises `ConversionDiffers`."""
    reference, results = _reference("face_detector"), _run(path, reference_picture(256), tuple(CHANNELS))
    error = 0.0
    for name, result in zip(CHANNELS, results, strict=True):
        points = reference[name]
        found = np.array([result[0][channel, row, column] for channel, row, column, _ in points])
        error = max(error, float(np.abs(found - np.array([value for *_, value in points])).max()))
    return _accepted("face detector", error, _DETECTOR_TOLERANCE)


def check_face_embedder(path: Path) -> float:
    """Compare with face-api's own result; the largest difference of a number. Raises `ConversionDiffers`."""
    (embeddings,) = _run(path, reference_picture(SIDE), ("embeddings",))
    expected = np.array(_reference("face_embedder")["embedding"]).reshape(-1)
    return _accepted("face embedder", float(np.abs(embeddings[0] - expected).max()), _EMBEDDER_TOLERANCE)


def check_age_sex_reader(path: Path) -> float:
    """Compare with face-api's own result; the largest difference, in years or of a probability. Raises `ConversionDiffers`."""
    ages, probabilities = _run(path, reference_picture(XCEPTION_SIDE), ("ages", "probabilities"))
    reference = _reference("age_sex_reader")
    found = np.array([ages[0][0], *probabilities[0]])
    expected = np.array([reference["age"], *reference["probabilities"]])
    return _accepted("age and sex reader", float(np.abs(found - expected).max()), _READER_TOLERANCE)


def check_plate_detector(path: Path) -> float:
    """Compare with PyTorch's own result (written at the export); the largest difference. Raises `ConversionDiffers`."""
    reference = _reference("plate_detector")
    picture = reference_picture(PLATE_SIDE).mean(axis=1, keepdims=True) / np.float32(255)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    error = 0.0
    for name, result in zip(reference, session.run(list(reference), {"grey": picture}), strict=True):
        found = np.array([result[0][channel, row, column] for channel, row, column, _ in reference[name]])
        error = max(error, float(np.abs(found - np.array([value for *_, value in reference[name]])).max()))
    return _accepted("plate detector", error, _PLATE_TOLERANCE)


def check_plate_corners(path: Path) -> float:
    """Compare with PyTorch's own result for a cut from a formula; the largest difference. Raises `ConversionDiffers`."""
    rows, columns = np.mgrid[0:80, 0:192]
    cut = ((columns * 3 + rows * 5 + ((columns * rows) >> 6) * 7) % 256).astype(np.float32) / np.float32(255)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (offsets,) = session.run(["offsets"], {"cuts": cut[None, None]})
    return _accepted(
        "net of plates' corners", float(np.abs(offsets[0] - _reference("plate_corners")["offsets"]).max()), 1e-4
    )


def plate_crops() -> Array:
    """Two crops (2, 48, 144) uint8 by a formula: stripes and rings."""
    y, x = np.mgrid[0:48, 0:144]
    stripes = 128 + 100 * np.sin(x / 5.0) * np.cos(y / 7.0)
    rings = 128 + 100 * np.cos(np.hypot(x - 60, (y - 20) * 2) / 6.0)
    return np.stack([stripes, rings]).round().astype(np.uint8)


def check_plate_recogniser(path: Path) -> float:
    """Compare with PyTorch's own result (written at the export); the largest difference. Raises `ConversionDiffers`."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    signs, countries = session.run(["signs", "countries"], {"crops": plate_crops()})
    reference = _reference("plate_recogniser")
    found = np.array([signs[crop, place, sign] for crop, place, sign, _ in reference["signs"]])
    error = float(np.abs(found - np.array([value for *_, value in reference["signs"]])).max())
    error = max(error, float(np.abs(countries - np.array(reference["countries"])).max()))
    return _accepted("plate recogniser", error, _RECOGNISER_TOLERANCE)


def _reference(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}_reference.json").read_text(encoding="utf-8"))
    return document


def _run(path: Path, picture: Array, outputs: tuple[str, ...]) -> list[Array]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    results: list[Array] = session.run(list(outputs), {"images": picture})
    return results


def _accepted(what: str, error: float, tolerance: float) -> float:
    if error > tolerance:
        raise ConversionDiffers(
            f"The converted {what} differs from the original by {error:.3g}.",
            "Build with the pinned versions of onnx and onnxruntime.",
        )
    return error
