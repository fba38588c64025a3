"""Permits: recorded lawful reasons."""

from __future__ import annotations

from sqlalchemy import and_, select, text

from istros.base.time import Time
from istros.store.repository import Repository
from istros.store.rows import PermitRow
from istros.store.schema import PERMIT

_P = PERMIT.c
_NEXT = text(
    "INSERT INTO permit_number (year, last) VALUES (:year, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = permit_number.last + 1 RETURNING last"
)


class Permits(Repository):
    """The table `permit`. Permits are closed, never deleted."""

    def add(self, row: PermitRow) -> None:
        """A new permit; its number comes from `next_number` in the same transaction."""
        self._insert(PERMIT, row)

    def get(self, id: str) -> PermitRow | None:
        """The permit of that id."""
        return self._one(PermitRow, select(PERMIT).where(_P.id == id))

    def open_for(self, holder: str, now: Time) -> list[PermitRow]:
        """The holder's permits that count now, newest first."""
        counting = and_(_P.holder == holder, _P.expires > now, _P.closed.is_(None))
        return self._all(PermitRow, select(PERMIT).where(counting).order_by(_P.opened.desc(), _P.id.desc()))

    def close(self, id: str, time: Time) -> bool:
        """End a permit early; False when it was closed already or is not there."""
        return self._changed(PERMIT.update().where(_P.id == id, _P.closed.is_(None)).values(closed=time)) == 1

    def next_number(self, year: int) -> str:
        """The next number of the year, e.g. `P-2026-0001`, without holes: the counter rolls back with its permit."""
        return f"P-{year}-{self._connection.execute(_NEXT, {'year': year}).scalar_one():04d}"
