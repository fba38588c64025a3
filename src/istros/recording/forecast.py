"""How long a disk lasts: pure arithmetic on what is known of it (docs/design/0020)."""

from __future__ import annotations

from dataclasses import dataclass

from istros.base.time import DAY, Time
from istros.store.storage import DiskStatus

SOON_US = 7 * DAY
"""Held footage that will have taken all of a disk within a week is said now: a new disk takes days to buy."""

CROWDED_DAYS = 3.0
"""Fewer days of recording than this beside what is held: said as well."""

UNBOUNDED_DAYS = 9999.0


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills a disk. `free_bytes` is None where the disk cannot tell (a bucket), rates are bytes a day."""

    used_bytes: int
    held_bytes: int
    free_bytes: int | None
    free_bytes_min: int
    bytes_max: int | None
    bytes_per_day: int
    held_per_day: int

    @property
    def capacity_bytes(self) -> int | None:
        """What recordings may fill; None: as much as comes."""
        bounds = [] if self.bytes_max is None else [self.bytes_max]
        if self.free_bytes is not None:
            bounds.append(max(0, self.used_bytes + self.free_bytes - self.free_bytes_min))
        return min(bounds, default=None)


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a disk's room is used up, when held footage will have taken all of it, and what fits beside it."""

    full_at: Time | None
    only_held_at: Time | None
    routine_days: float


def forecast(filling: Filling, now: Time) -> Forecast:
    """At the rates of today, and if the holds that still grow go on growing."""
    capacity = filling.capacity_bytes
    if capacity is None:
        return Forecast(None, None, UNBOUNDED_DAYS)
    room, beside = capacity - filling.used_bytes, max(0, capacity - filling.held_bytes)
    full_at = _at(now, room, filling.bytes_per_day) if room > 0 else None
    only_held_at = _at(now, beside, filling.held_per_day)
    if filling.held_bytes and not beside:
        only_held_at = now
    days = UNBOUNDED_DAYS if not filling.bytes_per_day else min(UNBOUNDED_DAYS, beside / filling.bytes_per_day)
    return Forecast(full_at, only_held_at, round(days, 1))


def status_of(filling: Filling, ahead: Forecast, now: Time, *, is_failing: bool, is_stuck: bool) -> DiskStatus:
    """How to say it in a word; `is_stuck`: it needs room, and nothing is left on it that may go."""
    if is_failing:
        return "failing"
    capacity = filling.capacity_bytes
    if filling.held_bytes and (is_stuck or (capacity is not None and filling.held_bytes >= capacity)):
        return "only-held"
    if is_stuck:
        return "full"
    is_soon = ahead.only_held_at is not None and ahead.only_held_at - now < SOON_US
    return "filling" if is_soon or (filling.held_bytes and ahead.routine_days < CROWDED_DAYS) else "working"


def _at(now: Time, room: int, per_day: int) -> Time | None:
    if per_day <= 0 or room / per_day > UNBOUNDED_DAYS:
        return None
    return Time(now + round(room / per_day * DAY))
