"""Signs of events: signals and alarms of a camera, read on from the last number once a second (docs/design/0020).

They mark the stretches that are kept for longer (`event_span`), and start the recording of streams that are recorded on
events alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from istros.base.environment import Environment
from istros.base.time import HOUR, MINUTE, Span, Time, after
from istros.devices.camera import StreamKey
from istros.store import Database, Transaction
from istros.store.event_spans import EventMark
from istros.store.rows import AlarmRow
from istros.store.signals import SignalRow

EVERY_S = 1.0
PAGE = 500
PROLONG_US = 10 * 1_000_000
"""How often a sign that lasts is written on."""

LASTING_US = HOUR
"""A sign that says `on` and never `off` counts for an hour: a device that lost its `off` shall not record for ever."""

CLOCKS_APART_US = 5 * MINUTE
"""A signal whose own time is nearer than this to its arrival is new; otherwise it was fetched later, and its time counts."""

NO_EVENTS = frozenset({"camera-offline"})
"""Kinds of alarms that tell of no scene."""


@dataclass(frozen=True, slots=True)
class EventRules:
    """Which signals are signs of an event, and how much before and after is kept with it."""

    kinds: tuple[str, ...] = ("motion", "tamper", "digital-input")
    before_s: float = 30.0
    after_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Sign:
    """Something happened at a camera then; `is_new`: now, so that its stream is to be recorded from here on."""

    camera_id: str
    span: Span
    is_new: bool


class Triggers:
    """Knows until when each camera has an event. `record_s`: how long its streams are recorded after the last sign."""

    def __init__(
        self, environment: Environment, database: Database, rules: EventRules, record_s: float,
        asks_for: Callable[[str], Sequence[StreamKey]] = lambda camera_id: (),
    ) -> None:  # fmt: skip
        self._environment = environment
        self._database = database
        self._rules = rules
        self._record_s = record_s
        self._asks_for = asks_for
        self._lasting: dict[tuple[str, str, str], Time] | None = None
        self._prolonged = Time(0)
        self._until: dict[str, Time] = {}

    def until(self, camera_id: str) -> Time:
        """Until when the camera's streams are to be recorded; a moment of the past when nothing happens."""
        return self._until.get(camera_id, Time(0))

    async def run(self) -> None:
        """Look each second until cancelled."""
        while True:
            await self.once()
            await self._environment.clock.sleep(EVERY_S)

    async def once(self) -> None:
        """Take in what was said since the last look."""
        if self._lasting is None:
            self._lasting = await self._database.read(self._standing)
        while await self._look():
            pass

    async def _look(self) -> bool:
        """Whether there may be more at once."""
        lasting, now = dict(self._lasting or {}), self._environment.clock.now()
        mark, signals, alarms, newest = await self._database.read(self._unread)
        signs = [sign for row in signals if (sign := self._of_signal(row, lasting, now)) is not None]
        signs += [self._of_alarm(row, now) for row in alarms if row.camera_id and row.kind not in NO_EVENTS]
        signs += self._of_lasting(lasting, now)
        if signs or newest != mark:
            await self._database.write(lambda tx: self._write(tx, signs, newest, now))
        for sign in signs:
            if sign.is_new:
                self._until[sign.camera_id] = max(self.until(sign.camera_id), after(now, self._record_s))
        self._lasting = lasting
        return len(signals) == PAGE

    def _unread(self, tx: Transaction) -> tuple[EventMark, list[SignalRow], list[AlarmRow], EventMark]:
        mark = tx.event_spans.mark()
        signals = tx.signals.after(mark.signal, PAGE, self._rules.kinds)
        last = signals[-1].number if len(signals) == PAGE else tx.signals.newest()
        alarms, alarm = tx.alarms.changed_since(mark.alarm)
        return mark, signals, alarms, replace(mark, signal=last, alarm=alarm)

    def _standing(self, tx: Transaction) -> dict[tuple[str, str, str], Time]:
        """What says `on` at the start of the recorder."""
        rows = [row for row in tx.signals.latest() if row.state == "on" and row.kind in self._rules.kinds]
        return {(row.camera_id, row.kind, row.subject): row.received for row in rows if row.camera_id}

    def _of_signal(self, row: SignalRow, lasting: dict[tuple[str, str, str], Time], now: Time) -> Sign | None:
        if not row.camera_id:
            return None
        is_new = abs(row.received - row.time) < CLOCKS_APART_US and now - row.received < CLOCKS_APART_US
        key = (row.camera_id, row.kind, row.subject)
        if row.state == "on" and is_new:
            lasting[key] = row.received
        elif row.state == "off":
            lasting.pop(key, None)
        times = (row.time, row.received) if is_new else (row.time, row.time)
        return Sign(row.camera_id, self._round(min(times), max(times)), is_new)

    def _of_alarm(self, row: AlarmRow, now: Time) -> Sign:
        return Sign(row.camera_id, self._round(row.time, row.last_time), now - row.last_time < CLOCKS_APART_US)

    def _of_lasting(self, lasting: dict[tuple[str, str, str], Time], now: Time) -> list[Sign]:
        for key in [key for key, since in lasting.items() if not 0 <= now - since < LASTING_US]:
            del lasting[key]
        if not lasting or 0 <= now - self._prolonged < PROLONG_US:
            return []
        self._prolonged = now
        return [Sign(camera, self._round(now, now), True) for camera in sorted({key[0] for key in lasting})]

    def _round(self, first: Time, last: Time) -> Span:
        return Span(after(first, -self._rules.before_s), after(Time(max(first, last)), self._rules.after_s))

    def _write(self, tx: Transaction, signs: Sequence[Sign], newest: EventMark, now: Time) -> None:
        for sign in signs:
            tx.event_spans.cover(sign.camera_id, sign.span)
        for camera in sorted({sign.camera_id for sign in signs if sign.is_new}):
            for key in self._asks_for(camera):
                tx.schedules.trigger(camera, key.name, Span(now, after(now, self._record_s)))
        tx.event_spans.set_mark(newest)
