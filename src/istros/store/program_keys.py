"""Keys of programs."""

from __future__ import annotations

from sqlalchemy import select

from istros.base.time import Time
from istros.store.repository import Repository
from istros.store.rows_identity import ProgramKeyRow
from istros.store.schema_identity import PROGRAM_KEY

_S = PROGRAM_KEY.c


class ProgramKeys(Repository):
    """The table `program_key`. Keys are revoked, never deleted: the audit chain names them."""

    def add(self, row: ProgramKeyRow) -> None:
        """A new key; its name must be free."""
        self._insert(PROGRAM_KEY, row)

    def get(self, id: str) -> ProgramKeyRow | None:
        """The key of that id."""
        return self._one(ProgramKeyRow, select(PROGRAM_KEY).where(_S.id == id))

    def by_name(self, name: str) -> ProgramKeyRow | None:
        """The key of that name."""
        return self._one(ProgramKeyRow, select(PROGRAM_KEY).where(_S.name == name))

    def all(self) -> list[ProgramKeyRow]:
        """Every key, newest first."""
        return self._all(ProgramKeyRow, select(PROGRAM_KEY).order_by(_S.created.desc(), _S.id.desc()))

    def used(self, id: str, time: Time, origin: str) -> None:
        """It was used."""
        self._connection.execute(PROGRAM_KEY.update().where(_S.id == id).values(used=time, used_from=origin))

    def release(self, id: str, time: Time, by: str) -> bool:
        """Somebody else agreed to it; false when it is not waiting."""
        waiting = (_S.id == id) & _S.released.is_(None) & _S.revoked.is_(None)
        return self._changed(PROGRAM_KEY.update().where(waiting).values(released=time, released_by=by)) == 1

    def revoke(self, id: str, time: Time, by: str) -> bool:
        """It counts no more; false when it was revoked before."""
        valid = (_S.id == id) & _S.revoked.is_(None)
        return self._changed(PROGRAM_KEY.update().where(valid).values(revoked=time, revoked_by=by)) == 1
