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
class What:
    """What happened: a stable code with its facts for the screens, and an English sentence for everybody else."""

    code: str
    detail: str
    facts: tuple[tuple[str, str | float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Notice:
    since: Time | None
    now: Time
    cause: GapCause
    what: What


class GapLedger:
    """Keeps at most one gap of its stream open. Until `restore` it only remembers the last notice."""

    def __init__(self, key: StreamKey, ids: Ids, journal: Journal) -> None:
        self._key = key
        self._ids = ids
        self._journal = journal
        self._open: GapRow | None = None
        self._recorded_to: Time | None = None
        self._is_restored = False
        self._is_wanted = True
        self._early: _Notice | None = None

    @property
    def is_open(self) -> bool:
        """Whether a gap lasts."""
        return self._open is not None

    @property
    def cause(self) -> GapCause | None:
        """Why nothing is recorded now; None while no gap lasts."""
        return None if self._open is None else self._open.cause

    def restore(self, gap: GapRow | None, recorded_to: Time | None) -> None:
        """Go on from the open gap and the end of the newest segment that the index knows."""
        self._open, self._recorded_to, self._is_restored = gap, recorded_to, True
        if self._early is not None:
            notice, self._early = self._early, None
            self.missing(notice.since, notice.now, notice.cause, notice.what)

    def missing(self, since: Time | None, now: Time, cause: GapCause, what: What) -> None:
        """Nothing is recorded since then. A gap that already lasts goes on, or, for another cause, gives way at `now`."""
        if not self._is_wanted:
            return
        if not self._is_restored:
            self._early = _Notice(since, now, cause, what)
            return
        if self._open is not None:
            if self._open.cause is cause:
                return
            since = Time(max(now, self._open.start))
            self._end(since)
        self._begin(now if since is None else since, None, cause, what)

    def recorded(self, start: Time, end: Time) -> None:
        """That stretch is safe on the disk: an open gap before it is over, an unexplained hole before it gets a row."""
        if not self._is_wanted:
            return
        if self._open is not None and start >= self._open.start:
            self._end(start)
        elif self._open is None and self._recorded_to is not None and start - self._recorded_to > HOLE_US:
            seconds = round((start - self._recorded_to) / SECOND, 1)
            what = What("pictures-jumped", f"The pictures jumped by {seconds} s.", (("seconds", seconds),))
            self._begin(self._recorded_to, start, GapCause.CAMERA, what)
        self._recorded_to = end if self._recorded_to is None else Time(max(end, self._recorded_to))

    def unwanted(self, since: Time) -> None:
        """The schedule asks for nothing from then on: an open gap is over, and silence is none."""
        if self._open is not None:
            self._end(Time(max(since, self._open.start)))
        self._is_wanted, self._recorded_to, self._early = False, None, None

    def wanted(self) -> None:
        """The schedule asks for the stream again."""
        self._is_wanted = True

    def lost(self, start: Time, end: Time, what: What) -> None:
        """A stretch that had been recorded is gone from the disk."""
        self._begin(start, end, GapCause.DISK, what)

    def _begin(self, start: Time, end: Time | None, cause: GapCause, what: What) -> None:
        id, camera_id, stream = self._ids.new(), self._key.camera_id, self._key.name
        row = GapRow(id, camera_id, stream, start, end, cause, what.detail, what.code, what.facts)
        self._journal.gap(row)
        if end is None:
            self._open = row

    def _end(self, end: Time) -> None:
        if self._open is not None:
            self._journal.gap(replace(self._open, end=end))
            self._open = None
