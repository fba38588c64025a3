"""What a search for a face looked through, camera by camera: times, numbers, and every stretch that it could not see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from istros.base.time import SECOND, Span, Time
from istros.store import Transaction
from istros.store.rows import StreamName

MOST_MISSING = 200
"""Stretches that are named a camera; more are counted."""

_TOUCHING = SECOND
"""Neighbouring segments leave less than this between them."""

UNREADABLE, NOT_RECORDED = "unreadable", "not-recorded"
"""Causes beside those of the gap ledger: a file that is gone or damaged, and a time that nobody meant to record."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A stretch of the scope that was not looked through, and why; times in microseconds."""

    start: int
    end: int
    cause: str


@dataclass(frozen=True, slots=True)
class Looked:
    """One camera's part of a search: everything before `until` has been looked through, as far as it was recorded.

    `since` is when the first of those came who were still in the picture at `until`: they are not told yet, and a search that
    goes on in another process looks at them from there. Zero: nobody was.
    """

    camera: str
    stream: StreamName
    until: int
    looked_us: int = 0
    pictures: int = 0
    faces: int = 0
    tracks: int = 0
    compared: int = 0
    still: int = 0
    refused: int = 0
    missing: tuple[Missing, ...] = field(default=())
    more_missing: int = 0
    since: int = 0

    def with_missing(self, stretches: Sequence[Missing]) -> Looked:
        """With these added, neighbours of one cause joined, the shortest left to a count where there are too many."""
        joined: list[Missing] = list(self.missing)
        for each in stretches:
            last = joined[-1] if joined else None
            if last is not None and last.cause == each.cause and each.start - last.end < _TOUCHING:
                joined[-1] = replace(last, end=each.end)
            elif each.end - each.start >= _TOUCHING:
                joined.append(each)
        over = len(joined) - MOST_MISSING
        if over > 0:
            kept = sorted(joined, key=lambda each: each.start - each.end)[:MOST_MISSING]
            joined = sorted(kept, key=lambda each: each.start)
        return replace(self, missing=tuple(joined), more_missing=self.more_missing + max(0, over))


def looked_of(text: str) -> list[Looked]:
    """What a search's row says of its cameras."""
    return [
        Looked(**{**facts, "missing": tuple(Missing(**each) for each in facts["missing"])})
        for facts in json.loads(text)
    ]


def as_text(cameras: Sequence[Looked]) -> str:
    """The inverse of `looked_of`."""
    return json.dumps([asdict(each) for each in cameras], separators=(",", ":"))


def missing_in(
    tx: Transaction, camera_id: str, stream: StreamName, span: Span, seen: Sequence[Span], unreadable: Sequence[Span]
) -> list[Missing]:
    """The stretches of a span that were not seen, by start, each with its cause: from the gap ledger where that knows one."""
    holes, at = [], span.start
    for each in sorted([*seen, *unreadable], key=lambda each: each.start):
        if each.start - at >= _TOUCHING:
            holes.append(Span(at, each.start))
        at = Time(max(at, each.end))
    if span.end - at >= _TOUCHING:
        holes.append(Span(at, span.end))
    found = [Missing(each.start, each.end, UNREADABLE) for each in unreadable]
    for hole in holes:
        gaps = tx.gaps.between(camera_id, stream, hole)
        found.append(Missing(hole.start, hole.end, gaps[0].cause.value if gaps else NOT_RECORDED))
    return sorted(found, key=lambda each: each.start)
