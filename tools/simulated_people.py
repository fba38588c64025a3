"""Where the simulated city's people stand, and what the city dressed them in."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from typing import Any

from istros.recognition.colour_names import ColourName, name_of
from istros.recognition.observation import Box
from istros.sim.city.catalogue import build
from istros.sim.city.mesh import Material, Mesh
from istros.sim.clips import FOLDER


@lru_cache(maxsize=4)
def _truth(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return truth


def bodies(name: str, number: int, least_seen: float) -> dict[str, Box]:
    """The boxes (shares) of the people of whom at least that much is seen in a frame."""
    truth = _truth(name)
    width, height = truth["width"], truth["height"]
    found = {}
    for person in truth["persons"]:
        for frame in person["frames"]:
            if frame["frame"] == number and frame["seen"] >= least_seen:
                left, top, right, bottom = frame["box"]
                found[person["id"]] = Box(left / width, top / height, right / width, bottom / height)
    return found


@lru_cache(maxsize=4)
def _things(name: str) -> dict[str, Any]:
    truth = _truth(name)
    return {thing.id: thing for thing in build(truth["scene"], truth["seed"]).things}


@lru_cache(maxsize=64)
def clothes_of(name: str, person: str) -> tuple[ColourName, ColourName] | None:
    """The names of the colours that most of a walking person's chest and legs have.

    None for who stands: they are part of the still city and have no mesh of their own.
    """
    thing = _things(name)[person]
    if thing.mesh is None:
        return None
    mesh, height = thing.mesh(0), thing.size[2]
    return _commonest(mesh, 0.60 * height, 0.78 * height), _commonest(mesh, 0.18 * height, 0.42 * height)


def _commonest(mesh: Mesh, low: float, high: float) -> ColourName:
    """The name of the colour of most corners between two heights, arms left out."""
    band = mesh[(mesh[:, 2] > low) & (mesh[:, 2] < high) & (abs(mesh[:, 0]) < 0.17) & (mesh[:, 9] == Material.PLAIN)]
    linear = Counter(map(tuple, band[:, 6:9].round(3).tolist())).most_common(1)[0][0]
    red, green, blue = (round(255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055)) for v in linear)
    return name_of((blue, green, red))
