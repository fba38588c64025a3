"""Pictures that the tests draw themselves, and where the real ones are."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from istros.recognition.models.registry import MANIFEST, MODELS_FOLDER
from istros.recognition.picture import Picture
from istros.sim.city.plates import Plate, plate_picture

EVAL = Path(os.environ.get("ISTROS_EVAL", Path(__file__).resolve().parents[3] / "shared" / "eval"))

needs_models = pytest.mark.skipif(
    not (MODELS_FOLDER / MANIFEST).is_file(), reason="the models' weights are not built: ./istros setup builds them"
)
needs_eval = pytest.mark.skipif(
    not EVAL.is_dir(), reason="the evaluation sets are not there: ISTROS_EVAL names their folder"
)


def street(columns: int = 640, rows: int = 360) -> Picture:
    """A plain grey-green picture with a little noise."""
    noise = np.random.default_rng(7).integers(-6, 7, (rows, columns, 3))
    return np.clip(np.array([90, 100, 95]) + noise, 0, 255).astype(np.uint8)


def draw_plate(picture: Picture, lines: tuple[str, ...], x: int, y: int, scale: float = 1.1) -> None:
    """Draw a white plate with black text, its middle at x, y."""
    sizes = [cv2.getTextSize(line, cv2.FONT_HERSHEY_DUPLEX, scale, 3)[0] for line in lines]
    width, height = max(size[0] for size in sizes) + 16, round(36 * scale) * len(lines)
    left, top = x - width // 2, y - height // 2
    cv2.rectangle(picture, (left, top), (left + width, top + height), (245, 245, 245), -1)
    for number, (line, size) in enumerate(zip(lines, sizes, strict=True)):
        base = top + round(36 * scale * (number + 0.5)) + size[1] // 2
        cv2.putText(
            picture, line, (x - size[0] // 2, base), cv2.FONT_HERSHEY_DUPLEX, scale, (15, 15, 15), 3, cv2.LINE_AA
        )


def paste_plate(picture: Picture, text: str, corners: npt.NDArray[np.floating], country: str = "UA") -> None:
    """Put a plate of the simulated city into the picture: `corners` (4, 2) clockwise from the text's top left."""
    plate = np.asarray(plate_picture(Plate(text, country)), np.uint8)[:, :, ::-1]
    width = max(8.0, 2 * float(np.linalg.norm(corners[1] - corners[0])))
    scale = min(1.0, width / plate.shape[1])
    plate = cv2.resize(plate, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rows, columns = plate.shape[:2]
    outline = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    transform = cv2.getPerspectiveTransform(outline, corners.astype(np.float32))
    size = picture.shape[1], picture.shape[0]
    cv2.warpPerspective(plate, transform, size, dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
