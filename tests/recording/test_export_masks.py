"""Privacy masks in exports: painted in every package, or lifted under a release that stands, and named either way."""

from __future__ import annotations

import asyncio
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from istros.base.said import NOTHING
from istros.base.time import HOUR, Time
from istros.recording.export.exporter import package_path
from istros.recording.export.lifting import undo_lift
from istros.recording.export.verify import sentences, verify_package
from istros.store.camera_zones import CameraZonesRow
from istros.store.exports import ExportKind, ExportState
from istros.store.releases import Ending, Matter, ReleaseRow
from tests.recording.footage import Footage
from tests.recording.test_export import KEY, exporter, make, manifest_of, pictures
from tests.recording.test_export import footage as footage  # a fixture
from tests.video.masked_pictures import MIDDLE, spread_under


def mask(footage: Footage, camera_id: str = "IZ-07") -> None:
    """A privacy mask that holds on a camera."""
    now = footage.environment.clock.now()
    row = CameraZonesRow(camera_id, camera_id, now, "petro", False, (), (), since=now, private=MIDDLE)
    footage.database.write_now(lambda tx: tx.camera_zones.add(row))


@pytest.mark.parametrize("kind", ["exact", "redacted"])
def test_privacy_masks_are_painted_in_every_export(footage: Footage, tmp_path: Path, kind: ExportKind) -> None:
    mask(footage)
    job = footage.order(1.3, 7.0, kind)
    assert make(footage, job, tmp_path / "exports").problem == NOTHING
    path = package_path(tmp_path / "exports", job.id)
    manifest = manifest_of(path)
    masked, other = manifest["cameras"]
    film = masked["films"][0]
    shown = [frame.to_ndarray(format="rgb24") for frame in pictures(path, film["path"], tmp_path / "out")]
    assert len(shown) == film["pictures"] == 57 and film["coding"] == "all coded again"
    assert all(spread_under(picture) < 3 for picture in shown)
    assert all(picture[200:].std() > 20 for picture in shown)
    assert manifest["masks"] == {"lifted": None, "painted": [{"camera": "IZ-07", "masks": 1, "segments": 2}]}
    originals = {file["path"].split("/")[1] for file in manifest["files"] if file["what"] == "original"}
    assert originals == ({"TL-01"} if kind == "exact" else set()), "no untouched segment of a masked camera leaves"
    if kind == "exact":
        assert other["films"][0]["coding"] != "all coded again"
    verdict = verify_package(path, KEY.public.id)
    assert verdict.ok, verdict.findings
    assert "Privacy masks of IZ-07 are painted over: 1, in 2 segments." in list(sentences(verdict))
    assert (
        "Painted grey by the node, as in everything that it shows: IZ-07."
        in zipfile.ZipFile(path).read("index.html").decode()
    )


def lift(footage: Footage, hours: float = 1) -> str:
    """A release that lifts masks, as a second person gave it."""
    now = footage.environment.clock.now()
    row = ReleaseRow(
        "r1", Matter.LIFT_MASK, "p1", "the window is where it happened", "police", "p1", "{}", False, now, "olena",
        Time(now + HOUR), HOUR, Time(now + round(hours * HOUR)), now, "petro", True,
    )  # fmt: skip
    footage.database.write_now(lambda tx: tx.releases.add(row))
    return row.id


def test_a_released_lift_shows_what_lies_under_and_is_named(footage: Footage, tmp_path: Path) -> None:
    mask(footage)
    job = footage.order(1.3, 7.0, lifted_under=lift(footage))
    assert make(footage, job, tmp_path / "exports").problem == NOTHING
    path = package_path(tmp_path / "exports", job.id)
    manifest = manifest_of(path)
    shown = pictures(path, manifest["cameras"][0]["films"][0]["path"], tmp_path / "out")
    assert min(spread_under(frame.to_ndarray(format="rgb24")) for frame in shown) > 20
    lifted = manifest["masks"]["lifted"]
    assert (lifted["release"], lifted["asked_by"], lifted["released_by"]) == ("r1", "olena", "petro")
    said = list(sentences(verify_package(path, KEY.public.id)))
    assert "Privacy masks were LIFTED under the release r1, which olena asked for and petro released." in said
    assert "LIFTED under the release r1" in zipfile.ZipFile(path).read("index.html").decode()


def test_without_a_release_that_stands_nothing_is_lifted(footage: Footage, tmp_path: Path) -> None:
    mask(footage)
    job = footage.order(1.3, 7.0, lifted_under=lift(footage, hours=-0.1))
    made = make(footage, job, tmp_path / "exports")
    assert made.state is ExportState.FAILED and "The release that lifts the privacy masks is over." in made.problem.text
    assert not package_path(tmp_path / "exports", job.id).exists()


def test_a_lift_that_is_taken_back_takes_its_packages_with_it(footage: Footage, tmp_path: Path) -> None:
    job = footage.order(1.3, 7.0, lifted_under=lift(footage))
    make(footage, job, tmp_path / "exports")
    other = footage.order(1.3, 7.0, lifted_under="r1")
    release = footage.database.read_now(lambda tx: tx.releases.get("r1"))
    assert release is not None
    expired, withdrawn = (replace(release, ending=ending) for ending in (Ending.EXPIRED, Ending.WITHDRAWN))
    assert footage.database.write_now(lambda tx: undo_lift(tx, footage.environment, expired)) is None
    receipt = footage.database.write_now(lambda tx: undo_lift(tx, footage.environment, withdrawn))
    assert receipt is not None and set(receipt["exports"]) == {job.id, other.id}  # type: ignore[call-overload]
    asyncio.run(exporter(footage, tmp_path / "exports")._let_go())
    asyncio.run(exporter(footage, tmp_path / "exports").once())
    states = [footage.database.read_now(lambda tx, id=id: tx.exports.get(id)) for id in (job.id, other.id)]  # type: ignore[misc]
    assert [row.state for row in states if row] == [ExportState.EXPIRED, ExportState.CANCELLED]
    assert not package_path(tmp_path / "exports", job.id).exists()
