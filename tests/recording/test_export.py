"""From an order to a package: what is in it, what a kill does to it, and that it proves itself."""

from __future__ import annotations

import asyncio
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from istros.base.environment import Environment
from istros.base.said import NOTHING
from istros.base.signing import SigningKey
from istros.base.time import HOUR, Span
from istros.compliance import departures
from istros.compliance.departures import Carrier, Parcel, Recipient, RecipientKind
from istros.compliance.profile import STRICTEST_PROFILE, Limits
from istros.compliance.transfers import Sending
from istros.recording.export.claims import Claims
from istros.recording.export.covering import FoundBox
from istros.recording.export.exporter import Exporter, ExportPolicy, Sources, package_path
from istros.recording.export.journal import StepJournal
from istros.recording.export.manifest import NodeFacts
from istros.recording.export.verify import verify_package
from istros.recording.playback import Playback
from istros.store.exports import ExportJobRow, ExportState
from istros.store.rows import OperatorRow
from istros.video.packet import Codec
from tests.recording.footage import Footage, make_footage

KEY = SigningKey.generate()


class WhiteSquares:
    """Finds the white square of the test pattern."""

    names = ("white squares",)

    def find(self, picture: NDArray[np.uint8]) -> list[FoundBox]:
        rows, columns = np.nonzero((picture[4:20] > 240).all(axis=2))
        height, width = picture.shape[:2]
        left, right = max(0, columns.min() - 16), min(width, columns.max() + 17)
        return [FoundBox("plate", left / width, 0, right / width, (rows.max() + 9) / height)]


@pytest.fixture
def footage(environment: Environment, tmp_path: Path) -> Iterator[Footage]:
    """Five segments of one camera with a hole before the last, one of another."""
    made = make_footage(environment, tmp_path, "IZ-07", "TL-01")
    for number in (0, 1, 2, 4):
        made.record("IZ-07", number)
    made.lose("IZ-07", 3)
    made.record("TL-01", 1)
    yield made
    made.database.close()


def exporter(
    footage: Footage, folder: Path, finder: Any = WhiteSquares, claims: Claims | None = None, **policy: Any
) -> Exporter:
    """An exporter as a node runs it."""
    sources = Sources(
        footage.cameras, footage.archive, Playback(footage.database, footage.archive).read,
        NodeFacts("Izmail", "izmail", "Izmail", simulated=True), KEY, {KEY.public.id: KEY.public}, finder=finder, claims=claims,
    )  # fmt: skip
    return Exporter(
        footage.environment, footage.database, sources, folder, ExportPolicy(**{"free_bytes_min": 0} | policy)
    )


def make(footage: Footage, job: ExportJobRow, folder: Path, **policy: Any) -> ExportJobRow:
    asyncio.run(exporter(footage, folder, **policy).once())
    made = footage.database.read_now(lambda tx: tx.exports.get(job.id))
    assert made is not None
    return made


def manifest_of(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as package:
        found: dict[str, Any] = json.loads(package.read("manifest.json"))
        return found


def pictures(path: Path, name: str, folder: Path) -> list[av.VideoFrame]:
    with zipfile.ZipFile(path) as package:
        package.extract(name, folder)
    with av.open(str(folder / name)) as container:
        return list(container.decode(video=0))


def test_an_exact_export(footage: Footage, tmp_path: Path) -> None:
    job = footage.order(1.3, 17.5)
    made = make(footage, job, tmp_path / "exports")
    assert (made.state, made.progress, made.problem) == (ExportState.DONE, 1.0, NOTHING)
    path = package_path(tmp_path / "exports", job.id)
    assert path.stat().st_size == made.size_bytes
    manifest = manifest_of(path)
    first, other = manifest["cameras"]
    assert [film["pictures"] for film in first["films"]] == [107, 15]
    assert [film["pictures"] for film in other["films"]] == [40]
    assert [again["pictures"] for film in first["films"] for again in film["coded_again"]] == [7]
    assert [gap["cause"] for gap in first["gaps"]] == ["network"]
    assert all(segment["as_recorded"] for segment in first["segments"])
    assert manifest["order"]["case"] == "C-17"
    verdict = verify_package(path, KEY.public.id)
    assert verdict.ok and verdict.pinned, verdict.findings
    assert (verdict.segments, verdict.proven) == (5, 5)
    frames = pictures(path, first["films"][0]["path"], tmp_path / "out")
    assert len(frames) == 107
    assert not (tmp_path / "exports" / job.id / "work").exists()
    page = zipfile.ZipFile(path).read("index.html").decode()
    assert "Harbour &lt;gate&gt;" in page and "<gate>" not in page
    rows = footage.database.read_now(lambda tx: tx.audit.page(limit=9, action="exports.finish"))
    assert [row.subject for row in rows] == [job.id]


def test_a_package_names_its_recipient_and_the_ground(footage: Footage, tmp_path: Path) -> None:
    job = footage.order(1.3, 4)
    operator = OperatorRow("o1", job.ordered_by, "Olena", "police", "investigator", "", "uk")
    recipient = Recipient("Police of Tulcea", RecipientKind.POLICE, "RO", "ua-29-3", "Agreement 3/2026")
    parcel = Parcel(Carrier.EXPORT, job.id, ("pictures", "custody"), job.cameras, Span(job.start, job.end))
    footage.database.write_now(
        lambda tx: departures.order(tx, footage.environment, operator, Sending("UA"), recipient, parcel)
    )
    make(footage, job, tmp_path / "exports")
    path = package_path(tmp_path / "exports", job.id)
    said = manifest_of(path)["recipient"]
    assert (said["recipient"], said["country"], said["basis"], said["reference"]) == (
        "Police of Tulcea", "RO", "ua-29-3", "Agreement 3/2026",
    )  # fmt: skip
    assert said["data"] == ["pictures", "custody"] and "29(3)" in said["basis_law"]
    page, verifier = (zipfile.ZipFile(path).read(name).decode() for name in ("index.html", "verify.html"))
    assert "Police of Tulcea" in page and verify_package(path, KEY.public.id).ok
    assert "<html lang=ro>" in page and '<html lang="ro">' in verifier, "in the language of the recipient's country"
    assert "<td>Infracțiune" in page and "<td>offence" not in page


def test_a_redacted_export_hides_what_moves(footage: Footage, tmp_path: Path) -> None:
    job = footage.order(1.3, 7.0, "redacted")
    made = make(footage, job, tmp_path / "exports")
    assert made.state is ExportState.DONE, made.problem
    path = package_path(tmp_path / "exports", job.id)
    manifest = manifest_of(path)
    film = manifest["cameras"][0]["films"][0]
    assert film["pictures"] == 57 and manifest["redaction"]["models"] == ["white squares"]
    assert {file["what"] for file in manifest["files"]} == {"film", "page", "verifier", "key", "custody"}
    frames = pictures(path, film["path"], tmp_path / "out")
    whitest = [int(frame.to_ndarray(format="rgb24")[:24].min(axis=2).max()) for frame in frames]
    assert max(whitest) < 200, "a white square shows"
    assert verify_package(path, KEY.public.id).ok


def test_drawn_fields_are_hidden_where_and_when_they_lie(footage: Footage, tmp_path: Path) -> None:
    square = [[500_000, 500_000], [750_000, 500_000], [750_000, 750_000], [500_000, 750_000]]
    keys = [{"time": footage.order(0, 1).start, "points": square}, {"time": footage.order(0, 2).end, "points": []}]
    covered = json.dumps({"people": False, "plates": False, "fields": [{"camera": "IZ-07", "keys": keys}]})
    job = replace(footage.order(0, 4, "redacted"), id="drawn", covered=covered)
    footage.database.write_now(lambda tx: tx.exports.add(job))
    assert make(footage, job, tmp_path / "exports").state is ExportState.DONE
    path = package_path(tmp_path / "exports", "drawn")
    frames = pictures(path, manifest_of(path)["cameras"][0]["films"][0]["path"], tmp_path / "out")
    spread = [float(frame.to_ndarray(format="gray")[130:170, 170:230].std()) for frame in frames]
    assert max(spread[:20]) < 2 < min(spread[20:])


@pytest.mark.parametrize("kind", ["exact", "redacted"])
@pytest.mark.parametrize("codec", list(Codec))
def test_a_killed_export_goes_on_and_gives_the_same_package(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any, codec: Codec
) -> None:
    """Broken off after each step in turn, with rubbish behind what was written; the films are the same bytes."""
    footage = make_footage(environment, tmp_path)
    for number in range(3):
        footage.record("IZ-07", number, codec)
    job = footage.order(1.3, 9.7, kind)
    whole = make(footage, job, tmp_path / "whole")
    assert whole.state is ExportState.DONE, whole.problem
    footage.database.write_now(lambda tx: tx.exports.add(replace(job, id="broken")))
    steps = 0
    done = StepJournal.done

    class Killed(BaseException):
        pass

    def break_off(self: StepJournal, step: str, result: Any) -> None:
        done(self, step, result)
        for film in (tmp_path / "broken").rglob("*.mp4"):
            if "originals" not in film.parts and not step.endswith(("film", "original", "papers")):
                with film.open("ab") as file:
                    file.write(b"rubbish of a killed writer")
        raise Killed

    monkeypatch.setattr(StepJournal, "done", break_off)
    while steps < 100:
        try:
            asyncio.run(exporter(footage, tmp_path / "broken").once())
            break
        except Killed:
            steps += 1
            assert not list((tmp_path / "broken").rglob("*.zip"))
            footage.database.write_now(lambda tx: tx.exports._set("broken", attempts=0))
    assert steps == {"exact": 2 + 3 + 1 + 3 + 1, "redacted": 2 + 3 + 3 + 1 + 1}[kind], "plan and masks, then the films"
    one, other = (
        manifest_of(package_path(tmp_path / "whole", job.id)),
        manifest_of(package_path(tmp_path / "broken", "broken")),
    )
    assert [file for file in one["files"] if file["what"] != "page"] == [
        file for file in other["files"] if file["what"] != "page"
    ]
    assert verify_package(package_path(tmp_path / "broken", "broken")).ok
    footage.database.close()


def test_what_cannot_be_made_says_why(footage: Footage, tmp_path: Path) -> None:
    nothing = make(footage, footage.order(1000, 1010), tmp_path / "exports")
    assert (nothing.state, nothing.problem.code) == (ExportState.FAILED, "export-nothing-recorded")
    full = make(footage, footage.order(0, 4), tmp_path / "exports", free_bytes_min=1 << 60)
    assert full.state is ExportState.FAILED and "GB are free" in full.problem.text
    poison = replace(footage.order(0, 4), id="poison", attempts=5)
    footage.database.write_now(lambda tx: tx.exports.add(poison))
    assert "broken off too often" in make(footage, poison, tmp_path / "exports").problem.text
    rows = footage.database.read_now(lambda tx: tx.audit.page(limit=9, action="exports.fail"))
    assert len(rows) >= 3


def test_a_wish_to_cancel_is_followed(footage: Footage, tmp_path: Path) -> None:
    job = footage.order(0, 12)
    assert footage.database.write_now(lambda tx: tx.exports.wish_cancel(job.id))
    assert make(footage, job, tmp_path / "exports").state is ExportState.CANCELLED
    assert not (tmp_path / "exports" / job.id).exists()
    assert not footage.database.write_now(lambda tx: tx.exports.wish_cancel(job.id))


def test_an_exact_export_passes_a_redacted_one(footage: Footage, tmp_path: Path) -> None:
    """The redacted one waits in its finder until the exact one, ordered later, is done."""
    gate = threading.Event()

    class Waiting(WhiteSquares):
        def find(self, picture: NDArray[np.uint8]) -> list[FoundBox]:
            assert gate.wait(60)
            return super().find(picture)

    def state(job: ExportJobRow) -> ExportState:
        found = footage.database.read_now(lambda tx: tx.exports.get(job.id))
        assert found is not None
        return found.state

    async def run() -> None:
        stop, clock = asyncio.Event(), footage.environment.clock
        work = asyncio.create_task(exporter(footage, tmp_path / "exports", finder=Waiting).run(stop))
        for job in (exact, redacted):
            while state(job) is not ExportState.DONE:
                assert not work.done() and clock.elapsed() < began + 120
                await clock.sleep(0.05)
            gate.set()
        stop.set()
        await work

    redacted, exact = footage.order(0, 2, "redacted"), footage.order(0, 2)
    began = footage.environment.clock.elapsed()
    asyncio.run(run())


def test_a_package_goes_when_its_time_is_over(footage: Footage, tmp_path: Path) -> None:
    job = footage.order(0, 4)
    assert make(footage, job, tmp_path / "exports", kept_days=0).state is ExportState.DONE
    asyncio.run(exporter(footage, tmp_path / "exports")._let_go())
    expired = footage.database.read_now(lambda tx: tx.exports.get(job.id))
    assert expired is not None and expired.state is ExportState.EXPIRED
    assert not (tmp_path / "exports" / job.id).exists()


def test_a_package_stays_no_longer_than_the_profile_allows(footage: Footage, tmp_path: Path) -> None:
    """Without a signed profile the strictest holds: a week, whatever the configuration says."""
    made = make(footage, footage.order(0, 4), tmp_path / "exports", kept_days=300)
    assert made.expires is not None and made.finished is not None
    assert made.expires - made.finished == STRICTEST_PROFILE.limits.export_hours * HOUR


def test_a_package_goes_when_a_tighter_profile_comes_into_force(
    footage: Footage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(footage, footage.order(0, 4), tmp_path / "exports")
    asyncio.run(exporter(footage, tmp_path / "exports")._let_go())
    assert (tmp_path / "exports" / made.id).exists()
    tighter = replace(STRICTEST_PROFILE, limits=Limits(export_hours=0))
    monkeypatch.setattr("istros.recording.export.exporter.in_force", lambda tx, now: tighter)
    asyncio.run(exporter(footage, tmp_path / "exports")._let_go())
    assert not (tmp_path / "exports" / made.id).exists()


def test_a_change_of_coding_begins_another_film(environment: Environment, tmp_path: Path) -> None:
    footage = make_footage(environment, tmp_path)
    footage.record("IZ-07", 0)
    footage.record("IZ-07", 1, width=640, height=480)
    job = footage.order(0, 8)
    assert make(footage, job, tmp_path / "exports").state is ExportState.DONE
    films = manifest_of(package_path(tmp_path / "exports", job.id))["cameras"][0]["films"]
    assert [film["pictures"] for film in films] == [40, 40]
    footage.database.close()
