"""The node's secret key (AES-256-GCM, NIST SP 800-38D): what must be read again later is kept sealed with it.

It is made at the first start and kept in the data folder, readable for the node's own account alone. The same key,
under other labels (RFC 2104), hides what must only be compared.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from istros.base.errors import IstrosError
from istros.base.said import say
from istros.base.secret_files import make_secret_once

KEY_NAME = "secrets"
"""The file's name before `.key`."""

_MODE = 0o600
_BYTES = 32
_NONCE = 12


class SealBroken(IstrosError):
    """What was sealed cannot be opened with the key."""

    code = "seal-broken"


class KeyFileUnusable(SealBroken):
    """The secret key's file cannot be used: the node does not start."""

    code = "key-file"


class SealingKey:
    """Seals and opens; the key never leaves this object."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._cipher = AESGCM(hmac.digest(raw, b"istros seal", "sha256"))

    @classmethod
    def generate(cls) -> SealingKey:
        """A fresh key, for what need not outlive the process."""
        return cls(os.urandom(_BYTES))

    def seal(self, secret: bytes, bound_to: str) -> bytes:
        """The secret, readable again only with this key and for what it is bound to (an id)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """The inverse of `seal`. Raises SealBroken."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(
                say("seal-secret", "A secret that this node sealed cannot be opened with its key."),
                f"Put back the file {KEY_NAME}.key of the folder keys; else the person enrols anew.",
            ) from error

    def digest(self, label: str, text: str) -> str:
        """A keyed hash of 64 hexadecimal digits: equal texts under one label are equal, and nothing else is told."""
        key = hmac.digest(self._raw, f"istros {label}".encode(), "sha256")
        return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def load_or_make_seal(folder: Path, name: str = KEY_NAME) -> SealingKey:
    """The key `NAME.key` of the folder, made when it is missing; several processes may ask at once. Raises KeyFileUnusable."""
    place = folder / f"{name}.key"
    try:
        if not place.exists():
            make_secret_once(place, os.urandom(_BYTES))
        place.chmod(_MODE)
        raw = place.read_bytes()
    except OSError as error:
        raise KeyFileUnusable(
            f"The secret key {place} cannot be read: {error}.", "Check the file and its rights."
        ) from error
    if len(raw) != _BYTES:
        raise KeyFileUnusable(
            f"The secret key {place} has {len(raw)} bytes, not {_BYTES}.",
            "Put it back from a copy; without it people with one-time codes enrol anew.",
        )
    return SealingKey(raw)
