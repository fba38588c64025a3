"""The colours of vehicles against what the simulated city painted them in; part of `just bench counts`.

Boxes and colours are the ground truth's, the pictures the small streams'; when a vehicle is looked at, and what follows
from the looks, is the analyser's own (`recognition.vehicle_looks`). Only sights that show six tenths of it count.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

from istros.base.time import SECOND
from istros.recognition.evaluation.film_tracks import CLASSES, passages_of
from istros.recognition.evaluation.report import Table
from istros.recognition.evaluation.shares import Share
from istros.recognition.observation import Detection
from istros.recognition.tracker import Track
from istros.recognition.vehicle_looks import VehicleLooks
from istros.sim.clips import Clip, clips
from istros.video.files import frames_of

_LEAST_SEEN = 0.6
_EVERY = SECOND // 5
"""Five looks a second, as a busy camera has."""


def evaluate_colours() -> Table:
    """Every vehicle of the clips that could be looked at: its colour, and what was told."""
    told: Counter[tuple[str, str]] = Counter()
    for clip in clips():
        told.update(_told(clip))
    total = told.total()
    right = sum(number for (true, said), number in told.items() if true == said)
    rows = [("all", Share(right, total), "")]
    for true in sorted({true for true, _ in told}):
        of_it = {said: number for (one, said), number in told.items() if one == true}
        wrong = ", ".join(f"{said} {number}" for said, number in sorted(of_it.items()) if said != true)
        rows.append((true, Share(of_it.get(true, 0), sum(of_it.values())), wrong))
    note = "Boxes from the ground truth, one row of looks a passage; a passage that shows it too small or dark is left out."
    return Table("Colours", ("is", "right", "told instead"), tuple(rows), note)


def _told(clip: Clip) -> Iterator[tuple[str, str]]:
    """(true colour, told colour or `nothing`) of each passage that was looked at."""
    truth = json.loads(clip.truth_path.read_text(encoding="utf-8"))
    numbers = count()
    looks = VehicleLooks(clip.name, lambda: str(next(numbers)))
    boxes, colours = _sights(truth)
    tracks: dict[str, Track] = {}
    due = 0
    for item in frames_of(clip.sub_path):
        time = item.frame.time
        if time < due:
            continue
        due = time + _EVERY
        seen = []
        for name, detection in boxes.get(round(time * truth["fps"] / SECOND), {}).items():
            if name in tracks:
                tracks[name].seen(detection, time)
            else:
                tracks[name] = Track(name, detection.box, time, time, 1.0, labels=Counter({detection.label: 1}))
            seen.append(tracks[name])
        looks.see(item.frame.bgr(), tuple(seen), time)
    for name in tracks:
        if looks.looked_at(name):
            yield colours[name], looks.colour_of(name) or "nothing"


def _sights(truth: dict[str, Any]) -> tuple[dict[int, dict[str, Detection]], dict[str, str]]:
    """By frame and passage where each vehicle is to be seen well enough, and each passage's colour."""
    boxes: dict[int, dict[str, Detection]] = {}
    colours = {}
    for vehicle in truth["vehicles"]:
        if "colour" not in vehicle:
            continue
        label = CLASSES.get(vehicle["class"], vehicle["class"])
        for name, number, box, seen in passages_of(vehicle, truth["width"], truth["height"]):
            if seen >= _LEAST_SEEN:
                boxes.setdefault(number, {})[name] = Detection(box, label, 1.0)
                colours[name] = vehicle["colour"]
    return boxes, colours
