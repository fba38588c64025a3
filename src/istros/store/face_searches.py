"""Searches for one person's face in recordings: what was asked for, how far each is, and what it looked through (docs/design/0041)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Table, and_, or_, select, text

from istros.base.said import NOTHING, Said
from istros.base.time import Time
from istros.store.columns import BLOB, KEY, NUMBER, TEXT, WHOLE, Choice, Flag, Listed, Spoken
from istros.store.faces import FACE_CANDIDATE, SEEN_PICTURE
from istros.store.repository import Repository
from istros.store.schema import METADATA

Basis = Literal["authorised", "urgent", "first-identification"]
"""On what a search stands (AI Act article 26(10)): an authorisation, one that follows within 48 hours, or neither, for the
first identification of an unknown person from facts that are linked to the offence."""


class SearchState(StrEnum):
    """`draft` waits for its picture, `asked` for its release or its turn; `done`, `stopped` and `failed` wait to be judged."""

    DRAFT = "draft"
    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class FaceSearchRow:
    """One search. `picture` and `template` are an unknown person's, sealed with the search's own key; an entry's stay with the entry.

    `looked` is JSON: a list of `events.face_looked.Looked`, one a camera.
    """

    id: str
    basis: Basis
    entry_id: str | None
    permit_id: str
    purpose: str
    ground: str
    case_ref: str
    organisation: str
    cameras: tuple[str, ...]
    start: Time
    end: Time
    reason: str
    facts: str
    """Objective facts that link the person to the offence; empty but for a first identification."""
    authorisation: str
    """Reference of the judicial or administrative authorisation; empty while it has not come."""
    asked: Time
    asked_by: str
    state: SearchState = SearchState.DRAFT
    authorised: Time | None = None
    authorised_by: str = ""
    """Who wrote the authorisation down."""
    picture: bytes | None = field(default=None, repr=False)
    template: bytes | None = field(default=None, repr=False)
    sha256: str = ""
    """Of the picture that was compared with, an entry's or an unknown person's, before it was sealed."""
    quality: str = ""
    source: str = ""
    progress: float = 0.0
    cancel_wished: bool = False
    attempts: int = 0
    started: Time | None = None
    finished: Time | None = None
    ended: Time | None = None
    dropped: int = 0
    """Candidates beyond the most that are kept: the least alike ones."""
    looked: str = "[]"
    problem: Said = NOTHING

    @property
    def key(self) -> str:
        """Whose key seals what belongs to it: the entry's, or its own."""
        return self.entry_id or self.id


FACE_SEARCH = Table(
    "face_search",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("basis", TEXT, nullable=False),
    Column("entry_id", KEY, ForeignKey("person_entry.id")),
    Column("permit_id", KEY, nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("ground", TEXT, nullable=False),
    Column("case_ref", TEXT, nullable=False),
    Column("organisation", TEXT, nullable=False),
    Column("cameras", Listed(), nullable=False),
    Column("start", WHOLE, nullable=False),
    Column("end", WHOLE, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("facts", TEXT, nullable=False),
    Column("authorisation", TEXT, nullable=False),
    Column("asked", WHOLE, nullable=False),
    Column("asked_by", KEY, nullable=False),
    Column("state", Choice(SearchState), nullable=False),
    Column("authorised", WHOLE),
    Column("authorised_by", TEXT, nullable=False),
    Column("picture", BLOB),
    Column("template", BLOB),
    Column("sha256", TEXT, nullable=False),
    Column("quality", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("progress", NUMBER, nullable=False),
    Column("cancel_wished", Flag(), nullable=False),
    Column("attempts", WHOLE, nullable=False),
    Column("started", WHOLE),
    Column("finished", WHOLE),
    Column("ended", WHOLE),
    Column("dropped", WHOLE, nullable=False),
    Column("looked", TEXT, nullable=False),
    Column("problem", Spoken(), nullable=False),
    Index("face_search_asked", "asked"),
    Index(
        "face_search_alive",
        "asked",
        sqlite_where=text("ended IS NULL"),
        postgresql_where=text("ended IS NULL"),
    ),
    sqlite_strict=True,
)

_S = FACE_SEARCH.c
_ALIVE = text("ended IS NULL")
"""Written out, because a bound parameter cannot use the partial index."""

_KEEPS = and_(
    _S.entry_id.is_(None),
    _S.id.in_(
        select(FACE_CANDIDATE.c.search_id)
        .join(SEEN_PICTURE, SEEN_PICTURE.c.candidate_id == FACE_CANDIDATE.c.id)
        .where(FACE_CANDIDATE.c.search_id.is_not(None))
    ),
)
"""Pictures of what it found are sealed with its own key."""


class FaceSearches(Repository):
    """The table `face_search`. Rows are never deleted: they say what was searched, and on whose word."""

    def add(self, row: FaceSearchRow) -> None:
        """A new search."""
        self._insert(FACE_SEARCH, row)

    def get(self, id: str) -> FaceSearchRow | None:
        """The search of that id."""
        return self._one(FaceSearchRow, select(FACE_SEARCH).where(_S.id == id))

    def alive(self) -> list[FaceSearchRow]:
        """Those that have not ended, oldest first."""
        return self._all(FaceSearchRow, select(FACE_SEARCH).where(_ALIVE).order_by(_S.asked, _S.id))

    def all(self, limit: int, whose: Collection[str]) -> list[FaceSearchRow]:
        """The searches of these organisations, newest first."""
        query = select(FACE_SEARCH).where(_S.organisation.in_(whose)).order_by(_S.asked.desc(), _S.id.desc())
        return self._all(FaceSearchRow, query.limit(limit))

    def organisations(self) -> list[str]:
        """Whose searches there are."""
        return list(self._connection.execute(select(_S.organisation).distinct()).scalars())

    def with_kept_pictures(self) -> list[FaceSearchRow]:
        """Ended searches without an entry of which pictures of confirmed faces are kept."""
        return self._all(FaceSearchRow, select(FACE_SEARCH).where(_S.ended.is_not(None), _KEEPS))

    def of_case(self, case_ref: str) -> list[FaceSearchRow]:
        """The searches of a case, oldest first."""
        query = select(FACE_SEARCH).where(_S.case_ref == case_ref).order_by(_S.asked, _S.id)
        return self._all(FaceSearchRow, query)

    def face_ids(self) -> set[str]:
        """The searches whose own key seals something: a face, or pictures of what they found."""
        return set(self._connection.execute(select(_S.id).where(or_(_S.template.is_not(None), _KEEPS))).scalars())

    def change(self, id: str, **values: object) -> None:
        """Write some columns of a search that has not ended."""
        self._connection.execute(FACE_SEARCH.update().where(_S.id == id, _ALIVE).values(**values))

    def wish_cancel(self, id: str) -> bool:
        """Ask that no more be looked through; False when nothing is."""
        open_now = _S.state.in_((SearchState.ASKED, SearchState.RUNNING))
        return self._changed(FACE_SEARCH.update().where(_S.id == id, _ALIVE, open_now).values(cancel_wished=True)) == 1

    def end(self, id: str, time: Time) -> bool:
        """It is over, and a face of its own goes; False when it was over before."""
        gone = {"state": SearchState.ENDED, "ended": time, "picture": None, "template": None}
        return self._changed(FACE_SEARCH.update().where(_S.id == id, _ALIVE).values(**gone)) == 1
