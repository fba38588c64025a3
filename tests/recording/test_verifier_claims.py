"""The page in a package checks C2PA claims by itself, finds what the library finds, and says which kind it cannot check.

As in `test_claims`, the forger hashes the files again and signs the manifest with a key of their own.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from istros.base.claim_key import ClaimKey
from istros.recording.export.claims import Claims
from istros.recording.export.verify import verify_package
from tests.recording.footage import START
from tests.recording.test_claims import NODE, forge, make_both, one, statement
from tests.recording.test_claims import unpacked as unpacked
from tests.recording.test_stamped import said_by_page

pytestmark = pytest.mark.browser

FILM, STILL, PLATE = "IZ-07/*.mp4", "stills/*.jpg", "case/plates/*.jpg"
Both = tuple[Path, Path]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """In a thread: Playwright's own event loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(make_both, tmp_path_factory.mktemp("claims")).result()


def told(browser: Browser, folder: Path) -> tuple[list[str], list[str]]:
    """What the page finds wrong, and what it notes of claims; on whether anything is wrong, it and the library agree."""
    _, findings, notes = said_by_page(browser, folder)
    if "claimUnchecked" not in notes:
        assert verify_package(folder).ok == (not findings)
    return findings, [note for note in notes if note.startswith("claim")]


def test_claims_that_hold(both: Both, unpacked: Path, browser: Browser) -> None:
    assert told(browser, unpacked) == ([], [])
    page = browser.new_page(locale="en-GB")
    page.goto((unpacked / "verify.html").as_uri())
    page.locator("#zip").set_input_files(both[0])
    page.get_by_text("C2PA claims: 4.").wait_for(timeout=60_000)
    page.close()


@pytest.mark.parametrize("pattern", [FILM, STILL, PLATE])
def test_one_changed_byte_of_a_picture(unpacked: Path, browser: Browser, pattern: str) -> None:
    path = one(unpacked, pattern)
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    forge(unpacked)
    assert told(browser, unpacked) == (["claimBytes"], [])


def test_bytes_put_in_after_the_claim(unpacked: Path, browser: Browser) -> None:
    """A box that a player would pass over, and bytes behind the picture's end."""
    film, still = one(unpacked, FILM), one(unpacked, STILL)
    film.write_bytes(film.read_bytes() + b"\x00\x00\x00\x0cuuidmore")
    still.write_bytes(still.read_bytes() + b"more")
    forge(unpacked)
    findings, _ = told(browser, unpacked)
    assert sorted(set(findings)) == ["claimBytes"] and len(findings) == 2


@pytest.mark.parametrize("pattern", [FILM, STILL, PLATE])
def test_a_claim_that_was_stripped(both: Both, unpacked: Path, browser: Browser, pattern: str) -> None:
    path = one(unpacked, pattern)
    with zipfile.ZipFile(both[1]) as plain:
        path.write_bytes(plain.read(path.relative_to(unpacked).as_posix()))
    forge(unpacked)
    assert told(browser, unpacked) == (["claimRemoved"], [])


def test_the_claim_of_another_file(unpacked: Path, browser: Browser) -> None:
    """Another still with its own claim, and this still with the other's claim before it."""
    first, second = sorted((unpacked / "stills").glob("*.jpg"))
    own, other = first.read_bytes(), second.read_bytes()
    shutil.copyfile(second, first)
    forge(unpacked)
    assert told(browser, unpacked) == (["claimSwapped"], [])
    first.write_bytes(other[: claim_end(other)] + own[claim_end(own) :])

    def name(manifest: dict[str, Any]) -> None:
        files = {file["path"]: file for file in manifest["files"]}
        files[f"stills/{first.name}"]["claim"] = files[f"stills/{second.name}"]["claim"]

    forge(unpacked, name)
    assert told(browser, unpacked) == (["claimBytes"], [])


def claim_end(jpeg: bytes) -> int:
    """Where a JPEG goes on after its claim, which is its first segment."""
    return 4 + int.from_bytes(jpeg[4:6], "big")


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def replace(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return replace


def cut_signature(data: bytes) -> bytes:
    """One bit of the 64 bytes that follow the claim left out (nil) in its COSE."""
    at = data.index(b"\xf6\x58\x40", data.index(b"c2pa.signature\x00")) + 20
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (replaced(b"Cut to the span", b"Cut to the scan"), "claimEdited"),
        (replaced(b"fIstrosgversion", b"fIztrosgversion"), "claimSignature"),
        (replaced(b"jumbf=c2pa.assertions/org", b"jumbf=c2pa.assertions/xrg"), "claimSignature"),
        (cut_signature, "claimSignature"),
        (replaced(b"jumdc2pa", b"jumdxxxx"), "claimBroken"),
        (replaced(b"jumdc2cl", b"jumdxxxx"), "claimBroken"),
    ],
)  # fmt: skip
def test_a_claim_that_was_edited(
    unpacked: Path, browser: Browser, change: Callable[[bytes], bytes], found: str
) -> None:  # fmt: skip
    film = one(unpacked, FILM)
    film.write_bytes(change(film.read_bytes()))
    forge(unpacked)
    assert told(browser, unpacked) == ([found], [])


def test_a_claim_of_somebody_else(both: Both, unpacked: Path, browser: Browser) -> None:
    """Even under the right name."""
    still = one(unpacked, STILL)
    with zipfile.ZipFile(both[1]) as plain:
        data = plain.read(f"stills/{still.name}")
    data, claim = Claims(ClaimKey.generate("izmail", "Istros Izmail", START), NODE).picture(data, statement())
    still.write_bytes(data)

    def name(manifest: dict[str, Any]) -> None:
        next(file for file in manifest["files"] if file["path"] == f"stills/{still.name}")["claim"] = claim.as_json()

    forge(unpacked, name)
    assert told(browser, unpacked) == (["claimOther"], [])


def test_a_claim_that_nobody_named(unpacked: Path, browser: Browser) -> None:
    def forget(manifest: dict[str, Any]) -> None:
        next(file for file in manifest["files"] if file["what"] == "still").pop("claim")

    forge(unpacked, forget)
    assert told(browser, unpacked) == (["claimPutIn"], [])


def test_a_kind_that_the_page_cannot_check_is_said(unpacked: Path, browser: Browser) -> None:
    """An algorithm other than ES256 in the COSE: the page says that it did not check, and counts the claim as none that holds."""
    film = one(unpacked, FILM)
    film.write_bytes(replaced(b"\xa2\x01\x26\x18\x21", b"\xa2\x01\x27\x18\x21")(film.read_bytes()))
    forge(unpacked)
    assert told(browser, unpacked) == ([], ["claimUnchecked"])
