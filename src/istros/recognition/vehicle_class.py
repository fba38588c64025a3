"""What a track is, said once for all its frames: one of the vehicle classes, a person, or nothing that is counted.

The street detector has no van and wavers between car, bus and lorry. What tells them apart beside its votes is height: a
car is 1.4 to 1.75 m high, a van 1.95 to 2.6 m, a bus or lorry from 3 m on, and a camera's own cars are the ruler.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from istros.recognition.car_scale import CarScale
from istros.recognition.movers import MOVER
from istros.recognition.tracker import Track

ThingClass = Literal["car", "van", "bus", "lorry", "motorcycle", "bicycle", "person"]

_LARGE = 0.008
"""Share of the picture that a vehicle seen from above covers at least, at its nearest."""
_LASTING = 5

VAN_FROM, BUS_FROM = 1.25, 1.75
"""Heights in car heights (1.47 m, the mean of new cars in Europe, ICCT 2023) at which van and bus begin."""
_SURELY_CAR = 0.8
_SURELY_LARGE = 0.62
"""Shares of the votes; a van's are spread over car, bus and lorry (docs/benchmarks/counts.md)."""
_BICYCLE = 0.12
"""Share of a cycle's votes from which it is a bicycle: the street detector calls most of them motorcycles."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A class and how sure it is, 0 to 1: the share of the votes that agree with it."""

    thing: ThingClass
    confidence: float


def judge(track: Track, scale: CarScale | None = None) -> Judgement | None:
    """What the track's detections together say it is; None for what is neither vehicle nor person."""
    named = {label: float(weight) for label, weight in track.labels.items() if label != MOVER}
    total = sum(named.values())
    if not total:
        return None
    votes = {label: weight / total for label, weight in named.items()}
    votes["bus"] = votes.get("bus", 0.0) + votes.pop("train", 0.0)
    label = max(votes, key=lambda each: votes[each])
    if label == "person":
        return Judgement("person", votes["person"])
    if label in ("bicycle", "motorcycle"):
        return _cycle(votes)
    if label in ("car", "van", "bus", "lorry"):
        return _vehicle(votes, None if scale is None else scale.height_of(track))
    return None


def _cycle(votes: dict[str, float]) -> Judgement:
    bicycle, motorcycle = votes.get("bicycle", 0.0), votes.get("motorcycle", 0.0)
    if bicycle >= _BICYCLE * (bicycle + motorcycle):
        return Judgement("bicycle", max(0.5, bicycle))
    return Judgement("motorcycle", motorcycle)


def _vehicle(votes: dict[str, float], height: float | None) -> Judgement:
    car, van = votes.get("car", 0.0), votes.get("van", 0.0)
    bus, lorry = votes.get("bus", 0.0), votes.get("lorry", 0.0)
    large: ThingClass = "bus" if bus >= lorry else "lorry"
    if van > max(car, bus, lorry):  # the detector knows vans
        return Judgement("van", van)
    if height is None:
        if car < _SURELY_CAR and max(bus, lorry) < _SURELY_LARGE:
            return Judgement("van", 1.0 - max(car, bus, lorry))
        return Judgement("car", car) if car >= max(bus, lorry) else Judgement(large, max(bus, lorry))
    if height < VAN_FROM:
        return Judgement("car", max(0.5, car)) if car >= 0.25 else Judgement("van", 0.5)
    if height < BUS_FROM:
        return Judgement("van", max(0.5, 1.0 - max(bus, lorry)))
    return Judgement(large, max(0.5, bus, lorry))


def is_large_mover(track: Track) -> bool:
    """Whether something large moved along and no look gave it a name: a vehicle, where the detector knows none by its looks."""
    return set(track.labels) == {MOVER} and track.hits >= _LASTING and track.largest_box.area >= _LARGE
