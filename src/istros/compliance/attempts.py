"""How many wrong passwords and codes there were lately, kept in the database: a restart forgives nobody.

An attempt is counted before it is tried, so that many at once cannot slip through. The keys are keyed hashes, because
what is typed as an unknown name may be a password.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.base.sealing import SealingKey
from istros.base.time import MINUTE, Time
from istros.store import Transaction

WINDOW_US = 15 * MINUTE
"""Attempts count this long."""

MOST_KEPT = 30_000
"""Attempts in the database at most; in a flood the oldest give way, so that it costs no room."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts of this kind and text in the window."""

    kind: str
    text: str
    most: int


class AttemptCounter:
    """Counts attempts by whatever limits apply."""

    def __init__(self, environment: Environment, key: SealingKey) -> None:
        self._environment = environment
        self._key = key

    def begin(self, tx: Transaction, limits: Sequence[Limit]) -> float:
        """Seconds until a next attempt is allowed; 0 when this one is, and then it is counted."""
        now = self._environment.clock.now()
        tx.attempts.forget_outside(Time(now - WINDOW_US + 1), Time(now + WINDOW_US))
        keys = {self._hidden(limit): limit for limit in limits}
        waits = []
        for key in sorted(keys):
            tx.wait_for(key)
            times = tx.attempts.times(key)
            if len(times) >= keys[key].most:
                waits.append(times[-keys[key].most] + WINDOW_US - now)
        if waits:
            return max(waits) / 1_000_000
        for key in keys:
            tx.attempts.add(self._environment.ids.new(), key, now)
        tx.attempts.trim(MOST_KEPT)
        return 0.0

    def forget(self, tx: Transaction, *limits: Limit) -> None:
        """A success: begin to count these anew."""
        for limit in limits:
            tx.attempts.forget(self._hidden(limit))

    def take_back(self, tx: Transaction, limit: Limit) -> None:
        """The newest attempt was no failure; the others still count."""
        tx.attempts.take_back(self._hidden(limit))

    def _hidden(self, limit: Limit) -> str:
        return self._key.digest("attempt", f"{limit.kind}\n{limit.text}")


def address_to_count(origin: str) -> str:
    """The address whose attempts are counted together: a whole /64 with IPv6, for a household has as many as it likes."""
    return _block(origin, 32, 64)


def block_of(origin: str) -> str:
    """The block that counts as one place: /24 with IPv4, /48 with IPv6 (RFC 6177); what is no address, as it is."""
    return _block(origin, 24, 48)


def _block(origin: str, four: int, six: int) -> str:
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return origin
    return str(ipaddress.ip_network((address, four if address.version == 4 else six), strict=False))
