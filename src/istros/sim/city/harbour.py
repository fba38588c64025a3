"""Two plate cameras by the Danube: the gate of Izmail's harbour, and the queue for the ferry in Tulcea in drizzle."""

from __future__ import annotations

import math

import numpy as np

from istros.sim.city.camera import Viewpoint
from istros.sim.city.furniture import STEEL, bench, sign, tree
from istros.sim.city.ground import CONCRETE, GRASS, PAVING, YELLOW, GroundPlan
from istros.sim.city.mesh import Colour, Material, Mesh, ball, box, quad, tube
from istros.sim.city.scene import DRIZZLE, MORNING, Journey, Pose, Scene, Thing
from istros.sim.city.site import Site
from istros.sim.city.streets import FRONTS

CONTAINERS: tuple[Colour, ...] = (
    (0.30, 0.07, 0.04), (0.05, 0.13, 0.28), (0.10, 0.22, 0.14), (0.42, 0.24, 0.05), (0.36, 0.36, 0.35), (0.16, 0.10, 0.09),
)  # fmt: skip


def _containers(site: Site, x: float, y: float, rows: int, high: int, turn: float = 0.0) -> None:
    """A stack of 40-foot containers: `rows` side by side along x, up to `high` above each other."""
    for row in range(rows):
        for level in range(site.generator.randint(1, high)):
            spot = (x + row * 2.7, y, 1.42 + level * 2.62)
            site.parts.append(box(spot, (2.44, 12.2, 2.59), site.generator.choice(CONTAINERS), Material.PANEL, turn))


def _crane(site: Site, x: float, y: float, height: float = 24.0, turn: float = 0.6) -> None:
    """A portal crane's silhouette."""
    paint: Colour = (0.42, 0.30, 0.06)
    for dx in (-3, 3):
        for dy in (-3, 3):
            site.parts.append(
                tube((x + dx, y + dy, 0), (x + dx * 0.4, y + dy * 0.4, height * 0.55), 0.3, 0.25, paint, sides=6)
            )
    site.parts.append(box((x, y, height * 0.6), (4.2, 5.0, 3.4), (0.45, 0.44, 0.40), turn=turn))
    tip = (x + math.cos(turn) * 22, y + math.sin(turn) * 22, height * 1.35)
    site.parts.append(tube((x, y, height * 0.65), tip, 0.45, 0.25, paint, sides=6))
    site.parts.append(tube((x, y, height * 0.6), (x - 1, y, height * 1.1), 0.3, 0.2, paint, sides=6))
    site.parts.append(tube((x - 1, y, height * 1.1), tip, 0.08, 0.08, (0.1, 0.1, 0.1), sides=4))
    site.parts.append(tube(tip, (tip[0], tip[1], 6), 0.06, 0.06, (0.1, 0.1, 0.1), sides=4))


def _fence(site: Site, start: tuple[float, float], end: tuple[float, float], height: float = 2.2) -> None:
    a, b = np.array(start), np.array(end)
    length = float(np.linalg.norm(b - a))
    for at in np.arange(0, length + 0.1, 2.5):
        x, y = a + (b - a) * min(1.0, at / length)
        site.parts.append(tube((x, y, 0), (x, y, height), 0.04, 0.04, STEEL, sides=6))
    for z in np.linspace(0.25, height - 0.1, 8):
        site.parts.append(tube((*a, z), (*b, z), 0.014, 0.014, (0.34, 0.35, 0.36), sides=4, caps=False))


def _boom_mesh(degrees: float, length: float) -> Mesh:
    """A striped boom, hinged at the origin, lying along +x (-x if `length` is negative) when it is down."""
    lift = math.radians(degrees)
    along = np.array([math.copysign(math.cos(lift), length), 0.0, math.sin(lift)])
    length = abs(length)
    parts = []
    stripes = 10
    for i in range(stripes):
        a, b = along * length * i / stripes, along * length * (i + 1) / stripes
        colour: Colour = (0.55, 0.03, 0.02) if i % 2 else (0.75, 0.75, 0.73)
        parts.append(tube(a, b, 0.06, 0.06, colour, sides=6))
    parts.append(tube((0, 0, 0), -along * 0.9, 0.09, 0.12, (0.1, 0.1, 0.1), sides=6))
    return np.concatenate(parts)


def _boom(site: Site, x: float, y: float, length: float, opens: tuple[tuple[float, float], ...]) -> None:
    """A boom that rises and falls in 1.6 s each; `opens` are the times between which it is up."""
    site.parts.append(box((x, y, 0.55), (0.42, 0.42, 1.1), (0.60, 0.42, 0.05)))
    steps = 40

    def number(pose: Pose, time: float) -> int:
        up = max(min((time - first) / 1.6, (last - time) / 1.6 + 1, 1.0) for first, last in opens)
        smooth = max(0.0, up)
        return round(steps * smooth * smooth * (3 - 2 * smooth))

    still = Journey(np.array([(x, y), (x, y + 0.01)]), (0.0, 1e6), (0.0, 0.0), 0.0, 1.0)
    site.things.append(
        Thing(
            id=f"b{len(site.things):02d}", label="", size=(0.4, 2 * abs(length), abs(length)), journey=still, variant=number,
            mesh=lambda step: _boom_mesh(82.0 * step / steps, length),
        )
    )  # fmt: skip


def _gate(site: Site) -> None:
    plan = site.plan
    plan.cover(CONCRETE, [(-40, -20), (40, -20), (40, 120), (-40, 120)])
    site.pavement([(-0.7, 14), (0.7, 14), (0.7, 30), (-0.7, 30)], CONCRETE, 0.16)
    for x in (-5.6, 5.6):
        plan.line((x, -20), (x, 60), 0.14, colour=YELLOW)
    for x in (-2.9, 2.9):
        plan.line((x - 1.9, 20.0), (x + 1.9, 20.0), 0.4)
        for wheel in (-0.85, 0.85):
            plan.tracks((x + wheel, -20), (x + wheel, 110), 40)
    for x, y, radius in ((-3.2, 16, 0.5), (2.5, 25, 0.4), (-2.2, 34, 0.6), (4.4, 12, 0.3)):
        plan.spot((x, y), radius, 70)
    for stripe in np.arange(14.2, 29, 1.6):
        plan.line((-0.6, float(stripe)), (0.6, float(stripe) + 0.7), 0.3, colour=YELLOW)
    # the guard's hut on the island, the roof over both lanes
    site.parts += [
        box((0, 26.5, 1.35), (1.3, 3.4, 2.4), (0.55, 0.54, 0.50)),
        box((0, 24.78, 1.75), (1.1, 0.04, 0.9), (0.03, 0.04, 0.05)),
        box((-0.66, 26.5, 1.75), (0.04, 2.6, 0.9), (0.03, 0.04, 0.05)),
        box((0.66, 26.5, 1.75), (0.04, 2.6, 0.9), (0.03, 0.04, 0.05)),
        box((0, 26.5, 5.6), (14.5, 6.0, 0.5), (0.62, 0.62, 0.60)),
        box((0, 23.45, 5.6), (14.5, 0.06, 0.5), (0.06, 0.16, 0.36)),
    ]
    for x in (-7.0, 0.0, 7.0):
        site.parts.append(tube((x, 28.6, 0), (x, 28.6, 5.4), 0.14, 0.14, STEEL, sides=10))
    site.parts.append(tube((0.4, 15, 0.1), (0.4, 15, 1.1), 0.07, 0.07, (0.6, 0.42, 0.05)))
    site.parts.append(tube((-0.4, 15, 0.1), (-0.4, 15, 1.1), 0.07, 0.07, (0.6, 0.42, 0.05)))


def harbour_gate(seed: int) -> Scene:
    """Plate camera at the gate of the harbour: booms rise for lorries and cars, containers and cranes behind."""
    seconds = 12.0
    site = Site(seed, GroundPlan(-40, -20, 80, 140, 18), MORNING, "UUUURRM")
    _gate(site)
    for side in (-1, 1):
        _fence(site, (side * 6.6, 24.0), (side * 38, 24.0))
        _fence(site, (side * 6.6, -4.0), (side * 6.6, 24.0))
        site.lamp(side * 7.6, 33.0, (-side, 0), 9.0, 0)
    _containers(site, -32, 44, 8, 3)
    _containers(site, -34, 62, 9, 4)
    _containers(site, 9, 48, 8, 3)
    _containers(site, 8.5, 64, 9, 4)
    _crane(site, -16, 92)
    _crane(site, 20, 100, 26, 2.4)
    site.building([(9.5, 31), (22, 31), (22, 39), (9.5, 39)], 2, FRONTS[3], 160)
    site.plan.cover(GRASS, [(-40, -20), (-7.2, -20), (-7.2, 23.4), (-40, 23.4)])
    for x, y in ((-9.5, 18), (-12, 27), (10.5, 15)):
        tree(site, x, y, 6.0, 3800, 1.1, pit=False)
    sign(site, 6.1, 21.5, 0, (0.55, 0.04, 0.03))
    # towards the camera, out of the harbour: stop at the line, wait for the boom, on
    out = [(-2.9, 82.0), (-2.9, -6.0)]
    site.drive("lorry", out, (0, 4.6, 6.2, 8.2, 11.3), (0, 54.8, 54.8, 63.0, 88.0), 6.0)
    site.drive("sedan", out, (0, 4.9, 6.1, 7.8, 10.4), (0, 56.6, 56.6, 65.0, 88.0), 0.1)
    into = [(2.9, 0.0), (2.9, 100.0)]
    site.drive("van", into, (0, 2.3, 4.0, 5.4, 10.0), (0, 17.0, 17.0, 24.0, 86.0), 7.4)
    site.drive("suv", into, (0, 2.4, 3.9, 5.3, 9.6), (0, 17.2, 17.2, 24.0, 86.0), 1.4)
    _boom(site, -0.9, 21.6, -4.4, ((5.0, 7.6), (11.2, 14.4), (-0.8, 2.4)))
    _boom(site, 0.9, 22.4, 4.4, ((4.3, 7.0), (10.4, 13.0), (-1.6, 1.0)))
    site.stand(5.4, 29.5, 2.6, 0.0)
    site.walk([(10.6, 31.4), (9.0, 29.4), (1.4, 29.6), (0.2, 28.0)], 8.0, 1.4, 0.0)
    camera = Viewpoint((0.3, -1.0, 5.6), (-0.35, 21.0, 1.0), 30)
    return site.scene(
        "izmail-harbour-gate", "Izmail, the harbour gate", "Izmail", seconds, camera, reads_plates=True,
        shadow_centre=(0.0, 32.0), shadow_radius=44.0,
    )  # fmt: skip


def _river(site: Site) -> None:
    site.parts.append(quad((-260, 46, -0.02), (520, 0, 0), (0, 150, 0), (1, 1, 1), Material.WATER))
    site.parts.append(quad((-260, 196, -0.02), (520, 0, 0), (0, 60, 3), (0.06, 0.085, 0.04)))
    numbers = np.random.default_rng(site.generator.randrange(1 << 30))
    for x in np.arange(-150, 151, 7.0):
        size = numbers.uniform(3.0, 6.5)
        spot = (x + numbers.uniform(-3, 3), 203 + numbers.uniform(0, 12), 1.5)
        site.parts.append(ball(spot, (size * 1.3, size, size * 1.2), (0.045, 0.07, 0.03), rings=7))


def _ferry(site: Site) -> None:
    """The ferry at its ramp: a flat deck, a bridge on one side."""
    white: Colour = (0.62, 0.62, 0.60)
    site.parts += [
        box((0, 68, 0.7), (15, 34, 1.6), (0.05, 0.13, 0.26)),
        box((0, 68, 1.55), (15.2, 34.2, 0.14), (0.30, 0.30, 0.30)),
        box((5.8, 68, 4.0), (3.0, 14, 4.8), white),
        box((5.8, 64, 7.6), (4.2, 6, 2.4), white),
        box((5.8, 60.9, 7.8), (3.8, 0.1, 1.1), (0.03, 0.04, 0.05)),
        box((4.28, 68, 4.6), (0.05, 12, 0.8), (0.03, 0.04, 0.05)),
        tube((5.8, 69, 8.0), (5.8, 69, 12.5), 0.12, 0.06, white),
        tube((5.8, 72, 6.0), (5.8, 72, 9.2), 0.7, 0.6, (0.50, 0.32, 0.05), sides=14),
    ]
    for x in (-7.4, 7.4):
        for z in (2.1, 2.6):
            site.parts.append(tube((x, 51, z), (x, 85, z), 0.04, 0.04, white, sides=5))
    site.parts.append(quad((-4.5, 45.0, 0.03), (9, 0, 0), (0, 6.5, 1.55), (0.24, 0.24, 0.24), Material.PANEL))
    for x in (-4.6, 4.6):
        site.parts.append(box((x, 48.2, 1.0), (0.12, 6.6, 0.8), (0.50, 0.32, 0.05)))


def ferry_queue(seed: int) -> Scene:
    """Plate camera over the lanes before the ferry in Tulcea, in drizzle: one lane moves slowly past the waiting ones."""
    seconds = 12.0
    site = Site(seed, GroundPlan(-40, -20, 80, 66, 20), DRIZZLE, "RRRRUUM")
    plan = site.plan
    plan.cover(CONCRETE, [(-40, 36), (40, 36), (40, 46), (-40, 46)])
    for x in (-7.0, -3.5, 0.0, 3.5, 7.0):
        plan.line((x, -20), (x, 38), 0.12)
    for x in (-5.25, -1.75, 1.75, 5.25):
        for wheel in (-0.75, 0.75):
            plan.tracks((x + wheel, -20), (x + wheel, 44), 34)
    site.pavement([(7.6, -20), (40, -20), (40, 40), (7.6, 40)], PAVING)
    site.pavement([(-40, -20), (-7.6, -20), (-7.6, 40), (-40, 40)], PAVING)
    _river(site)
    _ferry(site)
    site.building([(13, 12), (25, 12), (25, 26), (13, 26)], 2, FRONTS[2], 7, "pitched")
    site.building([(-28, 16), (-15, 16), (-15, 34), (-28, 34)], 1, FRONTS[5], 8, "pitched")
    for x, y in ((9.6, 17), (10.2, 30), (-10.5, 13), (-10.0, 28)):
        tree(site, x, y, 5.8, 3400, 1.05)
    for x, y, towards in ((8.2, 14, (-1, 0)), (-8.2, 24, (1, 0)), (8.2, 36, (-1, 0))):
        site.lamp(x, y, towards, 7.5)
    for x in (-38, -24, 14, 26, 38):
        site.parts.append(tube((x, 45.4, 0), (x, 45.4, 0.7), 0.22, 0.26, (0.06, 0.06, 0.06), sides=10))
    bench(site, 11.2, 21, math.pi)
    # two lanes wait, facing the river; one lane leaves the ferry towards the camera, one creeps on to it
    for kind, lane, place in (
        ("sedan", -5.25, 36),
        ("van", -5.25, 29),
        ("hatch", -5.25, 21.5),
        ("suv", 5.25, 36),
        ("sedan", 5.25, 29.8),
        ("hatch", 5.25, 23.5),
    ):
        site.park(kind, lane, place)
    leave = [(-1.75, 62.0), (-1.75, -6.0)]
    for kind, start in (("suv", 0.0), ("sedan", 4.1), ("hatch", 8.2)):
        site.drive(kind, leave, (0, 3.0, 11.2), (0, 18.0, 68.0), start)
    board = [(1.75, 2.0), (1.75, 60.0)]
    for kind, start in (("sedan", 2.2), ("van", 6.4), ("hatch", 10.4)):
        site.drive(kind, board, (0, 4.0, 5.4, 10.6), (0, 22.0, 24.0, 58.0), start)
    site.stand(0.1, 33.5, math.pi - 0.3, 0.0)
    site.stand(3.45, 39.0, math.pi + 0.5, 0.0)
    camera = Viewpoint((0.4, 0.0, 5.4), (-0.2, 23.0, 0.9), 34)
    return site.scene(
        "tulcea-ferry", "Tulcea, the ferry landing", "Tulcea", seconds, camera, reads_plates=True, shadow_centre=(0, 26)
    )
