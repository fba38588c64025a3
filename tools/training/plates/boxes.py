"""Scores the recogniser alone, on the labelled boxes of sets: `python -m tools.training.plates boxes SET_FOLDER ...`.

A set has `labels.csv` with file, x, y, w, h (pixels of the picture as a viewer turns it), plate, and perhaps lines and
legibility. The box is cut as it is labelled, upright: no corners, no detector.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from istros.recognition.plates.plate_crop import box_corners, plate_crop
from istros.recognition.plates.plate_recogniser import PlateRecogniser
from tools.training.plates.checking import folded
from tools.training.plates.labelled import picture_of
from tools.training.plates.series import LOOK_ALIKES

_SURE = 0.9


@dataclass(slots=True)
class _Score:
    """What was counted in one group; `faults`: label, text, confidence of what was not exact."""

    plates: int = 0
    exact: int = 0
    sure: int = 0
    sure_wrong: int = 0
    faults: list[tuple[str, str, float]] = field(default_factory=list)


def score(folder: Path, recogniser: PlateRecogniser) -> tuple[dict[str, _Score], float]:
    """Scores by legibility and lines, and the milliseconds that a plate took in the net, decoding included."""
    scores: dict[str, _Score] = defaultdict(_Score)
    spent = 0.0
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["plate"] and row.get("legibility") != "unreadable"]
    for row in rows:
        picture = picture_of(folder / "images" / row["file"])
        box = [float(row[key]) for key in "xywh"]
        crop = plate_crop(picture, box_corners(*box))
        began = time.perf_counter()
        (read,) = recogniser.read([crop])
        spent += time.perf_counter() - began
        group = scores[f"{row.get('legibility') or 'clear'}, {row.get('lines') or '1'} line(s)"]
        _count(group, row["plate"], read.text, read.confidence)
    return scores, spent * 1000 / max(1, len(rows))


def _count(group: _Score, label: str, text: str, confidence: float) -> None:
    wanted = folded(re.sub(r"[^\w]", "", label.upper()).translate(LOOK_ALIKES))
    is_right = folded(text) == wanted
    group.plates += 1
    group.exact += is_right
    group.sure += confidence > _SURE
    group.sure_wrong += confidence > _SURE and not is_right
    if not is_right:
        group.faults.append((label, text, confidence))


def main(arguments: list[str] | None = None) -> int:
    """The command: a table in Markdown; with --show also what was not exact."""
    parser = argparse.ArgumentParser(description="Score the plate recogniser on labelled boxes.")
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET_FOLDER")
    parser.add_argument("--show", action="store_true", help="print what was not read exactly")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    recogniser = PlateRecogniser()
    print("| set | plates | exact | sure (above 0.9) | of these wrong | ms a plate |\n|---|---|---|---|---|---|")
    for folder in options.sets:
        scores, each_ms = score(folder, recogniser)
        for name, group in sorted(scores.items()):
            share = f"{group.exact} ({group.exact / group.plates:.1%})"
            print(
                f"| {folder.name}, {name} | {group.plates} | {share} | {group.sure} | {group.sure_wrong} | {each_ms:.1f} |"
            )
            for label, text, confidence in group.faults if options.show else ():
                print(f"    {label} read as {text or 'nothing'} at {confidence:.2f}")
    return 0
