"""Holds: footage that nothing may evict until two people let it go (docs/design/0020)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Column, Index, Table, and_, select, text

from istros.base.time import Span, Time
from istros.store.columns import KEY, TEXT, WHOLE, Listed
from istros.store.repository import Repository
from istros.store.schema import METADATA

HoldKind = Literal["evidence", "legal"]
"""`evidence`: for a case; `legal`: by order, or because a person asked that it be kept (GDPR article 18)."""


@dataclass(frozen=True, slots=True)
class HoldRow:
    """What must be kept of some cameras in a span, and why; `end` may lie in the future.

    It holds until `released`. Whoever asks for its release is never the one who confirms it.
    """

    id: str
    cameras: tuple[str, ...]
    start: Time
    end: Time
    kind: HoldKind
    reason: str
    ground: str
    case_ref: str
    organisation: str
    permit_id: str | None
    placed: Time
    placed_by: str
    release_asked: Time | None = None
    release_asked_by: str | None = None
    release_reason: str = ""
    released: Time | None = None
    released_by: str | None = None
    review: Time = field(default=Time(0))
    """By when a person looks whether it is still needed."""
    review_told: Time | None = None
    """When it was marked on the record that this is overdue."""
    reviewed: Time | None = None
    reviewed_by: str | None = None
    review_reason: str = ""

    @property
    def span(self) -> Span:
        """The time that is held."""
        return Span(self.start, self.end)


HOLD = Table(
    "hold",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("cameras", Listed(), nullable=False),
    Column("start", WHOLE, nullable=False),
    Column("end", WHOLE, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("ground", TEXT, nullable=False),
    Column("case_ref", TEXT, nullable=False),
    Column("organisation", TEXT, nullable=False),
    Column("permit_id", KEY),
    Column("placed", WHOLE, nullable=False),
    Column("placed_by", KEY, nullable=False),
    Column("release_asked", WHOLE),
    Column("release_asked_by", KEY),
    Column("release_reason", TEXT, nullable=False),
    Column("released", WHOLE),
    Column("released_by", KEY),
    Column("review", WHOLE, nullable=False, server_default="0"),
    Column("review_told", WHOLE),
    Column("reviewed", WHOLE),
    Column("reviewed_by", KEY),
    Column("review_reason", TEXT, nullable=False, server_default=""),
    Index("hold_standing", "placed", sqlite_where=text("released IS NULL"), postgresql_where=text("released IS NULL")),
    sqlite_strict=True,
)

HOLD_LOCK = Table(
    "hold_lock",
    METADATA,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("changes", WHOLE, nullable=False),
    sqlite_strict=True,
)
"""One row. Who places a hold and who chooses what goes lock it, so that neither overlooks the other; it also counts the
changes, so that a reader knows when its copy of the holds is old."""

_H = HOLD.c
_STANDING = text("released IS NULL")


class Holds(Repository):
    """The tables `hold` and `hold_lock`."""

    def add(self, row: HoldRow) -> None:
        """Place a hold; from the commit on nothing that it covers is chosen for eviction."""
        self._bump()
        self._insert(HOLD, row)

    def get(self, id: str) -> HoldRow | None:
        """The hold of that id."""
        return self._one(HoldRow, select(HOLD).where(_H.id == id))

    def standing(self) -> list[HoldRow]:
        """Every hold that is not released, the oldest first."""
        return self._all(HoldRow, select(HOLD).where(_STANDING).order_by(_H.placed, _H.id))

    def all(self, limit: int) -> list[HoldRow]:
        """Every hold, the standing ones first, then the newest."""
        order = (_H.released.is_not(None), _H.placed.desc(), _H.id)
        return self._all(HoldRow, select(HOLD).order_by(*order).limit(limit))

    def ask_release(self, id: str, time: Time, by: str, reason: str) -> bool:
        """Somebody asks that it be released; False when it is released or asked for already."""
        free = and_(_H.id == id, _STANDING, _H.release_asked.is_(None))
        values = {"release_asked": time, "release_asked_by": by, "release_reason": reason}
        return self._changed(HOLD.update().where(free).values(**values)) == 1

    def refuse_release(self, id: str) -> bool:
        """The hold goes on; False when nobody asked."""
        asked = and_(_H.id == id, _STANDING, _H.release_asked.is_not(None))
        values = {"release_asked": None, "release_asked_by": None, "release_reason": ""}
        return self._changed(HOLD.update().where(asked).values(**values)) == 1

    def release(self, id: str, time: Time, by: str) -> bool:
        """The second person agrees; False when nobody asked, or when the same person did."""
        self._bump()
        asked = and_(_H.id == id, _STANDING, _H.release_asked.is_not(None), _H.release_asked_by != by)
        return self._changed(HOLD.update().where(asked).values(released=time, released_by=by)) == 1

    def keep_until(self, id: str, review: Time, time: Time, by: str, reason: str) -> bool:
        """Somebody looked, and it is looked at again by `review`; False when it is released."""
        values = {
            "review": review, "review_told": None, "reviewed": time, "reviewed_by": by, "review_reason": reason,
        }  # fmt: skip
        return self._changed(HOLD.update().where(_H.id == id, _STANDING).values(**values)) == 1

    def untold(self, now: Time) -> list[HoldRow]:
        """Standing holds whose review is overdue and not marked on the record yet."""
        late = and_(_STANDING, _H.review <= now, _H.review_told.is_(None))
        return self._all(HoldRow, select(HOLD).where(late).order_by(_H.review, _H.id))

    def told(self, id: str, time: Time) -> None:
        """It is on the record that its review is overdue."""
        self._connection.execute(HOLD.update().where(_H.id == id).values(review_told=time))

    def changes(self) -> int:
        """Grows whenever what is held changes; in a writing transaction it also keeps others from changing it."""
        if not self._writing:
            return int(self._connection.execute(select(HOLD_LOCK.c.changes)).scalar_one())
        held = HOLD_LOCK.update().values(changes=HOLD_LOCK.c.changes).returning(HOLD_LOCK.c.changes)
        return int(self._connection.execute(held).scalar_one())

    def _bump(self) -> None:
        self._connection.execute(HOLD_LOCK.update().values(changes=HOLD_LOCK.c.changes + 1))
