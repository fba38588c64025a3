"""The gap ledger of one stream: what is missing, since when, and why (DESIGN rule 1)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from istros.base.ids import Ids
from istros.base.time import SECOND, Time
from istros.devices.camera import StreamKey
from istros.recording.journal import Journal
from istros.store.rows import GapCause, GapRow

HOLE_US = SECOND // 2
"""Segments closer than this count as touching, as in `store.Segments.recorded`."""


@dataclass(frozen=True, slots=True)
class _Notice:
    since: Time | None
    now: Time
    cause: GapCause
    detail: str


class GapLedger:
    """Keeps at most one gap of its stream open. Until `restore` it only remembers the last notice."""

    def __init__(self, key: StreamKey, ids: Ids, journal: Journal) -> None:
        self._key = key
        self._ids = ids
        self._journal = journal
        self._open: GapRow | None = None
        self._recorded_to: Time | None = None
        self._is_restored = False
        self._early: _Notice | None = None

    @property
    def is_open(self) -> bool:
        """Whether a gap lasts."""
        return self._open is not None

    def restore(self, gap: GapRow | None, recorded_to: Time | None) -> None:
        """Go on from the open gap and the end of the newest segment that the index knows."""
        self._open, self._recorded_to, self._is_restored = gap, recorded_to, True
        if self._early is not None:
            notice, self._early = self._early, None
            self.missing(notice.since, notice.now, notice.cause, notice.detail)

    def missing(self, since: Time | None, now: Time, cause: GapCause, detail: str) -> None:
        """Nothing is recorded since then. A gap that already lasts goes on, or, for another cause, gives way at `now`."""
        if not self._is_restored:
            self._early = _Notice(since, now, cause, detail)
            return
        if self._open is not None:
            if self._open.cause is cause:
                return
            since = Time(max(now, self._open.start))
            self._end(since)
        self._begin(now if since is None else since, None, cause, detail)

    def recorded(self, start: Time, end: Time) -> None:
        """That stretch is safe on the disk: an open gap before it is over, an unexplained hole before it gets a row."""
        if self._open is not None and start >= self._open.start:
            self._end(start)
        elif self._open is None and self._recorded_to is not None and start - self._recorded_to > HOLE_US:
            detail = f"The pictures jumped by {(start - self._recorded_to) / SECOND:.1f} s."
            self._begin(self._recorded_to, start, GapCause.CAMERA, detail)
        self._recorded_to = end if self._recorded_to is None else Time(max(end, self._recorded_to))

    def lost(self, start: Time, end: Time, detail: str) -> None:
        """A stretch that had been recorded is gone from the disk."""
        self._begin(start, end, GapCause.DISK, detail)

    def _begin(self, start: Time, end: Time | None, cause: GapCause, detail: str) -> None:
        row = GapRow(self._ids.new(), self._key.camera_id, self._key.name, start, end, cause, detail)
        self._journal.gap(row)
        if end is None:
            self._open = row

    def _end(self, end: Time) -> None:
        if self._open is not None:
            self._journal.gap(replace(self._open, end=end))
            self._open = None
