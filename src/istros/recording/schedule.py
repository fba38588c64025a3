"""What of a camera is recorded when: weekly windows in the town's own time, and their history (docs/design/0020).

A stream that is not scheduled is no gap. `expected` tells for any span of the past when a stream ought to have been
recorded, by the schedule that was in force then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from istros.base.environment import Environment
from istros.base.time import DAY, SECOND, Span, Time, to_datetime
from istros.compliance import audit
from istros.devices.camera import StreamKey
from istros.recording.keeping import joined
from istros.store import Transaction
from istros.store.rows import StreamName
from istros.store.schedules import ScheduleChangeRow

Mode = Literal["always", "event", "off"]
"""`event`: only round signals and alarms of the camera, with what came before from memory."""

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of each of some days (0: Monday), in minutes of the wall clock; it reaches into the next day when it
    does not end after it begins."""

    days: tuple[int, ...]
    start: int
    end: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class StreamSchedule:
    """What is recorded of one stream: `mode`, but in the first window that fits, what that window says."""

    mode: Mode = "always"
    windows: tuple[Window, ...] = ()
    zone: str = "UTC"

    def as_text(self) -> str:
        """For the history of schedules."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_text(text: str) -> StreamSchedule:
        """The inverse."""
        plain = json.loads(text)
        windows = tuple(
            Window(tuple(each["days"]), each["start"], each["end"], each["mode"]) for each in plain["windows"]
        )
        return StreamSchedule(plain["mode"], windows, plain["zone"])

    def stretches(self, span: Span) -> list[tuple[Span, Mode]]:
        """The span in stretches of one mode each, in order and without a hole."""
        if not self.windows:
            return [(span, self.mode)]
        edges = {span.start, span.end}
        found = list(self._windows(span))
        for stretch, _ in found:
            edges |= {time for time in (stretch.start, stretch.end) if span.start < time < span.end}
        times = sorted(edges)
        parts: list[tuple[Span, Mode]] = []
        for start, end in pairwise(times):
            mode = next((mode for stretch, mode in found if stretch.contains(start)), self.mode)
            if parts and parts[-1][1] == mode:
                parts[-1] = (Span(parts[-1][0].start, end), mode)
            else:
                parts.append((Span(start, end), mode))
        return parts

    def at(self, time: Time) -> Mode:
        """The mode at one moment."""
        return self.stretches(Span(time, Time(time + 1)))[0][1]

    def _windows(self, span: Span) -> Iterator[tuple[Span, Mode]]:
        """Every window that may touch the span, in the order of the configuration."""
        zone = _zone(self.zone)
        first = to_datetime(Time(span.start - 2 * DAY)).astimezone(zone).date()
        last = to_datetime(span.end).astimezone(zone).date()
        for window in self.windows:
            day = first
            while day <= last:
                if day.weekday() in window.days:
                    yield _in_utc(window, day, zone), window.mode
                day += timedelta(days=1)


ALWAYS = StreamSchedule()


@dataclass(frozen=True, slots=True)
class Schedules:
    """The schedule of every stream that is not recorded always, and how events are recorded."""

    streams: Mapping[StreamKey, StreamSchedule] = field(default_factory=dict)
    before_s: float = 10.0
    """How much of the time before an event is kept in memory and recorded with it."""
    after_s: float = 30.0
    """How long after the last sign of an event is recorded."""

    def of(self, key: StreamKey) -> StreamSchedule:
        """The schedule of a stream."""
        return self.streams.get(key, ALWAYS)


def expected(tx: Transaction, camera_id: str, stream: StreamName, span: Span) -> list[Span]:
    """When a stream ought to have been recorded, by start; a time from which no schedule is known counts as always.

    Under `event` that is from each sign of an event to its end; what memory held of the time before is more than asked.
    """
    found: list[Span] = []
    for part, schedule in _in_force(tx, camera_id, stream, span):
        for stretch, mode in schedule.stretches(part):
            if mode == "always":
                found.append(stretch)
            elif mode == "event":
                found += _within(tx.schedules.triggered(camera_id, stream, stretch), stretch)
    return joined(found)


def outside(span: Span, spans: Sequence[Span]) -> list[Span]:
    """What of the span lies in none of the others, which are in order and do not overlap."""
    found, at = list[Span](), span.start
    for each in spans:
        if each.start > at:
            found.append(Span(at, min(each.start, span.end)))
        at = max(at, each.end)
    return [*found, Span(at, span.end)] if at < span.end else found


def note_schedules(tx: Transaction, environment: Environment, rows: Sequence[ScheduleChangeRow]) -> None:
    """From now on these schedules hold; those that changed are on the audit record. That of a stream that was never
    recorded otherwise than always needs no row."""
    for row in rows:
        schedule = StreamSchedule.from_text(row.schedule)
        is_first = tx.schedules.newest(row.camera_id, row.stream) is None
        if is_first and schedule.mode == "always" and not schedule.windows:
            continue
        if tx.schedules.change(row):
            audit.append(
                tx, environment, actor="istros", origin="recorder", action="schedule.change",
                subject=f"{row.camera_id}/{row.stream}", detail={"schedule": row.schedule},
            )  # fmt: skip


def _in_force(tx: Transaction, camera_id: str, stream: StreamName, span: Span) -> Iterator[tuple[Span, StreamSchedule]]:
    """The span in parts, each with the schedule of that time."""
    changes = tx.schedules.changes(camera_id, stream, span.end)
    at, schedule = span.start, ALWAYS
    for change in changes:
        if change.since > at:
            yield Span(at, change.since), schedule
            at = change.since
        schedule = StreamSchedule.from_text(change.schedule)
    if span.end > at:
        yield Span(at, span.end), schedule


def _within(spans: Sequence[Span], limit: Span) -> list[Span]:
    clipped = [(max(span.start, limit.start), min(span.end, limit.end)) for span in spans]
    return [Span(start, end) for start, end in clipped if end > start]


def _in_utc(window: Window, day: date, zone: ZoneInfo) -> Span:
    """Where the clock shows the end twice the later one counts; where it never shows the start, the moment it is past."""
    start = _moment(day, window.start, zone, fold=0)
    next_day = window.end <= window.start
    end = _moment(day + timedelta(days=1) if next_day else day, window.end, zone, fold=1)
    return Span(start, Time(max(start, end)))


def _moment(day: date, minute: int, zone: ZoneInfo, fold: int) -> Time:
    if minute == MINUTES_A_DAY:
        day, minute = day + timedelta(days=1), 0
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone, fold=fold)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        moment = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone, fold=0).astimezone(UTC)
        moment = _after_the_jump(moment, zone)
    delta = moment - datetime.fromtimestamp(0, UTC)
    return Time((delta.days * 86_400 + delta.seconds) * SECOND)


def _after_the_jump(moment: datetime, zone: ZoneInfo) -> datetime:
    """The clock never showed that time: the moment at which it jumped over it (a whole quarter of an hour, everywhere)."""
    step, offset = timedelta(minutes=15), moment.astimezone(zone).utcoffset()
    moment = moment.replace(minute=moment.minute // 15 * 15)
    while (moment - step).astimezone(zone).utcoffset() == offset:
        moment -= step
    return moment


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
