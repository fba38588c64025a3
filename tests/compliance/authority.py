"""A time-stamping authority of the tests' own: certificates by `cryptography`, answers by `openssl ts`."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from istros.base.stamp_signer import parts
from istros.base.stamping import Authority, AuthorityAway, load_authority

_CONFIGURATION = """[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = {hash}
"""


class LocalAuthority:
    """Answers as an authority does, until it is sent `away`."""

    def __init__(self, folder: Path, name: str = "local") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.away = False
        self.asked = 0
        root_key, root = make_certificate("Root of " + name)
        key, leaf = make_certificate("Stamps of " + name, root, root_key)
        self.root, self.root_key, self.leaf, self.key = root, root_key, leaf, key
        (folder / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
        (folder / "tsa.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (folder / "tsa.key").write_bytes(key.private_bytes(*pem))
        (folder / "serial").write_text("01\n")
        self.name_certificate_by("sha256")
        self.authority: Authority = load_authority(name, f"https://{name}.example/tsa", folder / "ca.pem")

    def answer(self, url: str, request: bytes) -> bytes:
        """What the network would bring."""
        self.asked += 1
        if self.away:
            raise AuthorityAway("The time-stamping authority does not answer (TimeoutError).")
        (self.folder / "query").write_bytes(request)
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=30)
        return (self.folder / "reply").read_bytes()

    def name_certificate_by(self, hash: str) -> None:
        """Which hash of its certificate it signs from now on; `sha1` makes the older attribute."""
        (self.folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=self.folder, hash=hash))

    def with_leaf(
        self, token: bytes, purpose: x509.ObjectIdentifier, days: float = 3650, *, named: bool = True
    ) -> bytes:
        """The token with another certificate in it for the same key and serial number, valid for `days` from now.

        `named`: signed anew, so that it names that certificate; else it names the one that it was made with.
        """
        own = self.leaf.public_bytes(serialization.Encoding.DER)
        while True:  # signatures of ECDSA differ in length
            usage = x509.ExtendedKeyUsage([purpose])
            _, other = make_certificate(
                "Stamps of " + self.authority.name, self.root, self.root_key, key=self.key, usage=usage, days=days,
                serial=self.leaf.serial_number,
            )  # fmt: skip
            if len(der := other.public_bytes(serialization.Encoding.DER)) == len(own):
                assert own in token
                changed = token.replace(own, der)
                return self.renamed(changed, sha256(own).digest(), sha256(der).digest()) if named else changed

    def renamed(self, token: bytes, old: bytes, new: bytes) -> bytes:
        """The token with other bytes of the same length in its signed attributes, signed anew with the authority's key."""
        signer = parts(token)[0].inside[1].inside[1].inside[0].inside[-1].inside[0].inside
        attributes, signature = next(part.whole for part in signer if part.tag == 0xA0), signer[-1].value
        assert old in attributes and len(old) == len(new) and token.endswith(signature)
        changed = attributes.replace(old, new)
        while len(made := self.key.sign(b"\x31" + changed[1:], ec.ECDSA(hashes.SHA256()))) != len(signature):
            pass
        return token.replace(attributes, changed).removesuffix(signature) + made


_FOR_STAMPS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])


def make_certificate(
    name: str, issuer: x509.Certificate | None = None, issuer_key: ec.EllipticCurvePrivateKey | None = None, *,
    is_issuer: bool | None = None, key: ec.EllipticCurvePrivateKey | None = None,
    usage: x509.ExtendedKeyUsage = _FOR_STAMPS, days: float = 3650, serial: int = 0,
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:  # fmt: skip
    """A key and its certificate: a root's without an issuer, else one for stamps that the issuer signed."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)  # the answers of openssl are dated by the computer's own clock
    may_issue = issuer is None if is_issuer is None else is_issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(today - timedelta(days=2))
        .not_valid_after(today + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=may_issue, path_length=None), critical=True)
    )
    if not may_issue:
        builder = builder.add_extension(usage, critical=True)
    return key, builder.sign(issuer_key or key, hashes.SHA256())
