"""A square in Tulcea by day: people close to the camera, cyclists, the street behind."""

from __future__ import annotations

import math

import numpy as np

from istros.sim.city.camera import Viewpoint
from istros.sim.city.furniture import awning, bench, bollard, column, kiosk, planter, tree
from istros.sim.city.ground import COBBLES, GRASS, PAVING, GroundPlan
from istros.sim.city.mesh import Material, ball, slab, tube
from istros.sim.city.scene import MORNING, Scene
from istros.sim.city.site import Site
from istros.sim.city.streets import FRONTS, PANELS


def _disc(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    return [(x + radius * math.cos(k), y + radius * math.sin(k)) for k in np.linspace(0, 2 * math.pi, 41)[:-1]]


def _fountain(site: Site, x: float, y: float) -> None:
    stone, water = (0.46, 0.44, 0.41), (0.10, 0.17, 0.20)
    for radius, low, high in ((2.6, 0.0, 0.5), (0.9, 0.5, 1.15)):
        site.parts.append(slab(_disc(x, y, radius), low, high, stone, Material.PLAIN))
        site.parts.append(slab(_disc(x, y, radius - 0.25), high, high + 0.01, water, Material.PLAIN))
    site.parts.append(tube((x, y, 1.0), (x, y, 1.9), 0.16, 0.1, stone, sides=16))
    site.parts.append(ball((x, y, 2.0), (0.5, 0.5, 0.12), stone, rings=9))


def _ground(site: Site) -> None:
    plan = site.plan
    plan.cover(PAVING, [(-60, -6), (60, -6), (60, 34), (-60, 34)])
    for y in (8.0, 16.0, 24.0):
        plan.cover(COBBLES, [(-60, y), (60, y), (60, y + 0.8), (-60, y + 0.8)])
    for x in np.arange(-40, 41, 8.0):
        plan.cover(COBBLES, [(x, -6), (x + 0.5, -6), (x + 0.5, 34), (x, 34)])
    ring = [(-1.5 + 5 * math.cos(k), 23 + 5 * math.sin(k)) for k in np.linspace(0, 2 * math.pi, 40)]
    plan.cover(COBBLES, ring)
    for x in (-16.0, 12.0):
        plan.cover(GRASS, [(x, 18), (x + 7, 18), (x + 7, 28), (x, 28)])
    plan.line((-60, 38), (60, 38), 0.12, (3.0, 3.0))
    for y in (36.2, 39.8):
        for wheel in (-0.75, 0.75):
            plan.tracks((-60, y + wheel), (60, y + wheel), 30)
    plan.crossing((-6, 38), 7.6, 4.0, turned=True)


def _around(site: Site) -> None:
    site.pavement([(-60, 42), (60, 42), (60, 90), (-60, 90)])
    x = -58.0
    fronts = (
        (16, 3, False),
        (22, 5, True),
        (14, 2, False),
        (15, 3, False),
        (13, 2, False),
        (26, 6, True),
        (16, 3, False),
    )
    for style, (width, floors, block) in enumerate(fronts, 1):
        y = 47.0 if not block else 50.0
        outline = [(x, y), (x + width, y), (x + width, y + 14), (x, y + 14)]
        colour = site.generator.choice(PANELS if block else FRONTS)
        kind = 150 + style if block else style
        site.building(outline, floors, colour, kind, "flat" if block else "pitched")
        if not block:
            for at in np.arange(x + 2.1, x + width - 2, 4.2):
                if site.generator.random() < 0.5:
                    awning(site, at, y, 3.4, (0, -1), site.generator.choice([(0.32, 0.06, 0.05), (0.06, 0.18, 0.12)]))
        x += width + (0 if style % 3 else 2)
    for x, y, height in (
        (-12.5, 23, 6.5),
        (15.5, 23, 7.0),
        (-18, 32, 6.0),
        (9, 33, 6.2),
        (21, 32, 6.5),
        (-27, 31, 6.0),
    ):
        tree(site, x, y, height, 3600, 1.15, pit=False)
    for x in np.arange(-24, 25, 2.4):
        if not -8.5 < x < -3.5:
            bollard(site, x, 33.6)


def square(seed: int) -> Scene:
    """People cross a square and pass a pillar and a kiosk; faces of 60 px and more towards the camera."""
    seconds = 12.0
    site = Site(seed, GroundPlan(-60, -6, 120, 96, 16), MORNING, "RRRRRRUM")
    _ground(site)
    _around(site)
    _fountain(site, -1.5, 23)
    column(site, 5.4, 19.0)
    kiosk(site, -9.2, 18.5, 0.25)
    for x, y, turn in ((-5.4, 13.2, 1.4), (4.7, 12.6, -0.3), (3.6, 27.0, 1.57), (-6.6, 27.0, 1.57)):
        bench(site, x, y, turn)
    for x, y in ((-7.6, 13.6), (7.0, 14.6), (9.6, 19.6), (-3.2, 30.5), (0.2, 30.5)):
        planter(site, x, y)
    for x in (-8.0, 11.0):
        site.lamp(x, 14.0, (0, 1), 5.0, 0)
    # towards the camera and out below it: the faces that a face detector finds
    site.walk([(5.8, 20.4), (4.6, 17.6), (2.9, 13.0), (1.1, 6.0), (0.9, 1.5)], 0.4, 1.72, 0.0)
    site.walk([(-9.6, 20.3), (-6.6, 18.4), (-2.8, 14.2), (-1.5, 7.0), (-1.3, 2.0)], 5.5, 1.78, 0.0)
    site.walk([(-10.4, 20.0), (-7.4, 18.2), (-3.6, 14.2), (-2.3, 7.4), (-2.1, 2.0)], 5.5, 1.78, 0.0)
    site.walk([(5.8, 20.4), (4.6, 17.6), (3.4, 10.0), (2.5, 6.0), (2.3, 1.5)], 8.2, 1.70, 0.0)
    # away from it, and across
    site.walk([(0.2, 1.5), (1.0, 9.0), (4.4, 17.6), (5.8, 20.4)], 6.4, 1.72, 0.0)
    site.walk([(7.0, 9.4), (-6.4, 10.2)], 2.6, 1.42, 0.0)
    site.walk([(-8.8, 17.2), (9.2, 17.2)], 10.6, 1.62, 0.0)
    site.walk([(-6, 46.8), (-6, 34.5), (-9.4, 31.0)], 1.0, 1.45, 0.0)
    site.walk([(16, 46.8), (16, 44.0), (6, 43.6), (6, 46.8)], 4.0, 1.55)
    for x, y, turn in ((7.0, 25.5, 2.0), (7.7, 26.2, -1.0), (-10.6, 16.6, -0.4)):
        site.stand(x, y, turn, 0.0)
    site.walk([(14, 12.0), (4, 13.5), (-14, 17.0)], 9.0, 4.4, 0.0, cycling=True)
    site.walk([(-20, 30.5), (0, 32.0), (22, 31.0)], 4.0, 4.6, 0.0, cycling=True)
    site.flow(["sedan", "hatch", "bus"], [(45, 40.0), (-45, 40.0)], 10.0, seconds, 0.5)
    site.flow(["suv", "van", "sedan"], [(-45, 36.2), (45, 36.2)], 10.0, seconds, 2.2)
    camera = Viewpoint((0.3, 0.0, 3.9), (0.0, 14.0, 1.55), 43)
    return site.scene(
        "tulcea-square", "Tulcea, the square", "Tulcea", seconds, camera, reads_plates=False, shadow_centre=(0.0, 24.0)
    )
