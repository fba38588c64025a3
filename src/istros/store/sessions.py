"""Signed-in browsers."""

from __future__ import annotations

from sqlalchemy import select

from istros.base.time import Time
from istros.store.repository import Repository
from istros.store.rows import SessionRow
from istros.store.schema import SESSION

_S = SESSION.c


class Sessions(Repository):
    """The table `session`; tokens are stored as their SHA-256 alone."""

    def add(self, row: SessionRow) -> None:
        """Somebody signed in."""
        self._insert(SESSION, row)

    def get(self, token_sha256: str) -> SessionRow | None:
        """The session of that token."""
        return self._one(SessionRow, select(SESSION).where(_S.token_sha256 == token_sha256))

    def of(self, operator_id: str) -> list[SessionRow]:
        """An operator's sessions, newest first."""
        return self._all(SessionRow, select(SESSION).where(_S.operator_id == operator_id).order_by(_S.created.desc()))

    def all(self) -> list[SessionRow]:
        """Everybody's sessions, newest first."""
        return self._all(SessionRow, select(SESSION).order_by(_S.created.desc()))

    def seen(self, token_sha256: str, time: Time) -> None:
        """The session was used."""
        self._connection.execute(SESSION.update().where(_S.token_sha256 == token_sha256).values(seen=time))

    def remove(self, token_sha256: str) -> None:
        """Signed out."""
        self._connection.execute(SESSION.delete().where(_S.token_sha256 == token_sha256))

    def remove_of(self, operator_id: str) -> int:
        """Sign an operator out everywhere; how many sessions there were."""
        return self._changed(SESSION.delete().where(_S.operator_id == operator_id))

    def remove_expired(self, now: Time) -> int:
        """Forget sessions past their end; how many there were."""
        return self._changed(SESSION.delete().where(_S.expires <= now))
