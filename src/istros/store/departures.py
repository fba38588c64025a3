"""What left the node with personal data in it: to whom, on what ground, which data (docs/design/0042)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Index, Table, func, select, text

from istros.base.time import Span, Time
from istros.store.columns import KEY, TEXT, WHOLE, Choice, Listed
from istros.store.repository import Repository
from istros.store.schema import METADATA


class Carrier(StrEnum):
    """In what the data leave: a package of evidence, a file of plates or of persons that are sought, an answer to a person."""

    EXPORT = "export"
    WATCHLIST = "watchlist"
    PERSONS = "persons"
    LETTER = "letter"


class Cause(StrEnum):
    """Why it is wrong: a person's granted request, a plate misread, an entry that was wrong, a face that was another's."""

    REQUEST = "request"
    MISREAD = "misread"
    ENTRY = "entry"
    FACE = "face"


class RecipientKind(StrEnum):
    """By what rules the recipient works; `own`: the organisation itself takes it out for its own case."""

    OWN = "own"
    POLICE = "police"
    COURT = "court"
    RESCUE = "rescue"
    TOWN = "town"
    PRIVATE = "private"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class DepartureRow:
    """One order of something that leaves. `start` and `end` bound what it tells, where that has a time."""

    id: str
    number: str
    carrier: Carrier
    subject: str
    """The id of the export or request; of a file, its name."""
    recipient: str
    """The recipient's name; of a person who asked, the request's number."""
    kind: RecipientKind
    country: str
    language: str
    """In which a notice to the recipient is written."""
    law: str
    """By which the node sends: `led`, `gdpr` or `ua`."""
    basis: str
    reference: str
    """The order, agreement or law that the basis rests on."""
    data: tuple[str, ...]
    """Classes of the data."""
    cameras: tuple[str, ...]
    start: Time | None
    end: Time | None
    contents: tuple[str, ...]
    """Ids of what lies in a file, so that who got it is found again when it turns out wrong."""
    purpose: str
    case_ref: str
    permit_number: str
    ordered: Time
    ordered_by: str
    organisation: str
    gone: Time | None = None
    """When it was first handed out; None: not yet, and perhaps never."""
    gone_by: str = ""
    sha256: str = ""
    """Of the package's manifest, or of the file or letter."""
    wrong: Cause | None = None
    """What turned out wrong in it since the order; it is handed out no more."""


DEPARTURE = Table(
    "departure",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("number", KEY, nullable=False),
    Column("carrier", Choice(Carrier), nullable=False),
    Column("subject", KEY, nullable=False),
    Column("recipient", TEXT, nullable=False),
    Column("kind", Choice(RecipientKind), nullable=False),
    Column("country", KEY, nullable=False),
    Column("language", KEY, nullable=False),
    Column("law", KEY, nullable=False),
    Column("basis", KEY, nullable=False),
    Column("reference", TEXT, nullable=False),
    Column("data", Listed(), nullable=False),
    Column("cameras", Listed(), nullable=False),
    Column("start", WHOLE),
    Column("end", WHOLE),
    Column("contents", Listed(), nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("case_ref", TEXT, nullable=False),
    Column("permit_number", TEXT, nullable=False),
    Column("ordered", WHOLE, nullable=False),
    Column("ordered_by", KEY, nullable=False),
    Column("organisation", TEXT, nullable=False),
    Column("gone", WHOLE),
    Column("gone_by", KEY, nullable=False),
    Column("sha256", KEY, nullable=False),
    Column("wrong", Choice(Cause)),
    Index("departure_number", "number", unique=True),
    Index("departure_subject", "subject", "carrier"),
    Index("departure_gone", "gone", sqlite_where=text("gone IS NOT NULL"), postgresql_where=text("gone IS NOT NULL")),
    sqlite_strict=True,
)

_D = DEPARTURE.c
_GONE = text("gone IS NOT NULL")


@dataclass(frozen=True, slots=True)
class DepartureCount:
    """How often something left for one kind of recipient in one country on one basis."""

    carrier: str
    kind: str
    country: str
    basis: str
    count: int


class Departures(Repository):
    """The table `departure`. Rows are never deleted: they say what left the node."""

    def add(self, row: DepartureRow) -> None:
        """A new order."""
        self._insert(DEPARTURE, row)

    def next_number(self, year: int) -> str:
        """`D-2026-0001`: numbers run through the year; ask for it in the transaction that adds the row."""
        return self._next_of_year(_D.number, "D", year)

    def get(self, id: str) -> DepartureRow | None:
        """The departure of that id."""
        return self._one(DepartureRow, select(DEPARTURE).where(_D.id == id))

    def of(self, carrier: Carrier, subject: str) -> DepartureRow | None:
        """The newest order for an export or a request."""
        query = select(DEPARTURE).where(_D.subject == subject, _D.carrier == carrier)
        return self._one(DepartureRow, query.order_by(_D.ordered.desc(), _D.id.desc()).limit(1))

    def leave(self, id: str, time: Time, by: str, sha256: str) -> bool:
        """It is handed out; True the first time."""
        first = DEPARTURE.update().where(_D.id == id, _D.gone.is_(None))
        return self._changed(first.values(gone=time, gone_by=by, sha256=sha256)) == 1

    def spoil(self, id: str, cause: Cause) -> None:
        """Something in it turned out wrong; the first cause stays."""
        self._connection.execute(DEPARTURE.update().where(_D.id == id, _D.wrong.is_(None)).values(wrong=cause))

    def organisations(self) -> list[str]:
        """Whose people ordered something."""
        return list(self._connection.execute(select(_D.organisation).distinct()).scalars())

    def gone(self, span: Span, whose: Collection[str], limit: int) -> list[DepartureRow]:
        """What left within a span and was ordered by these organisations, newest first."""
        query = select(DEPARTURE).where(_GONE, _D.gone >= span.start, _D.gone < span.end, _D.organisation.in_(whose))
        return self._all(DepartureRow, query.order_by(_D.gone.desc(), _D.id.desc()).limit(limit))

    def touching(self, cameras: tuple[str, ...], span: Span) -> list[DepartureRow]:
        """Packages, gone or ordered, with something of these cameras (none: of any) in a span, oldest first."""
        query = select(DEPARTURE).where(_D.carrier == Carrier.EXPORT, _D.start < span.end, _D.end > span.start)
        found = self._all(DepartureRow, query.order_by(_D.ordered, _D.id))
        return [row for row in found if not cameras or set(cameras) & set(row.cameras)]

    def told(self, cause: str, subject: str) -> list[DepartureRow]:
        """What has a notice of that cause about that subject, confirmed or not, oldest first."""
        notice = METADATA.tables["correction"].c
        by = select(notice.departure_id).where(notice.cause == cause, notice.subject == subject)
        return self._all(DepartureRow, select(DEPARTURE).where(_D.id.in_(by)).order_by(_D.ordered, _D.id))

    def holding(self, id: str) -> list[DepartureRow]:
        """Files that left with something of that id in them, oldest first."""
        files = (Carrier.WATCHLIST, Carrier.PERSONS)
        query = select(DEPARTURE).where(_GONE, _D.carrier.in_(files)).order_by(_D.gone, _D.id)
        return [row for row in self._all(DepartureRow, query) if id in row.contents]

    def counts(self, span: Span, whose: str | None = None) -> list[DepartureCount]:
        """What left within a span, counted by carrier, recipient, country and basis; of one organisation (None: of all)."""
        by = (_D.carrier, _D.kind, _D.country, _D.basis)
        query = select(*by, func.count()).where(_GONE, _D.gone >= span.start, _D.gone < span.end)
        if whose is not None:
            query = query.where(_D.organisation == whose)
        rows = self._connection.execute(query.group_by(*by).order_by(*by))
        return [DepartureCount(str(row[0]), str(row[1]), row[2], row[3], row[4]) for row in rows]
