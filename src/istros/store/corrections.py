"""Notices that something which left the node was wrong: to whom, what to do, and whether it was confirmed (docs/design/0042)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Index, Table, case, select, text

from istros.base.time import Time
from istros.store.columns import KEY, TEXT, WHOLE, Choice
from istros.store.departures import DEPARTURE
from istros.store.departures import Cause as Cause
from istros.store.repository import Repository
from istros.store.schema import METADATA


class Remedy(StrEnum):
    """What the recipient shall do with it."""

    CORRECT = "correct"
    ERASE = "erase"
    RESTRICT = "restrict"


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One notice to one recipient. `facts` is JSON of what is wrong; blanked once the recipient has confirmed."""

    id: str
    number: str
    departure_id: str
    cause: Cause
    subject: str
    remedy: Remedy
    facts: str
    found: Time
    found_by: str
    due: Time
    sent: Time | None = None
    sent_by: str = ""
    confirmed: Time | None = None
    confirmed_by: str = ""
    """Who received the confirmation at this node."""
    confirmation: str = ""
    """Who confirmed it, and how."""
    told: Time | None = None
    """When it was put on the record that nobody confirmed in time."""

    @property
    def known_facts(self) -> dict[str, str]:
        """What is wrong, by name."""
        found: dict[str, str] = json.loads(self.facts)
        return found

    def state(self, now: Time) -> str:
        """`confirmed`, `overdue`, `sent` or `open`."""
        if self.confirmed is not None:
            return "confirmed"
        return "overdue" if now > self.due else "sent" if self.sent is not None else "open"


CORRECTION = Table(
    "correction",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("number", KEY, nullable=False),
    Column("departure_id", KEY, nullable=False),
    Column("cause", Choice(Cause), nullable=False),
    Column("subject", KEY, nullable=False),
    Column("remedy", Choice(Remedy), nullable=False),
    Column("facts", TEXT, nullable=False),
    Column("found", WHOLE, nullable=False),
    Column("found_by", KEY, nullable=False),
    Column("due", WHOLE, nullable=False),
    Column("sent", WHOLE),
    Column("sent_by", KEY, nullable=False),
    Column("confirmed", WHOLE),
    Column("confirmed_by", KEY, nullable=False),
    Column("confirmation", TEXT, nullable=False),
    Column("told", WHOLE),
    Index("correction_number", "number", unique=True),
    Index(
        "correction_once",
        "departure_id",
        "cause",
        "subject",
        unique=True,
        sqlite_where=text("confirmed IS NULL"),
        postgresql_where=text("confirmed IS NULL"),
    ),
    Index("correction_open", "due", sqlite_where=text("confirmed IS NULL"), postgresql_where=text("confirmed IS NULL")),
    sqlite_strict=True,
)

_C = CORRECTION.c
_OPEN = text("confirmed IS NULL")


class Corrections(Repository):
    """The table `correction`."""

    def add(self, row: CorrectionRow) -> None:
        """A new notice."""
        self._insert(CORRECTION, row)

    def next_number(self, year: int) -> str:
        """`N-2026-0001`: numbers run through the year; ask for it in the transaction that adds the row."""
        return self._next_of_year(_C.number, "N", year)

    def get(self, id: str) -> CorrectionRow | None:
        """The notice of that id."""
        return self._one(CorrectionRow, select(CORRECTION).where(_C.id == id))

    def open_of(self, departure_id: str, cause: Cause, subject: str) -> CorrectionRow | None:
        """The notice to that recipient about that very thing that is not confirmed yet."""
        same = (_OPEN, _C.departure_id == departure_id, _C.cause == cause, _C.subject == subject)
        return self._one(CorrectionRow, select(CORRECTION).where(*same))

    def all(self, limit: int, whose: Collection[str]) -> list[CorrectionRow]:
        """Open ones first, by when they are due, then the newest that were confirmed; of what these organisations sent."""
        open_first = (_C.confirmed.is_not(None), case((_C.confirmed.is_(None), _C.due)), _C.found.desc(), _C.id)
        sent = select(DEPARTURE.c.id).where(DEPARTURE.c.organisation.in_(whose))
        query = select(CORRECTION).where(_C.departure_id.in_(sent)).order_by(*open_first)
        return self._all(CorrectionRow, query.limit(limit))

    def set(self, id: str, **values: object) -> None:
        """Change what a step changes."""
        self._connection.execute(CORRECTION.update().where(_C.id == id).values(**values))

    def overdue(self, now: Time) -> list[CorrectionRow]:
        """Open ones that nobody confirmed in time, the oldest first."""
        late = select(CORRECTION).where(_OPEN, _C.due < now)
        return self._all(CorrectionRow, late.order_by(_C.due, _C.id))
