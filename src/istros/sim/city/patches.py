"""Which rectangles of the picture change in a frame: around moving things, their shadows, reflections and lamps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from istros.sim.city.scene import Pose, Scene, Thing
from istros.sim.city.truth import corners, to_world

MARGIN = 0.65
"""Metres around a thing that it darkens."""
BEAM = 22.0
"""Metres that headlights reach."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of the picture in pixels and the ids of the things that may show in it."""

    left: int
    top: int
    width: int
    height: int
    things: frozenset[str] = frozenset()

    def touches(self, other: Patch) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.left + other.width
            and other.left < self.left + self.width
            and self.top < other.top + other.height
            and other.top < self.top + self.height
        )

    def joined(self, other: Patch) -> Patch:
        """The smallest rectangle around both."""
        left, top = min(self.left, other.left), min(self.top, other.top)
        right = max(self.left + self.width, other.left + other.width)
        bottom = max(self.top + self.height, other.top + other.height)
        return Patch(left, top, right - left, bottom - top, self.things | other.things)


def _outline(scene: Scene, thing: Thing, pose: Pose) -> NDArray[np.float64]:
    """Points in the city around all that the thing changes in the picture."""
    own = to_world(corners(thing, 0.25), pose)
    parts = [own, to_world(corners(thing, MARGIN, high=0.05), pose)]
    sun = scene.weather.sun_direction
    if max(scene.weather.sun_colour) > 0.05:
        shift = np.array(sun[:2]) / max(sun[2], 0.05)
        cast = own.copy()
        cast[:, :2] -= np.minimum(own[:, 2:3], 12) * shift
        cast[:, 2] = 0
        parts.append(cast)
    if scene.weather.wet > 0 or scene.weather.lamps > 0.7:
        parts.append(own * [1, 1, -1])
    if thing.lamps and scene.weather.lamps > 0:
        reach = thing.size[0] / 2 + BEAM
        beam = np.array(
            [
                (-5.0, reach, 0.02),
                (5.0, reach, 0.02),
                (-3.0, -thing.size[0] / 2 - 4, 0.02),
                (3.0, -thing.size[0] / 2 - 4, 0.02),
            ]
        )
        parts.append(to_world(beam, pose))
    return np.concatenate(parts)


def _patch(scene: Scene, thing: Thing, pose: Pose) -> Patch | None:
    points = _outline(scene, thing, pose)
    pixels, depth = scene.camera.project(points)
    ahead = depth > 0.3
    if not ahead.any():
        return None
    if not ahead.all():  # something reaches behind the camera: take the whole lower picture rather than guess
        pixels = np.r_[pixels[ahead], [[0, scene.camera.height], [scene.camera.width, scene.camera.height]]]
    low = np.maximum(np.floor(pixels.min(0)).astype(int) - 4, 0)
    high = np.minimum(np.ceil(pixels.max(0)).astype(int) + 4, (scene.camera.width, scene.camera.height))
    if (high - low <= 0).any():
        return None
    return Patch(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]), frozenset({thing.id}))


def patches(scene: Scene, present: list[tuple[Thing, Pose]]) -> list[Patch]:
    """The rectangles to paint again; none overlaps another."""
    found = [patch for thing, pose in present if (patch := _patch(scene, thing, pose)) is not None]
    joined: list[Patch] = []
    while found:
        patch = found.pop()
        touching = next((other for other in joined if other.touches(patch)), None)
        if touching is None:
            joined.append(patch)
        else:
            joined.remove(touching)
            found.append(touching.joined(patch))
    return joined
