"""Requests of people about themselves: what they ask, who was checked how, what was decided, and when it is erased."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Index, Table, select, text

from istros.base.time import Span, Time
from istros.store.columns import KEY, TEXT, WHOLE, Choice, Listed
from istros.store.repository import Repository
from istros.store.schema import METADATA


class Asked(StrEnum):
    """What the person wants: GDPR articles 15 to 18, 21; Directive 2016/680 articles 14, 16."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


class Law(StrEnum):
    """By which law it is answered: GDPR, Directive 2016/680 as the country has it, Ukrainian law 2297-VI."""

    GDPR = "gdpr"
    LED = "led"
    UA = "ua"


class Decision(StrEnum):
    """`neither`: neither confirmed nor denied (Directive 2016/680 article 15(3))."""

    GRANTED = "granted"
    PART = "part"
    REFUSED = "refused"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class SubjectRequestRow:
    """One request. `start` to `end` is when the person says it was; empty `cameras`: the person does not know which."""

    id: str
    number: str
    asked: Asked
    law: Law
    channel: str
    """`desk`, `letter` or `paper` (handed in)."""
    language: str
    received: Time
    due: Time
    taken_by: str
    name: str
    contact: str
    cameras: tuple[str, ...]
    start: Time
    end: Time
    description: str
    plate: str
    plate_proof: str
    """How it was shown that the vehicle is the person's own; words, never a copy."""
    wrong: str = ""
    """Of a request for correction: what the person says is wrong."""
    right: str = ""
    """And what they say it should be."""
    corrected: str = ""
    """What it is corrected to, as decided."""
    identity: str = ""
    """How the person was recognised; words, never a copy of a document."""
    identity_checked: Time | None = None
    identity_by: str = ""
    preserved: Time | None = None
    hold_id: str | None = None
    """What is kept for it; None with `preserved`: there was nothing to keep."""
    extended: Time | None = None
    extension_reason: str = ""
    decision: Decision | None = None
    ground: str = ""
    reasons: str = ""
    decided: Time | None = None
    decided_by: str = ""
    erased_reads: int = 0
    """Plate reads that a granted erasure took away."""
    answered: Time | None = None
    letter_sha256: str = ""
    unchanged: str = ""
    """Why a granted correction was answered although nothing was changed in the node for it."""
    warned: Time | None = None
    erase_after: Time | None = None
    erased: Time | None = None
    organisation: str = ""
    """At whose desk it was taken in; empty: the node's own."""

    @property
    def span(self) -> Span:
        """When the person says it was."""
        return Span(self.start, self.end)

    @property
    def state(self) -> str:
        """`received`, `identified`, `preserved`, `decided`, `answered`, `erased`: how far it is."""
        reached = (
            ("erased", self.erased), ("answered", self.answered), ("decided", self.decided),
            ("preserved", self.preserved), ("identified", self.identity_checked),
        )  # fmt: skip
        return next((word for word, time in reached if time is not None), "received")


SUBJECT_REQUEST = Table(
    "subject_request",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("number", KEY, nullable=False),
    Column("asked", Choice(Asked), nullable=False),
    Column("law", Choice(Law), nullable=False),
    Column("channel", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("received", WHOLE, nullable=False),
    Column("due", WHOLE, nullable=False),
    Column("taken_by", KEY, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("contact", TEXT, nullable=False),
    Column("cameras", Listed(), nullable=False),
    Column("start", WHOLE, nullable=False),
    Column("end", WHOLE, nullable=False),
    Column("description", TEXT, nullable=False),
    Column("plate", TEXT, nullable=False),
    Column("plate_proof", TEXT, nullable=False),
    Column("wrong", TEXT, nullable=False, server_default=""),
    Column("right", TEXT, nullable=False, server_default=""),
    Column("corrected", TEXT, nullable=False, server_default=""),
    Column("identity", TEXT, nullable=False),
    Column("identity_checked", WHOLE),
    Column("identity_by", KEY, nullable=False),
    Column("preserved", WHOLE),
    Column("hold_id", KEY),
    Column("extended", WHOLE),
    Column("extension_reason", TEXT, nullable=False),
    Column("decision", Choice(Decision)),
    Column("ground", TEXT, nullable=False),
    Column("reasons", TEXT, nullable=False),
    Column("decided", WHOLE),
    Column("decided_by", KEY, nullable=False),
    Column("erased_reads", WHOLE, nullable=False),
    Column("answered", WHOLE),
    Column("letter_sha256", TEXT, nullable=False),
    Column("unchanged", TEXT, nullable=False, server_default=""),
    Column("warned", WHOLE),
    Column("erase_after", WHOLE),
    Column("erased", WHOLE),
    Column("organisation", KEY, nullable=False, server_default=""),
    Index("subject_request_number", "number", unique=True),
    Index(
        "subject_request_due", "due", sqlite_where=text("answered IS NULL"), postgresql_where=text("answered IS NULL")
    ),
    sqlite_strict=True,
)

_S = SUBJECT_REQUEST.c
_OPEN = text("answered IS NULL")
PERSONAL = (
    "name", "contact", "description", "plate", "plate_proof", "wrong", "right", "corrected", "identity", "reasons", "unchanged",
)  # fmt: skip
"""What is blanked when a request is erased; number, kind, times and decision stay for the statistics and the record."""


class SubjectRequests(Repository):
    """The table `subject_request`."""

    def add(self, row: SubjectRequestRow) -> None:
        """A new request."""
        self._insert(SUBJECT_REQUEST, row)

    def next_number(self, year: int) -> str:
        """`R-2026-0001`: numbers run through the year; ask for it in the transaction that adds the request."""
        return self._next_of_year(_S.number, "R", year)

    def get(self, id: str) -> SubjectRequestRow | None:
        """The request of that id."""
        return self._one(SubjectRequestRow, select(SUBJECT_REQUEST).where(_S.id == id))

    def numbered(self, number: str) -> SubjectRequestRow | None:
        """The request of that number."""
        return self._one(SubjectRequestRow, select(SUBJECT_REQUEST).where(_S.number == number))

    def organisations(self) -> list[str]:
        """At whose desks one was taken in."""
        return list(self._connection.execute(select(_S.organisation).distinct()).scalars())

    def all(self, limit: int, whose: Collection[str]) -> list[SubjectRequestRow]:
        """Those of these organisations: open ones first, by their deadline, then the newest of the answered."""
        order = (_S.answered.is_not(None), _S.due, _S.received.desc(), _S.id)
        query = select(SUBJECT_REQUEST).where(_S.organisation.in_(whose)).order_by(*order)
        return self._all(SubjectRequestRow, query.limit(limit))

    def received_in(self, span: Span) -> list[SubjectRequestRow]:
        """Those that came in the span, the oldest first; erased ones tell kind and times still."""
        here = select(SUBJECT_REQUEST).where(_S.received >= span.start, _S.received < span.end)
        return self._all(SubjectRequestRow, here.order_by(_S.received, _S.id))

    def set(self, id: str, **values: object) -> None:
        """Change what a step changes."""
        self._connection.execute(SUBJECT_REQUEST.update().where(_S.id == id).values(**values))

    def due_before(self, time: Time) -> list[SubjectRequestRow]:
        """Open ones that are due before that time."""
        return self._all(SubjectRequestRow, select(SUBJECT_REQUEST).where(_OPEN, _S.due < time).order_by(_S.due))

    def to_erase(self, now: Time) -> list[SubjectRequestRow]:
        """Answered ones whose own time is over."""
        due = select(SUBJECT_REQUEST).where(_S.erased.is_(None), _S.erase_after <= now)
        return self._all(SubjectRequestRow, due.order_by(_S.erase_after))

    def erase(self, id: str, time: Time) -> None:
        """Take out everything that tells who it was."""
        self.set(id, erased=time, **dict.fromkeys(PERSONAL, ""))
