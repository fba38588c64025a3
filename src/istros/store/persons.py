"""Persons who are sought, and their faces, sealed (docs/design/0034)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Column, ForeignKey, Index, Table, and_, exists, or_, select, text

from istros.base.said import NOTHING, Said
from istros.base.time import Time
from istros.store.columns import BLOB, KEY, TEXT, WHOLE, Flag, Listed, Spoken
from istros.store.repository import Repository
from istros.store.rows import Category, Handling, Priority
from istros.store.schema import METADATA


@dataclass(frozen=True, slots=True)
class PersonEntryRow:
    """A person sought, in words. Open while `closed` is None and now < `expires`; matched only while a release stands.

    `objective` is one of those for which faces may be matched live (`compliance.release_rules`), `authorisation` the
    order's reference. `cameras` empty means all; `hours` as `base.week_hours` says, empty: always.
    """

    id: str
    name: str
    """What the entry is called on the screens; not more of a person than the shift needs."""
    description: str
    minor: bool
    objective: str
    authorisation: str
    purpose: str
    ground: str
    case_ref: str
    owner: str
    priority: Priority
    category: Category
    requester: str
    handling: Handling
    handling_note: str
    provenance: str
    cameras: tuple[str, ...]
    hours: str
    created: Time
    created_by: str
    expires: Time
    review: Time
    renews: str | None = None
    renewal_reason: str = ""
    closed: Time | None = None
    closed_by: str | None = None
    close_reason: Said = NOTHING
    erased: Time | None = None
    """When its face was erased with its key; None while it has one, or never had."""


@dataclass(frozen=True, slots=True)
class SealedFaceRow:
    """A face of an entry: its picture and its template, sealed with the entry's own key; and what is known of the picture.

    `sha256` is that of the picture before it was sealed; `quality` is JSON.
    """

    entry_id: str
    picture: bytes = field(repr=False)
    template: bytes = field(repr=False)
    sha256: str
    source: str
    """Where the picture is from: a document, the case's file, a relative, another authority. No other source is taken."""
    quality: str
    added: Time
    added_by: str


PERSON_ENTRY = Table(
    "person_entry",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("description", TEXT, nullable=False),
    Column("minor", Flag(), nullable=False),
    Column("objective", TEXT, nullable=False),
    Column("authorisation", TEXT, nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("ground", TEXT, nullable=False),
    Column("case_ref", TEXT, nullable=False),
    Column("owner", TEXT, nullable=False),
    Column("priority", TEXT, nullable=False),
    Column("category", TEXT, nullable=False),
    Column("requester", TEXT, nullable=False),
    Column("handling", TEXT, nullable=False),
    Column("handling_note", TEXT, nullable=False),
    Column("provenance", TEXT, nullable=False),
    Column("cameras", Listed(), nullable=False),
    Column("hours", TEXT, nullable=False),
    Column("created", WHOLE, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("expires", WHOLE, nullable=False),
    Column("review", WHOLE, nullable=False),
    Column("renews", KEY),
    Column("renewal_reason", TEXT, nullable=False),
    Column("closed", WHOLE),
    Column("closed_by", TEXT),
    Column("close_reason", Spoken(), nullable=False),
    Column("erased", WHOLE),
    Index("person_open", "expires", sqlite_where=text("closed IS NULL"), postgresql_where=text("closed IS NULL")),
    sqlite_strict=True,
)

SEALED_FACE = Table(
    "sealed_face",
    METADATA,
    Column("entry_id", KEY, ForeignKey("person_entry.id", ondelete="CASCADE"), primary_key=True),
    Column("picture", BLOB, nullable=False),
    Column("template", BLOB, nullable=False),
    Column("sha256", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("quality", TEXT, nullable=False),
    Column("added", WHOLE, nullable=False),
    Column("added_by", TEXT, nullable=False),
    sqlite_strict=True,
)

_P, _F = PERSON_ENTRY.c, SEALED_FACE.c


class Persons(Repository):
    """The tables `person_entry` and `sealed_face`. Entries are closed, never deleted; faces are erased with their entry."""

    def add(self, row: PersonEntryRow) -> None:
        """A new entry."""
        self._insert(PERSON_ENTRY, row)

    def get(self, id: str) -> PersonEntryRow | None:
        """The entry of that id."""
        return self._one(PersonEntryRow, select(PERSON_ENTRY).where(_P.id == id))

    def all(self, limit: int) -> list[PersonEntryRow]:
        """Every entry, newest first."""
        query = select(PERSON_ENTRY).order_by(_P.created.desc(), _P.id.desc()).limit(limit)
        return self._all(PersonEntryRow, query)

    def with_face(self, now: Time) -> list[PersonEntryRow]:
        """Entries that are open now and have a face, oldest first."""
        counting = and_(_P.closed.is_(None), _P.expires > now, exists().where(_F.entry_id == _P.id))
        return self._all(PersonEntryRow, select(PERSON_ENTRY).where(counting).order_by(_P.created, _P.id))

    def ended_with_face(self, now: Time) -> list[PersonEntryRow]:
        """Entries that are over and whose face is still there."""
        over = and_(or_(_P.closed.is_not(None), _P.expires <= now), exists().where(_F.entry_id == _P.id))
        return self._all(PersonEntryRow, select(PERSON_ENTRY).where(over).order_by(_P.id))

    def close(self, id: str, time: Time, by: str, reason: Said) -> bool:
        """End an entry; False when it was closed already or is not there."""
        still_open = and_(_P.id == id, _P.closed.is_(None))
        change = PERSON_ENTRY.update().where(still_open).values(closed=time, closed_by=by, close_reason=reason)
        return self._changed(change) == 1

    def put_face(self, row: SealedFaceRow) -> None:
        """The face of an entry, in place of the one before."""
        self._put(SEALED_FACE, [row])

    def face(self, entry_id: str) -> SealedFaceRow | None:
        """The sealed face of an entry, where it has one."""
        return self._one(SealedFaceRow, select(SEALED_FACE).where(_F.entry_id == entry_id))

    def face_ids(self) -> set[str]:
        """The entries that have a face."""
        return set(self._connection.execute(select(_F.entry_id)).scalars())

    def erase_face(self, entry_id: str, time: Time) -> bool:
        """Delete an entry's sealed face and say when; False when it had none."""
        gone = self._changed(SEALED_FACE.delete().where(_F.entry_id == entry_id)) == 1
        if gone:
            self._connection.execute(PERSON_ENTRY.update().where(_P.id == entry_id).values(erased=time))
        return gone
