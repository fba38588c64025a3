"""Straight streets: the avenue in Izmail by day, a street in Tulcea at dusk, and one in the rain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from istros.sim.city.camera import Viewpoint
from istros.sim.city.furniture import awning, bench, sign, tree, wire
from istros.sim.city.ground import GRASS, GroundPlan
from istros.sim.city.mesh import Colour
from istros.sim.city.scene import DAY, DUSK, RAIN, Scene, Weather
from istros.sim.city.site import Site

FRONTS: tuple[Colour, ...] = (
    (0.66, 0.56, 0.40), (0.60, 0.46, 0.38), (0.55, 0.58, 0.52), (0.68, 0.64, 0.56), (0.48, 0.52, 0.58), (0.62, 0.50, 0.44),
    (0.70, 0.62, 0.46),
)  # fmt: skip
PANELS: tuple[Colour, ...] = ((0.56, 0.55, 0.52), (0.60, 0.56, 0.48), (0.50, 0.52, 0.54), (0.62, 0.58, 0.52))


@dataclass(frozen=True, slots=True)
class Profile:
    """A street's cross-section: half the carriageway, the pavement's width, share of panel blocks, most floors."""

    half: float = 5.2
    pavement: float = 4.2
    blocks: float = 0.0
    floors: int = 3
    trees: float = 15.0
    verge: bool = False


def _ground(site: Site, profile: Profile, length: float, crossing: float | None) -> None:
    half, plan = profile.half, site.plan
    for side in (-1, 1):
        near, far = side * half, side * (half + 30)
        strip = [(near, -20.0), (far, -20.0), (far, length), (near, length)]
        site.pavement(strip if side > 0 else strip[::-1])
        if profile.verge:
            inner, outer = side * (half + 0.5), side * (half + 2.0)
            for y in np.arange(4, length - 8, 12.0):
                plan.cover(GRASS, [(inner, y), (outer, y), (outer, y + 9), (inner, y + 9)])
        for lane in np.arange(1.75, half - 1, 3.5):
            for wheel in (-0.75, 0.75):
                plan.tracks((side * lane + wheel, -20), (side * lane + wheel, length), 30)
        plan.line((side * (half - 1.65), -20), (side * (half - 1.65), length), 0.1)
        plan.spot((side * (half - 0.3), 18 + 3 * side), 0.28, 150)
    plan.line((0, -20), (0, length), 0.12, (3.0, 3.0))
    for x, y in ((2.2, 17.0), (-1.1, 33.0), (1.4, 51.0)):
        plan.spot((x, y), 0.34, 150)
    if crossing is not None:
        plan.crossing((0, crossing), 2 * half, 3.6)
        plan.line((0.1, crossing - 3.2), (half - 1.7, crossing - 3.2), 0.4)
        plan.line((-half + 1.7, crossing + 3.2), (-0.1, crossing + 3.2), 0.4)
        sign(site, half + 0.5, crossing - 2.4, 0)
        sign(site, -half - 0.5, crossing + 2.6, 0)


def _houses(site: Site, profile: Profile, length: float) -> None:
    generator, front = site.generator, profile.half + profile.pavement
    style = 0
    for side in (-1, 1):
        y = -8.0
        while y < length - 20:
            style += 1
            block = generator.random() < profile.blocks
            width = generator.uniform(20, 32) if block else generator.uniform(11, 18)
            x = side * (front + (generator.uniform(2, 5) if block else generator.choice([0, 0, 0.4])))
            outline = [(x, y), (x + side * 12, y), (x + side * 12, y + width), (x, y + width)]
            floors = 5 if block else generator.randint(2, profile.floors)
            colour = generator.choice(PANELS if block else FRONTS)
            kind = 100 + style if block else style
            roof = "pitched" if not block and generator.random() < 0.6 else "flat"
            site.building(outline if side > 0 else outline[::-1], floors, colour, kind, roof)
            if not block:
                for at in np.arange(y + 2.1, y + width - 2, 4.2):
                    if generator.random() < 0.3 and y < 70:
                        tint = generator.choice([(0.32, 0.06, 0.05), (0.06, 0.18, 0.12), (0.10, 0.14, 0.30)])
                        awning(site, x, at, 3.2, (-side, 0), tint)
            y += width + (0.0 if not block and generator.random() < 0.75 else generator.uniform(3, 7))


def _line_of_trees(site: Site, profile: Profile, length: float) -> None:
    for side in (-1, 1):
        for y in np.arange(14 if side > 0 else 20, length - 20, profile.trees):
            leaves = 4200 if y < 40 else 1500 if y < 80 else 500
            x = side * (profile.half + (1.2 if profile.verge else 1.1))
            tree(site, x, y + site.generator.uniform(-1, 1), site.generator.uniform(5.2, 7.0), leaves, 1.1)


def street(
    seed: int, weather: Weather, countries: str, profile: Profile, crossing: float | None, length: float = 190
) -> Site:
    """A straight street along y from -20 m on: carriageway, pavements, houses, trees and lamps, nobody in it yet."""
    plan = GroundPlan(-40, -20, 80, length + 20)
    site = Site(seed, plan, weather, countries)
    _ground(site, profile, length, crossing)
    _houses(site, profile, length)
    _line_of_trees(site, profile, length)
    for i, y in enumerate((8, 27, 47, 70, 95, 125)):
        side = 1 if i % 2 else -1
        site.lamp(side * (profile.half + 0.5), y, (-side, 0))
    for y in (12, 35, 47):
        bench(site, -profile.half - profile.pavement + 0.6, y)
    return site


def avenue(seed: int) -> Scene:
    """Plate camera over an avenue in Izmail by day: vehicles come towards it, plates of 80 px and more."""
    seconds = 10.0
    site = street(seed, DAY, "UUUUUURM", Profile(half=5.4, blocks=0.35, floors=3, verge=True), crossing=46.0)
    for x, y, kind in (
        (4.55, 36, "hatch"),
        (4.55, 42, "suv"),
        (4.55, 54, "sedan"),
        (4.55, 61, "van"),
        (-4.55, 52, "sedan"),
        (-4.55, 58.5, "hatch"),
    ):
        site.park(kind, x, y, 0 if x > 0 else np.pi)
    site.flow(["sedan", "suv", "hatch", "bus", "sedan"], [(-1.8, 110), (-1.8, -4)], 11.5, seconds, 0.3)
    site.flow(["hatch", "sedan", "van", "suv"], [(1.8, 2), (1.8, 112)], 11.5, seconds, 1.2)
    site.walk([(6.6, 15.5), (6.6, 27.5), (9.9, 30.0)], 0.5, 1.72)
    site.walk([(-9.9, 31.0), (-7.2, 29.0), (-7.2, 17.0)], 2.0, 1.66)
    site.walk([(-9.9, 31.8), (-7.9, 29.6), (-7.9, 17.4)], 2.0, 1.66)
    site.walk([(9.9, 50.0), (7.6, 51.5), (7.6, 58.5), (9.9, 60.0)], 4.0, 1.45)
    site.walk([(3.5, 4), (3.5, 60)], 3.0, 5.8, 0.0, cycling=True)
    camera = Viewpoint((0.6, 0.0, 6.2), (-0.3, 25.5, 0.6), 30)
    return site.scene("izmail-avenue", "Izmail, the avenue", "Izmail", seconds, camera, reads_plates=True)


def dusk(seed: int) -> Scene:
    """A street in Tulcea at dusk: lamps, lit shops, headlights."""
    seconds = 10.0
    site = street(seed, DUSK, "RRRRRUM", Profile(half=5.2, floors=3), crossing=24.0)
    for x, y, kind in (
        (4.45, 31, "hatch"),
        (4.45, 37.5, "suv"),
        (4.45, 52, "sedan"),
        (-4.45, 33, "sedan"),
        (-4.45, 46, "hatch"),
        (-4.45, 53, "suv"),
    ):
        site.park(kind, x, y, 0 if x > 0 else np.pi)
    site.flow(["sedan", "hatch", "van"], [(-1.75, 105), (-1.75, -4)], 11.0, seconds, 0.0)
    site.flow(["suv", "sedan", "bus"], [(1.75, 2), (1.75, 108)], 11.0, seconds, 1.5)
    site.walk([(7.1, 8), (7.1, 18), (9.7, 20.5)], 0.5, 1.45)
    site.walk([(-9.7, 29), (-7.2, 27), (-7.2, 16.0)], 3.0, 1.5)
    site.walk([(-9.7, 24), (-6.4, 24), (-6.4, 13.4)], 6.0, 1.45)
    camera = Viewpoint((0.9, 0.0, 5.0), (-0.2, 20.0, 0.8), 42)
    return site.scene("tulcea-dusk", "Tulcea, the long street", "Tulcea", seconds, camera, reads_plates=True)


def rain(seed: int) -> Scene:
    """A street in Izmail in the rain."""
    seconds = 10.0
    site = street(seed, RAIN, "UUUUURM", Profile(half=5.2, blocks=0.6, floors=3, trees=18, verge=True), crossing=30.0)
    for x, y, kind in ((4.45, 38, "sedan"), (4.45, 45, "van"), (-4.45, 40, "hatch"), (-4.45, 47, "suv")):
        site.park(kind, x, y, 0 if x > 0 else np.pi)
    site.flow(["hatch", "sedan", "lorry"], [(-1.75, 110), (-1.75, -4)], 11.6, seconds, 0.4)
    site.flow(["sedan", "suv", "hatch"], [(1.75, 2), (1.75, 112)], 11.6, seconds, 2.0)
    site.walk([(9.7, 36), (7.0, 33.5), (7.0, 23)], 1.0, 1.6)
    site.walk([(-9.7, 27), (-6.8, 28.5), (-6.8, 37), (-9.7, 38.5)], 4.0, 1.7)
    for y in (20, 60):
        wire(site, (-9.0, y, 8.0), (9.0, y + 2, 8.3))
    camera = Viewpoint((-0.8, 0.0, 5.6), (0.1, 22.0, 0.7), 36)
    return site.scene("izmail-rain", "Izmail, the street to the port", "Izmail", seconds, camera, reads_plates=True)
