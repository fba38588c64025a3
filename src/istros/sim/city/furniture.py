"""What stands in streets: trees, signs, benches, kiosks, planters, bollards, awnings, wires."""

from __future__ import annotations

import itertools
import math

import numpy as np

from istros.sim.city.mesh import Colour, Material, ball, box, pack, quad, tube
from istros.sim.city.site import Site

WOOD: Colour = (0.28, 0.17, 0.09)
STEEL: Colour = (0.40, 0.40, 0.42)


def tree(
    site: Site, x: float, y: float, height: float = 6.0, leaves: int = 3500, spread: float = 1.0, pit: bool = True
) -> None:
    """A tree of loose leaves around a branching trunk; take fewer leaves far from the camera, they grow larger then."""
    numbers = np.random.default_rng(site.generator.randrange(1 << 30))
    bark: Colour = (0.15, 0.12, 0.09)
    lean = site.generator.uniform(-0.1, 0.1)
    site.parts.append(tube((x, y, 0), (x + lean, y, height * 0.55), 0.13 * spread, 0.08 * spread, bark))
    if pit:
        site.parts.append(box((x, y, 0.125), (1.1, 1.1, 0.02), (0.10, 0.08, 0.06)))
    clumps = numbers.normal(size=(16, 3)) * [0.85 * spread, 0.95 * spread, 0.75 * spread] + [x, y, height]
    for clump in clumps[:7]:
        site.parts.append(tube((x, y, height * 0.5), clump, 0.06 * spread, 0.02, (0.13, 0.11, 0.085), sides=6))
    centres = clumps[numbers.integers(0, 16, leaves)] + numbers.normal(size=(leaves, 3)) * 0.42 * spread
    normals = numbers.normal(size=(leaves, 3))
    across = np.cross(normals, numbers.normal(size=(leaves, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    up = np.cross(normals, across)
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    size = numbers.uniform(0.055, 0.125, (leaves, 1)) * spread * math.sqrt(3500 / leaves)
    corners = [centres - across * size, centres + up * size * 0.6, centres + across * size]
    corners += [centres - across * size, centres + across * size, centres - up * size * 0.6]
    points = np.stack(corners, 1).reshape(-1, 3)
    tint = (
        np.array([0.045, 0.085, 0.022]) * numbers.uniform(0.55, 1.5, (leaves, 1)) * [1 + 0.35 * numbers.random(), 1, 1]
    )
    outwards = np.repeat(normals, 6, 0) * 0.5 + (points - [x, y, height]) * 0.6
    site.parts.append(pack(points, outwards, np.repeat(tint, 6, 0), Material.LEAF))


def sign(
    site: Site, x: float, y: float, turn: float, colour: Colour = (0.05, 0.14, 0.5), mark: Colour = (0.9, 0.9, 0.9)
) -> None:
    """A square road sign on a post that faces along `turn` (0: towards -y)."""
    site.parts.append(tube((x, y, 0), (x, y, 2.9), 0.04, 0.04, STEEL))
    dx, dy = math.sin(turn), -math.cos(turn)
    site.parts.append(box((x + dx * 0.05, y + dy * 0.05, 2.6), (0.62, 0.03, 0.62), colour, turn=turn))
    site.parts.append(box((x + dx * 0.07, y + dy * 0.07, 2.55), (0.3, 0.02, 0.3), mark, turn=turn))


def bench(site: Site, x: float, y: float, turn: float = 0.0) -> None:
    """A wooden bench whose seat runs along y at turn 0 and whose back is at -x."""
    s, c = math.sin(turn), math.cos(turn)
    site.parts.append(box((x, y, 0.55), (0.5, 1.7, 0.07), WOOD, turn=turn))
    site.parts.append(box((x - 0.24 * c, y - 0.24 * s, 0.88), (0.06, 1.7, 0.32), WOOD, turn=turn))
    for at in (-0.65, 0.65):
        site.parts.append(box((x - at * s, y + at * c, 0.33), (0.45, 0.07, 0.42), (0.08, 0.08, 0.09), turn=turn))


def awning(site: Site, x: float, y: float, width: float, normal: tuple[float, float], colour: Colour) -> None:
    """A striped awning over a shop front, centred at (x, y) on a wall that faces along `normal`."""
    nx, ny = normal
    stripes = max(4, round(width / 0.45))
    step = width / stripes
    for i in range(stripes):
        tint = colour if i % 2 else (0.66, 0.64, 0.58)
        at = -width / 2 + i * step
        start = np.array([x + nx * 1.15 - ny * at, y + ny * 1.15 + nx * at, 2.62])
        across = np.array([-ny * step, nx * step, 0])
        site.parts.append(quad(start, across, (-nx * 1.15, -ny * 1.15, 0.55), tint))
        site.parts.append(quad(start - [0, 0, 0.2], across, (0, 0, 0.2), tuple(0.85 * c for c in tint)))


def kiosk(site: Site, x: float, y: float, turn: float, colour: Colour = (0.10, 0.28, 0.22)) -> None:
    """A newspaper kiosk, 2.4 m x 1.8 m."""
    dx, dy = math.sin(turn), -math.cos(turn)
    site.parts += [
        box((x, y, 1.3), (2.4, 1.8, 2.4), colour, turn=turn),
        box((x, y, 2.6), (2.9, 2.3, 0.22), (0.16, 0.16, 0.17), turn=turn),
        box((x + dx * 0.91, y + dy * 0.91, 1.65), (1.8, 0.04, 0.9), (0.62, 0.62, 0.58), turn=turn),
        box((x + dx * 1.0, y + dy * 1.0, 1.12), (2.0, 0.28, 0.06), (0.55, 0.55, 0.53), turn=turn),
    ]
    for i in range(9):
        tint = [(0.5, 0.1, 0.1), (0.1, 0.25, 0.5), (0.55, 0.5, 0.1), (0.2, 0.4, 0.2), (0.5, 0.5, 0.5)][i % 5]
        at = -0.75 + 0.19 * i
        spot = (x + dx * 0.94 + math.cos(turn) * at, y + dy * 0.94 + math.sin(turn) * at, 1.45 + 0.32 * (i % 2))
        site.parts.append(box(spot, (0.15, 0.02, 0.22), tint, turn=turn))


def column(site: Site, x: float, y: float) -> None:
    """An advertising pillar; a person can pass out of sight behind it."""
    turns = np.linspace(0, 2 * math.pi, 25)
    site.parts.append(tube((x, y, 0.1), (x, y, 0.5), 0.78, 0.74, (0.12, 0.16, 0.14), sides=24))
    site.parts.append(tube((x, y, 0.3), (x, y, 2.9), 0.68, 0.68, (0.60, 0.57, 0.50), sides=24, caps=False))
    for i in range(8):
        a, b = turns[3 * i] + 0.05, turns[3 * i + 2] + 0.15
        low = 0.7 + 0.15 * (i % 3)
        tint = [(0.42, 0.08, 0.06), (0.08, 0.18, 0.38), (0.55, 0.45, 0.10), (0.12, 0.30, 0.18)][i % 4]
        p, q = (np.array([x + 0.72 * math.cos(k), y + 0.72 * math.sin(k), low]) for k in (a, b))
        site.parts.append(quad(p, q - p, (0, 0, 1.6), tint))
        site.parts.append(quad(p * 1.0 + (q - p) * 0.15 + [0, 0, 1.0], (q - p) * 0.7, (0, 0, 0.35), (0.75, 0.73, 0.66)))
    site.parts.append(ball((x, y, 2.95), (0.85, 0.85, 0.35), (0.12, 0.16, 0.14), rings=8))


def planter(site: Site, x: float, y: float, length: float = 1.8, turn: float = 0.0) -> None:
    """A concrete trough with flowers."""
    numbers = np.random.default_rng(site.generator.randrange(1 << 30))
    site.parts.append(box((x, y, 0.37), (length, 0.7, 0.5), (0.42, 0.41, 0.39), turn=turn))
    site.parts.append(box((x, y, 0.6), (length - 0.12, 0.58, 0.08), (0.07, 0.06, 0.04), turn=turn))
    s, c = math.sin(turn), math.cos(turn)
    for _ in range(int(26 * length)):
        a, b = numbers.uniform(-length / 2 + 0.1, length / 2 - 0.1), numbers.uniform(-0.25, 0.25)
        tint = [(0.45, 0.05, 0.08), (0.55, 0.42, 0.06), (0.06, 0.14, 0.03), (0.06, 0.14, 0.03), (0.5, 0.48, 0.45)][
            int(numbers.integers(5))
        ]
        spot = (x + a * c - b * s, y + a * s + b * c, 0.70 + numbers.uniform(0, 0.12))
        site.parts.append(ball(spot, (0.07, 0.07, 0.07), tint, rings=4))


def bollard(site: Site, x: float, y: float) -> None:
    """A cast-iron bollard."""
    site.parts.append(tube((x, y, 0.1), (x, y, 0.85), 0.08, 0.06, (0.05, 0.05, 0.055), sides=10))
    site.parts.append(ball((x, y, 0.92), (0.09, 0.09, 0.09), (0.05, 0.05, 0.055), rings=6))


def wire(site: Site, start: tuple[float, float, float], end: tuple[float, float, float], sag: float = 0.6) -> None:
    """A sagging cable."""
    a, b = np.array(start), np.array(end)
    points = [a + (b - a) * u - np.array([0, 0, 4 * sag * u * (1 - u)]) for u in np.linspace(0, 1, 13)]
    for p, q in itertools.pairwise(points):
        site.parts.append(tube(p, q, 0.018, 0.018, (0.03, 0.03, 0.03), sides=4, caps=False))


def traffic_light(site: Site, x: float, y: float, turn: float, lit: str = "red") -> None:
    """A signal on a post that faces along `turn` (0: towards -y)."""
    site.parts.append(tube((x, y, 0), (x, y, 3.4), 0.06, 0.05, STEEL))
    dx, dy = math.sin(turn), -math.cos(turn)
    site.parts.append(box((x + dx * 0.1, y + dy * 0.1, 3.0), (0.34, 0.22, 0.98), (0.02, 0.02, 0.02), turn=turn))
    for name, z, colour in (
        ("red", 3.3, (1.0, 0.05, 0.03)),
        ("amber", 3.0, (1.0, 0.55, 0.05)),
        ("green", 2.7, (0.05, 0.9, 0.35)),
    ):
        tint = colour if name == lit else tuple(0.12 * c for c in colour)
        site.parts.append(ball((x + dx * 0.2, y + dy * 0.2, z), (0.11, 0.05, 0.11), tint, Material.PLAIN, rings=7))
