"""Passwords: Argon2id, hashed in the workers, and what makes a good one (NIST SP 800-63B, section 3.1.1)."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from random import Random

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from istros.base.said import say
from istros.base.workers import Workers
from istros.compliance.errors import AccountRefused

LETTERS_MIN = 12
LETTERS_MAX = 256

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that are mistaken for one another on paper."""

_AT_ONCE = 2
"""Hashes at one time: each takes 64 MiB and a core."""

_LEAST_OWN = 6
"""Letters that must be left once everything common is taken out."""

_LOOK_ALIKES = str.maketrans("013457@$!", "oieastasi")
_RUN = 4
"""So many letters in a row, each the next of the alphabet or the same as the last, are one."""


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
            return await self._workers.run(self._hash.hash, _one_form(password))

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """(whether it fits, a new hash where the stored one was made with other settings).

        Without a stored hash the same work is done against nobody's, so that time does not tell which names exist.
        """
        if self._nobody is None:
            self._nobody = await self.hash("nobody signs in with this")
        against = stored or self._nobody
        async with self._turn:
            fits, renewed = await self._workers.run(self._hash.verify_and_update, _one_form(password), against)
        return (fits, renewed) if stored else (False, None)


def new_password(random: Random) -> str:
    """A password of 79 bits that can be read out, e.g. `k7mq-2hxa-…`."""
    letters = [random.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))


def check_password(password: str, name: str) -> None:
    """`AccountRefused` when it is too short, too long, made of the sign-in name or of what everybody takes.

    There are no rules about capitals, digits and signs, and none about changing it after a time: NIST SP 800-63B advises
    against both.
    """
    if not LETTERS_MIN <= len(password) <= LETTERS_MAX:
        raise AccountRefused(
            say(
                "password-length",
                f"The password has {len(password)} letters.",
                count=len(password),
                least=LETTERS_MIN,
                most=LETTERS_MAX,
            ),
            f"Choose one with {LETTERS_MIN} to {LETTERS_MAX}.",
        )
    if name.casefold() in password.casefold() or len(set(password)) < 5:
        raise AccountRefused(
            say("password-easy", "The password is too easy to guess."),
            "Choose one without your name, of varied letters.",
        )
    if len(_own_part(password)) < _LEAST_OWN:
        raise AccountRefused(
            say("password-common", "The password is made of what many people take."),
            "Choose some words that have nothing to do with one another, without names, dates and rows of keys.",
        )


def _one_form(password: str) -> str:
    """The same letters from every keyboard: ș may be one sign or two (Unicode NFKC, as SP 800-63B advises)."""
    return unicodedata.normalize("NFKC", password)


def _own_part(password: str) -> str:
    """What is left without common words, years, and rows of letters or digits; of the two readings of 0, 1, 3 … the worse."""
    plain = re.sub(r"(19|20)\d\d", "", _one_form(password).casefold())
    return min((_bare(plain), _bare(plain.translate(_LOOK_ALIKES))), key=len)


def _bare(text: str) -> str:
    for word in _common():
        text = text.replace(word, "")
    return re.sub(r"[\W\d_]+$", "", _without_runs(text))


def _without_runs(text: str) -> str:
    kept, run = "", ""
    for letter in text:
        if run and ord(letter) - ord(run[-1]) in (0, 1):
            run += letter
            continue
        kept, run = kept + (run if len(run) < _RUN else ""), letter
    return kept + (run if len(run) < _RUN else "")


@lru_cache(maxsize=1)
def _common() -> tuple[str, ...]:
    """The common words, longest first."""
    text = files("istros.compliance").joinpath("common_passwords.txt").read_text("utf-8")
    words = {line.strip().casefold() for line in text.splitlines() if line and not line.startswith("#")}
    return tuple(sorted(words, key=len, reverse=True))
