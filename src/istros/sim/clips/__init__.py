"""The committed clips of the simulated city: what a demo's cameras serve, with the truth beside each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Clip:
    """One scene as two films (1920x1080 at 25 and 640x360 at 10 frames per second) and its ground truth."""

    name: str
    main_path: Path
    sub_path: Path
    truth_path: Path
    place: str
    town: str
    reads_plates: bool
    weather: str


def clips() -> list[Clip]:
    """Every committed clip, by the order that a demo shows them in."""
    found = [_clip(path) for path in sorted(FOLDER.glob("*.json"))]
    return [clip for clip in found if clip.main_path.exists() and clip.sub_path.exists()]


def _clip(truth_path: Path) -> Clip:
    truth = json.loads(truth_path.read_text(encoding="utf-8"))
    name = truth_path.stem
    return Clip(
        name=name,
        main_path=FOLDER / f"{name}_main.mp4",
        sub_path=FOLDER / f"{name}_sub.mp4",
        truth_path=truth_path,
        place=truth["camera"]["place"],
        town=truth["camera"]["town"],
        reads_plates=truth["camera"]["reads_plates"],
        weather=truth["weather"],
    )
