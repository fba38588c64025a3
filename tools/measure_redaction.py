"""How much of what a redacted export must hide it hides: simulated clips with ground truth, pictures with labelled plates.

`python -m tools.measure_redaction clips [SECONDS [NAME]]`, `… close-ups` and `… pictures FOLDER` print tables for
docs/benchmarks/redaction.md.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.app.redaction import RecognitionFinder
from istros.base.time import SECOND, Time
from istros.recognition.hiding import HeadAndPlateFinder
from istros.recognition.observation import Box
from istros.recording.export.covering import Followed, FoundBox, Look
from istros.sim.clips import Clip, clips
from istros.video.files import frames_of

LOOK_EVERY = 3
LEAST_PLATE_PX, LEAST_PERSON_PX, LEAST_SEEN = (40.0, 60.0, 100.0), (60.0, 120.0), 0.5
COVERED = 0.9
HEAD_ROWS, HEAD_COLUMNS = (0.0, 0.15), (0.3, 0.7)
"""Where the head is in a standing person's box."""

_GRID = 24


def main() -> None:
    """Measure what the command line names."""
    if sys.argv[1] == "clips":
        for clip in clips():
            if len(sys.argv) < 4 or clip.name == sys.argv[3]:
                measure_clip(clip, float(sys.argv[2]) if len(sys.argv) > 2 else 6.0)
    elif sys.argv[1] == "close-ups":
        measure_close_ups()
    else:
        measure_pictures(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000)


def measure_clip(clip: Clip, seconds: float) -> None:
    """Look at every third picture, follow, and compare every picture with the truth."""
    truth = json.loads(clip.truth_path.read_text(encoding="utf-8"))
    size = truth["width"], truth["height"]
    finder, looks, began, shown = RecognitionFinder(), [], time.process_time(), 0
    for number, (_, frame) in enumerate((f.number, f.frame) for f in frames_of(clip.main_path)):
        if number >= seconds * truth["fps"]:
            break
        shown = number + 1
        if number % LOOK_EVERY == 0:
            looks.append(Look(_time(number, truth["fps"]), tuple(finder.find(frame.bgr()))))
    cost = (time.process_time() - began) / max(1, len(looks))
    followed = Followed(looks)
    frames = [followed.at(_time(number, truth["fps"])) for number in range(shown)]
    hidden = float(np.mean([_share(boxes, (0.0, 0.0, 1.0, 1.0)) for boxes in frames]))
    parts = [
        f"{clip.name} ({clip.weather})",
        f"{shown} pictures",
        f"{cost * 1000:.0f} ms a look",
        f"{hidden:.0%} hidden",
    ]
    for least in LEAST_PLATE_PX:
        parts.append(f"plates >= {least:.0f} px: {_rate(_plates(truth['vehicles'], least, size), frames)}")
    for least in LEAST_PERSON_PX:
        people = [*truth["persons"], *truth["cyclists"]]
        parts.append(f"heads of people >= {least:.0f} px: {_rate(_heads(people, least, size), frames)}")
    print(" | ".join(parts), flush=True)


Target = tuple[int, str, tuple[float, float, float, float]]
"""Picture, whose, and the box that must be hidden, in shares of the picture."""


def _plates(vehicles: Iterable[dict[str, Any]], least: float, size: tuple[int, int]) -> Iterable[Target]:
    for vehicle in vehicles:
        for frame in vehicle["frames"]:
            if "plate_box" in frame and frame["plate_width_px"] >= least and frame["seen"] >= LEAST_SEEN:
                yield frame["frame"], vehicle["id"], _shares(frame["plate_box"], size)


def _heads(people: Iterable[dict[str, Any]], least: float, size: tuple[int, int]) -> Iterable[Target]:
    for person in people:
        for frame in person["frames"]:
            left, top, right, bottom = frame["box"]
            if bottom - top >= least and frame["seen"] >= LEAST_SEEN and top > 2:
                width, height = right - left, bottom - top
                box = (
                    left + width * HEAD_COLUMNS[0], top + height * HEAD_ROWS[0],
                    left + width * HEAD_COLUMNS[1], top + height * HEAD_ROWS[1],
                )  # fmt: skip
                yield frame["frame"], person["id"], _shares(box, size)


def _rate(targets: Iterable[Target], frames: Sequence[Sequence[FoundBox]]) -> str:
    """Share of the pictures in which it is hidden, and how many of the things are hidden in every picture."""
    by_thing: dict[str, list[bool]] = {}
    for number, thing, box in targets:
        if number < len(frames):
            by_thing.setdefault(thing, []).append(_share(frames[number], box) >= COVERED)
    every = [hidden for thing in by_thing.values() for hidden in thing]
    if not every:
        return "none"
    whole = sum(all(thing) for thing in by_thing.values())
    return f"{sum(every)}/{len(every)} = {sum(every) / len(every):.3f}, {whole} of {len(by_thing)} always"


def _share(boxes: Sequence[FoundBox], target: Sequence[float]) -> float:
    """How much of a rectangle the boxes cover together, sampled on a grid."""
    xs = np.linspace(target[0], target[2], _GRID + 1)[:-1] + (target[2] - target[0]) / _GRID / 2
    ys = np.linspace(target[1], target[3], _GRID + 1)[:-1] + (target[3] - target[1]) / _GRID / 2
    columns, rows = np.meshgrid(xs, ys)
    covered = np.zeros(columns.shape, bool)
    for box in boxes:
        covered |= (columns >= box.left) & (columns <= box.right) & (rows >= box.top) & (rows <= box.bottom)
    return float(covered.mean())


CLOSE_UP_EVERY, LEAST_CLOSE_PX, CLOSE_UP = 15, 150.0, (960, 540)


def measure_close_ups() -> None:
    """Heads without their bodies, filling a picture: cut from the clips and enlarged, with and without the face detector."""
    finder = HeadAndPlateFinder()
    hidden: dict[str, list[bool]] = {"people alone": [], "people and faces": []}
    for clip in clips():
        truth = json.loads(clip.truth_path.read_text(encoding="utf-8"))
        wanted: dict[int, list[list[float]]] = {}
        for frame in (each for person in truth["persons"] for each in person["frames"]):
            tall = frame["box"][3] - frame["box"][1]
            whole = frame["seen"] >= 0.95 and tall >= LEAST_CLOSE_PX and frame["box"][3] < truth["height"] - 2
            if whole and frame["frame"] % CLOSE_UP_EVERY == 0:
                wanted.setdefault(frame["frame"], []).append(frame["box"])
        for item in frames_of(clip.main_path):
            for box in wanted.pop(item.number, []):
                picture, head = _close_up(item.frame.bgr(), box)
                people, both = finder.heads(picture, faces=False), finder.heads(picture)
                hidden["people alone"].append(_share(_found(people), head) >= COVERED)
                hidden["people and faces"].append(_share(_found(both), head) >= COVERED)
            if not wanted:
                break
    for name, results in hidden.items():
        print(f"close-ups, {name}: {sum(results)}/{len(results)} = {np.mean(results):.3f}", flush=True)


def _close_up(frame: NDArray[np.uint8], box: Sequence[float]) -> tuple[NDArray[np.uint8], tuple[float, ...]]:
    """The head and a little of the shoulders at 960x540, and the head in shares of that."""
    left, top, right, bottom = box
    tall, middle = bottom - top, (left + right) / 2
    rows = 0.22 * tall
    columns = rows * CLOSE_UP[0] / CLOSE_UP[1]
    x, y = max(0, int(middle - columns / 2)), max(0, int(top - 0.03 * tall))
    part = frame[y : y + int(rows), x : x + int(columns)]
    head = (
        (middle - 0.05 * tall - x) / part.shape[1], (top - y) / part.shape[0],
        (middle + 0.05 * tall - x) / part.shape[1], (top + 0.13 * tall - y) / part.shape[0],
    )  # fmt: skip
    return np.asarray(cv2.resize(part, CLOSE_UP, interpolation=cv2.INTER_CUBIC), np.uint8), head


def _found(boxes: Iterable[Box]) -> list[FoundBox]:
    return [FoundBox("head", box.left, box.top, box.right, box.bottom) for box in boxes]


def measure_pictures(folder: Path, most: int) -> None:
    """Plates in real photographs: how many are hidden by what is found in the one picture."""
    finder = RecognitionFinder()
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row.get("x")]
    done: dict[str, tuple[list[FoundBox], int, int]] = {}
    results: dict[str, list[bool]] = {}
    for row in rows[:most]:
        name = row["file"]
        if name not in done:
            frame = next(iter(frames_of(_picture(folder, name)))).frame
            done[name] = finder.find(frame.bgr()), frame.width, frame.height
        boxes, width, height = done[name]
        x, y, w, h = (float(row[key]) for key in "xywh")
        target = x / width, y / height, (x + w) / width, (y + h) / height
        results.setdefault(row.get("legibility", ""), []).append(_share(boxes, target) >= 0.8)
    for legibility, hidden in sorted(results.items()):
        print(f"{folder.name} {legibility}: {sum(hidden)}/{len(hidden)} = {sum(hidden) / len(hidden):.3f}", flush=True)


def _picture(folder: Path, name: str) -> Path:
    inside = folder / "images" / name
    return inside if inside.exists() else folder / name


def _shares(box: Sequence[float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    return box[0] / size[0], box[1] / size[1], box[2] / size[0], box[3] / size[1]


def _time(number: int, fps: float) -> Time:
    return Time(round(number * SECOND / fps))


if __name__ == "__main__":
    main()
