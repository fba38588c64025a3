"""What must hold at every moment of the town, whatever goes wrong. Each checker yields the promises it finds broken."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from istros.base.time import MINUTE, SECOND, Span, Time, to_iso
from istros.compliance.chain import verify
from istros.devices.camera import Camera
from istros.store import Database, Transaction
from istros.store.rows import AlarmState, GapRow, SegmentRow

HOLE_US = 3 * SECOND
"""A stream may pause this long before a gap row is due: 2 s of silence open a gap, a fragment is a second."""
ANSWER_SLACK_US = MINUTE
"""How long after its deadline an alarm may wait to be escalated."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a checker may look at."""

    database: Database
    cameras: Sequence[Camera]
    began: Time
    now: Time


async def check_town(moment: Moment) -> list[str]:
    """Every broken promise, as sentences."""
    broken = list(await moment.database.read(lambda tx: [*_segments(tx, moment), *_alarms(tx, moment), *_looks(tx)]))
    chain = await verify(moment.database)
    return broken if chain.ok else [*broken, f"the audit chain does not verify: {chain.problem and chain.problem.text}"]


def _segments(tx: Transaction, moment: Moment) -> Iterator[str]:
    span = Span(moment.began, moment.now)
    for camera in moment.cameras:
        for stream in camera.streams:
            segments = tx.segments.between(camera.id, stream.key.name, span)
            gaps = tx.gaps.between(camera.id, stream.key.name, span)
            yield from _overlaps(str(stream.key), segments)
            yield from _holes(str(stream.key), segments, gaps, span)


def _overlaps(name: str, segments: Sequence[SegmentRow]) -> Iterator[str]:
    for first, second in itertools.pairwise(segments):
        if second.start < first.end:
            yield f"{name}: the segments of {to_iso(first.start)} and {to_iso(second.start)} overlap"


def _holes(name: str, segments: Sequence[SegmentRow], gaps: Sequence[GapRow], span: Span) -> Iterator[str]:
    end = span.start
    for start, next_end in [
        *((s.start, s.end) for s in segments),
        (span.end, span.end),
    ]:
        if start - end > HOLE_US and not _explained(Span(end, start), gaps):
            yield f"{name}: nothing recorded from {to_iso(end)} to {to_iso(start)} and no gap says why"
        end = max(end, next_end)


def _explained(hole: Span, gaps: Sequence[GapRow]) -> bool:
    """Whether gap rows cover the hole but for the slack at its ends."""
    covered = hole.start
    for gap in sorted(gaps, key=lambda gap: gap.start):
        if gap.start - covered > HOLE_US:
            break
        covered = max(covered, hole.end if gap.end is None else gap.end)
    return hole.end - covered <= HOLE_US


def _alarms(tx: Transaction, moment: Moment) -> Iterator[str]:
    for alarm in tx.alarms.by_states([AlarmState.NEW], 10_000):
        if moment.now - alarm.answer_by > ANSWER_SLACK_US and alarm.escalated is None and alarm.returned is None:
            yield f"alarm {alarm.id}, due at {to_iso(alarm.answer_by)}, was neither answered nor escalated"


_LOOKS = ("playback.", "plates.", "live.")


def _looks(tx: Transaction) -> Iterator[str]:
    """Every look at personal data that was allowed stands under a permit."""
    after = 0
    while rows := tx.audit.walk(after=after, limit=1000):
        after = rows[-1].sequence
        for row in rows:
            if row.action.startswith(_LOOKS) and row.result != "refused" and row.permit_id is None:
                yield f"audit row {row.sequence}: {row.actor} did {row.action} without a permit"
