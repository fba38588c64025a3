"""What a track is, said once for all its frames: one of the vehicle classes, a person, or nothing that is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from istros.recognition.movers import MOVER
from istros.recognition.observation import VehicleClass
from istros.recognition.tracker import Track

ThingClass = Literal["car", "van", "bus", "lorry", "motorcycle", "bicycle", "person"]

_LARGE = 0.008
"""Share of the picture that a vehicle seen from above covers at least, at its nearest."""
_LASTING = 5


@dataclass(frozen=True, slots=True)
class Judgement:
    """A class and how sure it is, 0 to 1: the share of the votes."""

    thing: ThingClass
    confidence: float


def judge(track: Track) -> Judgement | None:
    """What the track's detections together say it is; None for what is neither vehicle nor person."""
    named = {label: weight for label, weight in track.labels.items() if label != MOVER}
    if not named:
        return None
    label = max(named, key=lambda each: named[each])
    if label == "train":
        label = "bus"
    if label != "person" and label not in get_args(VehicleClass):
        return None
    return Judgement(label, named.get(label, 0) / sum(named.values()))  # type: ignore[arg-type]


def is_large_mover(track: Track) -> bool:
    """Whether something large moved along and no look gave it a name: a vehicle, where the detector knows none by its looks."""
    return set(track.labels) == {MOVER} and track.hits >= _LASTING and track.largest_box.area >= _LARGE
