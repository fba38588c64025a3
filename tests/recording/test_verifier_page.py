"""The page in a package checks it in a browser, from a file address and without a network, and finds what was done to it."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from istros.base.canonical import canonical
from istros.base.signing import SigningKey
from istros.recording.export.manifest import fingerprint
from istros.recording.export.package import pem_of
from istros.recording.export.verifier_words import WORDS
from tests.recording.test_verify import FORGERIES, KEY, PINNED, originals, signed
from tests.recording.test_verify import package as package
from tests.recording.test_verify import unpacked as unpacked


@pytest.fixture
def page(package: Path, unpacked: Path, browser: Browser) -> Iterator[Page]:
    """Opened after the package was made: no event loop starts while Playwright is open."""
    opened = browser.new_page(locale="en-GB")
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((unpacked / "verify.html").as_uri())
    yield opened
    assert all(url.startswith(("file:", "blob:")) for url in asked), asked
    opened.close()


def check(page: Page, place: Path, key: str = PINNED) -> list[str]:
    """What the page says is wrong; empty when it says that the package is whole."""
    page.reload()
    page.get_by_label("Fingerprint of the node's key").fill(key)
    page.locator("#zip" if place.is_file() else "#folder").set_input_files(place)
    verdict = page.locator("#verdict")
    expect(verdict).to_be_visible(timeout=60_000)
    found = page.locator("#findings li").evaluate_all("items => items.map(item => item.dataset.code)")
    assert verdict.get_attribute("data-verdict") == ("broken" if found else "whole")
    assert page.locator("#facts").is_visible() == (not found)
    return list(found)


def test_an_untouched_package_is_whole(page: Page, package: Path, unpacked: Path) -> None:
    for place in (package, unpacked):
        assert check(page, place) == []
        expect(page.locator("#verdict")).to_contain_text("4 of them proven in the recorder's chain")
        expect(page.locator("#verdict")).to_contain_text("Signed by the node whose key you named")
        expect(page.locator("#facts")).to_contain_text("C-17")
    assert check(page, package, "") == []
    expect(page.locator("#verdict")).to_contain_text("only proves that the package is of one piece")
    assert check(page, package, "0" * 64) == ["notThatNode"]


@pytest.mark.parametrize("language", ["uk", "ro", "en"])
def test_it_speaks_three_languages(page: Page, package: Path, language: str) -> None:
    page.locator("#language").select_option(language)
    assert page.evaluate("document.documentElement.lang") == language
    expect(page.locator("h1")).to_have_text(WORDS[language]["title"])
    page.locator("#zip").set_input_files(package)
    expect(page.locator("#verdict")).to_contain_text(WORDS[language]["whole"].split(":")[0], timeout=60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "on a phone, too"
    assert "undefined" not in page.inner_text("body")


def flip(folder: Path) -> None:
    film = next((folder / "IZ-07").glob("*.mp4"))
    film.write_bytes(film.read_bytes()[:-1] + b"\x00")


def remove(folder: Path) -> None:
    originals(folder)[1].unlink()


def add(folder: Path) -> None:
    shutil.copy(originals(folder)[1], originals(folder)[1].with_name("000000.000.mp4"))


def edit(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"C-17", b"C-18"))


def spaced(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b"\n")


def no_signature(folder: Path) -> None:
    (folder / "manifest.sig").unlink()


def other_key(folder: Path) -> None:
    forger = SigningKey.generate()
    pem = pem_of(forger.public)
    (folder / "node-key.pem").write_bytes(pem)
    signed(folder, forger, lambda manifest: manifest["node"].update(key=fingerprint(forger.public)))


def act(folder: Path) -> None:
    place = folder / "case/custody.json"
    custody = json.loads(place.read_bytes())
    assert custody["rows"], "the package has a custody log"
    custody["rows"][0]["actor"] = "nobody"
    place.write_bytes(canonical(custody))


TAMPERINGS: dict[Callable[[Path], None], str] = {
    flip: "changed", remove: "removed", add: "added", edit: "forged", spaced: "manifestEdited",
    no_signature: "noSignature", other_key: "notThatNode", act: "actChanged",
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda each: each.__name__)
def test_what_was_done_is_named(page: Page, unpacked: Path, tampering: Callable[[Path], None]) -> None:
    tampering(unpacked)
    assert TAMPERINGS[tampering] in check(page, unpacked)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: each.__name__)
def test_even_the_nodes_own_key_cannot_sign_what_the_chain_does_not_hold(
    page: Page, unpacked: Path, forgery: Callable[[Path, dict[str, Any]], None]
) -> None:
    signed(unpacked, KEY, lambda manifest: forgery(unpacked, manifest))
    assert check(page, unpacked)


def test_a_zip_that_is_none(page: Page, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.zip"
    rubbish.write_bytes(b"PK nothing")
    assert check(page, rubbish) == ["noZip"]
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.json", "{}" * 100)
    assert check(page, packed) == ["noZip"]


def test_a_large_file_is_hashed_in_pieces(page: Page) -> None:
    """The page's own SHA-256 agrees with WebCrypto's on every length around its blocks."""
    differing = page.evaluate(
        """async () => {
          const wrong = [];
          for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000, 70001]) {
            const data = Uint8Array.from({ length }, (_, at) => (at * 31 + length) % 256);
            const own = new Sha256();
            for (let at = 0; at < length; at += 777) own.add(data.slice(at, at + 777));
            if (own.end() !== await sha256(data)) wrong.push(length);
          }
          return wrong;
        }"""
    )
    assert differing == []
