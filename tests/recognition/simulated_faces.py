"""Faces of people who do not exist: the simulated city's clip of Tulcea's square, with its ground truth."""

from __future__ import annotations

import json
from functools import lru_cache

import cv2
import numpy as np

from istros.recognition.faces.detector import FaceDetector
from istros.recognition.faces.face import Face
from istros.recognition.picture import Picture
from istros.sim.clips import FOLDER
from istros.video.files import frames_of

NAME = "tulcea-square"
_ROUND = 160


@lru_cache(maxsize=8)
def square(number: int) -> Picture:
    """A frame (1080, 1920, 3) of the main stream."""
    for item in frames_of(FOLDER / f"{NAME}_main.mp4"):
        if item.number == number:
            return item.frame.bgr()
    raise AssertionError(f"the clip has no frame {number}")


def heads(number: int) -> dict[str, tuple[float, float, float, float]]:
    """Of each person in that frame: the upper part of the body's box, which holds the head; pixels."""
    truth = json.loads((FOLDER / f"{NAME}.json").read_text(encoding="utf-8"))
    found = {}
    for person in truth["persons"]:
        for frame in person["frames"]:
            if frame["frame"] == number:
                left, top, right, bottom = frame["box"]
                # Not a share of the height: people near the camera are cut off by the picture's lower edge.
                found[person["id"]] = (left, top, right, min(bottom, top + 0.6 * (right - left)))
    return found


@lru_cache(maxsize=1)
def detector() -> FaceDetector:
    return FaceDetector()


@lru_cache(maxsize=16)
def close_up(person: str, number: int, height: int = 120) -> tuple[Picture, Face]:
    """A picture of one person's head, enlarged so that the face is about `height` pixels high, and the face in it."""
    box = heads(number)[person]
    frame = square(number)
    x, y = round((box[0] + box[2]) / 2), round((box[1] + box[3]) / 2)
    left, top = max(0, x - _ROUND), max(0, y - _ROUND)
    part = frame[top : y + _ROUND, left : x + _ROUND]
    faces = [face for face in detector().detect(part) if is_at(face.moved(left, top), box)]
    small = max(faces, key=lambda face: face.score)
    factor = height / small.height
    picture = np.asarray(cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)
    return picture, small.scaled(factor)


def is_at(face: Face, box: tuple[float, float, float, float]) -> bool:
    """Whether the face's middle lies in a head's box, with a little room."""
    left, top, right, bottom = box
    x, y = (face.left + face.right) / 2, (face.top + face.bottom) / 2
    return left - 6 <= x <= right + 6 and top - 10 <= y <= bottom + 6
