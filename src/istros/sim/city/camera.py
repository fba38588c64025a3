"""The simulated camera: where it stands, what it sees, where a point of the city falls in its picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""4x4, acts on columns."""

NEAR, FAR = 0.5, 500.0


def _look_at(eye: Matrix, forward: Matrix, side: Matrix, up: Matrix) -> Matrix:
    view = np.eye(4)
    view[:3, :3] = [side, up, -forward]
    view[:3, 3] = -view[:3, :3] @ eye
    return view


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A pinhole camera on a pole: `eye` and `target` in metres, horizontal field of view in degrees, size in pixels."""

    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    field_of_view: float
    width: int = 1920
    height: int = 1080

    def matrix(self) -> Matrix:
        """World to clip space (OpenGL: z from -1 at NEAR to 1 at FAR)."""
        eye = np.array(self.eye, np.float64)
        forward = np.array(self.target, np.float64) - eye
        forward /= np.linalg.norm(forward)
        side = np.cross(forward, [0, 0, 1])
        side /= np.linalg.norm(side)
        scale = 1 / math.tan(math.radians(self.field_of_view) / 2)
        lens = np.zeros((4, 4))
        lens[0, 0], lens[1, 1] = scale, scale * self.width / self.height
        lens[2] = [0, 0, -(FAR + NEAR) / (FAR - NEAR), -2 * FAR * NEAR / (FAR - NEAR)]
        lens[3, 2] = -1
        return np.asarray(lens @ _look_at(eye, forward, side, np.cross(side, forward)))

    def project(self, points: NDArray[np.floating]) -> tuple[Matrix, NDArray[np.float64]]:
        """Pixels (n, 2), y downwards, and the depth in front of the camera (n) in metres, for points (n, 3)."""
        clip = np.c_[points, np.ones(len(points))] @ self.matrix().T
        depth = clip[:, 3]
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        x = (clip[:, 0] / safe * 0.5 + 0.5) * self.width
        y = (0.5 - clip[:, 1] / safe * 0.5) * self.height
        return np.c_[x, y], depth


def sun_matrix(direction: tuple[float, float, float], centre: tuple[float, float], radius: float) -> Matrix:
    """World to the clip space of the shadow map: an orthographic view from the sun around `centre` (x, y)."""
    towards = np.array(direction, np.float64)
    towards /= np.linalg.norm(towards)
    side = np.cross([0, 1, 0], towards)
    side /= np.linalg.norm(side)
    view = _look_at(np.array([*centre, 0.0]), -towards, side, np.cross(towards, side))
    return np.asarray(np.diag([1 / radius, 1 / radius, -1 / 110, 1]) @ view)
