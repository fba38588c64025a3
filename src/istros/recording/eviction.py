"""Which segments may go first: routine ones, oldest first, then those of events, never what is held (docs/design/0020).

Nothing is marked on the segments themselves. A stream is walked from its oldest segment, over the stretches that are
shielded; where the walk found the first that may go it begins the next time, so that a minute's pass costs one seek a
stream among 8 million rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from istros.base.time import Span, Time
from istros.recording.keeping import Shield
from istros.store import Transaction
from istros.store.holds import HoldRow
from istros.store.links import Removal
from istros.store.rows import SegmentRow, StreamName

Class = Literal["routine", "event"]
"""`event` is whatever is not held: the routine ones before it went first."""

PAGE = 200
_FAR = Time(1 << 62)
_Floor = tuple[str, StreamName, str | None, Class]


@dataclass(frozen=True, slots=True)
class Holding:
    """The holds as they were at some change number."""

    changes: int
    spans: dict[str, tuple[Span, ...]]

    @staticmethod
    def of(changes: int, rows: Iterable[HoldRow]) -> Holding:
        """What is held of each camera."""
        spans: dict[str, list[Span]] = {}
        for row in rows:
            for camera in row.cameras:
                spans.setdefault(camera, []).append(row.span)
        return Holding(changes, {camera: tuple(each) for camera, each in spans.items()})

    def of_camera(self, camera_id: str) -> tuple[Span, ...]:
        """What is held of one camera."""
        return self.spans.get(camera_id, ())


class Eviction:
    """Finds what may go, and takes it out of the index. All methods work inside a transaction."""

    def __init__(self) -> None:
        self._floors: dict[_Floor, Time] = {}
        self._holding = Holding(-1, {})

    def forget(self) -> None:
        """Walk every stream from its beginning again: segments may have come to old times."""
        self._floors.clear()

    def holding(self, tx: Transaction) -> Holding:
        """What is held now; in a writing transaction nobody changes it until the commit."""
        changes = tx.holds.changes()
        if changes != self._holding.changes:
            self._holding = Holding.of(changes, tx.holds.standing())
            self.forget()
        return self._holding

    def oldest(
        self, tx: Transaction, streams: Sequence[tuple[str, StreamName]], kind: Class, limit: int,
        disk: str | None = None,
    ) -> list[SegmentRow]:  # fmt: skip
        """The oldest closed segments of a class over some streams, on one disk or on all."""
        found: list[SegmentRow] = []
        for camera_id, stream in streams:
            found += self.of_stream(tx, camera_id, stream, kind, limit, disk)
        return sorted(found, key=lambda row: (row.start, row.camera_id, row.stream))[:limit]

    def of_stream(
        self, tx: Transaction, camera_id: str, stream: StreamName, kind: Class, limit: int, disk: str | None = None,
        until: Time = _FAR,
    ) -> list[SegmentRow]:  # fmt: skip
        """The oldest closed segments of one stream that end by `until`."""
        held = self.holding(tx).of_camera(camera_id)
        floor: _Floor = (camera_id, stream, disk, kind)
        at, found = self._floors.get(floor, Time(0)), list[SegmentRow]()
        while len(found) < limit:
            rows = tx.segments.closed_from(camera_id, stream, at, PAGE, disk)
            if not rows:
                break
            shield = Shield(held + _events(tx, camera_id, kind, rows))
            free, at, is_over = _walk(rows, shield, until)
            found += free
            if not found:
                self._floors[floor] = at
            if is_over:
                break
        if found:
            self._floors[floor] = found[0].start
        return found[:limit]

    def take(self, tx: Transaction, rows: Sequence[SegmentRow], kind: Class, removal: Removal) -> list[SegmentRow]:
        """Take segments out of the index, but those that are held by now, were moved or are gone; their files are
        written down as leaving. Returns what was taken."""
        holding = self.holding(tx)
        taken = [row for row in (tx.segments.get(row.id) for row in rows) if row is not None]
        where = {row.id: row.disk for row in rows}
        taken = [row for row in taken if row.disk == where[row.id] and not _is_shielded(tx, row, kind, holding)]
        tx.segments.leave(taken, removal)
        return taken


def _events(tx: Transaction, camera_id: str, kind: Class, rows: Sequence[SegmentRow]) -> tuple[Span, ...]:
    if kind == "event":
        return ()
    return tuple(tx.event_spans.between(camera_id, Span(rows[0].start, Time(max(row.end for row in rows)))))


def _walk(rows: Sequence[SegmentRow], shield: Shield, until: Time) -> tuple[list[SegmentRow], Time, bool]:
    """The rows that may go, where to look on (behind the last row, or behind the stretch that shields it), and whether
    `until` was reached."""
    free, at = list[SegmentRow](), Time(rows[-1].start + 1)
    for row in rows:
        if row.end > until:
            return free, row.start, True
        over = shield.over(Span(row.start, Time(max(row.end, row.start + 1))))
        if over is None:
            free.append(row)
        else:
            at = Time(max(at, over.end))
    return free, at, False


def _is_shielded(tx: Transaction, row: SegmentRow, kind: Class, holding: Holding) -> bool:
    shield = Shield(holding.of_camera(row.camera_id) + _events(tx, row.camera_id, kind, [row]))
    return shield.over(Span(row.start, Time(max(row.end, row.start + 1)))) is not None


def enough(rows: Sequence[SegmentRow], excess: int) -> list[SegmentRow]:
    """As many of the rows, from the first, as make up for the excess."""
    taken: list[SegmentRow] = []
    for row in rows:
        if excess <= 0:
            break
        taken.append(row)
        excess -= row.size_bytes
    return taken


Pick = Callable[[Transaction, Class], list[SegmentRow]]
"""What should go next of a class."""
