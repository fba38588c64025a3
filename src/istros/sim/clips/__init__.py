"""Rendered clips of the simulated city with their ground truth, ready for machines without OpenGL.

Each scene has NAME_main.mp4 (1920x1080, 25 frames a second), NAME_sub.mp4 (640x360, 10 frames a second) and NAME.json.
They repeat without a seam. `python -m istros.sim.city.render` makes them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ORDER = (
    "izmail-avenue",
    "tulcea-ferry",
    "tulcea-square",
    "izmail-crossroads",
    "izmail-harbour-gate",
    "tulcea-dusk",
    "izmail-rain",
)
"""The order in which a demo takes its cameras: the plate cameras and both towns first."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A simulated camera's two streams and what is to be seen in them; `weather` is day, overcast, dusk or rain."""

    name: str
    main_path: Path
    sub_path: Path
    truth_path: Path
    place: str
    town: str
    reads_plates: bool
    weather: str


def clips() -> list[Clip]:
    """All committed clips in the order of `ORDER`, others after them by name."""
    names = sorted(path.stem for path in FOLDER.glob("*.json"))
    return [_clip(name) for name in sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))]


def _clip(name: str) -> Clip:
    truth_path = FOLDER / f"{name}.json"
    truth = json.loads(truth_path.read_text(encoding="utf-8"))
    camera = truth["camera"]
    return Clip(
        name=name,
        main_path=FOLDER / f"{name}_main.mp4",
        sub_path=FOLDER / f"{name}_sub.mp4",
        truth_path=truth_path,
        place=str(camera["place"]),
        town=str(camera["town"]),
        reads_plates=bool(camera["reads_plates"]),
        weather=str(truth["weather"]),
    )
