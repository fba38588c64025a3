"""How much of a time each stream was recorded, and what took the rest: from the gap ledger, which keeps what retention
has long deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from istros.base.time import Span, Time
from istros.recording.schedule import expected, outside
from istros.store import Transaction
from istros.store.rows import GapCause, GapRow, StreamName

NOT_SCHEDULED = "not-scheduled"
"""The code of a gap in which nothing was to be recorded: no recording was expected."""


@dataclass(frozen=True, slots=True)
class Availability:
    """One stream over one time, in microseconds. `expected` leaves out what was not to be recorded."""

    camera_id: str
    stream: StreamName
    expected_us: int
    recorded_us: int
    missing_us: dict[GapCause, int]
    gaps: int
    filled_us: int

    @property
    def share(self) -> float:
        """Recorded of expected; 1 when nothing was expected."""
        return self.recorded_us / self.expected_us if self.expected_us else 1.0


def availability(
    tx: Transaction, streams: Sequence[tuple[str, StreamName]], span: Span, now: Time
) -> list[Availability]:
    """The streams that have been known for some of the span, in the order asked. Nothing after `now` is expected."""
    found = []
    for camera_id, stream in streams:
        known = _known_since(tx, camera_id, stream)
        if known is None:
            continue
        start, end = max(span.start, known), min(span.end, now)
        if end > start:
            found.append(_of_stream(tx, camera_id, stream, Span(start, end)))
    return found


def _known_since(tx: Transaction, camera_id: str, stream: StreamName) -> Time | None:
    spans, gap = tx.spans.first(camera_id, stream), tx.gaps.first(camera_id, stream)
    return min((time for time in (spans, gap) if time is not None), default=None)


def _of_stream(tx: Transaction, camera_id: str, stream: StreamName, span: Span) -> Availability:
    standing = tx.gaps.between(camera_id, stream, span)
    unwanted = outside(span, expected(tx, camera_id, stream, span))
    not_expected = _merged([*_covered([gap for gap in standing if gap.code == NOT_SCHEDULED], span), *unwanted])
    unexpected_us = sum(part.duration_us for part in not_expected)
    missing: dict[GapCause, int] = {}
    counted = 0
    covered = list(not_expected)
    for gap in standing:
        if gap.code == NOT_SCHEDULED:
            continue
        own = _clip(gap, span)
        alone = own.duration_us - sum(_shared(own, part) for part in covered)
        covered = _merged([*covered, own])
        if alone > 0:
            missing[gap.cause] = missing.get(gap.cause, 0) + alone
            counted += 1
    expected_us = span.duration_us - unexpected_us
    filled = sum(_clip(gap, span).duration_us for gap in tx.gaps.filled(camera_id, stream, span))
    return Availability(
        camera_id, stream, expected_us, expected_us - sum(missing.values()), missing, counted, filled
    )  # fmt: skip


def _clip(gap: GapRow, span: Span) -> Span:
    end = span.end if gap.end is None else min(gap.end, span.end)
    start = max(gap.start, span.start)
    return Span(start, max(start, end))


def _covered(gaps: Iterable[GapRow], span: Span) -> list[Span]:
    return _merged([_clip(gap, span) for gap in gaps])


def _merged(spans: list[Span]) -> list[Span]:
    """The same time, each moment once, by start."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))
