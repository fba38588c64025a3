"""Whose certificate a time stamp names: by its hash, inside what is signed (RFC 3161, 2.4.1; RFC 5035).

Issuer and serial number stand outside of the signature. Whoever issues certificates could put another of the same key there,
for another purpose or another time; the hash of the one that the authority stamped with cannot be changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_SIGNED_ATTRIBUTES, _CERTIFICATES, _SEQUENCE = 0xA0, 0xA0, 0x30
_VERSION_1 = bytes.fromhex("2a864886f70d010910020c")
"""`signing-certificate` (1.2.840.113549.1.9.16.2.12): SHA-1."""
_VERSION_2 = bytes.fromhex("2a864886f70d010910022f")
"""`signing-certificate-v2` (1.2.840.113549.1.9.16.2.47): SHA-256, or the hash that it names."""

_HASHES: dict[bytes, Callable[[bytes], hashlib._Hash]] = {
    bytes.fromhex("608648016503040201"): hashlib.sha256,
    bytes.fromhex("608648016503040202"): hashlib.sha384,
    bytes.fromhex("608648016503040203"): hashlib.sha512,
}


@dataclass(frozen=True, slots=True)
class Part:
    """A value in DER (X.690, 8.1): its tag, what is in it, and the whole with its header."""

    tag: int
    value: bytes
    whole: bytes

    @property
    def inside(self) -> list[Part]:
        """The values in it. ValueError."""
        return parts(self.value)


def parts(data: bytes) -> list[Part]:
    """The values in some DER, one after the other. ValueError where it is cut, or of a length without end."""
    found, at = [], 0
    while at < len(data):
        length, body = data[at + 1] if at + 1 < len(data) else 0x80, at + 2
        if length & 0x80:
            bytes_ = length & 0x7F
            if not 1 <= bytes_ <= 4:
                raise ValueError("a length in the stamp is not DER's")
            length, body = int.from_bytes(data[body : body + bytes_], "big"), body + bytes_
        if body + length > len(data):
            raise ValueError("the stamp is cut")
        found.append(Part(data[at], data[body : body + length], data[at : body + length]))
        at = body + length
    return found


def names_its_signer(token: bytes) -> bool:
    """Whether the signed attributes of a token (ContentInfo in DER) name the one certificate in it that is the signer's.

    Each attribute that is there must; one must be there. ValueError where the token cannot be read.
    """
    try:
        signed = parts(token)[0].inside[1].inside[0].inside
        (signer,) = signed[-1].inside
        issuer, serial = signer.inside[1].inside
        certificates = [each.whole for part in signed[3:-1] if part.tag == _CERTIFICATES for each in part.inside]
        (leaf,) = (each for each in certificates if _is_of(each, issuer, serial))
        attributes = next(part for part in signer.inside if part.tag == _SIGNED_ATTRIBUTES)
        named = list(_named(attributes.inside, leaf))
    except (IndexError, StopIteration) as error:
        raise ValueError("the stamp lacks a part") from error
    return bool(named) and all(named)


def _is_of(certificate: bytes, issuer: Part, serial: Part) -> bool:
    fields = parts(certificate)[0].inside[0].inside
    own_serial, _, own_issuer = fields[1:4] if fields[0].tag == _CERTIFICATES else fields[:3]
    return (own_issuer.whole, own_serial.value) == (issuer.whole, serial.value)


def _named(attributes: Iterable[Part], leaf: bytes) -> Iterable[bool]:
    """Of each such attribute, whether the first certificate that it names is that one."""
    for attribute in attributes:
        kind, values = attribute.inside
        if kind.value not in (_VERSION_1, _VERSION_2):
            continue
        (value,) = values.inside
        first = value.inside[0].inside[0].inside
        if kind.value == _VERSION_1:
            yield first[0].value == hashlib.sha1(leaf, usedforsecurity=False).digest()
        elif first[0].tag == _SEQUENCE:
            made = _HASHES.get(first[0].inside[0].value)
            yield made is not None and first[1].value == made(leaf).digest()
        else:
            yield first[0].value == hashlib.sha256(leaf).digest()
