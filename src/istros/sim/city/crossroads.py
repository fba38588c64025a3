"""A crossroads in Izmail by day, seen wide from a corner: the side road gives way, people cross."""

from __future__ import annotations

import math

import numpy as np

from istros.sim.city.camera import Viewpoint
from istros.sim.city.furniture import bench, column, kiosk, sign, tree, wire
from istros.sim.city.ground import GRASS, PAVING, GroundPlan, Point
from istros.sim.city.scene import DAY, Scene, way
from istros.sim.city.site import Site
from istros.sim.city.streets import FRONTS, PANELS

MAIN, SIDE = 5.4, 3.8
"""Half the width of the main road (along y) and of the side road (along x), metres."""
REACH = 75.0


def _corner(sign_x: int, sign_y: int, radius: float = 4.5) -> list[Point]:
    """A block's pavement, anticlockwise, with its corner rounded."""
    arc = [
        (MAIN + radius - radius * math.cos(k), SIDE + radius - radius * math.sin(k))
        for k in np.linspace(0, math.pi / 2, 9)
    ]
    block = [(REACH, SIDE), (REACH, REACH), (MAIN, REACH), *arc]
    outline = [(sign_x * x, sign_y * y) for x, y in block]
    return outline if sign_x * sign_y > 0 else outline[::-1]


def _roads(site: Site) -> None:
    plan = site.plan
    for sign_x in (-1, 1):
        for sign_y in (-1, 1):
            site.pavement(_corner(sign_x, sign_y))
    for lane in (-1.8, 1.8):
        for wheel in (-0.75, 0.75):
            plan.tracks((lane + wheel, -REACH), (lane + wheel, REACH), 30)
            plan.tracks((-REACH, lane + wheel), (REACH, lane + wheel), 24)
    for side in (-1, 1):
        plan.line((0, side * 12.5), (0, side * REACH), 0.12, (3, 3))
        plan.line((side * 15.0, 0), (side * REACH, 0), 0.12, (2, 4))
        plan.line((0, side * 8.6), (0, side * 12.5), 0.12)
        plan.line((side * 10.8, 0), (side * 15.0, 0), 0.12)
        plan.crossing((0, side * 9.6), 2 * MAIN, 3.4)
        plan.crossing((side * 11.4, 0), 2 * SIDE, 3.4, turned=True)
        plan.line((side * 13.9, -side * 0.2), (side * 13.9, -side * (SIDE - 0.2)), 0.4)
    for x, y in ((1.2, 2.0), (-2.6, -4.0), (2.2, 19.0)):
        plan.spot((x, y), 0.34, 150)
    plan.cover(GRASS, [(-34, -30), (-14, -30), (-14, -13), (-34, -13)])
    plan.cover(PAVING, [(-25, -30), (-23, -30), (-23, -13), (-25, -13)])


def _houses(site: Site) -> None:
    style = 0
    for sign_x, sign_y, sizes in (
        (1, 1, ((17, 3, 0), (14, 2, 0), (26, 5, 1))),
        (-1, 1, ((15, 2, 0), (18, 3, 0), (20, 2, 0))),
        (1, -1, ((16, 2, 0), (24, 5, 1))),
    ):
        for along_x in (True, False):
            at = 10.4
            for number, (width, floors, block) in enumerate(sizes if along_x else sizes[1:] + sizes[:1]):
                style += 1
                set_back = 3.0 if block else 0.0
                if along_x:
                    x0, y0, x1, y1 = at, SIDE + 4.6 + set_back, at + width, SIDE + 16.6
                else:
                    x0, y0, x1, y1 = MAIN + 5.0 + set_back, at + 8, MAIN + 17.0, at + width + 8
                at += width + (0.0 if not block else 4.0)
                if not along_x and number == 0:
                    continue
                outline = [(sign_x * x, sign_y * y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
                colour = site.generator.choice(PANELS if block else FRONTS)
                kind = 150 + style % 40 if block else style
                roof = "flat" if block else "pitched"
                site.building(outline if sign_x * sign_y > 0 else outline[::-1], floors, colour, kind, roof)


def _furniture(site: Site) -> None:
    for x, y in (
        (7.6, 22),
        (7.6, 34),
        (7.6, 46),
        (-7.6, 24),
        (-7.6, 38),
        (22, 6.2),
        (36, 6.2),
        (24, -6.2),
        (-26, 6.2),
        (-42, 6.2),
    ):
        tree(site, x, y, site.generator.uniform(5.2, 6.6), 2200 if y < 30 else 1000, 1.0)
    for x, y in ((-16, -27), (-29, -18), (-31, -27)):
        tree(site, x, y, 6.5, 2200, 1.2, pit=False)
    for x, y, towards in ((7.0, 15, (-1, 0)), (-7.0, 32, (1, 0)), (19, -5.0, (0, 1)), (7.0, 52, (-1, 0))):
        site.lamp(x, y, towards, 8.0, 0)
    sign(site, 14.6, 4.6, math.pi / 2, (0.75, 0.72, 0.66), (0.55, 0.04, 0.03))
    sign(site, -14.6, -4.6, -math.pi / 2, (0.75, 0.72, 0.66), (0.55, 0.04, 0.03))
    sign(site, 6.4, 7.4, 0)
    sign(site, -6.4, 12.2, 0)
    kiosk(site, 12.6, 6.9, math.pi * 0.0)
    column(site, -8.4, 7.0)
    bench(site, 8.6, 17.6, math.pi)
    for y in (14.5, 40.0):
        wire(site, (-10.4, y, 7.5), (10.4, y + 1, 7.8))


def _traffic(site: Site, seconds: float) -> None:
    north, south = way((1.8, -40), (1.8, 66)), way((-1.8, 66), (-1.8, -40))
    for kind, start in (("sedan", 9.0), ("suv", 10.9), ("van", 0.9)):
        site.drive(kind, north, (0, 9.2), (0, 106), start)
    for kind, start in (("hatch", 7.6), ("sedan", 9.4), ("bus", 11.6)):
        site.drive(kind, south, (0, 9.4), (0, 106), start)
    east, west = way((-62, -1.8), (64, -1.8)), way((64, 1.8), (-60, 1.8))
    turning = way((62, 1.8), (1.8, 1.8), (1.8, 66), bend=7.0)
    # the side road: up to the stop line, wait for the main road, on
    site.drive("sedan", west, (0, 3.6, 5.6, 7.4, 11.4), (0, 47.6, 47.6, 58, 112), 0.2)
    site.drive("hatch", turning, (0, 4.6, 6.8, 9.0, 11.6), (0, 39.6, 39.6, 52, 88), 1.6)
    site.drive("lorry", east, (0, 3.8, 5.4, 7.6, 11.6), (0, 43.6, 43.6, 54, 108), 0.4)
    site.drive("suv", east, (0, 9.4), (0, 118), 5.5)
    site.walk([(10.9, 8.2), (11.4, 4.4), (11.4, -4.4), (10.9, -8.2)], 9.6, 1.55)
    site.walk([(11.9, -8.3), (11.9, -4.4), (11.9, 4.4), (11.9, 8.3)], 10.4, 1.6)
    site.walk([(-9.2, 8.0), (-6.4, 9.8), (6.4, 9.8), (9.2, 8.6)], 3.2, 2.1)
    site.walk([(16.0, 8.2), (16.0, 6.0), (28.0, 5.4), (28.0, 8.3)], 5.0, 1.6)
    site.walk([(-12, 8.2), (-12, 5.8), (-22, 5.6), (-22, 8.2)], 1.0, 1.4)
    site.walk([(-2.9, -14), (-3.6, -6), (-4.2, 10), (-4.2, 40)], 3.0, 5.2, 0.0, cycling=True)
    for x, y, turn in ((11.6, 5.4, 2.6), (-8.8, 5.8, -2.0)):
        site.stand(x, y, turn)
    for kind, x, y, turn in (
        ("hatch", 4.5, 24, 0.0),
        ("sedan", 4.5, 30.5, 0.0),
        ("van", -4.5, 34, math.pi),
        ("sedan", -4.5, 27, math.pi),
    ):
        site.park(kind, x, y, turn)


def crossroads(seed: int) -> Scene:
    """Wide view over a crossroads: for vehicles, people, counting and conflicts; plates are too small to read."""
    seconds = 12.0
    site = Site(seed, GroundPlan(-75, -75, 150, 150, 14), DAY, "UUUUUURM")
    _roads(site)
    _houses(site)
    _furniture(site)
    _traffic(site, seconds)
    camera = Viewpoint((-12.5, -19.0, 9.6), (2.2, 4.2, 0.2), 62)
    return site.scene(
        "izmail-crossroads", "Izmail, the crossroads by the theatre", "Izmail", seconds, camera, reads_plates=False,
        shadow_centre=(2.0, 10.0), shadow_radius=44.0,
    )  # fmt: skip
