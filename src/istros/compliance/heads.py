"""Signs where the audit chain ends, and has it stamped by somebody else (docs/design/0032).

The chain alone shows that a row was changed; that all of it was written anew, only a signed head shows which its owner
cannot take back: one that an authority stamped, or that a partner keeps (`compliance.anchors`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from istros.base import stamping
from istros.base.canonical import canonical
from istros.base.environment import Environment
from istros.base.hourly import each_hour
from istros.base.signing import SigningKey
from istros.base.stamping import Asking, Authority, StampProblem
from istros.base.time import MINUTE, Time
from istros.store import Database, Transaction
from istros.store.audit_heads import AuditHeadRow, AuditStampRow

UNSTAMPED_US = 15 * MINUTE
"""A head that waits longer than this for its stamp is worth a warning."""

_ASK_EVERY_S = 60.0
_LOG = structlog.get_logger("istros.audit")


def signed_bytes(head: AuditHeadRow) -> bytes:
    """What an authority stamps: the head with its signature, in canonical form."""
    return canonical({**head.facts(), "signature": head.signature})


def sign_head(tx: Transaction, environment: Environment, key: SigningKey) -> AuditHeadRow | None:
    """Sign where the chain ends; None when nothing came since the last head."""
    sequence, hash = tx.audit.tip()
    last = tx.audit_heads.newest()
    if sequence == 0 or (last is not None and (last.sequence, last.hash) == (sequence, hash)):
        return None
    number = last.number + 1 if last is not None else 1
    head = AuditHeadRow(number, sequence, hash, environment.clock.now(), key.public.id)
    signed = replace(head, signature=key.sign(head.facts()))
    tx.audit_heads.add(signed)
    return signed


class HeadSigner:
    """Signs at the start, at each full hour and at an orderly end; has each newest head stamped by every authority.

    An authority that is away holds nothing up: it is asked again each minute, and the log warns once after 15 minutes.
    """

    def __init__(
        self,
        environment: Environment,
        database: Database,
        key: SigningKey,
        authorities: Sequence[Authority] = (),
        asking: Asking = stamping.ask_by_http,
    ) -> None:
        self._environment = environment
        self._database = database
        self._key = key
        self._authorities = tuple(authorities)
        self._asking = asking
        self._warned: set[str] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        stamper = asyncio.create_task(self._stamping())
        try:
            await each_hour(self._environment, stop, self.sign, self.sign, _not_signed)
        finally:
            stamper.cancel()
            await asyncio.gather(stamper, return_exceptions=True)

    async def sign(self) -> AuditHeadRow | None:
        """Sign where the chain ends now."""
        return await self._database.write(lambda tx: sign_head(tx, self._environment, self._key))

    async def _stamping(self) -> None:
        while self._authorities:
            try:
                await self.stamp()
            except Exception as error:  # a database that does not answer: asked again
                _LOG.error("audit-head-not-stamped", error=str(error))
            await self._environment.clock.sleep(_ASK_EVERY_S)

    async def stamp(self) -> int:
        """Ask every authority that has not stamped the newest head; how many tokens came."""
        head = await self._database.read(lambda tx: tx.audit_heads.newest())
        if head is None:
            return 0
        return sum([await self._stamp_by(authority, head) for authority in self._authorities])

    async def _stamp_by(self, authority: Authority, head: AuditHeadRow) -> bool:
        newest = await self._database.read(lambda tx: tx.audit_heads.newest_stamp(authority.name))
        if newest is not None and newest.number >= head.number:
            return False
        data = signed_bytes(head)
        try:
            token = await asyncio.to_thread(stamping.ask, authority, data, self._asking)
            row = AuditStampRow(head.number, authority.name, stamping.verify(authority, token, data), token)
        except StampProblem as problem:
            await self._warn(authority, problem)
            return False
        await self._database.write(lambda tx: tx.audit_heads.add_stamp(row))
        self._warned.discard(authority.name)
        return True

    async def _warn(self, authority: Authority, problem: StampProblem) -> None:
        waiting = await self._database.read(lambda tx: tx.audit_heads.waiting(authority.name))
        late = waiting is not None and self._environment.clock.now() - waiting.time >= UNSTAMPED_US
        if late and authority.name not in self._warned:
            self._warned.add(authority.name)
            _LOG.warning("audit-heads-not-stamped", authority=authority.name, problem=problem.message)


@dataclass(frozen=True, slots=True)
class StampState:
    """How one authority does: its newest token, and since when a head waits for one. `late`: worth a warning."""

    authority: str
    newest: Time | None
    waiting_since: Time | None
    late: bool


def stamp_states(tx: Transaction, authorities: Sequence[str], now: Time) -> list[StampState]:
    """Every authority's state, in the order of the settings."""
    return [_state(tx, name, now) for name in authorities]


def _state(tx: Transaction, authority: str, now: Time) -> StampState:
    newest, waiting = tx.audit_heads.newest_stamp(authority), tx.audit_heads.waiting(authority)
    since = None if waiting is None else waiting.time
    late = since is not None and now - since >= UNSTAMPED_US
    return StampState(authority, None if newest is None else newest.time, since, late)


def _not_signed(error: Exception) -> None:
    _LOG.error("audit-chain-not-signed", error=str(error))
