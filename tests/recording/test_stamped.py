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
from tests.recording.test_verify import KEY, PINNED

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the tests' authority answers by openssl")


@pytest.fixture
def footage(environment: Environment, tmp_path: Path) -> Iterator[Footage]:
    made = make_footage(environment, tmp_path)
    made.record("IZ-07", 0, width=64, height=48)
    yield made
    made.database.close()


def packed(footage: Footage, folder: Path, authority: LocalAuthority) -> Path:
    job = footage.order(0, 4)
    sources = Sources(
        footage.cameras, footage.archive, Playback(footage.database, footage.archive).read,
        NodeFacts("Izmail", "izmail", "Izmail", simulated=True), KEY, {KEY.public.id: KEY.public},
        authorities=(authority.authority,), asking=authority.answer,
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
    ((name, time),) = verdict.stamps
    assert name == "local" and abs(time - footage.environment.clock.now()) < 5 * MINUTE
    assert any("by 'local'" in sentence for sentence in sentences(verdict))


def test_a_stamp_of_something_else_is_found(footage: Footage, tmp_path: Path) -> None:
    authority = LocalAuthority(tmp_path / "authority")
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(packed(footage, tmp_path, authority)) as file:
        file.extractall(folder)
    other = packed(footage, tmp_path / "other", authority)
    with zipfile.ZipFile(other) as file:
        (folder / "stamps/local.tsr").write_bytes(file.read("stamps/local.tsr"))
    assert [finding.code for finding in verify_package(folder).findings] == ["stamp"]
    (folder / "stamps/local.tsr").write_bytes(b"nothing")
    assert [finding.code for finding in verify_package(folder).findings] == ["stamp"]


def test_an_authority_that_is_away_costs_its_stamp_alone(footage: Footage, tmp_path: Path) -> None:
    authority = LocalAuthority(tmp_path / "authority")
    authority.away = True
    verdict = verify_package(packed(footage, tmp_path, authority), PINNED)
    assert verdict.ok and verdict.stamps == [] and authority.asked == 1


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
    folder = tmp_path / "unpacked"
    # In a thread: Playwright's own event loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        one, other = (thread.submit(packed, footage, tmp_path / name, authority).result() for name in ("one", "other"))
    with zipfile.ZipFile(one) as file:
        file.extractall(folder)
    with zipfile.ZipFile(other) as file:
        return folder, file.read("stamps/local.tsr")


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
    place.unlink()
    assert said_by_page(browser, folder) == ("whole", [], ["noStamp"])
