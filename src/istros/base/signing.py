"""The node's signing key (Ed25519, RFC 8032): made at the first start, kept in the data folder, readable for the node alone.

Public keys lie beside it, each under its own id, and stay when the key is replaced: old signatures must hold on.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from istros.base.canonical import canonical
from istros.base.errors import IstrosError
from istros.base.secret_files import SecretMissing, make_secret_once, read_secret, sync_folder

ALGORITHM = "Ed25519"
_REMEDY = "Put the file back from a copy; or move it away, and a new key is made: what the old one signed still holds."


class SigningKeyBroken(IstrosError):
    """The key's file cannot be used."""

    code = "signing-key-broken"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What a signature is checked with. `id` is the beginning of the SHA-256 over the 32 bytes of the key."""

    raw: bytes

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name the key."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    @property
    def text(self) -> str:
        """The 32 bytes in base64, as proofs carry them."""
        return base64.b64encode(self.raw).decode()

    @classmethod
    def of_text(cls, text: str) -> PublicKey:
        """The inverse of `text`. ValueError when it is no key."""
        raw = base64.b64decode(text, validate=True)
        if len(raw) != 32:
            raise ValueError("an Ed25519 key has 32 bytes")
        return cls(raw)

    def holds(self, facts: Mapping[str, object], signature: str) -> bool:
        """Whether the signature (base64) was made over these facts with this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(
                base64.b64decode(signature, validate=True), canonical(facts)
            )
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True


class SigningKey:
    """The private key; it never leaves this object."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = PublicKey(private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> SigningKey:
        """A fresh key."""
        return cls(Ed25519PrivateKey.generate())

    def sign(self, facts: Mapping[str, object]) -> str:
        """The signature over the canonical form of the facts, in base64."""
        return base64.b64encode(self._private.sign(canonical(facts))).decode()


def load_or_make(folder: Path, name: str) -> SigningKey:
    """The key `NAME.key` of the folder, made when it is missing; its public half lies beside it as `NAME-ID.pub`.

    Several processes may ask at once: one key comes of it. Raises SigningKeyBroken, and SecretExposed for a key that others
    can read.
    """
    place = folder / f"{name}.key"
    try:
        if not place.exists():
            _make(place)
        private = serialization.load_pem_private_key(read_secret(place, "signing key"), None)
    except SecretMissing as error:
        raise SigningKeyBroken(error.message, _REMEDY) from error
    except (OSError, ValueError, TypeError) as error:
        raise SigningKeyBroken(f"The signing key {place} cannot be read: {error}.", _REMEDY) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise SigningKeyBroken(f"The signing key {place} is no {ALGORITHM} key.", "Move it away; a new one is made.")
    key = SigningKey(private)
    _export(folder / f"{name}-{key.public.id}.pub", key.public)
    return key


def public_keys(folder: Path, name: str) -> dict[str, PublicKey]:
    """Every public key of that name in the folder, by id: those that signatures may be trusted to."""
    found: dict[str, PublicKey] = {}
    for place in sorted(folder.glob(f"{name}-*.pub")):
        with suppress(OSError, ValueError):
            loaded = serialization.load_pem_public_key(place.read_bytes())
            if isinstance(loaded, Ed25519PublicKey):
                key = PublicKey(loaded.public_bytes_raw())
                found[key.id] = key
    return found


def _make(place: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    make_secret_once(place, pem)


def _export(place: Path, key: PublicKey) -> None:
    if place.exists():
        return
    pem = Ed25519PublicKey.from_public_bytes(key.raw).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    beside.write_bytes(pem)
    beside.replace(place)
    sync_folder(place.parent)
