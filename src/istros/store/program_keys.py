"""Keys of programs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.dialects import postgresql, sqlite

from istros.base.time import Time
from istros.store.repository import Repository, values_of
from istros.store.rows_identity import KeyUseRow, ProgramKeyRow
from istros.store.schema_identity import KEY_USE, PROGRAM_KEY

_S = PROGRAM_KEY.c
_U = KEY_USE.c


class ProgramKeys(Repository):
    """The tables `program_key` and `key_use`. Keys are revoked, never deleted: the audit chain names them."""

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

    def count_use(self, row: KeyUseRow) -> bool:
        """One more use of a key; whether it is the first of its hour, thing, permit and address."""
        insert: Any = postgresql.insert(KEY_USE) if self._on_postgresql else sqlite.insert(KEY_USE)
        names = [column.name for column in KEY_USE.primary_key]
        more = {"count": _U.count + 1, "last": insert.excluded.last}
        counted = insert.values(values_of(row)).on_conflict_do_update(index_elements=names, set_=more)
        return int(self._connection.execute(counted.returning(_U.count)).scalar_one()) == 1

    def uses_before(self, time: Time, limit: int) -> list[KeyUseRow]:
        """Uses of hours that began before a time, the oldest first."""
        return self._all(KeyUseRow, select(KEY_USE).where(_U.hour < time).order_by(_U.hour, _U.first).limit(limit))

    def forget_use(self, row: KeyUseRow) -> None:
        """The count of it stands in the audit log."""
        same = [column == getattr(row, column.name) for column in KEY_USE.primary_key]
        self._connection.execute(KEY_USE.delete().where(and_(*same)))

    def release(self, id: str, time: Time, by: str) -> bool:
        """Somebody else agreed to it; false when it is not waiting."""
        waiting = (_S.id == id) & _S.released.is_(None) & _S.revoked.is_(None)
        return self._changed(PROGRAM_KEY.update().where(waiting).values(released=time, released_by=by)) == 1

    def revoke(self, id: str, time: Time, by: str) -> bool:
        """It counts no more; false when it was revoked before."""
        valid = (_S.id == id) & _S.revoked.is_(None)
        return self._changed(PROGRAM_KEY.update().where(valid).values(revoked=time, revoked_by=by)) == 1
