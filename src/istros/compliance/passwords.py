"""Passwords: Argon2id, hashed in the workers, and how a good one is made."""

from __future__ import annotations

import asyncio
from random import Random

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from istros.base.workers import Workers
from istros.compliance.errors import AccountRefused

LETTERS_MIN = 12
LETTERS_MAX = 256

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that are mistaken for one another on paper."""

_AT_ONCE = 2
"""Hashes at one time: each takes 64 MiB and a core."""


class Passwords:
    """Argon2id with RFC 9106's second recommended setting (64 MiB, 3 passes, 4 lanes); tests may take a cheaper one."""

    def __init__(self, workers: Workers, *, memory_kib: int = 65_536, passes: int = 3, lanes: int = 4) -> None:
        self._workers = workers
        self._hash = PasswordHash((Argon2Hasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes),))
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to store."""
        async with self._turn:
            return await self._workers.run(self._hash.hash, password)

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """(whether it fits, a new hash where the stored one was made with other settings).

        Without a stored hash the same work is done against nobody's, so that time does not tell which names exist.
        """
        if self._nobody is None:
            self._nobody = await self.hash("nobody signs in with this")
        against = stored or self._nobody
        async with self._turn:
            fits, renewed = await self._workers.run(self._hash.verify_and_update, password, against)
        return (fits, renewed) if stored else (False, None)


def new_password(random: Random) -> str:
    """A password of 79 bits that can be read out, e.g. `k7mq-2hxa-…`."""
    letters = [random.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))


def check_password(password: str, name: str) -> None:
    """`AccountRefused` when it is too short, too long, or made of the sign-in name (NIST SP 800-63B section 3.1.1)."""
    if not LETTERS_MIN <= len(password) <= LETTERS_MAX:
        raise AccountRefused(
            f"The password has {len(password)} letters.", f"Choose one with {LETTERS_MIN} to {LETTERS_MAX}."
        )
    if name.casefold() in password.casefold() or len(set(password)) < 5:
        raise AccountRefused("The password is too easy to guess.", "Choose one without your name, of varied letters.")
