"""Time as integer microseconds since the Unix epoch, UTC; ISO 8601 only at the edge (docs/design/0001)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NewType

Time = NewType("Time", int)
"""Microseconds since 1970-01-01T00:00:00Z."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of time: `start` belongs to it, `end` does not."""

    start: Time
    end: Time

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span cannot end ({self.end}) before it starts ({self.start})")

    @property
    def duration_us(self) -> int:
        """Length in microseconds."""
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one microsecond."""
        return max(self.start, other.start) < min(self.end, other.end)

    def contains(self, time: Time) -> bool:
        """Whether `time` lies in the span."""
        return self.start <= time < self.end


def after(time: Time, seconds: float) -> Time:
    """The moment `seconds` later (or earlier, when negative)."""
    return Time(time + round(seconds * SECOND))


def to_iso(time: Time) -> str:
    """ISO 8601 with milliseconds and Z, e.g. `2026-11-24T12:32:18.040Z`."""
    return to_datetime(time).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> Time:
    """The inverse of `to_iso`; a text without an offset is refused with ValueError."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone: write it with Z or an offset such as +02:00")
    return from_datetime(parsed)


def from_datetime(moment: datetime) -> Time:
    """The inverse of `to_datetime`, for an aware datetime of any offset."""
    delta = moment.astimezone(UTC) - datetime.fromtimestamp(0, UTC)
    return Time((delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds)


def to_datetime(time: Time) -> datetime:
    """An aware datetime in UTC, exact to the microsecond."""
    seconds, micros = divmod(time, SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)
