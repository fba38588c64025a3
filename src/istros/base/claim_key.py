"""The key and the certificate with which a node signs claims on what it derived from recordings (C2PA, docs/design/0033).

C2PA wants X.509: an ES256 key whose certificate was issued by another one. The issuer's key is made with the node's, signs
that one certificate and is thrown away, so nobody can issue a second. Who trusts it does so because the package's manifest,
which the node signs with its Ed25519 key, names the certificate's hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from istros.base.secret_files import SecretMissing, make_secret_once, read_secret
from istros.base.signing import SigningKeyBroken
from istros.base.time import Time, to_datetime

_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The certificate has no end (RFC 5280 section 4.1.2.5): evidence is verified long after, and claims carry no time stamp."""

_MOST_NAME = 64
"""Characters of a name in a certificate (RFC 5280, ub-common-name)."""

_HALF = 32
"""Bytes of each half of an ES256 signature (RFC 7518 section 3.4)."""

_REMEDY = "Put the file back from a copy; or move it away, and a new key is made: what the old one signed still holds."


@dataclass(frozen=True, slots=True)
class Certificates:
    """The public half: the node's certificate and the one that issued it, as PEM."""

    pem: str
    issuer: str
    """PEM of the issuer alone: the anchor that claims must lead to."""
    sha256: str
    """SHA-256 of the node's certificate (DER), hexadecimal."""
    serial: str
    """The node's certificate's number, decimal."""

    @classmethod
    def of_pem(cls, pem: bytes) -> Certificates:
        """ValueError unless it is a certificate and the one that issued it, and its signature holds."""
        found = x509.load_pem_x509_certificates(pem)
        if len(found) != 2:
            raise ValueError("a node's certificate and its issuer are two")
        own, issuer = found
        try:
            own.verify_directly_issued_by(issuer)
        except (InvalidSignature, TypeError) as error:
            raise ValueError("the certificate is not from that issuer") from error
        return cls(_pem(found), _pem([issuer]), _sha256(own), str(own.serial_number))


class ClaimKey:
    """The private key of the certificate; it never leaves this object."""

    def __init__(self, private: ec.EllipticCurvePrivateKey, certificates: Certificates) -> None:
        self._private = private
        self.certificates = certificates

    @classmethod
    def generate(cls, organisation: str, name: str, now: Time) -> ClaimKey:
        """A fresh key with its certificate, valid from now on."""
        key, issuer = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        subject, by = _name(organisation, name), _name(organisation, f"Issuer of {name}")
        began = to_datetime(now).replace(microsecond=0)
        root = _certificate(by, by, issuer, issuer, began)
        return cls(key, Certificates.of_pem(_pem([_certificate(subject, by, key, issuer, began), root]).encode()))

    def sign(self, data: bytes) -> bytes:
        """ES256 as COSE wants it: both halves of the signature, one behind the other."""
        r, s = decode_dss_signature(self._private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    def as_secret(self) -> bytes:
        """Key and certificates as they stand in one file, so that the two never differ."""
        key = self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key + self.certificates.pem.encode()


def load_or_make_claim_key(folder: Path, organisation: str, name: str, now: Time) -> ClaimKey:
    """The key `claims.key` of the folder, mode 0600, made when it is missing. SigningKeyBroken, SecretExposed."""
    place = folder / "claims.key"
    try:
        if not place.exists():
            make_secret_once(place, ClaimKey.generate(organisation, name, now).as_secret())
        content = read_secret(place, "key of the claims")
        private = serialization.load_pem_private_key(content, None)
        certificates = Certificates.of_pem(content)
    except SecretMissing as error:
        raise SigningKeyBroken(error.message, _REMEDY) from error
    except (OSError, ValueError, TypeError) as error:
        raise SigningKeyBroken(f"The key of the claims {place} cannot be read: {error}.", _REMEDY) from error
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise SigningKeyBroken(f"The key of the claims {place} is no ES256 key.", "Move it away; a new one is made.")
    return ClaimKey(private, certificates)


def _certificate(
    subject: x509.Name, by: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: ec.EllipticCurvePrivateKey,
    began: datetime,
) -> x509.Certificate:  # fmt: skip
    """What C2PA 2.x asks of certificates (section "X.509 certificates"): usage, extended usage, key identifiers."""
    is_issuer = key is issuer
    usage = x509.KeyUsage(
        digital_signature=not is_issuer, key_cert_sign=is_issuer, crl_sign=is_issuer, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder(by, subject, key.public_key(), x509.random_serial_number(), began, _NEVER)
        .add_extension(x509.BasicConstraints(is_issuer, 0 if is_issuer else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not is_issuer:
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
        mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(own, critical=False).add_extension(mail, critical=False)
    return builder.sign(issuer, hashes.SHA256())


def _name(organisation: str, name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:_MOST_NAME] or "Istros"),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:_MOST_NAME] or "Istros"),
        ]
    )


def _pem(certificates: Sequence[x509.Certificate]) -> str:
    return "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)


def _sha256(certificate: x509.Certificate) -> str:
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
