"""Second factors: secrets of one-time codes, recovery codes, passkeys."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from istros.base.time import Time
from istros.store.repository import Repository
from istros.store.rows_identity import CodeSecretRow, PasskeyRow
from istros.store.schema_identity import CODE_SECRET, PASSKEY, RECOVERY_CODE

_C, _R, _P = CODE_SECRET.c, RECOVERY_CODE.c, PASSKEY.c


class Factors(Repository):
    """The tables `code_secret`, `recovery_code` and `passkey`."""

    def put_secret(self, row: CodeSecretRow) -> None:
        """A new secret in the place of any other."""
        self._put(CODE_SECRET, [row])

    def secret(self, operator_id: str) -> CodeSecretRow | None:
        """The operator's secret, confirmed or not."""
        return self._one(CodeSecretRow, select(CODE_SECRET).where(_C.operator_id == operator_id))

    def take_step(self, operator_id: str, step: int) -> bool:
        """Accept a code of this step once: false when it, or a later one, was accepted before."""
        newer = (_C.operator_id == operator_id) & (_C.last_step < step)
        return self._changed(CODE_SECRET.update().where(newer).values(last_step=step)) == 1

    def confirm_secret(self, operator_id: str, time: Time) -> None:
        """The secret counts from now on."""
        self._connection.execute(CODE_SECRET.update().where(_C.operator_id == operator_id).values(confirmed=time))

    def set_recovery(self, operator_id: str, digests: Iterable[str]) -> None:
        """New recovery codes in the place of the old ones."""
        self._connection.execute(RECOVERY_CODE.delete().where(_R.operator_id == operator_id))
        for digest in digests:
            self._connection.execute(RECOVERY_CODE.insert().values(digest=digest, operator_id=operator_id))

    def use_recovery(self, operator_id: str, digest: str, time: Time) -> bool:
        """Spend a recovery code; false when it is not one, or spent."""
        unspent = (_R.operator_id == operator_id) & (_R.digest == digest) & _R.used.is_(None)
        return self._changed(RECOVERY_CODE.update().where(unspent).values(used=time)) == 1

    def recovery_left(self, operator_id: str) -> int:
        """How many recovery codes are unspent."""
        unspent = select(func.count()).where((_R.operator_id == operator_id) & _R.used.is_(None))
        return self._connection.scalar(unspent) or 0

    def add_passkey(self, row: PasskeyRow) -> None:
        """A new passkey."""
        self._insert(PASSKEY, row)

    def passkey(self, id: str) -> PasskeyRow | None:
        """The passkey of that credential id."""
        return self._one(PasskeyRow, select(PASSKEY).where(_P.id == id))

    def passkeys(self, operator_id: str) -> list[PasskeyRow]:
        """An operator's passkeys, oldest first."""
        query = select(PASSKEY).where(_P.operator_id == operator_id).order_by(_P.created, _P.id)
        return self._all(PasskeyRow, query)

    def use_passkey(self, id: str, sign_count: int, synced: bool, time: Time) -> None:
        """It signed somebody in."""
        self._connection.execute(
            PASSKEY.update().where(_P.id == id).values(sign_count=sign_count, synced=synced, used=time)
        )

    def remove_passkey(self, operator_id: str, id: str) -> bool:
        """Take a passkey away; false when the operator has none of that id."""
        return self._changed(PASSKEY.delete().where((_P.operator_id == operator_id) & (_P.id == id))) == 1

    def remove_codes(self, operator_id: str) -> None:
        """Take the secret and the recovery codes away."""
        for table in (CODE_SECRET, RECOVERY_CODE):
            self._connection.execute(table.delete().where(table.c.operator_id == operator_id))

    def remove_all(self, operator_id: str) -> None:
        """Take every second factor away."""
        self.remove_codes(operator_id)
        self._connection.execute(PASSKEY.delete().where(_P.operator_id == operator_id))
