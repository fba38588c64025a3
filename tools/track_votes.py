"""One frame against the vote of a track: how many plates each gets right, and how many it misreads while being sure."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from istros.base.plate_text import UNREAD, fold
from istros.base.time import SECOND, Time
from istros.recognition.observation import Box, PlateText
from istros.recognition.picture import Picture
from istros.recognition.plate_crops import part_of, quality_of
from istros.recognition.plates.reader import PixelBox, PlateReadCandidate, PlateReader
from istros.recognition.plates.track_reading import FrameReading, TrackReading
from istros.recognition.read_files import picture_of

SURE = 0.8
"""A wrong text of at least this confidence is one that an operator would believe."""
_LONGEST_PAUSE = 20
"""Frames of a film that may lack a plate before the next sight of it is another passage."""
_ROUND_THE_PLATE = (2.0, 3.0)
"""Plate widths and heights on each side that are cut out with it: about what a vehicle's box would give."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a text is the plate, and how sure it is."""

    right: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Ways:
    """A track judged by its first frame, by its surest, and by the vote; `frames` that were read."""

    frames: int
    first: Outcome
    surest: Outcome
    vote: Outcome
    partial: bool = False
    """The vote is no whole plate, but all that it tells of it is right."""


def ways_of(track: TrackReading, plate: str) -> Ways:
    """The three ways for one track whose plate is known."""
    by_time = sorted(track.readings, key=lambda reading: reading.time)
    surest = max(track.readings, key=lambda reading: (reading.text.confidence, reading.quality))
    verdict = track.verdicts()[0]
    return Ways(
        track.frames_read,
        _outcome(by_time[0].text, plate),
        _outcome(surest.text, plate),
        _outcome(verdict.best, plate),
        _is_part(verdict.partial, plate),
    )


def _outcome(text: PlateText, plate: str) -> Outcome:
    return Outcome(fold(text.text) == fold(plate), text.confidence)


def _is_part(partial: PlateText | None, plate: str) -> bool:
    if partial is None or UNREAD not in partial.text:
        return False
    pattern = ".".join(re.escape(fold(part)) for part in partial.text.split(UNREAD))
    return re.fullmatch(pattern, fold(plate)) is not None


def table_of(by_light: dict[str, list[Ways]]) -> Iterator[str]:
    """Markdown: tracks with two readings and more, by light; in brackets those misread by a text that is sure of itself."""
    yield "| light | tracks | readings a track | first frame right | surest frame right | vote right | right in part |"
    yield "|---|---|---|---|---|---|---|"
    rows = dict(by_light)
    if len(rows) > 1:
        rows["all"] = [ways for each in by_light.values() for ways in each]
    for light, found in rows.items():
        several = [ways for ways in found if ways.frames >= 2]
        if several:
            cells = (_cell([getattr(ways, name) for ways in several]) for name in ("first", "surest", "vote"))
            parts = sum(ways.partial and not ways.vote.right for ways in several)
            mean = np.mean([ways.frames for ways in several])
            yield f"| {light} | {len(several)} | {mean:.1f} | {' | '.join(cells)} | {parts} |"


def _cell(outcomes: list[Outcome]) -> str:
    right = sum(outcome.right for outcome in outcomes)
    believed = sum(not outcome.right and outcome.confidence >= SURE for outcome in outcomes)
    return f"{right} ({believed})"


def film_tracks(folder: Path) -> dict[str, list[Ways]]:
    """The tracks of a labelled folder of films' frames, by film; raises OSError where it cannot be read."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["plate"] and row.get("legibility") != "unreadable"]
    reader, found = PlateReader(), defaultdict[str, list[Ways]](list)
    by_plate = groupby(sorted(rows, key=_film_and_plate), key=_film_and_plate)
    for (film, plate), members in by_plate:
        for passage in _passages(sorted(members, key=lambda row: _place(row["file"])[1])):
            track = _read(reader, folder, passage)
            if track.readings:
                found[f"{folder.name}, {film}"].append(ways_of(track, plate))
    return dict(found)


def _film_and_plate(row: dict[str, str]) -> tuple[str, str]:
    return _place(row["file"])[0], row["plate"]


def _place(file: str) -> tuple[str, int]:
    """A frame's film and number, from a name like `day_1_31.jpg`."""
    named = re.fullmatch(r"(.*?)_?(\d+)\.\w+", file)
    return (named[1], int(named[2])) if named else (file, 0)


def _passages(rows: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    passage: list[dict[str, str]] = []
    for row in rows:
        if passage and _place(row["file"])[1] - _place(passage[-1]["file"])[1] > _LONGEST_PAUSE:
            yield passage
            passage = []
        passage.append(row)
    if passage:
        yield passage


def _read(reader: PlateReader, folder: Path, rows: list[dict[str, str]]) -> TrackReading:
    track = TrackReading()
    for row in rows:
        picture = picture_of(folder / "images" / row["file"])
        x, y, w, h = (float(row[name]) for name in "xywh")
        across, down = _ROUND_THE_PLATE
        region = PixelBox(x - across * w, y - down * h, x + w + across * w, y + h + down * h)
        candidates = [
            each for each in reader.read(picture, region, sides=(640,)) if _is_over(each, x + w / 2, y + h / 2)
        ]
        if candidates:
            track.add(_frame_reading(candidates[0], picture, Time(_place(row["file"])[1] * SECOND // 10)))
    return track


def _is_over(candidate: PlateReadCandidate, x: float, y: float) -> bool:
    box = candidate.box
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _frame_reading(found: PlateReadCandidate, picture: Picture, time: Time) -> FrameReading:
    rows, columns = picture.shape[:2]
    box = found.box
    return FrameReading(
        time,
        PlateText(found.text, found.confidence, found.country),
        found.characters,
        tuple(PlateText(text, confidence) for text, confidence in found.alternatives),
        Box(box.left / columns, box.top / rows, box.right / columns, box.bottom / rows),
        None,
        round(box.right - box.left),
        quality_of(part_of(picture, box), found.corners),
    )
