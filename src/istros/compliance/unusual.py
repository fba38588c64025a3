"""Unusual looking: what the data-protection officer should look at, each with why it is listed (rule L14).

Nothing here accuses anybody: each finding says what was counted and against what, and waits for an officer's note.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from istros.base.local_time import to_local
from istros.base.time import DAY, HOUR, Span, Time
from istros.compliance.divided import Share, of_people
from istros.store import Transaction
from istros.store.access_tables import OversightMarkRow, WatchedPlateRow
from istros.store.accesses import HourCount

SEARCHES = ("plates.search",)
LOOKS = ("plates.search", "playback.view", "live.view", "exports.order", "exports.fetch")
RECORDED_LOOKS = ("plates.search", "playback.view", "exports.order", "exports.fetch")
"""Looks that somebody chose to make: watching live on a night shift is the work itself."""

LEAST_SEARCHES = 10
"""Searches in one hour below which nobody is listed for many."""
TIMES_USUAL = 3.0
NIGHT = (22, 5)
"""From this local hour to before that one."""
NIGHTS_OF_A_NIGHT_WORKER = 3
SAME_PLATE = 5
UNLISTED_PLATES = 5
ACTIVE_DAYS = 5
"""Days of work before somebody's usual hours are known."""
BEFORE_US = 30 * DAY
"""How far back the usual is taken from."""


class UnusualKind(StrEnum):
    """Why a look is listed."""

    MANY = "many-searches"
    NIGHT = "night"
    SAME_PLATE = "same-plate"
    WATCHED_PLATE = "watched-plate"
    UNLISTED = "unlisted-plates"
    OFF_HOURS = "off-hours"


@dataclass(frozen=True, slots=True)
class Unusual:
    """One finding. `facts` are the figures that a screen puts into words; `span` is where its rows are."""

    id: str
    kind: UnusualKind
    actor: str
    span: Span
    facts: Mapping[str, str | int | float]
    plate: str = ""
    looked: OversightMarkRow | None = field(default=None)


def unusual(tx: Transaction, span: Span, share: Share | None = None) -> list[Unusual]:
    """Every finding in the span, newest first, with the officer's notes; of a share, those about its people.

    A plate that another organisation's officer watches over is no finding of the share.
    """
    before = Span(Time(span.start - BEFORE_US), span.end)
    searches = tx.accesses.hourly(before, SEARCHES)
    looks = tx.accesses.hourly(before, RECORDED_LOOKS)
    found = [*_many(searches, span), *_nights(looks, span), *_off_hours(looks, span), *_plates(tx, span, share)]
    found = of_people(share, found, lambda each: each.actor)
    marks = tx.accesses.marks([each.id for each in found])
    told = [_with_mark(each, marks.get(each.id)) for each in found]
    return sorted(told, key=lambda each: (each.span.end, each.id), reverse=True)


def _many(counts: Iterable[HourCount], span: Span) -> Iterable[Unusual]:
    """An hour with at least ten searches and three times the person's own mean of the hours of the 30 days before."""
    for actor, hours in _by_actor(counts).items():
        for at, each in enumerate(hours):
            if each.hour < span.start or each.count < LEAST_SEARCHES:
                continue
            earlier = [other.count for other in hours[:at] if other.hour >= each.hour - BEFORE_US]
            usual = sum(earlier) / len(earlier) if earlier else 0.0
            if each.count >= TIMES_USUAL * usual:
                facts: dict[str, str | int | float] = {"count": each.count, "usual": round(usual, 1)}
                yield _finding(UnusualKind.MANY, actor, each.hour, HOUR, facts)


def _nights(counts: Iterable[HourCount], span: Span) -> Iterable[Unusual]:
    """Looks at recordings and searches at night by somebody who did not do so in three nights of the 30 days before."""
    for actor, hours in _by_actor(counts).items():
        nights: dict[int, list[HourCount]] = defaultdict(list)
        for each in hours:
            if _is_night(each.hour):
                nights[_night_of(each.hour)].append(each)
        for night, some in nights.items():
            others = sum(1 for other in nights if night - BEFORE_US // DAY <= other < night)
            if some[-1].hour >= span.start and others < NIGHTS_OF_A_NIGHT_WORKER:
                facts: dict[str, str | int | float] = {"count": sum(each.count for each in some), "nights": others}
                length = some[-1].hour + HOUR - some[0].hour
                yield _finding(UnusualKind.NIGHT, actor, some[0].hour, length, facts)


def _off_hours(counts: Iterable[HourCount], span: Span) -> Iterable[Unusual]:
    """Looks at an hour of the day at which the person never worked in the 30 days before, nor an hour to either side."""
    for actor, hours in _by_actor(counts).items():
        worked = _Worked(hours)
        for each in hours:
            clock = _clock(each.hour)
            if each.hour < span.start or _is_night(each.hour):
                continue
            worked.move_to(each.hour)
            if worked.days >= ACTIVE_DAYS and not worked.near(clock):
                yield _finding(UnusualKind.OFF_HOURS, actor, each.hour, HOUR, {"count": each.count, "hour": clock})


class _Worked:
    """The hours of the 30 days before a moment, without the last twelve; the moment only moves on."""

    def __init__(self, hours: Sequence[HourCount]) -> None:
        self._hours = hours
        self._first = self._next = 0
        self._clocks: Counter[int] = Counter()
        self._days: Counter[int] = Counter()

    def move_to(self, moment: Time) -> None:
        """Take in what came since, and let go of what is too old."""
        while self._hours[self._next].hour < moment - 12 * HOUR:
            self._count(self._next, 1)
            self._next += 1
        while self._first < self._next and self._hours[self._first].hour < moment - BEFORE_US:
            self._count(self._first, -1)
            self._first += 1

    def _count(self, at: int, by: int) -> None:
        hour = self._hours[at].hour
        self._clocks[_clock(hour)] += by
        self._days[hour // DAY] += by

    @property
    def days(self) -> int:
        """On how many days the person worked."""
        return sum(1 for count in self._days.values() if count)

    def near(self, clock: int) -> bool:
        """Whether the person worked at that hour of the day, or at one beside it."""
        return any(self._clocks[near] for near in (clock - 1, clock, clock + 1))


def _plates(tx: Transaction, span: Span, share: Share | None) -> Iterable[Unusual]:
    for each in tx.accesses.repeated(span, SAME_PLATE):
        length = each.last - each.first + 1
        yield _finding(UnusualKind.SAME_PLATE, each.actor, each.first, length, {"count": each.count}, each.plate)
    watched = tx.accesses.watched()
    why = {row.folded: row.why for row in watched_by(share, watched)}
    others = {row.folded for row in watched} - why.keys()
    for each in tx.accesses.of_watched(span):
        if each.plate in others:
            continue
        facts: dict[str, str | int | float] = {"count": each.count, "why": why.get(each.plate, "")}
        length = each.last - each.first + 1
        yield _finding(UnusualKind.WATCHED_PLATE, each.actor, each.first, length, facts, each.plate)
    for day in tx.accesses.unlisted(span, UNLISTED_PLATES):
        yield _finding(UnusualKind.UNLISTED, day.actor, Time(day.day * DAY), DAY, {"count": day.count})


def watched_by(share: Share | None, rows: Iterable[WatchedPlateRow]) -> list[WatchedPlateRow]:
    """The plates that an officer of the share's organisation watches over; None: all."""
    return of_people(share, rows, lambda row: row.added_by)


def _finding(
    kind: UnusualKind, actor: str, start: int, length: int, facts: Mapping[str, str | int | float], plate: str = ""
) -> Unusual:
    name = "\n".join((kind, actor, str(start), plate))
    id = hashlib.sha256(name.encode()).hexdigest()[:20]
    return Unusual(id, kind, actor, Span(Time(start), Time(start + length)), facts, plate)


def _with_mark(found: Unusual, mark: OversightMarkRow | None) -> Unusual:
    return Unusual(found.id, found.kind, found.actor, found.span, found.facts, found.plate, mark)


def _by_actor(counts: Iterable[HourCount]) -> dict[str, list[HourCount]]:
    found: dict[str, list[HourCount]] = defaultdict(list)
    for each in counts:
        found[each.actor].append(each)
    return found


def _is_night(hour: Time) -> bool:
    clock = _clock(hour)
    return clock >= NIGHT[0] or clock < NIGHT[1]


@lru_cache(maxsize=4096)
def _clock(hour: Time) -> int:
    """The hour on the town hall's clock; the same hours come once for each person."""
    return to_local(hour).hour


@lru_cache(maxsize=4096)
def _night_of(hour: Time) -> int:
    """The night's number: hours after midnight belong to the evening before."""
    return to_local(Time(hour - NIGHT[1] * HOUR)).toordinal()
