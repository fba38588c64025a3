"""People who may sign in."""

from __future__ import annotations

from sqlalchemy import select

from istros.store.repository import Repository
from istros.store.rows import OperatorRow
from istros.store.schema import OPERATOR

_O = OPERATOR.c


class Operators(Repository):
    """The table `operator`. Operators are disabled, never deleted: the audit chain names them."""

    def add(self, row: OperatorRow) -> None:
        """A new operator; the sign-in name must be free."""
        self._insert(OPERATOR, row)

    def by_name(self, name: str) -> OperatorRow | None:
        """The operator who signs in with that name."""
        return self._one(OperatorRow, select(OPERATOR).where(_O.name == name))

    def get(self, id: str) -> OperatorRow | None:
        """The operator of that id."""
        return self._one(OperatorRow, select(OPERATOR).where(_O.id == id))

    def all(self) -> list[OperatorRow]:
        """Every operator, by name."""
        return self._all(OperatorRow, select(OPERATOR).order_by(_O.name))

    def set_language(self, id: str, language: str) -> None:
        """The language of the operator's screens, as a BCP 47 tag."""
        self._connection.execute(OPERATOR.update().where(_O.id == id).values(language=language))

    def set_password(self, id: str, password_hash: str) -> None:
        """A new password hash."""
        self._connection.execute(OPERATOR.update().where(_O.id == id).values(password_hash=password_hash))

    def set_must_change(self, id: str, must_change: bool) -> None:
        """Whether the next sign-in asks for a new password."""
        self._connection.execute(OPERATOR.update().where(_O.id == id).values(must_change=must_change))

    def by_directory(self, directory: str) -> OperatorRow | None:
        """The operator whom a directory knows as that (`issuer subject`)."""
        return self._one(OperatorRow, select(OPERATOR).where(_O.directory == directory))

    def set_role(self, id: str, role: str) -> None:
        """Another role."""
        self._connection.execute(OPERATOR.update().where(_O.id == id).values(role=role))

    def set_disabled(self, id: str, disabled: bool) -> None:
        """Take the right to sign in, or give it back."""
        self._connection.execute(OPERATOR.update().where(_O.id == id).values(disabled=disabled))
