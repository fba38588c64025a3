"""The scenes by name."""

from __future__ import annotations

from collections.abc import Callable

from istros.base.errors import IstrosError
from istros.sim.city import crossroads, harbour, square, streets
from istros.sim.city.scene import Scene

SCENES: dict[str, Callable[[int], Scene]] = {
    "izmail-avenue": streets.avenue,
    "izmail-crossroads": crossroads.crossroads,
    "tulcea-square": square.square,
    "izmail-harbour-gate": harbour.harbour_gate,
    "tulcea-ferry": harbour.ferry_queue,
    "tulcea-dusk": streets.dusk,
    "izmail-rain": streets.rain,
}
"""Each makes its scene from a seed."""


def scene_names() -> list[str]:
    """The names of all scenes."""
    return list(SCENES)


class UnknownScene(IstrosError):
    """No scene has that name."""

    code = "unknown_scene"


def build(name: str, seed: int) -> Scene:
    """The scene of that name; UnknownScene otherwise."""
    if name not in SCENES:
        raise UnknownScene(f"The simulated city has no scene called {name}.", f"Choose one of: {', '.join(SCENES)}.")
    return SCENES[name](seed)
