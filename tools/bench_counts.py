"""`just bench counts`: vehicles counted on lines of the simulated clips, against lines crossed in their ground truth,
and the colours of the vehicles against those that they were painted in (`--colours`: these alone).

A passage crosses when its middle goes from one side to the other, each side left behind by 0.35 of its half extent. What
is on the line in the first frame does not count; what drives on it in the first or last frame may count or not. The clips'
sub streams (640x360) are counted too: with `--sub` alone, with `--main` the large ones alone.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from istros.recognition.detector import SIZES, StreetDetector
from istros.recognition.evaluation.film_tracks import truth_of_simulation
from istros.recognition.evaluation.labels import LINES, read_table
from istros.sim.clips import FOLDER
from istros.traffic.counts_evaluation import evaluate_counts
from tools.vehicle_colours import evaluate_colours

Line = tuple[float, float, float, float]
ROADS: dict[str, tuple[Line, ...]] = {
    "izmail-avenue": ((0, 0.45, 1, 0.45), (0, 0.62, 1, 0.62)),
    "izmail-crossroads": ((0.35, 0.2, 0.35, 1), (0, 0.42, 1, 0.42)),
    "izmail-harbour-gate": ((0, 0.45, 1, 0.45),),
    "tulcea-dusk": ((0, 0.45, 1, 0.45), (0, 0.62, 1, 0.62)),
    "tulcea-ferry": ((0, 0.45, 1, 0.45), (0, 0.62, 1, 0.62)),
    "tulcea-square": ((0.5, 0, 0.5, 1),),
}
"""Lines across the roads, in shares of the picture: level, or upright from top to bottom."""
STREAMS = {"main": (1920, 1080), "sub": (640, 360)}
_SETTLED = 0.35
_COLUMNS = ("file", "x1", "y1", "x2", "y2", "what", "direction_a", "count_a", "direction_b", "count_b", "edge_start",
            "edge_end", "tolerance")  # fmt: skip


def crossed(clip: str, line: Line) -> tuple[int, int, int]:
    """Passages of the ground truth over a line: to side a, to side b, and those on it at an end of the clip."""
    truth, upright = truth_of_simulation(FOLDER / f"{clip}.json"), line[0] == line[2]
    places: defaultdict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for number in sorted(truth.frames):
        for thing in truth.frames[number]:
            box = thing.box
            low, high = (box.left, box.right) if upright else (box.top, box.bottom)
            # Left of an upright line downwards is b, above a level line to the right is a.
            away = (low + high) / 2 - (line[0] if upright else line[1])
            places[thing.id].append((number, -away if upright else away, (high - low) / 2))
    first, last = min(truth.frames), max(truth.frames)
    towards_a = towards_b = edges = 0
    for passage in places.values():
        (begun, at, reach), (ended, until, _) = passage[0], passage[-1]
        starts_on_it = begun == first and abs(at) < reach
        drives = abs(until - at) > 0.5 * reach
        edges += drives and (starts_on_it or (ended == last and abs(until) < passage[-1][2]))
        sides = [away > 0 for _, away, extent in passage if abs(away) > _SETTLED * extent]
        changes = [now for before, now in pairwise(sides) if before != now]
        for now in changes[1:] if starts_on_it else changes:
            towards_b += now
            towards_a += not now
    return towards_a, towards_b, edges


def main(arguments: list[str]) -> None:
    """Count, and print the reports."""
    if "--colours" not in arguments:
        _count(arguments)
    print(evaluate_colours().as_markdown())


def _count(arguments: list[str]) -> None:
    streams = [name for name in STREAMS if f"--{name}" in arguments] or list(STREAMS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / LINES).open("w", encoding="utf-8", newline="") as table:
            writer = csv.writer(table)
            writer.writerow(_COLUMNS)
            for stream in streams:
                for clip, lines in ROADS.items():
                    film = f"{clip}_{stream}.mp4"
                    (folder / film).symlink_to(FOLDER / film)
                    for line in lines:
                        towards_a, towards_b, edges = crossed(clip, line)
                        ends = [round(side * STREAMS[stream][place % 2]) for place, side in enumerate(line)]
                        writer.writerow((film, *ends, "vehicle", "a", towards_a, "b", towards_b, edges, 0, 0))
        print(evaluate_counts(read_table(folder / LINES), StreetDetector(SIZES["wide"])).as_markdown())


if __name__ == "__main__":
    main(sys.argv[1:])
