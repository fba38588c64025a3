"""What programs ask by their keys, on the record without a row for each request (docs/design/0030).

The first use of an hour is a row at once, before anything is answered. Each further use is counted in the table `key_use`
in a transaction of its own, also before it is answered, so no end of the server loses one. Once the hour is over, the count
becomes a row of the chain.
"""

from __future__ import annotations

import asyncio

import structlog

from istros.base.environment import Environment
from istros.base.hourly import each_hour
from istros.base.time import HOUR, Time, to_iso
from istros.compliance import audit
from istros.store import Database, Transaction
from istros.store.rows_identity import KeyUseRow, ProgramKeyRow

COUNTED = "keys.used"

_LONGEST = 300
"""Letters of a path or an address that are told apart."""
_PAGE = 200
_LOG = structlog.get_logger("istros.audit")


def count_use(tx: Transaction, row: ProgramKeyRow, now: Time, asked: str, permit: str, origin: str) -> bool:
    """Count that a key asked for a path under a permit from an address; whether that is its first use of the hour."""
    use = KeyUseRow(
        row.id, Time(now - now % HOUR), asked[:_LONGEST], permit[:_LONGEST], origin[:_LONGEST], first=now, last=now
    )
    return tx.program_keys.count_use(use)


def tell_counts(tx: Transaction, environment: Environment, *, at_end: bool = False) -> bool:
    """Put the counts of hours that are over on the record, some at a time; whether there may be more.

    An hour with one use has its row already. `count` holds the first use too. `at_end` tells the present hour as well: a
    use after that is the first of a new count.
    """
    now = environment.clock.now()
    uses = tx.program_keys.uses_before(Time(now + 1 if at_end else now - now % HOUR), _PAGE)
    for use in uses:
        if use.count > 1:
            detail: dict[str, object] = {
                "asked": use.asked, "from": use.origin, "count": use.count, "first": to_iso(use.first),
                "last": to_iso(use.last),
            }  # fmt: skip
            detail |= {"permit": use.permit_id} if use.permit_id else {}
            audit.append(
                tx, environment, actor="istros", origin="server", action=COUNTED, subject=use.key_id, detail=detail
            )
        tx.program_keys.forget_use(use)
    return len(uses) == _PAGE


class KeyUses:
    """Tells the counts at the start (also what a killed server left), after each full hour and at an orderly end."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment = environment
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        await each_hour(self._environment, stop, self._tell, self._tell_all, _not_told)

    async def _tell(self, *, at_end: bool = False) -> None:
        while await self._database.write(lambda tx: tell_counts(tx, self._environment, at_end=at_end)):
            pass

    async def _tell_all(self) -> None:
        await self._tell(at_end=True)


def _not_told(error: Exception) -> None:
    _LOG.error("uses-of-keys-not-told", error=str(error))
