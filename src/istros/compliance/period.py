"""A month or a year of the node's own record, for its report: one edition for the authority, one for the public."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from istros.base.time import Span, Time
from istros.compliance.divided import Share
from istros.compliance.oversight import (
    FalseRate,
    KeepingLimits,
    Kept,
    months_of,
    period_span,
    rates_of,
    retention,
)
from istros.compliance.unusual import LOOKS, unusual
from istros.compliance.uses import Sheet as Sheet
from istros.compliance.uses import sheets_of
from istros.store import Transaction
from istros.store.accesses import AccessCount

Edition = Literal["authority", "public"]

SMALLEST = 5
"""Counts below this are not shown to the public: they could point at somebody (rules L8 and L25)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a name, how often, how often refused; None for a count that is held back."""

    name: str
    count: int | None
    refused: int | None


@dataclass(frozen=True, slots=True)
class Period:
    """What the report says. People and cameras are left out of the public edition."""

    period: str
    """A month as `2026-11`, or a year as `2026`."""
    edition: Edition
    people: tuple[Line, ...]
    places: tuple[Line, ...]
    purposes: tuple[Line, ...]
    acts: tuple[Line, ...]
    permits: tuple[Line, ...]
    unusual: tuple[Line, ...]
    unusual_looked: int | None
    alarms: tuple[FalseRate, ...]
    sheets: tuple[Sheet, ...]
    """Releases, watches, faces, requests of people, breaches."""
    kept: tuple[Kept, ...]
    left: tuple[Line, ...]
    """What left the node with personal data, by kind of recipient."""
    signed_sequence: int
    signed_time: Time | None
    stamps: int
    indexed_to: int
    organisation: str = ""
    """Whose share of the node it counts; empty: all of it."""

    @property
    def is_year(self) -> bool:
        """Whether it is a year."""
        return "-" not in self.period


def period_of(
    tx: Transaction, period: str, edition: Edition, limits: KeepingLimits, now: Time, indexed_to: int,
    share: Share | None = None,
) -> Period:  # fmt: skip
    """Count a month (`2026-11`) or a year (`2026`), by the towns' own time; of all, or of one organisation's share."""
    span, whose = period_span(period), None if share is None else share.organisation
    people, places, purposes = accesses(tx, span, share)
    found = [each for month in months_of(period) for each in unusual(tx, period_span(month), share)]
    head = tx.audit_heads.newest()
    is_public = edition == "public"
    kinds = Counter(str(each.kind) for each in found)
    return Period(
        period=period,
        edition=edition,
        people=() if is_public else _lines(_looks(people), by_name=True),
        places=() if is_public else _lines(_looks(places), by_name=True),
        purposes=_shown(_lines(_looks(purposes), by_name=True), edition),
        acts=_shown(_lines(people, by_name=False), edition),
        permits=_shown(
            tuple(Line(name, count, 0) for name, count in tx.oversight.permits_opened(span, whose)), edition
        ),
        unusual=_shown(tuple(Line(kind, count, 0) for kind, count in sorted(kinds.items())), edition),
        unusual_looked=_count(sum(1 for each in found if each.looked), edition),
        alarms=_rates(rates_of(tx, period, share), edition),
        sheets=tuple(_held_back(sheet, edition) for sheet in sheets_of(tx, span, share)),
        left=_shown(_left(tx, span, whose), edition),
        kept=() if is_public else tuple(retention(tx, limits, now)),
        signed_sequence=head.sequence if head else 0,
        signed_time=head.time if head else None,
        stamps=len(tx.audit_heads.stamps(head.number, head.number)) if head else 0,
        indexed_to=indexed_to,
        organisation=whose or "",
    )


def accesses(
    tx: Transaction, span: Span, share: Share | None
) -> tuple[list[AccessCount], list[AccessCount], list[AccessCount]]:
    """What was done by person, by camera and by purpose: on the whole node, or in one organisation's share."""
    if share is None:
        return tx.accesses.by_person(span), tx.accesses.by_camera(span), tx.accesses.by_purpose(span)
    whose = share.organisation
    return (
        tx.shares.by_person(span, whose),
        tx.shares.by_camera(span, whose, tuple(share.cameras)),
        tx.shares.by_purpose(span, whose),
    )


def _left(tx: Transaction, span: Span, whose: str | None) -> tuple[Line, ...]:
    counted: Counter[str] = Counter()
    for each in tx.departures.counts(span, whose):
        counted[f"to-{each.kind}"] += each.count
    return tuple(Line(kind, count, 0) for kind, count in sorted(counted.items()))


def _looks(counts: Iterable[AccessCount]) -> list[AccessCount]:
    return [each for each in counts if each.action in LOOKS]


def _lines(counts: Iterable[AccessCount], *, by_name: bool) -> tuple[Line, ...]:
    totals: dict[str, list[int]] = {}
    for each in counts:
        total = totals.setdefault(each.name if by_name else each.action, [0, 0])
        total[0] += each.count
        total[1] += each.refused
    return tuple(Line(name, total[0], total[1]) for name, total in sorted(totals.items()))


def _shown(lines: Iterable[Line], edition: Edition) -> tuple[Line, ...]:
    return tuple(Line(each.name, _count(each.count, edition), _count(each.refused, edition)) for each in lines)


def _count(count: int | None, edition: Edition) -> int | None:
    """None when the public may not know it; nought tells of nobody."""
    return None if edition == "public" and count is not None and 0 < count < SMALLEST else count


def _held_back(sheet: Sheet, edition: Edition) -> Sheet:
    """To the public a row with a small number shows none of its numbers: one could be worked out from the others."""
    if edition == "authority":
        return sheet
    rows = tuple(
        (name, numbers if all(_count(each, edition) is not None for each in numbers) else (None,) * len(numbers))
        for name, numbers in sheet.rows
    )
    return Sheet(sheet.name, sheet.columns, rows)


def _rates(rates: Iterable[FalseRate], edition: Edition) -> tuple[FalseRate, ...]:
    """By kind alone for the public, and only kinds of which enough were judged."""
    if edition == "authority":
        return tuple(rates)
    totals: dict[str, list[int]] = {}
    for each in rates:
        total = totals.setdefault(each.kind, [0, 0, 0])
        for at, value in enumerate((each.confirmed, each.false, each.other)):
            total[at] += value
        month = each.month
    return tuple(
        FalseRate(month, kind, "", *total)
        for kind, total in sorted(totals.items())
        if all(value == 0 or value >= SMALLEST for value in total)
    )
