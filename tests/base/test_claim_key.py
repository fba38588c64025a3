"""The key that signs claims: kept for the node alone, made once, and never taken when it is not what it should be."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from istros.base.claim_key import Certificates, ClaimKey, load_or_make_claim_key
from istros.base.secret_files import SecretExposed
from istros.base.signing import SigningKeyBroken, load_or_make
from istros.base.time import from_iso

NOW = from_iso("2026-03-01T00:00:00Z")


def test_it_is_made_once_and_for_the_node_alone(tmp_path: Path) -> None:
    key = load_or_make_claim_key(tmp_path / "keys", "izmail", "Istros Izmail", NOW)
    place = tmp_path / "keys/claims.key"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert load_or_make_claim_key(tmp_path / "keys", "izmail", "Istros Izmail", NOW).certificates == key.certificates
    assert "PRIVATE" not in key.certificates.pem and list((tmp_path / "keys").iterdir()) == [place]
    place.chmod(0o644)
    with pytest.raises(SecretExposed):
        load_or_make_claim_key(tmp_path / "keys", "izmail", "Istros Izmail", NOW)


def test_its_signature_holds_under_its_certificate() -> None:
    key = ClaimKey.generate("i" * 90, "", NOW)
    signature = key.sign(b"data")
    own, issuer = x509.load_pem_x509_certificates(key.certificates.pem.encode())
    public = own.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey) and len(signature) == 64
    halves = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    public.verify(encode_dss_signature(*halves), b"data", ec.ECDSA(hashes.SHA256()))
    assert Certificates.of_pem(key.certificates.pem.encode()) == key.certificates
    assert issuer.public_key() != public


def test_certificates_that_do_not_belong_together_are_refused() -> None:
    one, other = (ClaimKey.generate("izmail", "Istros", NOW).certificates for _ in range(2))
    own = one.pem.removesuffix(one.issuer)
    for pem in (own + other.issuer, own, "", "nonsense"):
        with pytest.raises(ValueError):
            Certificates.of_pem(pem.encode())


def test_a_file_that_is_no_such_key_is_told(tmp_path: Path) -> None:
    load_or_make(tmp_path, "claims")  # An Ed25519 key, without a certificate.
    with pytest.raises(SigningKeyBroken, match=r"claims\.key"):
        load_or_make_claim_key(tmp_path, "izmail", "Istros", NOW)
