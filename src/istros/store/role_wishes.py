"""Roles that wait for a second person."""

from __future__ import annotations

from sqlalchemy import select

from istros.base.time import Time
from istros.store.repository import Repository
from istros.store.rows_identity import RoleWishRow
from istros.store.schema_identity import ROLE_WISH

_W = ROLE_WISH.c


class RoleWishes(Repository):
    """The table `role_wish`."""

    def add(self, row: RoleWishRow) -> None:
        """Somebody asks; there must be no open wish for the same operator."""
        self._insert(ROLE_WISH, row)

    def open_ones(self) -> list[RoleWishRow]:
        """Every wish that waits, oldest first."""
        return self._all(RoleWishRow, select(ROLE_WISH).where(_W.decided.is_(None)).order_by(_W.asked, _W.id))

    def open_of(self, operator_id: str) -> RoleWishRow | None:
        """The wish that waits for an operator."""
        return self._one(RoleWishRow, select(ROLE_WISH).where((_W.operator_id == operator_id) & _W.decided.is_(None)))

    def decide(self, id: str, time: Time, by: str, agreed: bool) -> None:
        """The answer."""
        self._connection.execute(
            ROLE_WISH.update().where(_W.id == id).values(decided=time, decided_by=by, agreed=agreed)
        )
