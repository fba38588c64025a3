"""How bad each thing about a stream is now, from the rows that its recorder writes; pure but for what it remembers."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from istros.base.time import SECOND, Time
from istros.settings import HealthKind
from istros.store.health import StreamUsualRow
from istros.store.rows import StreamStateRow

LOSS_WINDOW_S = 60.0
RECONNECT_WINDOW_S = 3600.0
_KEEP_EVERY_S = 10.0
USUAL_MINUTES = 30
"""What is usual is known after so many minutes of it."""
_LEARN_OVER = 240
"""Minutes over which the usual follows what changes slowly: foliage, the season."""


@dataclass(frozen=True, slots=True)
class Measured:
    """`badness` is what the bounds are about; `value` and `limit` say the same in the unit that people know."""

    badness: float
    value: float
    limit: float | None = None


@dataclass(slots=True)
class Counters:
    """What happened to one stream within the last hour; the losses begin anew when the recorder does."""

    interruptions: int = 0
    """How often pictures stopped coming; attempts to connect again are not counted, for one outage makes many."""
    _kept: deque[tuple[float, int, int]] = field(default_factory=lambda: deque(maxlen=400))
    _live_since: Time | None = None

    def keep(self, elapsed: float, row: StreamStateRow) -> None:
        """Remember where the counters stand, every ten seconds."""
        live_since = row.since if row.status == "live" else None
        if self._live_since is not None and live_since != self._live_since:
            self.interruptions += 1
        self._live_since = live_since
        if self._kept and row.lost_packets < self._kept[-1][1]:
            self._kept.clear()
        if not self._kept or elapsed - self._kept[-1][0] >= _KEEP_EVERY_S:
            self._kept.append((elapsed, row.lost_packets, self.interruptions))

    def grown(self, elapsed: float, row: StreamStateRow, window_s: float) -> tuple[int, int, float]:
        """(packets lost, interruptions, seconds looked at) within the window."""
        then, lost, interruptions = next(kept for kept in self._kept if elapsed - kept[0] <= window_s)
        return row.lost_packets - lost, self.interruptions - interruptions, elapsed - then


def measure(row: StreamStateRow, promised_fps: float | None, usual: StreamUsualRow | None, counters: Counters,
            now: Time, elapsed: float) -> dict[HealthKind, Measured | None]:  # fmt: skip
    """Each state's measure; None where it cannot be told, e.g. the frame rate of a stream that is offline."""
    counters.keep(elapsed, row)
    live = row.status == "live"
    found: dict[HealthKind, Measured | None] = {
        "offline": None if row.status in ("starting", "barred") else _yes(not live),
        "reconnects": _reconnects(row, counters, elapsed),
    }
    if not live:
        return found | dict.fromkeys(("not-recording", "frame-rate", "bitrate", "loss", "clock", "no-keyframe"))
    found["not-recording"] = _yes(not row.recording and bool(row.problem))
    found["frame-rate"] = _frame_rate(row, promised_fps, usual)
    found["bitrate"] = _bitrate(row, usual)
    found["loss"] = _loss(row, counters, elapsed)
    offset = row.clock_offset_ms
    found["clock"] = None if offset is None else Measured(abs(offset) / 1000, offset / 1000)
    found["no-keyframe"] = _keyframe(row, now)
    return found


def _yes(bad: bool) -> Measured:
    return Measured(float(bad), float(bad))


def _frame_rate(row: StreamStateRow, promised: float | None, usual: StreamUsualRow | None) -> Measured | None:
    fps = promised or (usual.fps if usual is not None else None)
    return Measured(max(0.0, 1 - row.fps / fps), row.fps, fps) if fps else None


def _bitrate(row: StreamStateRow, usual: StreamUsualRow | None) -> Measured | None:
    """How many times more or less than usual."""
    if usual is None or usual.bitrate_bps <= 0:
        return None
    ratio = max(row.bitrate_bps, 1.0) / usual.bitrate_bps
    return Measured(max(ratio, 1 / ratio), row.bitrate_bps, usual.bitrate_bps)


def _loss(row: StreamStateRow, counters: Counters, elapsed: float) -> Measured | None:
    """Packets lost of all that should have come within a minute."""
    lost, _, seconds = counters.grown(elapsed, row, LOSS_WINDOW_S + _KEEP_EVERY_S)
    if seconds < LOSS_WINDOW_S / 2:
        return None
    share = lost / max(1.0, lost + row.fps * seconds)
    return Measured(share, share)


def _reconnects(row: StreamStateRow, counters: Counters, elapsed: float) -> Measured:
    _, count, _ = counters.grown(elapsed, row, RECONNECT_WINDOW_S)
    return Measured(count, count)


def _keyframe(row: StreamStateRow, now: Time) -> Measured:
    """From the beginning of the session while none has come yet."""
    seconds = max(0.0, (now - max(row.last_keyframe or 0, row.since)) / SECOND)
    return Measured(seconds, seconds)


def usual_of(usuals: dict[int, StreamUsualRow], hour: int) -> StreamUsualRow | None:
    """What is usual at that hour; of all hours, where that one is not known yet; None when nothing is."""
    known = (usuals.get(hour), usuals.get(-1))
    return next((usual for usual in known if usual is not None and usual.minutes >= USUAL_MINUTES), None)


def learn(usual: StreamUsualRow | None, row: StreamStateRow, hour: int) -> StreamUsualRow:
    """The usual with one more minute of it."""
    if usual is None:
        return StreamUsualRow(row.camera_id, row.stream, hour, float(row.bitrate_bps), row.fps, 1)
    weight = 1 / min(_LEARN_OVER, usual.minutes + 1)
    return StreamUsualRow(
        row.camera_id, row.stream, hour,
        usual.bitrate_bps + weight * (row.bitrate_bps - usual.bitrate_bps),
        usual.fps + weight * (row.fps - usual.fps),
        usual.minutes + 1,
    )  # fmt: skip
