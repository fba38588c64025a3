"""Puts what retention took on the audit record: each hour a row for each stream and cause.

What went is summed up in the transaction that takes it, and only this loop writes to the record; so a kill loses
nothing, and a record that cannot be written holds up neither recording nor retention.
"""

from __future__ import annotations

from istros.base.environment import Environment
from istros.base.time import HOUR, Time, to_iso
from istros.compliance.erasing import record_erased
from istros.store import Database, Transaction

EVERY_S = 60.0
ACTION = "recordings.forget"


class RemovalLog:
    """The loop; `Upkeep` starts it again when it fails."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment = environment
        self._database = database

    async def run(self) -> None:
        """Look each minute whether an hour is full, until cancelled."""
        while True:
            await self._environment.clock.sleep(EVERY_S)
            await self.once()

    async def once(self) -> int:
        """Write what was begun an hour ago; how many rows."""
        before = Time(self._environment.clock.now() - HOUR)
        if not await self._database.read(lambda tx: tx.removed.is_due(before)):
            return 0
        return await self._database.write(lambda tx: self._write(tx, before))

    def _write(self, tx: Transaction, before: Time) -> int:
        rows = tx.removed.due(before)
        for row in rows:
            detail: dict[str, object] = {
                "bytes": row.size_bytes, "from": to_iso(row.first), "to": to_iso(row.last), "sha256": row.digest,
            }  # fmt: skip
            subject = f"{row.camera_id}/{row.stream}"
            record_erased(
                tx, self._environment, ACTION, subject, row.count, row.cause, detail, origin="recorder"
            )  # fmt: skip
            tx.removed.clear(row)
        return len(rows)
