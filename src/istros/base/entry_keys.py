"""Data sealed with a key of its own, which is destroyed with it: without the key what was sealed says nothing any more.

AES-256-GCM (NIST SP 800-38D). Each key is a file of its own, readable for the node alone, in a folder apart from the data:
what was sealed may lie in a database's free pages, its log or a copy, and dies there with the key (NIST SP 800-88,
cryptographic erase). A copy of the keys' folder outlives it, so that folder is left out of copies.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from random import Random

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from istros.base.said import say
from istros.base.sealing import SealBroken
from istros.base.secret_files import make_secret, sync_folder

_KEY_BYTES, _NONCE_BYTES = 32, 12
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ENDING = ".key"


class SealKeys:
    """The keys of a folder, by name."""

    def __init__(self, folder: Path, random: Random) -> None:
        self._folder = folder
        self._random = random

    def make(self, name: str) -> None:
        """A fresh key of that name; ValueError for a name that is no id, FileExistsError where there is one."""
        place = self._place(name)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder.chmod(0o700)
        make_secret(place, self._bytes(_KEY_BYTES))
        sync_folder(self._folder)

    def seal(self, name: str, data: bytes, what: str) -> bytes:
        """The data sealed with that key; `what` says what it is and must be said again to open it. Raises SealBroken."""
        nonce = self._bytes(_NONCE_BYTES)
        return nonce + self._cipher(name).encrypt(nonce, data, f"{name}:{what}".encode())

    def open(self, name: str, sealed: bytes, what: str) -> bytes:
        """The inverse of `seal`. Raises SealBroken."""
        cipher = self._cipher(name)
        try:
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], f"{name}:{what}".encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(
                say("seal-changed", f"The sealed {what} of {name} was changed."), "Enter it anew."
            ) from error

    def has(self, name: str) -> bool:
        """Whether there is a key of that name."""
        return self._place(name).exists()

    def names(self) -> list[str]:
        """The names of all keys."""
        return sorted(place.name.removesuffix(_ENDING) for place in self._folder.glob(f"*{_ENDING}"))

    def destroy(self, name: str) -> bool:
        """Overwrite and remove a key; False when there was none. What was sealed with it is gone for good."""
        place = self._place(name)
        try:
            descriptor = os.open(place, os.O_WRONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            os.write(descriptor, bytes(_KEY_BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with suppress(FileNotFoundError):
            place.unlink()
        sync_folder(self._folder)
        return True

    def _cipher(self, name: str) -> AESGCM:
        try:
            return AESGCM(self._place(name).read_bytes())
        except (OSError, ValueError) as error:
            raise SealBroken(
                say("seal-key-gone", f"The key of {name} is gone."), "What it sealed cannot be read any more."
            ) from error

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"'{name}' is no name of a key")
        return self._folder / f"{name}{_ENDING}"

    def _bytes(self, count: int) -> bytes:
        return self._random.getrandbits(8 * count).to_bytes(count)
