"""What the recorder tells the database, gathered so that sixty streams cost one transaction a second.

Nothing here waits for the database: while it cannot be written, newer facts replace older ones in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from istros.base.errors import IstrosError
from istros.base.said import NOTHING, Said, say
from istros.base.time import Time
from istros.devices.camera import StreamKey
from istros.store import Database, Transaction
from istros.store.links import RemovalReason
from istros.store.rows import GapRow, SegmentRow, SegmentState, StreamStateRow

MOST_ROWS = 20_000
"""Facts of one kind kept while the database is away: an hour of sixty streams. Older ones are found again by `check`."""

T = TypeVar("T")

_LOG = structlog.get_logger("istros.recording")


@dataclass(slots=True)
class _Facts:
    """The newest word on each row."""

    segments: dict[str, SegmentRow] = field(default_factory=dict)
    gaps: dict[str, GapRow] = field(default_factory=dict)
    states: dict[StreamKey, StreamStateRow] = field(default_factory=dict)
    lost_segments: dict[str, Time] = field(default_factory=dict)

    def under(self, newer: _Facts) -> _Facts:
        """These facts with newer ones laid over them."""
        return _Facts(
            self.segments | newer.segments,
            self.gaps | newer.gaps,
            self.states | newer.states,
            self.lost_segments | newer.lost_segments,
        )

    def __bool__(self) -> bool:
        return bool(self.segments or self.gaps or self.states or self.lost_segments)


class Journal:
    """Rows on their way to the database. `problem` says why they cannot get there, `dropped` counts what gave way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._facts = _Facts()
        self._stored: set[str] = set()
        self._writing = asyncio.Lock()
        self._is_sure = True
        self.problem = NOTHING
        self.dropped = 0

    def segment(self, row: SegmentRow) -> None:
        """A segment as it is now."""
        self._keep(self._facts.segments, row.id, row)

    def lost_segment(self, id: str, now: Time) -> None:
        """A segment whose file is gone."""
        self._facts.segments.pop(id, None)
        self._keep(self._facts.lost_segments, id, now)

    def gap(self, row: GapRow) -> None:
        """A gap as it is now."""
        self._keep(self._facts.gaps, row.id, row)

    def state(self, row: StreamStateRow) -> None:
        """How a stream does."""
        self._facts.states[StreamKey(row.camera_id, row.stream)] = row

    async def flush(self) -> bool:
        """Write everything in one transaction; False, with `problem` set, when the database did not take it."""
        async with self._writing:
            facts, self._facts = self._facts, _Facts()
            if not facts:
                return True
            try:
                await self._database.write(lambda tx: _apply(tx, facts, self._stored, self._is_sure))
            except IstrosError as error:
                self._failed(facts, say("index-not-written", str(error)))
                return False
            except Exception as error:
                self._failed(facts, say("index-not-written", f"The index cannot be written: {type(error).__name__}."))
                if await self._takes_anything():
                    await self._one_by_one()
                return False
            self._succeeded(facts)
            return True

    async def _takes_anything(self) -> bool:
        """Whether a harmless row can be written, so that the fault lies with the rows and not with the database."""
        try:
            await self._database.write(lambda tx: tx.streams.put(tx.streams.all()[:1]))
        except Exception:
            return False
        return True

    async def _one_by_one(self) -> None:
        """One row that the database refuses must not keep the others out: it alone is dropped, and `check` finds it."""
        facts, self._facts = self._facts, _Facts(states=self._facts.states)
        singles = [_Facts(segments={id: row}) for id, row in facts.segments.items()]
        singles += [_Facts(gaps={id: row}) for id, row in facts.gaps.items()]
        singles += [_Facts(lost_segments={id: time}) for id, time in facts.lost_segments.items()]
        for single in singles:
            try:
                await self._database.write(_work(single, self._stored))
                self._succeeded(single)
            except IstrosError as error:
                self._failed(single, say("index-not-written", str(error)))
            except Exception as error:
                self.dropped += 1
                _LOG.error("index-row-dropped", error=repr(error), row=repr(single))

    def _succeeded(self, facts: _Facts) -> None:
        closed = {id for id, row in facts.segments.items() if row.state is SegmentState.CLOSED}
        ended = {id for id, gap in facts.gaps.items() if gap.end is not None}
        self._stored |= facts.segments.keys() | facts.gaps.keys()
        self._stored -= closed | ended | facts.lost_segments.keys()
        self.problem, self._is_sure = NOTHING, True

    def _failed(self, facts: _Facts, problem: Said) -> None:
        self._facts = facts.under(self._facts)
        if problem != self.problem:
            _LOG.error("index-not-written", problem=problem.text)
        self.problem, self._is_sure = problem, False

    def _keep(self, rows: dict[str, T], id: str, row: T) -> None:
        rows[id] = row
        while len(rows) > MOST_ROWS:
            rows.pop(next(iter(rows)))
            self.dropped += 1


def _work(facts: _Facts, stored: set[str]) -> Callable[[Transaction], None]:
    return lambda tx: _apply(tx, facts, stored, False)


def _apply(tx: Transaction, facts: _Facts, stored: set[str], is_sure: bool) -> None:
    """`is_sure` says that no earlier attempt may have been committed, so that rows need not be looked for."""
    growing: list[SegmentRow] = []
    for row in facts.segments.values():
        if row.id not in stored and (is_sure or tx.segments.get(row.id) is None):
            tx.segments.add(row)
        elif row.sha256 is None:
            growing.append(row)
        else:
            tx.segments.close(row.id, end=row.end, size_bytes=row.size_bytes, frames=row.frames, sha256=row.sha256)
    tx.segments.grow_many(growing)
    for id, time in facts.lost_segments.items():
        tx.segments.remove([id], time, RemovalReason.LOST)
    for gap in facts.gaps.values():
        _apply_gap(tx, gap, stored)
    tx.streams.put(list(facts.states.values()))


def _apply_gap(tx: Transaction, gap: GapRow, stored: set[str]) -> None:
    open_gap = tx.gaps.open_one(gap.camera_id, gap.stream)
    if gap.id in stored or (open_gap is not None and open_gap.id == gap.id):
        if gap.end is not None:
            tx.gaps.end(gap.id, gap.end)
    else:
        tx.gaps.open(gap)
