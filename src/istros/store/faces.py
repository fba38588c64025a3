"""Candidates of face matching, live or in recordings, their pictures (sealed), and what two people said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Table, and_, delete, select, text

from istros.base.time import Span, Time
from istros.store.columns import BLOB, KEY, NUMBER, TEXT, WHOLE
from istros.store.repository import Repository
from istros.store.schema import METADATA

Outcome = Literal["open", "confirmed", "rejected", "disputed", "dropped", "undone"]
"""`disputed`: the two verdicts differ, or one could not tell; `dropped`: its leave was gone before anybody looked;
`undone`: confirmed, and found wrong afterwards by two people."""

FaceVerdict = Literal["same", "different", "unsure"]


@dataclass(frozen=True, slots=True)
class FaceCandidateRow:
    """Somebody who may be a sought person; `quality` is JSON, `sha256` the picture's before it was sealed.

    `search_id` is that of the search in recordings that found it; `entry_id` is None where that has no entry.
    """

    id: str
    entry_id: str | None
    operation_id: str
    camera_id: str
    track_id: str
    time: Time
    distance: float
    threshold: float
    false_match_rate: float
    compared_with: int
    next_best: float | None
    faces: int
    quality: str
    sha256: str
    outcome: Outcome = "open"
    alarm_id: str | None = None
    judged: Time | None = None
    settled: Time | None = None
    search_id: str | None = None

    @property
    def key(self) -> str:
        """Whose key seals its picture: the entry's, or that of the search for an unknown person without one."""
        return self.entry_id or self.search_id or ""


@dataclass(frozen=True, slots=True)
class FaceVerdictRow:
    """What one person said of a candidate, without having seen the other's word."""

    candidate_id: str
    by: str
    time: Time
    verdict: FaceVerdict
    reason: str


FACE_CANDIDATE = Table(
    "face_candidate",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("entry_id", KEY, ForeignKey("person_entry.id")),
    Column("operation_id", KEY, nullable=False),
    Column("camera_id", KEY, nullable=False),
    Column("track_id", KEY, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("distance", NUMBER, nullable=False),
    Column("threshold", NUMBER, nullable=False),
    Column("false_match_rate", NUMBER, nullable=False),
    Column("compared_with", WHOLE, nullable=False),
    Column("next_best", NUMBER),
    Column("faces", WHOLE, nullable=False),
    Column("quality", TEXT, nullable=False),
    Column("sha256", TEXT, nullable=False),
    Column("outcome", TEXT, nullable=False),
    Column("alarm_id", KEY),
    Column("judged", WHOLE),
    Column("settled", WHOLE),
    Column("search_id", KEY, ForeignKey("face_search.id")),
    Index("face_candidate_entry", "entry_id", "time"),
    Index("face_candidate_search", "search_id", "time"),
    Index("face_candidate_time", "time"),
    Index("face_candidate_new", "time", sqlite_where=text("judged IS NULL"), postgresql_where=text("judged IS NULL")),
    sqlite_strict=True,
)

SEEN_PICTURE = Table(
    "seen_picture",
    METADATA,
    Column("candidate_id", KEY, ForeignKey("face_candidate.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", BLOB, nullable=False),
    sqlite_strict=True,
)

FACE_VERDICT = Table(
    "face_verdict",
    METADATA,
    Column("candidate_id", KEY, ForeignKey("face_candidate.id", ondelete="CASCADE"), primary_key=True),
    Column("by", KEY, primary_key=True),
    Column("time", WHOLE, nullable=False),
    Column("verdict", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    sqlite_strict=True,
)

_C, _P, _V = FACE_CANDIDATE.c, SEEN_PICTURE.c, FACE_VERDICT.c


class Faces(Repository):
    """The tables `face_candidate`, `seen_picture` and `face_verdict`."""

    def add(self, row: FaceCandidateRow, sealed: bytes) -> None:
        """A new candidate with its sealed picture."""
        self._insert(FACE_CANDIDATE, row)
        self._connection.execute(SEEN_PICTURE.insert(), [{"candidate_id": row.id, "sealed": sealed}])

    def get(self, id: str) -> FaceCandidateRow | None:
        """The candidate of that id."""
        return self._one(FaceCandidateRow, select(FACE_CANDIDATE).where(_C.id == id))

    def picture(self, id: str) -> bytes | None:
        """A candidate's sealed picture, as long as it is kept."""
        found = self._connection.execute(select(_P.sealed).where(_P.candidate_id == id)).scalar()
        return None if found is None else bytes(found)

    def unjudged(self, limit: int) -> list[FaceCandidateRow]:
        """Candidates that the rules have not looked at, oldest first."""
        query = select(FACE_CANDIDATE).where(_C.judged.is_(None)).order_by(_C.time, _C.id).limit(limit)
        return self._all(FaceCandidateRow, query.with_for_update(skip_locked=True) if self._writing else query)

    def judge(self, id: str, time: Time, alarm_id: str | None, outcome: Outcome) -> None:
        """The rules have looked at it."""
        values = {"judged": time, "alarm_id": alarm_id, "outcome": outcome}
        self._connection.execute(FACE_CANDIDATE.update().where(_C.id == id).values(**values))

    def of_alarm(self, alarm_id: str) -> list[FaceCandidateRow]:
        """The candidates of an alarm, oldest first."""
        query = select(FACE_CANDIDATE).where(_C.alarm_id == alarm_id).order_by(_C.time, _C.id)
        return self._all(FaceCandidateRow, query)

    def of_entry(self, entry_id: str) -> list[FaceCandidateRow]:
        """Everything that was taken for an entry's person, oldest first."""
        query = select(FACE_CANDIDATE).where(_C.entry_id == entry_id).order_by(_C.time, _C.id)
        return self._all(FaceCandidateRow, query)

    def of_operation(self, operation_id: str) -> list[FaceCandidateRow]:
        """Everything that came under an operation, oldest first."""
        query = select(FACE_CANDIDATE).where(_C.operation_id == operation_id).order_by(_C.time, _C.id)
        return self._all(FaceCandidateRow, query)

    def of_search(self, search_id: str) -> list[FaceCandidateRow]:
        """What a search in recordings found, the most alike first."""
        query = select(FACE_CANDIDATE).where(_C.search_id == search_id).order_by(_C.distance, _C.id)
        return self._all(FaceCandidateRow, query)

    def between(self, span: Span, limit: int) -> list[FaceCandidateRow]:
        """Candidates of live matching of a span of time, newest first."""
        here = and_(_C.time >= span.start, _C.time < span.end, _C.search_id.is_(None))
        query = select(FACE_CANDIDATE).where(here).order_by(_C.time.desc(), _C.id).limit(limit)
        return self._all(FaceCandidateRow, query)

    def say(self, row: FaceVerdictRow) -> bool:
        """One person's verdict; False when that person gave one before."""
        known = select(_V.by).where(_V.candidate_id == row.candidate_id, _V.by == row.by)
        if self._connection.execute(known).first() is not None:
            return False
        self._insert(FACE_VERDICT, row)
        return True

    def verdicts(self, candidate_id: str) -> list[FaceVerdictRow]:
        """What was said of a candidate, in order."""
        query = select(FACE_VERDICT).where(_V.candidate_id == candidate_id).order_by(_V.time, _V.by)
        return self._all(FaceVerdictRow, query)

    def settle(self, id: str, time: Time, outcome: Outcome) -> None:
        """What the two verdicts came to, or that they were undone."""
        change = FACE_CANDIDATE.update().where(_C.id == id).values(outcome=outcome, settled=time)
        self._connection.execute(change)

    def erase_pictures(self, ids: Sequence[str]) -> int:
        """Delete the sealed pictures of these; how many."""
        gone = 0
        for id in ids:
            gone += self._changed(delete(SEEN_PICTURE).where(_P.candidate_id == id))
        return gone

    def remove(self, ids: Sequence[str]) -> int:
        """Delete candidates with all that belongs to them; how many."""
        gone = 0
        for id in ids:
            self._connection.execute(delete(SEEN_PICTURE).where(_P.candidate_id == id))
            self._connection.execute(delete(FACE_VERDICT).where(_V.candidate_id == id))
            gone += self._changed(delete(FACE_CANDIDATE).where(_C.id == id))
        return gone
