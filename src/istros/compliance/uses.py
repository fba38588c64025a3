"""What was used and asked in a span, as tables of numbers: releases, watches, faces, requests of people, breaches (rule L24)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from istros.base.time import Span
from istros.compliance import breaches
from istros.compliance.breaches import Breach
from istros.compliance.divided import Share, of_cameras, of_organisation
from istros.store import Transaction
from istros.store.releases import Ending, ReleaseRow
from istros.store.subject_requests import SubjectRequestRow

T = TypeVar("T")
Test = Callable[[T], bool]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of numbers: a name a row, a number a column; None for a count that is held back."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]


_RELEASES: dict[str, Test[ReleaseRow]] = {
    "asked": lambda row: not row.emergency,
    "emergencies": lambda row: row.emergency,
    "granted": lambda row: bool(row.granted),
    "refused": lambda row: row.ending is Ending.REFUSED,
    "withdrawn": lambda row: row.ending is Ending.WITHDRAWN,
    "lapsed": lambda row: row.ending is Ending.LAPSED,
    "undone": lambda row: row.ending is Ending.UNDONE,
}
_REQUESTS: dict[str, Test[SubjectRequestRow]] = {
    "received": lambda row: True,
    "in-time": lambda row: row.answered is not None and row.answered <= row.due,
    "answered-late": lambda row: row.answered is not None and row.answered > row.due,
    "open": lambda row: row.answered is None,
}
_BREACHES: dict[str, Test[Breach]] = {
    "known": lambda each: True,
    "not-needed": lambda each: each.assessment is not None and not each.assessment.report,
    "in-72-hours": lambda each: bool(each.reports) and each.reports[0].sent <= each.due,
    "after-72-hours": lambda each: bool(each.reports) and each.reports[0].sent > each.due,
    "people-told": lambda each: each.telling is not None and each.telling.told,
    "open": lambda each: each.closed is None,
}


def sheets_of(tx: Transaction, span: Span, share: Share | None = None) -> list[Sheet]:
    """Every table, also those without a row: that nothing was used is worth saying.

    Requests of people are those of the whole node, for they ask the node and no one organisation.
    """
    releases = of_organisation(share, tx.releases.asked_in(span), lambda row: row.organisation)
    requests = tx.subject_requests.received_in(span)
    told = of_organisation(share, tx.breaches.between(span), lambda row: row.organisation)
    faces = of_cameras(share, tx.people.face_counts(span), lambda row: row.camera_id)
    watches = tx.oversight.watches_opened(span, None if share is None else share.organisation)
    numbers = ("seen", "compared", "candidates", "still", "refused")
    face_rows = [(name, (sum(getattr(row, name) for row in faces),)) for name in numbers] if faces else []
    return [
        _sheet("releases", _RELEASES, releases, lambda row: row.matter.value),
        Sheet("watches", ("count",), tuple((name, (count,)) for name, count in watches)),
        Sheet("faces", ("count",), tuple(face_rows)),
        _sheet("person-requests", _REQUESTS, requests, lambda row: row.asked.value),
        _sheet("breaches", _BREACHES, [breaches.get(tx, row.id) for row in told], lambda each: each.row.law.value),
    ]


def _sheet(name: str, tests: dict[str, Test[T]], things: Iterable[T], named: Callable[[T], str]) -> Sheet:
    groups: dict[str, list[T]] = {}
    for thing in things:
        groups.setdefault(named(thing), []).append(thing)
    rows = tuple((each, _counted(tests, groups[each])) for each in sorted(groups))
    return Sheet(name, tuple(tests), rows)


def _counted(tests: dict[str, Test[T]], things: Sequence[T]) -> tuple[int, ...]:
    return tuple(sum(test(thing) for thing in things) for test in tests.values())
