"""Reads and watchlist entries for tests."""

from __future__ import annotations

from random import Random

from istros.base.environment import Environment
from istros.base.ids import Ids
from istros.base.plate_text import fold
from istros.base.time import HOUR, Time, after
from istros.base.workers import InlineWorkers
from istros.store.rows import PlateReadRow, Priority, WatchlistEntryRow

START = Time(1_790_000_000_000_000)


class HandClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> Time:
        """The time that the test set."""
        return self.time

    def elapsed(self) -> float:
        """Seconds since the start."""
        return (self.time - START) / 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Move on."""
        self.time = after(self.time, seconds)


def hand_environment(seed: int = 7) -> tuple[Environment, HandClock]:
    """An environment whose clock the test moves, with everything inline."""
    clock, random = HandClock(), Random(seed)
    return Environment(clock, random, Ids(clock, random), InlineWorkers()), clock


def read_of(
    text: str,
    time: Time,
    *,
    read_id: str,
    camera: str = "IZ-07",
    confidence: float = 0.9,
    alternatives: tuple[tuple[str, float], ...] = (),
) -> PlateReadRow:
    """A plate read of a car."""
    return PlateReadRow(
        id=read_id, camera_id=camera, time=time, track_id="7", text=text, folded=fold(text), country="UA",
        confidence=confidence, alternatives=alternatives, plate_box=(0.1, 0.1, 0.2, 0.2), vehicle_box=None,
        vehicle_class="car", frames_read=3, plate_width_px=120, first_seen=time, last_seen=time, crop_jpeg=b"\xff\xd8",
    )  # fmt: skip


def entry_of(
    plate: str, created: Time, *, entry_id: str, near: bool = True, priority: Priority = "high", hours: int = 24
) -> WatchlistEntryRow:
    """An entry that a police officer opened."""
    return WatchlistEntryRow(
        id=entry_id, plate=plate, folded=fold(plate), purpose="stolen-vehicle", ground="CPC Art. 40", case_ref="12026",
        owner="police", priority=priority, manner="near" if near else "exact", created=created, created_by="officer",
        expires=Time(created + hours * HOUR),
    )  # fmt: skip
