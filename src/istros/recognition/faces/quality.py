"""How good a face's picture is, before anything is said of the face: size, blur, pose, light, and whether it is cut off.

Sources: the parts follow ISO/IEC 29794-5 (face image quality); the pose is computed from the five landmarks and a head of
mean measures (pupils 63 mm apart, the nose's tip 30 mm before them, the mouth 70 mm below; DIN 33402-2).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import atan2, cos, degrees, hypot, radians

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.recognition.faces.alignment import WIDE, chip_of
from istros.recognition.faces.face import Face
from istros.recognition.picture import Picture

LEAST_COMPARED_PX = 64
"""A face below this height is not compared: at 40 pixels one true match in twenty is missed at 1 % false ones, at 24 a third."""

_NOSE_OUT, _MOUTH_DOWN, _PUPILS = 30.0, 70.0, 63.0
_FRONTAL_NOSE = (WIDE[2, 1] - WIDE[0, 1]) / (WIDE[3, 1] - WIDE[0, 1])
"""Where between eyes and mouth the nose's tip is in a face seen from the front."""

_CHIP = 112
_TURNED, _NODDING = 35.0, 30.0
_TURNED_AWAY = 55.0
_DARK, _BRIGHT = 45.0, 220.0
_FLAT = 14.0
_SHARP, _BLURRED = 0.14, 0.05
"""Sharpness of a clear picture, and below which a face is blurred; the measure is `_sharpness`."""
_CUT_OFF = 0.12


class Shortcoming(StrEnum):
    """What is wrong with a face's picture."""

    TOO_SMALL = "too-small"
    BLURRED = "blurred"
    TURNED_AWAY = "turned-away"
    TOO_DARK = "too-dark"
    TOO_BRIGHT = "too-bright"
    WITHOUT_CONTRAST = "without-contrast"
    CUT_OFF = "cut-off"


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """Measures of one face's picture; angles in degrees, positive to the picture's right, downwards and clockwise."""

    height_px: float
    eyes_px: float
    sharpness: float
    """0 (blurred or enlarged) upwards; a clear face of 64 pixels has 0.13 and more."""
    yaw: float
    pitch: float
    roll: float
    light: float
    """Mean grey level of the face, 0 to 255."""
    contrast: float
    """Standard deviation of its grey levels."""
    cut_off: float
    """Share of the box that lies outside the picture."""
    score: float
    """0 to 1, all of it together: the product of what each part leaves."""
    shortcomings: tuple[Shortcoming, ...]

    @property
    def refused_because(self) -> Shortcoming | None:
        """Why the face must not be compared with another; None where it may be."""
        return self.shortcomings[0] if self.shortcomings else None

    @property
    def px_per_m(self) -> float:
        """Pixels a metre at the face, by its eyes, which are 63 mm apart in the mean; turned heads count as seen askew."""
        seen = max(0.2, cos(radians(self.yaw)))
        return self.eyes_px / (_PUPILS / 1000) / seen

    def measure_of(self, shortcoming: Shortcoming) -> tuple[float, float]:
        """What was found of a shortcoming, and the bound, in the units of this record."""
        measures: dict[Shortcoming, tuple[float, float]] = {
            Shortcoming.TOO_SMALL: (round(self.height_px), LEAST_COMPARED_PX),
            Shortcoming.BLURRED: (round(self.sharpness, 3), _BLURRED),
            Shortcoming.TURNED_AWAY: (round(hypot(self.yaw, self.pitch)), _TURNED_AWAY),
            Shortcoming.TOO_DARK: (round(self.light), _DARK),
            Shortcoming.TOO_BRIGHT: (round(self.light), _BRIGHT),
            Shortcoming.WITHOUT_CONTRAST: (round(self.contrast), _FLAT),
            Shortcoming.CUT_OFF: (round(self.cut_off, 2), _CUT_OFF),
        }
        return measures[shortcoming]


def quality_of(picture: Picture, face: Face) -> FaceQuality:
    """Judge a face in a BGR picture."""
    chip = cv2.cvtColor(chip_of(picture, face, _CHIP), cv2.COLOR_BGR2GRAY)
    inner = np.asarray(chip[_CHIP // 5 : -_CHIP // 5, _CHIP // 5 : -_CHIP // 5], np.float32)
    yaw, pitch, roll = pose_of(face)
    light, contrast, sharpness = float(inner.mean()), float(inner.std()), _sharpness(inner)
    cut_off = _share_outside(face, picture.shape[1], picture.shape[0])
    parts = (
        _ramp(face.height, 16, 96),
        0.2 + 0.8 * _ramp(sharpness, _BLURRED / 2, _SHARP),
        max(0.0, 1.0 - (abs(yaw) / 75) ** 2) * max(0.0, 1.0 - (abs(pitch) / 75) ** 2),
        min(_ramp(light, 15, 70), _ramp(250 - light, 5, 40)),
        _ramp(contrast, 3, 25),
        max(0.0, 1.0 - 3 * cut_off),
        0.5 + 0.5 * _ramp(face.score, 0.3, 0.7),
    )
    found = _shortcomings(face, sharpness, (yaw, pitch), light, contrast, cut_off)
    return FaceQuality(
        face.height, face.eyes_px, sharpness, yaw, pitch, roll, light, contrast, cut_off, float(np.prod(parts)), found
    )


def pose_of(face: Face) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees. Good to some ten degrees: enough to sort faces by."""
    (left, left_y), (right, right_y), nose, mouth, other_mouth = face.landmarks
    roll = atan2(right_y - left_y, right - left)
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    eye, other_eye, tip, corner, other_corner = (
        turn @ np.array(point) for point in ((left, left_y), (right, right_y), nose, mouth, other_mouth)
    )
    eyes, mouth_middle = (eye + other_eye) / 2, (corner + other_corner) / 2
    # Halfway between eyes and mouth lies the head's axis at the height of the nose.
    sideways = tip[0] - (eyes[0] + mouth_middle[0]) / 2
    half_width = max(1e-6, (other_eye[0] - eye[0]) / 2)
    yaw = atan2(sideways / _NOSE_OUT, half_width / (_PUPILS / 2))
    length = max(1e-6, float(mouth_middle[1] - eyes[1]))
    pitch = atan2(((tip[1] - eyes[1]) / length - _FRONTAL_NOSE) * _MOUTH_DOWN, _NOSE_OUT)
    return degrees(yaw), degrees(pitch), degrees(roll)


def _sharpness(grey: NDArray[np.float32]) -> float:
    """The share of the picture's variation that lies in its fine structure (1.5 % of the chip's side and less).

    Both an enlarged small face and a blurred large one lack it; the light does not change it. The ratio of the variances
    of what a Gaussian takes away and of the whole, after the measures compared by S. Pertuz et al., 2013.
    """
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 1.6)
    return float(fine.std() / (grey.std() + 2.0))


def _share_outside(face: Face, columns: int, rows: int) -> float:
    width = max(0.0, min(face.right, columns) - max(face.left, 0.0))
    height = max(0.0, min(face.bottom, rows) - max(face.top, 0.0))
    return 1.0 - width * height / max(1e-6, face.width * face.height)


def _ramp(value: float, none: float, full: float) -> float:
    return min(1.0, max(0.0, (value - none) / (full - none)))


def _shortcomings(
    face: Face, sharpness: float, pose: tuple[float, float], light: float, contrast: float, cut_off: float
) -> tuple[Shortcoming, ...]:
    yaw, pitch = pose
    found = (
        (face.height < LEAST_COMPARED_PX, Shortcoming.TOO_SMALL),
        (cut_off > _CUT_OFF, Shortcoming.CUT_OFF),
        (hypot(yaw, pitch) > _TURNED_AWAY, Shortcoming.TURNED_AWAY),
        (light < _DARK, Shortcoming.TOO_DARK),
        (light > _BRIGHT, Shortcoming.TOO_BRIGHT),
        (contrast < _FLAT, Shortcoming.WITHOUT_CONTRAST),
        (sharpness < _BLURRED, Shortcoming.BLURRED),
    )
    return tuple(each for is_so, each in found if is_so)


def sentence_of(shortcoming: Shortcoming, quality: FaceQuality) -> str:
    """Why a face is not compared, with the figure that says so."""
    match shortcoming:
        case Shortcoming.TOO_SMALL:
            return f"the face is {quality.height_px:.0f} pixels high, and {LEAST_COMPARED_PX} are needed"
        case Shortcoming.BLURRED:
            return f"the face is blurred or enlarged (sharpness {quality.sharpness:.3f}, {_BLURRED} is needed)"
        case Shortcoming.TURNED_AWAY:
            return f"the face is turned away by about {hypot(quality.yaw, quality.pitch):.0f} degrees"
        case Shortcoming.TOO_DARK:
            return f"the face is too dark (mean grey level {quality.light:.0f} of 255)"
        case Shortcoming.TOO_BRIGHT:
            return f"the face is too bright (mean grey level {quality.light:.0f} of 255)"
        case Shortcoming.WITHOUT_CONTRAST:
            return f"the face has no contrast (deviation {quality.contrast:.0f} grey levels)"
        case Shortcoming.CUT_OFF:
            return f"{quality.cut_off:.0%} of the face lie outside the picture"
