"""From where people sign in."""

from __future__ import annotations

from sqlalchemy import select

from istros.base.time import Time
from istros.store.repository import Repository
from istros.store.rows_identity import KnownPlaceRow
from istros.store.schema_identity import KNOWN_PLACE

_K = KNOWN_PLACE.c


class Places(Repository):
    """The table `known_place`."""

    def put(self, row: KnownPlaceRow) -> None:
        """A place, known or new."""
        self._put(KNOWN_PLACE, [row])

    def of(self, operator_id: str) -> list[KnownPlaceRow]:
        """An operator's places, oldest first."""
        return self._all(
            KnownPlaceRow, select(KNOWN_PLACE).where(_K.operator_id == operator_id).order_by(_K.first, _K.block)
        )

    def confirm(self, operator_id: str, until: Time) -> int:
        """The person knows the places that were new until then; how many there were."""
        waiting = (_K.operator_id == operator_id) & _K.confirmed.in_((False,)) & (_K.first <= until)
        return self._changed(KNOWN_PLACE.update().where(waiting).values(confirmed=True))

    def forget_before(self, time: Time) -> None:
        """Forget places not used since then."""
        self._connection.execute(KNOWN_PLACE.delete().where(_K.last < time))
