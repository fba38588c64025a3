"""Breaches of personal data: what was reported, and every step after it. Rows are added, never changed or deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Index, Table, select

from istros.base.time import Span, Time
from istros.store.columns import KEY, TEXT, WHOLE, Choice
from istros.store.repository import Repository
from istros.store.schema import METADATA
from istros.store.subject_requests import Law


class StepKind(StrEnum):
    """What was done about a breach; `clock` is the node's own warning."""

    OPENED = "opened"
    ADDED = "added"
    ASSESSED = "assessed"
    REPORTED = "reported"
    PEOPLE = "people"
    CLOCK = "clock"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BreachRow:
    """What never changes of a breach. `known` is when somebody first knew of it: from then on the hours count."""

    id: str
    number: str
    law: Law
    known: Time
    opened: Time
    opened_by: str
    source_kind: str
    """`desk`, or what it was made from: `finding`, `chain`, `sign-in`, `alarm`."""
    source: str
    """The id of that; empty when it was told at the desk."""
    organisation: str = ""
    """For which the person works who told it; empty: the node itself told it."""


@dataclass(frozen=True, slots=True)
class BreachStepRow:
    """One step; `facts` is canonical JSON (docs/design/0040)."""

    breach_id: str
    number: int
    time: Time
    by: str
    kind: StepKind
    facts: str


BREACH = Table(
    "breach",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("number", KEY, nullable=False),
    Column("law", Choice(Law), nullable=False),
    Column("known", WHOLE, nullable=False),
    Column("opened", WHOLE, nullable=False),
    Column("opened_by", KEY, nullable=False),
    Column("source_kind", KEY, nullable=False),
    Column("source", KEY, nullable=False),
    Column("organisation", TEXT, nullable=False),
    Index("breach_number", "number", unique=True),
    sqlite_strict=True,
)
BREACH_STEP = Table(
    "breach_step",
    METADATA,
    Column("breach_id", KEY, primary_key=True),
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    Column("time", WHOLE, nullable=False),
    Column("by", KEY, nullable=False),
    Column("kind", Choice(StepKind), nullable=False),
    Column("facts", TEXT, nullable=False),
    sqlite_strict=True,
)
_B, _T = BREACH.c, BREACH_STEP.c


class Breaches(Repository):
    """The tables `breach` and `breach_step`; triggers keep both as they were written."""

    def add(self, row: BreachRow) -> None:
        """A new breach."""
        self._insert(BREACH, row)

    def next_number(self, year: int) -> str:
        """`B-2026-0001`: numbers run through the year; ask for it in the transaction that adds the breach."""
        return self._next_of_year(_B.number, "B", year)

    def step(self, row: BreachStepRow) -> None:
        """One step more."""
        self._insert(BREACH_STEP, row)

    def get(self, id: str) -> BreachRow | None:
        """The breach of that id."""
        return self._one(BreachRow, select(BREACH).where(_B.id == id))

    def organisations(self) -> list[str]:
        """Whose people told one."""
        return list(self._connection.execute(select(_B.organisation).distinct()).scalars())

    def all(self, limit: int, whose: Collection[str]) -> list[BreachRow]:
        """Those of these organisations: what nobody has closed, then the newest of the rest."""
        closed = _B.id.in_(select(_T.breach_id).where(_T.kind == StepKind.CLOSED))
        query = select(BREACH).where(_B.organisation.in_(whose)).order_by(closed, _B.opened.desc(), _B.id)
        return self._all(BreachRow, query.limit(limit))

    def between(self, span: Span) -> list[BreachRow]:
        """Those that became known in the span, the oldest first."""
        query = select(BREACH).where(_B.known >= span.start, _B.known < span.end)
        return self._all(BreachRow, query.order_by(_B.known, _B.id))

    def not_closed(self) -> list[BreachRow]:
        """Those that nobody has closed, the oldest first."""
        closed = select(_T.breach_id).where(_T.kind == StepKind.CLOSED)
        return self._all(BreachRow, select(BREACH).where(_B.id.not_in(closed)).order_by(_B.known, _B.id))

    def of_sources(self, kind: str, sources: Iterable[str]) -> dict[str, BreachRow]:
        """The newest breach that was made from each of these."""
        query = select(BREACH).where(_B.source_kind == kind, _B.source.in_(list(sources)))
        return {row.source: row for row in self._all(BreachRow, query.order_by(_B.opened))}

    def steps(self, id: str) -> list[BreachStepRow]:
        """Every step of one breach, in order."""
        return self._all(BreachStepRow, select(BREACH_STEP).where(_T.breach_id == id).order_by(_T.number))
