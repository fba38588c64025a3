"""What a scene is made of: weather, camera, the still city, and things that move along paths and repeat."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from istros.sim.city.camera import Viewpoint
from istros.sim.city.ground import GroundPlan
from istros.sim.city.mesh import Mesh
from istros.sim.city.plates import Plate

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Weather:
    """Light and air: sun's direction and colour, sky colours, exposure, lamps lit (0..1), wet ground (0..1), fog (1/m)."""

    name: str
    sun_direction: Triple
    sun_colour: Triple
    zenith: Triple
    horizon: Triple
    exposure: float
    lamps: float = 0.0
    wet: float = 0.0
    fog: float = 0.0012
    rain: float = 0.0


DAY = Weather("day", (-0.55, 0.35, 0.95), (2.9, 2.65, 2.25), (0.20, 0.40, 0.78), (0.70, 0.80, 0.92), 0.80)
MORNING = Weather("day", (0.75, -0.45, 0.62), (2.9, 2.45, 1.9), (0.22, 0.40, 0.74), (0.78, 0.82, 0.88), 0.82)
OVERCAST = Weather("overcast", (-0.3, 0.35, 0.95), (0.35, 0.35, 0.36), (0.44, 0.48, 0.53), (0.68, 0.71, 0.74), 0.80)
DRIZZLE = Weather(
    "rain", (-0.3, 0.35, 0.95), (0.16, 0.16, 0.17), (0.40, 0.44, 0.49), (0.62, 0.65, 0.69), 0.82, 0.25, 0.8, 0.004, 0.6
)
RAIN = Weather(
    "rain", (-0.3, 0.35, 0.95), (0.12, 0.12, 0.13), (0.38, 0.42, 0.47), (0.60, 0.63, 0.67), 0.80, 0.5, 1.0, 0.006, 1.0
)
DUSK = Weather(
    "dusk", (-0.8, 0.9, 0.16), (0.10, 0.055, 0.03), (0.030, 0.048, 0.12), (0.125, 0.10, 0.115), 1.45, 1.0, 0.0, 0.002
)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a thing stands: x, y, z in metres, turn in radians (0 faces +y, anticlockwise), metres travelled."""

    x: float
    y: float
    z: float
    turn: float
    travelled: float


@dataclass(frozen=True, slots=True)
class Journey:
    """A way through the scene: corner points, and distances reached at times; outside of them the thing is not there.

    Everything repeats with the scene's period, so a journey may start in one round of the clip and end in the next,
    but must be shorter than one round.
    """

    points: NDArray[np.float64]
    times: tuple[float, ...]
    distances: tuple[float, ...]
    start: float = 0.0
    z: float = 0.0

    def pose(self, time: float, period: float) -> Pose | None:
        """The pose at a time of the clip; None while the thing is away."""
        since = (time - self.start) % period
        if since > self.times[-1]:
            return None
        travelled = self._distance(since)
        x, y = self._at(travelled)
        ahead, behind = self._at(travelled + 0.7), self._at(travelled - 0.7)
        turn = math.atan2(-(ahead[0] - behind[0]), ahead[1] - behind[1])
        return Pose(x, y, self.z, turn, travelled)

    def _distance(self, since: float) -> float:
        """Cubic between the knots, level where the thing stands (Fritsch and Carlson's limiter: no way back)."""
        times, distances = np.array(self.times), np.array(self.distances)
        slopes = np.diff(distances) / np.diff(times)
        inner = np.where(
            slopes[1:] * slopes[:-1] > 0, 2 * slopes[1:] * slopes[:-1] / (slopes[1:] + slopes[:-1] + 1e-12), 0
        )
        tangents = np.r_[slopes[0], inner, slopes[-1]]
        i = min(int(np.searchsorted(times, since, side="right")) - 1, len(slopes) - 1)
        span = times[i + 1] - times[i]
        u = (since - times[i]) / span
        start = (1 + 2 * u) * (1 - u) ** 2 * distances[i] + u * (1 - u) ** 2 * span * tangents[i]
        return float(start + u * u * (3 - 2 * u) * distances[i + 1] + u * u * (u - 1) * span * tangents[i + 1])

    def _at(self, travelled: float) -> tuple[float, float]:
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        along = np.r_[0.0, np.cumsum(steps)]
        i = int(np.clip(np.searchsorted(along, travelled, side="right") - 1, 0, len(steps) - 1))
        x, y = self.points[i] + (self.points[i + 1] - self.points[i]) * ((travelled - along[i]) / steps[i])
        return float(x), float(y)


def way(*points: tuple[float, float], bend: float = 6.0) -> NDArray[np.float64]:
    """Corner points with every corner rounded by a quadratic curve that starts `bend` metres before it."""
    corners = np.array(points, np.float64)
    out = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        a, b = before - corner, after - corner
        cut = min(bend, float(np.linalg.norm(a)) * 0.49, float(np.linalg.norm(b)) * 0.49)
        start, end = corner + a / np.linalg.norm(a) * cut, corner + b / np.linalg.norm(b) * cut
        out += [(1 - u) ** 2 * start + 2 * u * (1 - u) * corner + u * u * end for u in np.linspace(0, 1, 9)]
    out.append(corners[-1])
    return np.array(out)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something the camera sees that is no building: a vehicle, a person, a cyclist, a boom.

    `variant` chooses one of `meshes` by pose and time; meshes are built when first needed. `size`: length, width and
    height. `journey` is None for a parked vehicle, whose mesh is part of the still city. `plates` are corners as in
    `vehicles.Vehicle`. `label` is the ground truth's class; an empty label is left out of it.
    """

    id: str
    label: str
    size: Triple
    journey: Journey | None = None
    parked: Pose | None = None
    mesh: Callable[[int], Mesh] | None = field(default=None, repr=False)
    variant: Callable[[Pose, float], int] = lambda pose, time: 0
    wheel: float = 0.0
    plate: Plate | None = None
    plates: tuple[NDArray[np.float32], ...] = ()
    colour: str = ""
    body: str = ""
    lamps: bool = False

    def pose(self, time: float, period: float) -> Pose | None:
        """Where it is at a time of the clip, or None."""
        return self.parked if self.journey is None else self.journey.pose(time, period)


@dataclass(frozen=True, slots=True)
class Scene:
    """One simulated camera's world: `seconds` is the period after which everything repeats."""

    name: str
    place: str
    town: str
    seed: int
    seconds: float
    weather: Weather
    camera: Viewpoint
    still: Mesh = field(repr=False)
    plan: GroundPlan = field(repr=False)
    atlas: Image.Image = field(repr=False)
    lights: tuple[tuple[float, float, float, float], ...]
    things: tuple[Thing, ...] = field(repr=False)
    reads_plates: bool
    shadow_centre: tuple[float, float] = (0.0, 30.0)
    shadow_radius: float = 38.0
