"""A time stamp counts only where it leads to the certificate that the signed manifest carries: on the page and in the library."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from playwright.sync_api import Browser

from istros.base.environment import Environment
from istros.base.stamping import ask
from istros.recording.export.verify import sentences, verify_package
from tests.compliance.authority import LocalAuthority, make_certificate
from tests.recording.footage import make_footage
from tests.recording.test_stamped import packed, said_by_page, unpacked
from tests.recording.test_verify import KEY, PINNED, signed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="the tests' authority answers by openssl"),
]


@dataclass(frozen=True)
class Stamped:
    """An unpacked package with a stamp, the authority that made it, and one that only calls itself the same."""

    folder: Path
    authority: LocalAuthority
    impostor: LocalAuthority

    @property
    def place(self) -> Path:
        return self.folder / "stamps/local.tsr"

    def by(self, authority: LocalAuthority) -> bytes:
        """A token of that authority over the manifest as it is now."""
        return ask(authority.authority, (self.folder / "manifest.json").read_bytes(), authority.answer)


@pytest.fixture
def stamped(environment: Environment, tmp_path: Path) -> Iterator[Stamped]:
    """In a thread: Playwright's own event loop runs in this one."""
    authority, impostor = (LocalAuthority(tmp_path / name) for name in ("authority", "impostor"))

    def make() -> Path:
        footage = make_footage(environment, tmp_path)
        footage.record("IZ-07", 0, width=64, height=48)
        try:
            return packed(footage, tmp_path, authority)
        finally:
            footage.database.close()

    with ThreadPoolExecutor(1) as thread:
        yield Stamped(unpacked(thread.submit(make).result(), tmp_path), authority, impostor)


def test_a_stamp_of_the_authority_holds_and_names_its_certificate(stamped: Stamped, browser: Browser) -> None:
    root = hashlib.sha256(stamped.authority.root.public_bytes(Encoding.DER)).hexdigest()
    verdict = verify_package(stamped.folder, PINNED)
    assert verdict.ok and [stamp.roots for stamp in verdict.stamps] == [(root,)], verdict.findings
    assert any(root in sentence and "policy 1.2.3.4.1" in sentence for sentence in sentences(verdict))
    assert said_by_page(browser, stamped.folder) == ("whole", [], ["stamp"])
    page = browser.new_page()
    page.goto((stamped.folder / "verify.html").as_uri())
    numbers = {"2a030401": "1.2.3.4.1", "8837": "2.999", "2a864886f70d010910022f": "1.2.840.113549.1.9.16.2.47"}
    read = "(all) => all.map((text) => numberOf(Uint8Array.from(text.match(/../g), (byte) => parseInt(byte, 16))))"
    assert page.evaluate(read, list(numbers)) == list(numbers.values())
    page.close()


@pytest.mark.parametrize("forgery", ["self-made", "signature", "purpose", "expired", "time", "exchanged", "unnamed"])
def test_a_token_that_is_not_the_authoritys_does_not_hold(stamped: Stamped, browser: Browser, forgery: str) -> None:
    own, authority = stamped.place.read_bytes(), stamped.authority
    stamped.place.write_bytes(
        {
            "self-made": lambda: stamped.by(stamped.impostor),
            "signature": lambda: own[:-1] + bytes([own[-1] ^ 1]),
            "purpose": lambda: authority.with_leaf(own, ExtendedKeyUsageOID.SERVER_AUTH),
            "expired": lambda: authority.with_leaf(own, ExtendedKeyUsageOID.TIME_STAMPING, days=-1),
            "exchanged": lambda: authority.with_leaf(own, ExtendedKeyUsageOID.TIME_STAMPING, days=1, named=False),
            "unnamed": lambda: authority.renamed(own, NAMING, NAMING[:-1] + b"\x7f"),
            "time": lambda: own.replace(time_in(own), b"2019" + time_in(own)[4:]),
        }[forgery]()
    )
    assert [finding.code for finding in verify_package(stamped.folder, PINNED).findings] == ["stamp"]
    assert said_by_page(browser, stamped.folder) == ("broken", ["stampBroken"], [])


NAMING = bytes.fromhex("060b2a864886f70d010910022f")
"""The attribute by which a signer names its certificate (RFC 5035)."""


@pytest.mark.parametrize("hash", ["sha1", "sha512"])
def test_a_certificate_is_named_by_any_hash_that_an_authority_uses(
    stamped: Stamped, browser: Browser, hash: str
) -> None:
    stamped.authority.name_certificate_by(hash)
    token = stamped.by(stamped.authority)
    stamped.place.write_bytes(token)
    assert verify_package(stamped.folder, PINNED).ok
    assert said_by_page(browser, stamped.folder) == ("whole", [], ["stamp"])
    own = hashlib.new(hash, stamped.authority.leaf.public_bytes(Encoding.DER)).digest()
    stamped.place.write_bytes(stamped.authority.renamed(token, own, bytes(len(own))))
    assert [finding.code for finding in verify_package(stamped.folder, PINNED).findings] == ["stamp"]
    assert said_by_page(browser, stamped.folder) == ("broken", ["stampBroken"], [])


def time_in(token: bytes) -> bytes:
    """What stands in a token for its time: a GeneralizedTime of 15 letters."""
    at = token.index(b"\x18\x0f") + 2
    return token[at : at + 15]


def test_another_certificate_for_the_same_key_holds_while_it_may_stamp(stamped: Stamped, browser: Browser) -> None:
    """So it is purpose and time that the forgeries above fail by."""
    token = stamped.place.read_bytes()
    stamped.place.write_bytes(stamped.authority.with_leaf(token, ExtendedKeyUsageOID.TIME_STAMPING, days=1))
    assert verify_package(stamped.folder, PINNED).ok
    assert said_by_page(browser, stamped.folder) == ("whole", [], ["stamp"])


@pytest.mark.parametrize("whose", ["authority", "impostor"])
def test_without_a_certificate_nobody_says_whose_a_stamp_is(stamped: Stamped, browser: Browser, whose: str) -> None:
    signed(stamped.folder, KEY, lambda manifest: manifest["stamps"].pop("roots"))
    stamped.place.write_bytes(stamped.by(getattr(stamped, whose)))
    verdict = verify_package(stamped.folder, PINNED)
    assert verdict.ok and [stamp.roots for stamp in verdict.stamps] == [()]
    assert any("whose it is was NOT checked" in sentence for sentence in sentences(verdict))
    assert said_by_page(browser, stamped.folder) == ("whole", [], ["stampWhose"])


@pytest.mark.parametrize("may_issue", [True, False])
def test_only_who_may_issue_stands_between_stamp_and_authority(
    stamped: Stamped, browser: Browser, may_issue: bool
) -> None:
    """The page's own chain over one more certificate (the library's is OpenSSL's)."""
    root_key, root = make_certificate("Root")
    middle_key, middle = make_certificate("Middle", root, root_key, is_issuer=may_issue)
    _, leaf = make_certificate("Stamps", middle, middle_key)
    page = browser.new_page()
    page.goto((stamped.folder / "verify.html").as_uri())
    chain = [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in (leaf, middle, root)]
    found = page.evaluate(
        """async (chain) => {
          const [leaf, middle, root] = chain.map((text) => certificateOf(parts(unbase64(text))[0]));
          const moment = new Date().toISOString().replace(/\\D/g, "").slice(0, 14);
          return (await rootOf(leaf, [leaf, middle], [root], moment)) === root;
        }""",
        chain,
    )
    page.close()
    assert found == may_issue
