"""The ground truth of a clip: for every frame, which thing is where in the picture, how much of it is seen, its plate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from istros.sim.city.camera import Viewpoint
from istros.sim.city.scene import Pose, Scene, Thing

LEAST_SEEN = 0.15
"""Things of which the camera sees less are left out."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing in one frame: box in pixels of the main picture, share seen, distance, plate's corners and width."""

    thing: Thing
    pose: Pose
    box: tuple[float, float, float, float]
    seen: float
    distance: float
    plate: NDArray[np.float64] | None
    plate_width: float
    plate_seen: float


def to_world(points: NDArray[np.floating], pose: Pose) -> NDArray[np.float64]:
    """Points of a thing (n, 3) in the city."""
    sine, cosine = np.sin(pose.turn), np.cos(pose.turn)
    rotation = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    return np.asarray(points @ rotation.T + [pose.x, pose.y, pose.z])


def corners(thing: Thing, margin: float = 0.0, low: float = 0.02, high: float | None = None) -> NDArray[np.float64]:
    """The eight corners of a thing's bounds, in its own place, widened by `margin` metres."""
    length, width, height = thing.size
    top = height if high is None else high
    half_width, half_length = width / 2 + margin, length / 2 + margin
    return np.array(
        [(x * half_width, y * half_length, z) for x in (-1, 1) for y in (-1, 1) for z in (low, top)], np.float64
    )


def _covered(points: NDArray[np.float64], eye: NDArray[np.float64], thing: Thing, pose: Pose) -> NDArray[np.bool_]:
    """Which sight lines from the eye to the points (n, 3) pass through the box of a thing."""
    sine, cosine = np.sin(-pose.turn), np.cos(-pose.turn)
    rotation = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    start = (eye - [pose.x, pose.y, pose.z]) @ rotation.T
    ends = (points - [pose.x, pose.y, pose.z]) @ rotation.T
    way = np.where(np.abs(ends - start) < 1e-9, 1e-9, ends - start)
    length, width, height = thing.size
    low, high = np.array([-width / 2, -length / 2, 0.25]), np.array([width / 2, length / 2, height * 0.96])
    first, last = (low - start) / way, (high - start) / way
    enter, leave = np.minimum(first, last).max(1), np.maximum(first, last).min(1)
    return np.asarray((enter < leave) & (enter < 0.985) & (leave > 0))


class Witness:
    """Says what a scene's camera sees at a time; `depth` (rows, columns) is the still city's distance, if known."""

    def __init__(self, scene: Scene, depth: NDArray[np.float32] | None = None) -> None:
        self._scene = scene
        self._camera: Viewpoint = scene.camera
        self._depth = depth
        self._eye = np.array(scene.camera.eye, np.float64)

    def look(self, time: float) -> list[Sighting]:
        """All sightings at a time of the clip, the nearest first."""
        present = [
            (thing, pose)
            for thing in self._scene.things
            if thing.label and (pose := thing.pose(time, self._scene.seconds)) is not None
        ]
        sightings = [seen for thing, pose in present if (seen := self._sight(thing, pose, present)) is not None]
        return sorted(sightings, key=lambda sighting: sighting.distance)

    def _share_seen(
        self, points: NDArray[np.float64], thing: Thing, present: list[tuple[Thing, Pose]], slack: float
    ) -> float:
        pixels, depth = self._camera.project(points)
        inside = (depth > 0.6) & (pixels >= 0).all(1) & (pixels < [self._camera.width, self._camera.height]).all(1)
        for other, pose in present:
            if other is not thing:
                inside &= ~_covered(points, self._eye, other, pose)
        if self._depth is not None and inside.any():
            x, y = pixels[inside].astype(int).T
            away = np.linalg.norm(points[inside] - self._eye, axis=1)
            inside[inside] = self._depth[y, x] > away - slack
        return float(inside.mean())

    def _sight(self, thing: Thing, pose: Pose, present: list[tuple[Thing, Pose]]) -> Sighting | None:
        pixels, depth = self._camera.project(to_world(corners(thing), pose))
        if (depth < 0.6).any():
            return None
        low, high = pixels.min(0), pixels.max(0)
        size = (self._camera.width, self._camera.height)
        clipped = (max(0.0, low[0]), max(0.0, low[1]), min(size[0], high[0]), min(size[1], high[1]))
        if clipped[2] - clipped[0] < 4 or clipped[3] - clipped[1] < 4:
            return None
        steps = np.linspace(-0.42, 0.42, 5)
        length, width, height = thing.size
        inner = np.array(
            [(x * width, y * length, z * height) for x in steps for y in steps[::2] for z in (0.2, 0.5, 0.8)]
        )
        slack = max(length, width) * 0.6 if thing.parked is None else max(length, width) + 0.5
        seen = self._share_seen(to_world(inner, pose), thing, present, slack)
        if seen < LEAST_SEEN:
            return None
        plate, plate_width, plate_seen = self._plate(thing, pose, present)
        distance = float(np.linalg.norm(self._eye - [pose.x, pose.y, pose.z + height / 2]))
        return Sighting(thing, pose, clipped, seen, distance, plate, plate_width, plate_seen)

    def _plate(
        self, thing: Thing, pose: Pose, present: list[tuple[Thing, Pose]]
    ) -> tuple[NDArray[np.float64] | None, float, float]:
        for own in thing.plates:
            points = to_world(own, pose)
            normal = np.cross(points[1] - points[0], points[3] - points[0])
            towards = self._eye - points[0]
            if normal @ towards / (np.linalg.norm(normal) * np.linalg.norm(towards)) < 0.25:
                continue
            pixels, depth = self._camera.project(points)
            inside = (
                (depth > 0.6).all()
                and (pixels >= 0).all()
                and (pixels < [self._camera.width, self._camera.height]).all()
            )
            if inside:
                seen = self._share_seen(np.r_[points, points.mean(0)[None]], thing, present, 0.35)
                if seen > 0.5:
                    return pixels, float(np.linalg.norm(pixels[1] - pixels[0])), seen
        return None, 0.0, 0.0


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 1) for value in values]


def _entry(thing: Thing) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": thing.id, "class": thing.label}
    if thing.plate is not None:
        entry |= {"body": thing.body, "colour": thing.colour, "parked": thing.parked is not None}
        entry |= {"plate": thing.plate.text, "country": thing.plate.country}
    return entry | {"frames": []}


def _frame(index: int, sighting: Sighting) -> dict[str, Any]:
    record: dict[str, Any] = {"frame": index, "box": _rounded(sighting.box), "seen": round(sighting.seen, 2)}
    if sighting.plate is not None:
        low, high = sighting.plate.min(0), sighting.plate.max(0)
        record["plate_box"] = _rounded((*low, *high))
        record["plate_width_px"] = round(sighting.plate_width, 1)
    return record


def truth(scene: Scene, fps: int, sightings: list[list[Sighting]]) -> dict[str, Any]:
    """The document beside a clip: scene, camera, and each thing with its boxes in the frames where it is visible.

    Boxes are (left, top, right, bottom) in pixels of the main stream; a third of them in the sub stream's.
    """
    things: dict[str, dict[str, Any]] = {}
    for index, frame in enumerate(sightings):
        for sighting in frame:
            entry = things.setdefault(sighting.thing.id, _entry(sighting.thing))
            entry["frames"].append(_frame(index, sighting))
    entries = sorted(things.values(), key=lambda entry: str(entry["id"]))
    return {
        "scene": scene.name,
        "seed": scene.seed,
        "fps": fps,
        "frames": len(sightings),
        "width": scene.camera.width,
        "height": scene.camera.height,
        "weather": scene.weather.name,
        "camera": {"place": scene.place, "town": scene.town, "reads_plates": scene.reads_plates},
        "vehicles": [entry for entry in entries if entry["class"] in ("car", "van", "bus", "lorry")],
        "persons": [entry for entry in entries if entry["class"] == "person"],
        "cyclists": [entry for entry in entries if entry["class"] == "cyclist"],
    }
