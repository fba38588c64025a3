"""Rows with everything filled in, to be varied by `dataclasses.replace`."""

from __future__ import annotations

from istros.base.plate_text import fold
from istros.base.time import SECOND, Time
from istros.store.rows import (
    AlarmRow,
    AlarmState,
    PlateReadRow,
    SegmentRow,
    SegmentState,
    WatchlistEntryRow,
)

START = Time(1_795_000_000 * SECOND)


def at(seconds: float) -> Time:
    """A moment after START."""
    return Time(START + round(seconds * SECOND))


def segment(number: int, camera: str = "IZ-07", seconds: float | None = None) -> SegmentRow:
    """A closed segment of ten seconds; the number makes its place in time unless told otherwise."""
    start = number * 10 if seconds is None else seconds
    return SegmentRow(
        f"{camera}-{number}", camera, "main", at(start), at(start + 10), f"{camera}/main/{number:06d}.mp4", 1000, 250,
        'video/mp4; codecs="avc1.4d401f"', SegmentState.CLOSED, "ab" * 32,
    )  # fmt: skip


def read(number: int, text: str = "BH1234AA", camera: str = "IZ-07", crop: bytes = b"") -> PlateReadRow:
    """A plate read `number` seconds after START."""
    return PlateReadRow(
        f"r{number}", camera, at(number), f"t{number}", text, fold(text), "UA", 0.93, (("BH1Z34AA", 0.25),),
        (0.1, 0.2, 0.3, 0.4), None, "car", 7, 96, at(number - 1), at(number), direction="towards", heading=135.0, crop_jpeg=crop,
    )  # fmt: skip


def alarm(number: int, key: str = "") -> AlarmRow:
    """A new alarm raised `number` seconds after START."""
    return AlarmRow(
        f"a{number}", "plate", "high", AlarmState.NEW, "IZ-07", at(number), at(number), at(number + 60), 1, at(number),
        "Listed plate", "r1", "w1", "exact", "BH1234AA", "BH1234AA", key,
    )  # fmt: skip


def entry(number: int, plate: str = "BH1234AA") -> WatchlistEntryRow:
    """A watchlist entry that lasts an hour."""
    return WatchlistEntryRow(
        f"w{number}", plate, fold(plate), "stolen-vehicle", "ground", "C-1", "police", "high", "near", at(number), "olena",
        at(number + 3600),
    )  # fmt: skip
