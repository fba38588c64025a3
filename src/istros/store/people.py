"""People as cameras saw them: descriptions for a search inside a case, and counts by hour (docs/design/0034). No face is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, and_, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from istros.base.time import Span, Time
from istros.store.columns import KEY, NUMBER, TEXT, WHOLE, Listed
from istros.store.repository import Repository, values_of
from istros.store.rows import Direction
from istros.store.schema import METADATA

Shares = tuple[tuple[str, float], ...]
"""Colours with their shares, the largest first."""


@dataclass(frozen=True, slots=True)
class PersonSeenRow:
    """A `PersonSeen` observation as stored; the box is left, top, right, bottom as shares of the picture.

    Age and sex are None unless the profile allows them to be described.
    """

    id: str
    camera_id: str
    track_id: str
    first_seen: Time
    last_seen: Time
    box: tuple[float, float, float, float]
    height_px: int
    direction: Direction | None
    upper: Shares
    lower: Shares
    bag: str | None
    age_low: int | None = None
    age_high: int | None = None
    sex: str | None = None
    sex_certainty: float | None = None


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """Whom to look for. A colour fits where it has a share of a fifth and more; what is not known of somebody does not fit."""

    span: Span
    cameras: tuple[str, ...] = ()
    direction: str = ""
    bag: str = ""
    age: int | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class PeopleCountRow:
    """How many people one camera saw in one hour; `band` and `sex` are empty for everybody."""

    camera_id: str
    hour: Time
    band: str
    sex: str
    count: int


@dataclass(frozen=True, slots=True)
class FaceCountRow:
    """What one camera's faces came to in one hour: numbers alone (rule L5)."""

    camera_id: str
    hour: Time
    seen: int
    compared: int
    candidates: int
    still: int
    refused: int


PERSON_SEEN = Table(
    "person_seen",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("camera_id", KEY, nullable=False),
    Column("track_id", KEY, nullable=False),
    Column("first_seen", WHOLE, nullable=False),
    Column("last_seen", WHOLE, nullable=False),
    Column("box", Listed(), nullable=False),
    Column("height_px", WHOLE, nullable=False),
    Column("direction", TEXT),
    Column("upper", Listed(), nullable=False),
    Column("lower", Listed(), nullable=False),
    Column("bag", TEXT),
    Column("age_low", WHOLE),
    Column("age_high", WHOLE),
    Column("sex", TEXT),
    Column("sex_certainty", NUMBER),
    Index("person_seen_time", "last_seen"),
    Index("person_seen_camera", "camera_id", "last_seen"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

PEOPLE_COUNT = Table(
    "people_count",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("hour", WHOLE, primary_key=True, autoincrement=False),
    Column("band", KEY, primary_key=True),
    Column("sex", KEY, primary_key=True),
    Column("count", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

_FACE_NUMBERS = ("seen", "compared", "candidates", "still", "refused")
FACE_COUNT = Table(
    "face_count",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("hour", WHOLE, primary_key=True, autoincrement=False),
    *(Column(name, WHOLE, nullable=False) for name in _FACE_NUMBERS),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

_S, _C, _F = PERSON_SEEN.c, PEOPLE_COUNT.c, FACE_COUNT.c


class People(Repository):
    """The tables `person_seen`, `people_count` and `face_count`."""

    def add(self, rows: Sequence[PersonSeenRow]) -> None:
        """New observations; one that is there already is left as it is."""
        if rows:
            insert = (postgresql.insert if self._on_postgresql else sqlite.insert)(PERSON_SEEN)
            self._connection.execute(insert.on_conflict_do_nothing(), [values_of(row) for row in rows])

    def get(self, id: str) -> PersonSeenRow | None:
        """The observation of that id."""
        return self._one(PersonSeenRow, select(PERSON_SEEN).where(_S.id == id))

    def between(self, query: PeopleQuery, limit: int) -> tuple[list[PersonSeenRow], int]:
        """(those that fit by place, time, direction, bag, age and sex, newest first; how many were looked through)."""
        place = [_S.last_seen >= query.span.start, _S.last_seen < query.span.end]
        if query.cameras:
            place.append(_S.camera_id.in_(query.cameras))
        count = select(func.count()).select_from(PERSON_SEEN).where(and_(*place))
        searched = int(self._connection.execute(count).scalar_one())
        asked = [column == value for column, value in ((_S.direction, query.direction), (_S.bag, query.bag),
                                                       (_S.sex, query.sex)) if value]  # fmt: skip
        if query.age is not None:
            asked.append(and_(_S.age_low <= query.age, _S.age_high >= query.age))
        fitting = select(PERSON_SEEN).where(*place, *asked).order_by(_S.last_seen.desc(), _S.id.desc()).limit(limit)
        return self._all(PersonSeenRow, fitting), searched

    def remove_before(self, time: Time) -> int:
        """Delete observations older than `time`; how many. Counts stay: nobody is in them."""
        return self._changed(delete(PERSON_SEEN).where(_S.last_seen < time))

    def count(self, rows: Sequence[PeopleCountRow]) -> None:
        """Add to the counts of the hours."""
        for row in rows:
            self._add_up(PEOPLE_COUNT, row, ("count",))

    def count_faces(self, rows: Sequence[FaceCountRow]) -> None:
        """Add to the numbers of the hours."""
        for row in rows:
            self._add_up(FACE_COUNT, row, _FACE_NUMBERS)

    def counts(self, span: Span, cameras: tuple[str, ...] = ()) -> list[PeopleCountRow]:
        """Counts of the hours that begin in the span, by hour and camera."""
        here = [_C.hour >= span.start, _C.hour < span.end, *([_C.camera_id.in_(cameras)] if cameras else [])]
        order = (_C.hour, _C.camera_id, _C.band, _C.sex)
        return self._all(PeopleCountRow, select(PEOPLE_COUNT).where(*here).order_by(*order))

    def face_counts(self, span: Span) -> list[FaceCountRow]:
        """Numbers of faces of the hours that begin in the span."""
        here = and_(_F.hour >= span.start, _F.hour < span.end)
        return self._all(FaceCountRow, select(FACE_COUNT).where(here).order_by(_F.hour, _F.camera_id))

    def _add_up(self, table: Table, row: object, names: tuple[str, ...]) -> None:
        insert = (postgresql.insert if self._on_postgresql else sqlite.insert)(table)
        sums = {name: table.c[name] + insert.excluded[name] for name in names}
        keys = [column.name for column in table.primary_key]
        self._connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=sums), [values_of(row)])
