"""Procedural meshes of the simulated city.

A mesh is an array of triangle corners, 15 numbers each: position (3, metres), normal (3), colour (3, linear 0..1),
material (1), material coordinates (4, their meaning depends on the material) and type (1: vehicle kind, facade style).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Mesh = NDArray[np.float32]
"""(corners, 15) float32."""
Points = NDArray[np.float32]
"""(..., 3) float32, metres; x to the right, y along the street, z up."""
Colour = tuple[float, float, float]
"""Linear red, green, blue, 0..1."""

WIDTH = 15
"""Numbers per corner."""


class Material(IntEnum):
    """What the fragment shader paints a triangle as; the numbers are those of `shaders/surface.frag`."""

    PLAIN = 0
    GROUND = 1
    FACADE = 2
    BODY = 3
    TYRE = 4
    PICTURE = 5
    LEAF = 6
    GLOW = 7
    ROOF = 8
    GLASS = 9
    WATER = 10
    PANEL = 11


def smooth(values: NDArray[np.float64], times: int = 3) -> NDArray[np.float64]:
    """The values after some passes of a 1-2-1 filter with held ends."""
    for _ in range(times):
        values = np.convolve(np.pad(values, 1, "edge"), [0.25, 0.5, 0.25], "valid")
    return values


def pack(points: Any, normals: Any, colour: ArrayLike, material: Material, local: Any = None, kind: int = 0) -> Mesh:
    """A mesh from corner arrays; `local` may have one to four columns."""
    mesh = np.zeros((len(points), WIDTH), np.float32)
    mesh[:, :3] = points
    mesh[:, 3:6] = normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9)
    mesh[:, 6:9] = colour
    mesh[:, 9] = material
    mesh[:, 14] = kind
    if local is not None:
        mesh[:, 10 : 10 + local.shape[1]] = local
    return mesh


def _outward(points: Any) -> Any:
    normals = np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1))
    from_centre = points - points.mean((0, 1))
    flat = np.linalg.norm(normals, axis=2) < 1e-9
    normals[flat] = from_centre[flat]
    return -normals if (normals * from_centre).sum() < 0 else normals


def grid(points: Any, colour: ArrayLike, material: Material, local: Any = None, kind: int = 0) -> Mesh:
    """A surface of (rows, columns, 3) points as triangles with smooth normals that point outwards."""
    normals = _outward(points)
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    corners = [index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, :-1], index[1:, 1:], index[:-1, 1:]]
    triangles = np.stack(corners, -1).reshape(-1, 3)
    flat_points, flat_normals = points.reshape(-1, 3), normals.reshape(-1, 3)
    where = flat_points[triangles]
    facing = np.cross(where[:, 1] - where[:, 0], where[:, 2] - where[:, 0]) * flat_normals[triangles].mean(1)
    wrong = facing.sum(1) < 0
    triangles[wrong] = triangles[wrong][:, ::-1]
    order = triangles.ravel()
    coordinates = None if local is None else local.reshape(rows * columns, -1)[order]
    return pack(flat_points[order], flat_normals[order], colour, material, coordinates, kind)


def quad(
    origin: ArrayLike,
    across: ArrayLike,
    up: ArrayLike,
    colour: ArrayLike,
    material: Material = Material.PLAIN,
    picture: tuple[float, float, float, float] | None = None,
    kind: int = 0,
) -> Mesh:
    """A parallelogram that faces `across` x `up`.

    Its material coordinates are metres across, metres up, width and height, or, with `picture`, a box of the atlas.
    """
    o, u, v = (np.asarray(a, np.float64) for a in (origin, across, up))
    points = np.array([o, o + u, o + u + v, o, o + u + v, o + v], np.float32)
    place = np.array([[0, 0], [1, 0], [1, 1], [0, 0], [1, 1], [0, 1]], np.float32)
    width, height = float(np.linalg.norm(u)), float(np.linalg.norm(v))
    if picture is None:
        local = place * np.array([width, height], np.float32)
    else:
        x0, y0, x1, y1 = picture
        local = np.array([x0, y0], np.float32) + place * np.array([x1 - x0, y1 - y0], np.float32)
    sizes = np.tile(np.array([width, height], np.float32), (6, 1))
    return pack(points, np.tile(np.cross(u, v), (6, 1)), colour, material, np.c_[local, sizes], kind)


def move(mesh: Mesh, by: ArrayLike, turn: float = 0.0) -> Mesh:
    """A copy turned about the vertical (radians, anticlockwise seen from above) and then moved."""
    mesh = mesh.copy()
    sine, cosine = np.sin(turn), np.cos(turn)
    rotation = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]], np.float32)
    mesh[:, :3] = mesh[:, :3] @ rotation.T + np.asarray(by, np.float32)
    mesh[:, 3:6] = mesh[:, 3:6] @ rotation.T
    return mesh


def box(
    centre: ArrayLike, size: ArrayLike, colour: ArrayLike, material: Material = Material.PLAIN, turn: float = 0.0
) -> Mesh:
    """A cuboid."""
    x, y, z = (float(a) / 2 for a in np.asarray(size, np.float64))
    faces = [
        ((-x, -y, -z), (2 * x, 0, 0), (0, 0, 2 * z)),
        ((x, -y, -z), (0, 2 * y, 0), (0, 0, 2 * z)),
        ((x, y, -z), (-2 * x, 0, 0), (0, 0, 2 * z)),
        ((-x, y, -z), (0, -2 * y, 0), (0, 0, 2 * z)),
        ((-x, -y, z), (2 * x, 0, 0), (0, 2 * y, 0)),
        ((-x, y, -z), (2 * x, 0, 0), (0, -2 * y, 0)),
    ]
    return move(np.concatenate([quad(*face, colour, material) for face in faces]), centre, turn)


def tube(
    start: ArrayLike,
    end: ArrayLike,
    radius: float,
    end_radius: float,
    colour: ArrayLike,
    material: Material = Material.PLAIN,
    sides: int = 8,
    caps: bool = True,
) -> Mesh:
    """A tapered rod, rounded at both ends if `caps`."""
    a, b = np.asarray(start, np.float64), np.asarray(end, np.float64)
    length = float(np.linalg.norm(b - a)) + 1e-6
    along = (b - a) / length
    side = np.cross(along, [0, 0, 1] if abs(along[2]) < 0.9 else [0, 1, 0])
    side /= np.linalg.norm(side)
    other = np.cross(along, side)
    rings = [(0.0, radius), (length, end_radius)]
    if caps:
        rings = [(-radius * np.cos(k), radius * np.sin(k)) for k in np.linspace(0.05, np.pi / 2, 3)]
        rings += [
            (length + end_radius * np.sin(k), end_radius * np.cos(k)) for k in np.linspace(0, np.pi / 2 - 0.05, 3)
        ]
    turns = np.linspace(0, 2 * np.pi, sides + 1)
    points = np.array([[a + along * h + (side * np.cos(k) + other * np.sin(k)) * r for k in turns] for h, r in rings])
    return grid(points[:, ::-1], colour, material)


def ball(
    centre: ArrayLike, radii: ArrayLike, colour: ArrayLike, material: Material = Material.PLAIN, rings: int = 14
) -> Mesh:
    """An ellipsoid; its material coordinates are the direction from the centre."""
    tilt, turn = np.meshgrid(
        np.linspace(-np.pi / 2 + 0.02, np.pi / 2 - 0.02, rings), np.linspace(0, 2 * np.pi, 2 * rings + 1), indexing="ij"
    )
    directions = np.stack([np.cos(tilt) * np.sin(turn), -np.cos(tilt) * np.cos(turn), np.sin(tilt)], -1)
    points = directions * np.asarray(radii, np.float64)
    mesh = grid(points[:, ::-1], colour, material, directions[:, ::-1])
    mesh[:, :3] += np.asarray(centre, np.float32)
    return mesh


def slab(
    outline: ArrayLike, bottom: float, top: float, colour: ArrayLike, material: Material = Material.GROUND
) -> Mesh:
    """A convex polygon (anticlockwise, metres) raised from `bottom` to `top`: pavements, platforms, islands."""
    corners = np.asarray(outline, np.float64)
    count = len(corners)
    lid = np.array([[corners[0], corners[i], corners[i + 1]] for i in range(1, count - 1)]).reshape(-1, 2)
    up = np.tile([0.0, 0.0, 1.0], (len(lid), 1))
    parts = [pack(np.c_[lid, np.full(len(lid), top)], up, colour, material)]
    for i in range(count):
        a, b = corners[i], corners[(i + 1) % count]
        parts.append(quad((*a, bottom), (*(b - a), 0), (0, 0, top - bottom), colour, material))
    return np.concatenate(parts)
