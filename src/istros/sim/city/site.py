"""A scene under construction: the still city's parts, the ground, the lamps, and what stands and moves in it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from istros.sim.city.atlas import Atlas
from istros.sim.city.camera import Viewpoint
from istros.sim.city.ground import GroundPlan, Point
from istros.sim.city.mesh import Colour, Material, Mesh, box, move, quad, slab, tube
from istros.sim.city.people import GAIT_STEPS, STRIDE, Looks, draw_looks, person
from istros.sim.city.plates import draw_plate, plate_picture
from istros.sim.city.scene import Journey, Pose, Scene, Thing, Weather, way
from istros.sim.city.vehicles import LABELS, SHAPES, vehicle

PAINTS: dict[str, tuple[Colour, ...]] = {
    "grey": ((0.30, 0.31, 0.32), (0.13, 0.14, 0.15)),
    "silver": ((0.55, 0.56, 0.57),),
    "white": ((0.72, 0.72, 0.71), (0.70, 0.70, 0.67)),
    "black": ((0.015, 0.015, 0.017), (0.03, 0.035, 0.045)),
    "red": ((0.30, 0.02, 0.02), (0.22, 0.015, 0.02)),
    "blue": ((0.03, 0.07, 0.25), (0.08, 0.18, 0.36)),
    "green": ((0.05, 0.16, 0.09),),
    "beige": ((0.42, 0.36, 0.25),),
    "brown": ((0.20, 0.09, 0.04),),
    "yellow": ((0.75, 0.58, 0.06),),
}
"""Colours of vehicles by the name that the ground truth gives them."""

USUAL = ("grey", "silver", "white", "white", "black", "black", "grey", "red", "blue", "green", "beige", "brown")


class Site:
    """Collects a scene's parts; everything random comes from the seed."""

    def __init__(self, seed: int, plan: GroundPlan, weather: Weather, countries: str) -> None:
        self.generator = random.Random(seed)
        self.seed = seed
        self.plan = plan
        self.weather = weather
        self.countries = countries
        self.atlas = Atlas()
        self.parts: list[Mesh] = []
        self.lights: list[tuple[float, float, float, float]] = []
        self.things: list[Thing] = []
        left, near, width, depth = plan.box
        self.parts.append(quad((left, near, 0), (width, 0, 0), (0, depth, 0), (1, 1, 1), Material.GROUND))

    # -- vehicles and people --------------------------------------------------------------------------------------

    def _vehicle(self, kind: str, colour: str) -> dict[str, Any]:
        generator = self.generator
        name = colour or ("yellow" if kind == "bus" else generator.choice(USUAL))
        plate = draw_plate(generator, self.countries)
        body = vehicle(
            kind, generator.choice(PAINTS[name]), self.atlas.add(plate_picture(plate)), generator.randrange(4)
        )
        shape = SHAPES["cab" if kind == "lorry" else kind]
        return {
            "label": LABELS[kind], "body": kind, "size": body.size, "plate": plate, "plates": body.plates, "colour": name,
            "wheel": shape.radius, "lamps": True, "mesh": lambda number: body.fine if number == 0 else body.coarse,
        }  # fmt: skip

    def drive(
        self, kind: str, path: Any, times: Sequence[float], distances: Sequence[float], start: float, colour: str = ""
    ) -> None:
        """A vehicle on a path (see `scene.way`)."""
        journey = Journey(np.asarray(path, np.float64), tuple(times), tuple(distances), start)
        self.things.append(Thing(id=f"v{len(self.things):02d}", journey=journey, **self._vehicle(kind, colour)))

    def flow(self, kinds: Sequence[str], path: Any, speed: float, period: float, offset: float = 0.0) -> None:
        """Vehicles evenly spread over a round, at one speed (m/s), along the whole path."""
        points = np.asarray(path, np.float64)
        length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
        for i, kind in enumerate(kinds):
            start = offset + i * period / len(kinds) + self.generator.uniform(-0.12, 0.12) * period / len(kinds)
            self.drive(kind, points, (0.0, length / speed), (0.0, length), start)

    def park(self, kind: str, x: float, y: float, turn: float = 0.0, colour: str = "") -> None:
        """A parked vehicle: part of the still city, its lamps off."""
        values = self._vehicle(kind, colour) | {"lamps": False}
        self.parts.append(move(values["mesh"](0), (x, y, 0), turn))
        self.things.append(Thing(id=f"p{len(self.things):02d}", parked=Pose(x, y, 0, turn, 0), **values))

    def looks(self) -> Looks:
        """A person who does not exist."""
        return draw_looks(self.generator, self.atlas.add)

    def walk(
        self, points: Sequence[Point], start: float, speed: float = 1.35, z: float = 0.12, cycling: bool = False
    ) -> None:
        """A person on foot or on a bicycle along a path; the gait follows the distance."""
        looks = self.looks()
        path = way(*points, bend=1.2 if not cycling else 4.0)
        length = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
        journey = Journey(path, (0.0, length / speed), (0.0, length), start, z)
        stride = (3.4 if cycling else STRIDE) * looks.height / 1.75

        def pose_number(pose: Pose, time: float) -> int:
            return round(pose.travelled / stride * GAIT_STEPS) % GAIT_STEPS

        size = (1.75, 0.55, looks.height + 0.02) if cycling else (0.55, 0.52, looks.height)
        self.things.append(
            Thing(
                id=f"{'c' if cycling else 'w'}{len(self.things):02d}", label="cyclist" if cycling else "person", size=size,
                journey=journey, variant=pose_number,
                mesh=lambda number: person(looks, number / GAIT_STEPS * 2 * math.pi, cycling),
            )
        )  # fmt: skip

    def stand(self, x: float, y: float, turn: float, z: float = 0.12) -> None:
        """A person who stands still."""
        looks = self.looks()
        self.parts.append(move(person(looks, 0.0, standing=True), (x, y, z), turn))
        self.things.append(
            Thing(
                id=f"s{len(self.things):02d}",
                label="person",
                size=(0.4, 0.5, looks.height),
                parked=Pose(x, y, z, turn, 0),
            )
        )

    # -- the still city -------------------------------------------------------------------------------------------

    def pavement(self, outline: Sequence[Point], kind: int = 0, height: float = 0.12) -> None:
        """A raised surface (convex, anticlockwise) with a kerb."""
        self.plan.cover(kind, outline)
        self.parts.append(slab(outline, 0, height, (1, 1, 1)))

    def building(self, outline: Sequence[Point], floors: int, colour: Colour, style: int, roof: str = "flat") -> float:
        """A house on a convex outline (anticlockwise); the style chooses the front (see `facade.glsl`). Its height."""
        height = 1.0 + 2.8 * floors + 0.9 if 100 <= style < 150 else 3.9 + 3.2 * (floors - 1) + 0.8
        corners = [np.array(corner, np.float64) for corner in outline]
        for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
            self.parts.append(quad((*a, 0.1), (*(b - a), 0), (0, 0, height), colour, Material.FACADE, kind=style))
        middle = sum(corners) / len(corners)
        wide = [tuple(corner + (corner - middle) / np.linalg.norm(corner - middle) * 0.45) for corner in corners]
        light: Colour = (min(1, colour[0] * 1.1), min(1, colour[1] * 1.1), min(1, colour[2] * 1.1))
        self.parts.append(slab(wide, height - 0.15, height + 0.15, light, Material.PLAIN))
        if roof == "pitched" and len(corners) == 4:
            self._pitched(wide, height + 0.15)
        else:
            self.parts.append(
                slab([tuple(c) for c in corners], height + 0.15, height + 0.5, (0.3, 0.3, 0.3), Material.PLAIN)
            )
        self.plan.shade(outline)
        return height

    def _pitched(self, corners: Sequence[Any], base: float) -> None:
        a, b, c, d = (np.array([*corner, base]) for corner in corners)
        if np.linalg.norm(b - a) < np.linalg.norm(c - b):
            a, b, c, d = b, c, d, a
        rise = np.array([0, 0, 0.38 * np.linalg.norm(c - b) / 2 + 0.5])
        left, right = (a + d) / 2 + rise, (b + c) / 2 + rise
        colour: Colour = self.generator.choice([(0.33, 0.13, 0.08), (0.28, 0.10, 0.06), (0.22, 0.22, 0.23)])
        self.parts += [
            quad(a, b - a, left - a, colour, Material.ROOF),
            quad(c, d - c, right - c, colour, Material.ROOF),
        ]
        for p, q, top in ((d, a, left), (b, c, right)):
            self.parts.append(quad(p, q - p, top - p, (0.5, 0.48, 0.44), Material.PLAIN)[:3])
            self.parts.append(quad(p, q - p, top - q, (0.5, 0.48, 0.44), Material.PLAIN)[:3])

    def lamp(self, x: float, y: float, towards: tuple[float, float], height: float = 7.5, power: float = 5.0) -> None:
        """A street lamp whose arm points along `towards` (a unit vector)."""
        grey: Colour = (0.2, 0.21, 0.22)
        end = (x + towards[0] * 1.8, y + towards[1] * 1.8, height + 0.4)
        turn = math.atan2(towards[1], towards[0])
        self.parts += [
            tube((x, y, 0), (x, y, height), 0.09, 0.06, grey),
            tube((x, y, height), end, 0.05, 0.04, grey),
            tube((x, y, 0), (x, y, 0.9), 0.13, 0.12, grey),
            box(
                (end[0] + towards[0] * 0.2, end[1] + towards[1] * 0.2, height + 0.36),
                (0.7, 0.28, 0.12),
                (0.25, 0.26, 0.27),
                turn=turn,
            ),
            box(
                (end[0] + towards[0] * 0.2, end[1] + towards[1] * 0.2, height + 0.29),
                (0.5, 0.2, 0.03),
                (1.0, 0.8, 0.5),
                Material.GLOW,
                turn,
            ),
        ]
        if power:
            self.lights.append((end[0] + towards[0] * 0.2, end[1] + towards[1] * 0.2, height + 0.1, power))

    def scene(self, name: str, place: str, town: str, seconds: float, camera: Viewpoint, **more: Any) -> Scene:
        """The finished scene."""
        if len(self.lights) > 12:
            raise ValueError(f"the scene {name} has {len(self.lights)} lamps that light; the shader takes 12")
        return Scene(
            name=name, place=place, town=town, seed=self.seed, seconds=seconds, weather=self.weather, camera=camera,
            still=np.concatenate(self.parts), plan=self.plan, atlas=self.atlas.picture, lights=tuple(self.lights),
            things=tuple(self.things), **more,
        )  # fmt: skip
