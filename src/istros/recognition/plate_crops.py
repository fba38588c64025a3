"""The part of a picture that holds a plate: how well it can be read, and what is kept of it."""

from __future__ import annotations

from math import atan2, cos, hypot, pi

import cv2
import numpy as np

from istros.base.time import Time
from istros.recognition.main_pictures import FrameLike
from istros.recognition.observation import Box, PlateText
from istros.recognition.picture import Picture
from istros.recognition.plates.reader import PixelBox, PlateReadCandidate
from istros.recognition.plates.track_reading import FrameReading

CROP_BYTES = 8000
_WIDEST_PX = 240
_WIDE_PX = 120
"""Width of a plate from which more pixels help no more."""
_MARGIN = 0.12
Corners = tuple[tuple[float, float], ...]


def reading_of(found: PlateReadCandidate, part: Picture, whole: Box, vehicle: Box | None, time: Time) -> FrameReading:
    """What one frame says of a plate that was found in a part of it; `whole` is that part's place in the picture."""
    rows, columns = part.shape[:2]
    across, down = (whole.right - whole.left) / columns, (whole.bottom - whole.top) / rows
    box = found.box
    crop = part_of(part, box)
    return FrameReading(
        time=time,
        text=PlateText(found.text, found.confidence, found.country),
        characters=found.characters,
        alternatives=tuple(PlateText(text, confidence) for text, confidence in found.alternatives),
        plate_box=Box(
            whole.left + box.left * across,
            whole.top + box.top * down,
            whole.left + box.right * across,
            whole.top + box.bottom * down,
        ),
        vehicle_box=vehicle,
        width_px=round(box.right - box.left),
        quality=quality_of(crop, found.corners),
        crop_jpeg=crop_jpeg(crop),
    )


def part_of(picture: Picture, box: PixelBox) -> Picture:
    """The plate with a margin."""
    rows, columns = picture.shape[:2]
    margin = _MARGIN * (box.right - box.left)
    left, right = max(0, int(box.left - margin)), min(columns, int(box.right + margin) + 1)
    top, bottom = max(0, int(box.top - margin)), min(rows, int(box.bottom + margin) + 1)
    return picture[top:bottom, left:right]


def quality_of(crop: Picture, corners: Corners = ()) -> float:
    """0 to 1 from a plate's width, its sharpness (variance of the Laplacian, J. Pech-Pacheco et al., 2000) and its angle."""
    if crop.size == 0:
        return 0.0
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    size = min(1.0, crop.shape[1] / (1 + 2 * _MARGIN) / _WIDE_PX)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_64F).var()) / float(grey.var() + 25.0)
    return float(size * (0.4 + 0.6 * min(1.0, sharpness)) * uprightness_of(corners))


def uprightness_of(corners: Corners) -> float:
    """1 for a plate whose sides are level and upright, less for one that is turned or sheared: the product of the cosines.

    `corners` go clockwise from the upper left; without four of them nothing is known, which counts as 1.
    """
    if len(corners) != 4:
        return 1.0
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = corners
    along = (x2 - x1 + x3 - x4, y2 - y1 + y3 - y4)
    upright = (x4 - x1 + x3 - x2, y4 - y1 + y3 - y2)
    if hypot(*along) < 1e-6 or hypot(*upright) < 1e-6:
        return 1.0
    slope, lean = atan2(along[1], along[0]), atan2(upright[1], upright[0]) - pi / 2
    return max(0.1, cos(slope)) * max(0.1, cos(lean))


def sharpest(frames: list[FrameLike], box: Box) -> FrameLike:
    """Of pictures a moment apart the one whose lower part of a vehicle has the most fine detail."""
    return frames[-1] if len(frames) == 1 else max(frames, key=lambda frame: _detail(frame.luma, box))


def _detail(luma: Picture, box: Box) -> float:
    rows, columns = luma.shape[:2]
    middle = (box.top + box.bottom) / 2
    part = luma[int(middle * rows) : int(box.bottom * rows), int(box.left * columns) : int(box.right * columns)]
    return float(cv2.Laplacian(np.ascontiguousarray(part), cv2.CV_16S).var()) if part.size else 0.0


def crop_jpeg(crop: Picture) -> bytes:
    """The plate's picture as JPEG of at most `CROP_BYTES` bytes; empty where there is nothing to show."""
    if crop.size == 0:
        return b""
    if crop.shape[1] > _WIDEST_PX:
        height = max(1, round(crop.shape[0] * _WIDEST_PX / crop.shape[1]))
        crop = np.asarray(cv2.resize(crop, (_WIDEST_PX, height), interpolation=cv2.INTER_AREA), np.uint8)
    for quality in (85, 70, 50, 30, 10):
        done, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and data.nbytes <= CROP_BYTES:
            return data.tobytes()
    return b""
