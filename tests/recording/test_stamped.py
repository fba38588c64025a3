"""The manifest is stamped by an authority, an authority that is away costs nothing but its stamp, and a stamp is checked."""

from __future__ import annotations

import asyncio
import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from istros.base.environment import Environment
from istros.base.time import MINUTE
from istros.recording.export.exporter import Exporter, ExportPolicy, Sources, package_path
from istros.recording.export.manifest import NodeFacts
from istros.recording.export.verify import sentences, verify_package
from istros.recording.playback import Playback
from istros.store.exports import ExportState
from tests.compliance.authority import LocalAuthority
from tests.recording.footage import Footage, make_footage
from tests.recording.test_export import manifest_of
from tests.recording.test_verify import KEY, PINNED, signed

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the tests' authority answers by openssl")


@pytest.fixture
def footage(environment: Environment, tmp_path: Path) -> Iterator[Footage]:
    made = make_footage(environment, tmp_path)
    made.record("IZ-07", 0, width=64, height=48)
    yield made
    made.database.close()


def packed(footage: Footage, folder: Path, *authorities: LocalAuthority) -> Path:
    """A package that each of them was asked to stamp."""
    asking = {authority.authority.url: authority for authority in authorities}
    job = footage.order(0, 4)
    sources = Sources(
        footage.cameras, footage.archive, Playback(footage.database, footage.archive).read,
        NodeFacts("Izmail", "izmail", "Izmail", simulated=True), KEY, {KEY.public.id: KEY.public},
        authorities=tuple(each.authority for each in authorities),
        asking=lambda url, request: asking[url].answer(url, request),
    )  # fmt: skip
    exporter = Exporter(
        footage.environment, footage.database, sources, folder / "exports", ExportPolicy(free_bytes_min=0)
    )
    asyncio.run(exporter.once())
    made = footage.database.read_now(lambda tx: tx.exports.get(job.id))
    assert made is not None and made.state is ExportState.DONE, made
    return package_path(folder / "exports", job.id)


def test_a_stamp_tells_when_the_manifest_was_there(footage: Footage, tmp_path: Path) -> None:
    package = packed(footage, tmp_path, LocalAuthority(tmp_path / "authority"))
    verdict = verify_package(package, PINNED)
    assert verdict.ok, verdict.findings
    (stamp,) = verdict.stamps
    assert stamp.authority == "local" and abs(stamp.time - footage.environment.clock.now()) < 5 * MINUTE
    assert any("by 'local'" in sentence for sentence in sentences(verdict))


def test_a_stamp_of_something_else_is_found(footage: Footage, tmp_path: Path) -> None:
    authority = LocalAuthority(tmp_path / "authority")
    folder = unpacked(packed(footage, tmp_path, authority), tmp_path)
    other = packed(footage, tmp_path / "other", authority)
    with zipfile.ZipFile(other) as file:
        (folder / "stamps/local.tsr").write_bytes(file.read("stamps/local.tsr"))
    assert [finding.code for finding in verify_package(folder).findings] == ["stamp"]
    (folder / "stamps/local.tsr").write_bytes(b"nothing")
    assert [finding.code for finding in verify_package(folder).findings] == ["stamp"]


def test_an_authority_that_is_away_costs_its_stamp_alone(footage: Footage, tmp_path: Path) -> None:
    """And the signed manifest says so: the other's stamp is over the manifest that says it."""
    authority, other = LocalAuthority(tmp_path / "authority"), LocalAuthority(tmp_path / "second", "second")
    authority.away = True
    package = packed(footage, tmp_path, authority, other)
    verdict = verify_package(package, PINNED)
    assert verdict.ok and [stamp.authority for stamp in verdict.stamps] == ["second"], verdict.findings
    assert (authority.asked, other.asked) == (1, 2)
    told = manifest_of(package)["stamps"]
    assert (told["expected"], told["without"]) == (["second"], [{"authority": "local", "why": "away"}])
    assert list(told["roots"]) == ["second"]
    assert any("'local' gave no time stamp" in sentence for sentence in sentences(verdict))


def test_without_an_authority_the_manifest_says_that_there_is_no_stamp(footage: Footage, tmp_path: Path) -> None:
    verdict = verify_package(packed(footage, tmp_path), PINNED)
    assert verdict.ok and verdict.manifest is not None
    assert verdict.manifest["stamps"] == {"expected": [], "roots": {}, "without": []}
    assert any("no time stamp, as the manifest says" in sentence for sentence in sentences(verdict))


def test_a_stamp_that_was_removed_is_missed(footage: Footage, tmp_path: Path) -> None:
    folder = unpacked(packed(footage, tmp_path, LocalAuthority(tmp_path / "authority")), tmp_path)
    (folder / "stamps/local.tsr").rename(folder / "stamps/another.tsr")
    assert sorted(finding.sentence for finding in verify_package(folder, PINNED).findings) == [
        "The time stamp of 'local' was removed: the manifest says that it belongs here.",
        "stamps/another.tsr was added to the package: the manifest names no such time stamp.",
    ]
    shutil.rmtree(folder / "stamps")
    verdict = verify_package(folder, PINNED)
    assert [finding.subject for finding in verdict.findings] == ["stamps/local.tsr"]


def test_a_package_of_an_older_version_cannot_tell_whether_a_stamp_was_removed(
    footage: Footage, tmp_path: Path
) -> None:
    folder = unpacked(packed(footage, tmp_path), tmp_path)
    signed(folder, KEY, lambda manifest: manifest.pop("stamps"))
    verdict = verify_package(folder, PINNED)
    assert verdict.ok and any("whether one was removed cannot be told" in each for each in sentences(verdict))


def unpacked(package: Path, folder: Path) -> Path:
    with zipfile.ZipFile(package) as file:
        file.extractall(folder / "unpacked")
    return folder / "unpacked"


def said_by_page(browser: Browser, folder: Path) -> tuple[str, list[str], list[str]]:
    """The verdict of the page in a package, what it finds wrong, and what it says besides."""
    page = browser.new_page(locale="en-GB")
    page.goto((folder / "verify.html").as_uri())
    page.locator("#folder").set_input_files(folder)
    expect(page.locator("#verdict")).to_be_visible(timeout=60_000)
    found = [
        page.locator(f"#{id} li").evaluate_all("items => items.map(item => item.dataset.code)")
        for id in ("findings", "notes")
    ]
    verdict = str(page.locator("#verdict").get_attribute("data-verdict"))
    page.close()
    return verdict, *found


@pytest.fixture
def stamped(footage: Footage, tmp_path: Path) -> tuple[Path, bytes]:
    """An unpacked package with a stamp, and a stamp of the same authority over another manifest."""
    authority = LocalAuthority(tmp_path / "authority")
    # In a thread: Playwright's own event loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        one, other = (thread.submit(packed, footage, tmp_path / name, authority).result() for name in ("one", "other"))
    with zipfile.ZipFile(other) as file:
        return unpacked(one, tmp_path), file.read("stamps/local.tsr")


@pytest.mark.browser
def test_the_page_checks_stamps_too(stamped: tuple[Path, bytes], browser: Browser) -> None:
    folder, other = stamped
    place = folder / "stamps/local.tsr"
    true = place.read_bytes()
    assert said_by_page(browser, folder) == ("whole", [], ["stamp"])
    # A byte of the signature, one of what is signed, the stamp of another manifest, no stamp at all in the file.
    at = true.index(bytes.fromhex("2a864886f70d010904"))
    for wrong in (
        true[:-1] + bytes([true[-1] ^ 1]),
        true[: at + 20] + bytes([true[at + 20] ^ 1]) + true[at + 21 :],
        other,
        b"nothing",
        true[:-40],
    ):
        place.write_bytes(wrong)
        assert said_by_page(browser, folder) == ("broken", ["stampBroken"], [])
    place.write_bytes(true)
    shutil.copy(place, folder / "stamps/another.tsr")
    assert said_by_page(browser, folder) == ("broken", ["added"], ["stamp", "stampWhose"])
    (folder / "stamps/another.tsr").unlink()
    place.unlink()
    assert said_by_page(browser, folder) == ("broken", ["stampRemoved"], [])
    signed(folder, KEY, lambda manifest: manifest.update(stamps={"expected": [], "without": []}))
    assert said_by_page(browser, folder) == ("whole", [], ["noStamp"])
    signed(folder, KEY, lambda manifest: manifest["stamps"].update(without=[{"authority": "local", "why": "away"}]))
    assert said_by_page(browser, folder) == ("whole", [], ["stampAway", "noStamp"])
    signed(folder, KEY, lambda manifest: manifest.pop("stamps"))
    assert said_by_page(browser, folder) == ("whole", [], ["noStampOld"])
