"""Releases: what one person asked for and another one released, refused or took back (docs/design/0031)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index, Table, and_, not_, or_, select, text

from istros.base.said import NOTHING, Said
from istros.base.time import Span, Time
from istros.store.columns import KEY, TEXT, WHOLE, Choice, Flag, Spoken
from istros.store.repository import Repository
from istros.store.schema import METADATA


class Matter(StrEnum):
    """What one person alone may not decide."""

    WATCH_PERSON = "watch-person"
    """A watchlist entry with a face; the subject is the entry."""
    FACE_MATCHING = "face-matching"
    """Faces compared live on cameras; the subject is the operation."""
    FACE_SEARCH = "face-search"
    """A face looked for in recordings; the subject is the search."""
    EVIDENCE_EXPORT = "evidence-export"
    """Evidence that leaves the node; the subject is the order."""
    LIFT_MASK = "lift-mask"
    """Exports that show what lies under privacy masks of some cameras; the subject is the permit."""
    LIFT_REDACTION = "lift-redaction"
    """Saved pictures of some cameras that show people and plates; the subject is what is shown."""
    OTHERS_SEARCHES = "others-searches"
    """The searches of another shift; the subject is that shift."""
    UNCOVER_ZONE = "uncover-zone"
    """Looking at a part of a picture that nobody looked at; the subject is the set of zones that waits."""
    UNDO_MATCH = "undo-match"
    """A face that two people confirmed and that was another's; the subject is the candidate."""


class Ending(StrEnum):
    """Why a release holds no more."""

    REFUSED = "refused"
    """A second person said no, before it worked or when reviewing an emergency."""
    WITHDRAWN = "withdrawn"
    """A person stopped it early."""
    LAPSED = "lapsed"
    """Nobody answered in time."""
    EXPIRED = "expired"
    """Its time was over."""
    UNDONE = "undone"
    """An emergency that nobody reviewed in time."""
    DONE = "done"
    """What it was for was one act, and is done."""


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One request and what became of it.

    `answer_by` is when a request lapses, or by when an emergency must be reviewed. `lasts_us` is how long it works once
    released; `expires` stands once it works. An emergency works from `asked` on, before anybody has answered.
    """

    id: str
    matter: Matter
    subject: str
    reason: str
    organisation: str
    permit_id: str | None
    scope: str
    """Canonical JSON: what it covers, by the matter's own words."""
    emergency: bool
    asked: Time
    asked_by: str
    answer_by: Time
    lasts_us: int
    expires: Time | None = None
    answered: Time | None = None
    answered_by: str | None = None
    granted: bool | None = None
    note: str = ""
    ended: Time | None = None
    ended_by: str | None = None
    ending: Ending | None = None
    ending_note: Said = NOTHING

    @property
    def scope_facts(self) -> dict[str, Any]:
        """What it covers, as it was given."""
        facts: dict[str, Any] = json.loads(self.scope)
        return facts

    @property
    def to_answer(self) -> bool:
        """Whether another person still has to answer; an emergency that was stopped early is reviewed none the less."""
        return self.answered is None and (self.ended is None or (self.emergency and self.ending is not Ending.UNDONE))

    def stands(self, now: Time) -> bool:
        """Whether it works at this moment."""
        if self.ended is not None or self.expires is None or now >= self.expires:
            return False
        return bool(self.granted) or (self.emergency and self.answered is None and now < self.answer_by)


RELEASE = Table(
    "release",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("matter", Choice(Matter), nullable=False),
    Column("subject", KEY, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("organisation", TEXT, nullable=False),
    Column("permit_id", KEY),
    Column("scope", TEXT, nullable=False),
    Column("emergency", Flag(), nullable=False),
    Column("asked", WHOLE, nullable=False),
    Column("asked_by", KEY, nullable=False),
    Column("answer_by", WHOLE, nullable=False),
    Column("lasts_us", WHOLE, nullable=False),
    Column("expires", WHOLE),
    Column("answered", WHOLE),
    Column("answered_by", KEY),
    Column("granted", Flag()),
    Column("note", TEXT, nullable=False),
    Column("ended", WHOLE),
    Column("ended_by", KEY),
    Column("ending", Choice(Ending)),
    Column("ending_note", Spoken(), nullable=False),
    Index("release_subject", "matter", "subject", "asked"),
    Index("release_asked", "asked"),
    Index("release_alive", "answer_by", sqlite_where=text("ended IS NULL"), postgresql_where=text("ended IS NULL")),
    sqlite_strict=True,
)

_R = RELEASE.c
_ALIVE = text("ended IS NULL")
_TO_ANSWER = and_(
    _R.answered.is_(None), or_(_R.ended.is_(None), and_(_R.emergency, _R.ending != Ending.UNDONE))
)  # as `ReleaseRow.to_answer`


class Releases(Repository):
    """The table `release`. Rows are answered and ended, never deleted."""

    def add(self, row: ReleaseRow) -> None:
        """A new request, or an emergency that works at once."""
        self._insert(RELEASE, row)

    def get(self, id: str) -> ReleaseRow | None:
        """The release of that id."""
        return self._one(ReleaseRow, select(RELEASE).where(_R.id == id))

    def answer(self, id: str, now: Time, by: str, granted: bool, note: str, expires: Time | None) -> bool:
        """Another person's word; False when somebody answered before, it is too late, or the same person asked.

        What is refused ends with it. `expires` is left as it is when None.
        """
        values: dict[str, object] = {"answered": now, "answered_by": by, "granted": granted, "note": note}
        if not granted:
            values |= {"ended": now, "ended_by": by, "ending": Ending.REFUSED, "ending_note": Said(note)}
        elif expires is not None:
            values["expires"] = expires
        free = and_(_R.id == id, _TO_ANSWER, _R.answer_by > now, _R.asked_by != by)
        return self._changed(RELEASE.update().where(free).values(**values)) == 1

    def end(self, id: str, now: Time, by: str, ending: Ending, note: Said) -> bool:
        """Stop it; False when it is over already."""
        values = {"ended": now, "ended_by": by, "ending": ending, "ending_note": note}
        return self._changed(RELEASE.update().where(_R.id == id, _ALIVE).values(**values)) == 1

    def undo(self, id: str, now: Time, by: str) -> bool:
        """End an emergency that nobody reviewed; False when somebody did, or it was undone before."""
        values = {"ended": now, "ended_by": by, "ending": Ending.UNDONE, "ending_note": NOTHING}
        due = and_(_R.id == id, _R.emergency, _TO_ANSWER, _R.answer_by <= now)
        return self._changed(RELEASE.update().where(due).values(**values)) == 1

    def asked_in(self, span: Span) -> list[ReleaseRow]:
        """Those that were asked for in the span, emergencies among them, the oldest first."""
        here = and_(_R.asked >= span.start, _R.asked < span.end)
        return self._all(ReleaseRow, select(RELEASE).where(here).order_by(_R.asked, _R.id))

    def alive(self, matter: Matter, subject: str) -> list[ReleaseRow]:
        """Those of a subject that have not ended, the newest first; whether one works, its row tells."""
        wanted = and_(_R.matter == matter, _R.subject == subject, _ALIVE)
        return self._all(ReleaseRow, select(RELEASE).where(wanted).order_by(_R.asked.desc(), _R.id.desc()))

    def newest(self, matter: Matter, subject: str) -> ReleaseRow | None:
        """The one of a subject that was asked for last, whether it has ended or not."""
        wanted = select(RELEASE).where(_R.matter == matter, _R.subject == subject)
        return self._one(ReleaseRow, wanted.order_by(_R.asked.desc(), _R.id.desc()).limit(1))

    def alive_of(self, matter: Matter) -> list[ReleaseRow]:
        """Those of a matter that have not ended, the newest first."""
        wanted = and_(_R.matter == matter, _ALIVE)
        return self._all(ReleaseRow, select(RELEASE).where(wanted).order_by(_R.asked.desc(), _R.id.desc()))

    def to_answer(self, limit: int = 200) -> list[ReleaseRow]:
        """What waits for a second person, the most urgent first."""
        query = select(RELEASE).where(_TO_ANSWER).order_by(_R.answer_by, _R.id)
        return self._all(ReleaseRow, query.limit(limit))

    def emergencies(self) -> list[ReleaseRow]:
        """Emergencies that nobody has reviewed yet, the most urgent first."""
        query = select(RELEASE).where(_TO_ANSWER, _R.emergency).order_by(_R.answer_by, _R.id)
        return self._all(ReleaseRow, query)

    def emergencies_not_confirmed(self, matter: Matter) -> list[ReleaseRow]:
        """Emergencies of a matter that are over and that nobody found right, the newest first."""
        over = and_(
            _R.matter == matter, _R.emergency, _R.ended.is_not(None), or_(_R.granted.is_(None), not_(_R.granted))
        )
        return self._all(ReleaseRow, select(RELEASE).where(over).order_by(_R.asked.desc(), _R.id.desc()))

    def due(self, now: Time) -> list[ReleaseRow]:
        """What the node must end: unanswered past `answer_by`, or past `expires`."""
        late = and_(_TO_ANSWER, _R.answer_by <= now)
        query = select(RELEASE).where(or_(late, and_(_ALIVE, _R.expires <= now))).order_by(_R.asked, _R.id)
        return self._all(ReleaseRow, query)

    def under(self, permit_ids: list[str]) -> list[ReleaseRow]:
        """What was asked for under these permits, the newest first."""
        query = select(RELEASE).where(_R.permit_id.in_(permit_ids)).order_by(_R.asked.desc(), _R.id.desc())
        return self._all(ReleaseRow, query.limit(500))

    def organisations(self) -> list[str]:
        """Whose people asked for one."""
        return list(self._connection.execute(select(_R.organisation).distinct()).scalars())

    def all(self, limit: int, before: Time | None = None, whose: Collection[str] | None = None) -> list[ReleaseRow]:
        """The releases of these organisations (None: all) asked for before a time (None: until now), the newest first."""
        query = select(RELEASE).order_by(_R.asked.desc(), _R.id.desc()).limit(limit)
        if whose is not None:
            query = query.where(_R.organisation.in_(whose))
        return self._all(ReleaseRow, query if before is None else query.where(_R.asked < before))
