"""C2PA claims in a package: each that is damaged, taken out, swapped or forged is told; a kill leaves a package that holds.

Every forger here hashes the files again and signs the manifest with a key of their own, so that the claims alone can tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import json
import shutil
import socket
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from istros.base.canonical import canonical
from istros.base.claim_key import ClaimKey
from istros.base.environment import real_environment
from istros.base.signing import SigningKey
from istros.recording.export.claims import OFFLINE, PICTURE, Claims, ClaimUnreadable, Origin, Statement, read_claim
from istros.recording.export.exporter import package_path
from istros.recording.export.journal import StepJournal
from istros.recording.export.manifest import fingerprint
from istros.recording.export.package import pem_of
from istros.recording.export.verify import verify_package
from istros.store.exports import ExportState, Papers
from istros.video.film_stills import pictures_of_film
from istros.video.mark import mark_text, marked
from istros.video.stills import Picture, jpeg_of
from tests.recording.footage import START, Footage, make_footage
from tests.recording.test_export import KEY, exporter, make, manifest_of
from tests.recording.test_papers import SOUGHT, alarm, read

NODE = {"name": "Izmail", "organisation": "izmail", "town": "Izmail", "simulated": True}
OURS = ClaimKey.generate("izmail", "Istros Izmail", START)
CLAIMS = Claims(OURS, NODE)
PAPERS = Papers(alarms=True, reads=True, only=(SOUGHT,), stills=True)


def footage_of(environment: Any, folder: Path, crop: bytes) -> Footage:
    made = make_footage(environment, folder)
    for number in range(3):
        made.record("IZ-07", number)
    made.database.write_now(lambda tx: tx.reads.add(replace(read("r0", SOUGHT, 2.0), crop_jpeg=crop)))
    made.database.write_now(lambda tx: tx.alarms.add(alarm()))
    return made


def jpeg() -> bytes:
    frame = av.VideoFrame.from_ndarray(np.full((48, 96, 3), 120, np.uint8), format="rgb24")
    return jpeg_of(Picture(0, 96, 48, True, frame))


def packed(footage: Footage, folder: Path, claims: Claims | None, id: str = "case") -> Path:
    job = replace(footage.order(1.3, 9.7, "redacted"), id=id, papers=PAPERS.as_text(), ordered=START)
    footage.database.write_now(lambda tx: tx.exports.add(job))
    made = make(footage, job, folder, claims=claims)
    assert made.state is ExportState.DONE, made.problem
    return package_path(folder, id)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same redacted case with claims and without."""
    return make_both(tmp_path_factory.mktemp("claims"))


def make_both(folder: Path) -> tuple[Path, Path]:
    environment = real_environment(workers=2)
    footage = footage_of(environment, folder, jpeg())
    made = packed(footage, folder / "exports", CLAIMS), packed(footage, folder / "exports", None, "plain")
    footage.database.close()
    environment.workers.close()
    return made


@pytest.fixture
def unpacked(both: tuple[Path, Path], tmp_path: Path) -> Path:
    with zipfile.ZipFile(both[0]) as file:
        file.extractall(tmp_path / "package")
    return tmp_path / "package"


def one(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def forged(folder: Path, change: Callable[[dict[str, Any]], None] = lambda manifest: None) -> str:
    """Hash every file again, sign with another key, and say what the verifier still finds."""
    forge(folder, change)
    findings = verify_package(folder).findings
    assert {finding.code for finding in findings} <= {"claim"}, findings
    return " ".join(finding.sentence for finding in findings)


def forge(folder: Path, change: Callable[[dict[str, Any]], None] = lambda manifest: None) -> None:
    """Hash every file again and sign with another key."""
    other = SigningKey.generate()
    (folder / "node-key.pem").write_bytes(pem_of(other.public))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["node"]["key"] = fingerprint(other.public)
    for entry in manifest["files"]:
        data = (folder / entry["path"]).read_bytes()
        entry["sha256"], entry["bytes"] = hashlib.sha256(data).hexdigest(), len(data)
    change(manifest)
    (folder / "manifest.json").write_bytes(canonical(manifest))
    (folder / "manifest.sig").write_text(other.sign(manifest))


def test_claims_hold_and_tell_where_a_file_comes_from(both: tuple[Path, Path], unpacked: Path) -> None:
    claimed, plain = both
    for place in (claimed, unpacked):
        verdict = verify_package(place, KEY.public.id)
        assert verdict.ok and verdict.claims == 1 + 2 + 1, verdict.findings
    files = {file["path"]: file for file in manifest_of(claimed)["files"]}
    unclaimed = {file["path"]: file["sha256"] for file in manifest_of(plain)["files"]}
    film = next(path for path in files if files[path]["what"] == "film")
    assert files[film]["claim"]["unclaimed_sha256"] == unclaimed[film] != files[film]["sha256"]
    assert manifest_of(claimed)["claims"] == {"certificate_sha256": OURS.certificates.sha256}
    assert manifest_of(plain)["claims"] is None
    report = c2pa_report(unpacked / film)
    active = report["manifests"][report["active_manifest"]]
    facts = next(each["data"] for each in active["assertions"] if each["label"] == "org.istros.source")
    segments = manifest_of(claimed)["cameras"][0]["segments"]
    assert facts["segments"] == [{"number": each["number"], "sha256": each["sha256"]} for each in segments]
    assert (facts["camera"], facts["node"]) == ("IZ-07", NODE)
    acts = next(each["data"]["actions"] for each in active["assertions"] if each["label"] == "c2pa.actions.v2")
    assert [act["action"] for act in acts] == ["c2pa.opened", "c2pa.edited", "c2pa.trimmed", "c2pa.transcoded"]
    assert active["claim_generator_info"][0]["name"] == "Istros"
    origin = hashlib.sha256(canonical({"sha256": [each["sha256"] for each in segments]})).hexdigest()
    assert active["ingredients"][0]["instance_id"] == f"urn:sha256:{origin}"


def test_films_and_stills_say_in_each_picture_who_ordered_them_and_when(
    both: tuple[Path, Path], unpacked: Path
) -> None:
    mark = manifest_of(both[0])["export"]["mark"]
    assert mark == mark_text("olena", "P-2026-0001", START)
    with av.open(str(one(unpacked, "IZ-07/*.mp4"))) as film, av.open(str(one(unpacked, "stills/*.jpg"))) as still:
        frames = [*film.decode(video=0), *still.decode(video=0)]
    for frame in frames:
        apart = {each: differs(frame, each) for each in (mark, mark.replace("olena", "petro"), mark[::-1])}
        assert sorted(apart, key=lambda each: apart[each])[0] == mark, "drawn again it comes to lie on itself"
        assert apart[mark] < 0.7 * apart[mark[::-1]], apart


def differs(frame: av.VideoFrame, mark: str) -> float:
    """How far the picture is from itself with the mark, in the strip where marks lie."""
    strip = slice(frame.height - 12, None)
    there, drawn = (each.to_ndarray(format="gray").astype(int)[strip] for each in (frame, marked(frame, mark)))
    return float(np.abs(there - drawn).mean())


def c2pa_report(path: Path) -> dict[str, Any]:
    import c2pa

    with c2pa.Context(c2pa.Settings.from_dict(OFFLINE)) as context, c2pa.Reader(str(path), context=context) as reader:
        found: dict[str, Any] = json.loads(reader.json())
        return found


def test_a_claim_changes_no_picture(both: tuple[Path, Path], tmp_path: Path) -> None:
    pictures = []
    for number, package in enumerate(both):
        with zipfile.ZipFile(package) as file:
            film = next(name for name in file.namelist() if name.endswith(".mp4"))
            path = Path(file.extract(film, tmp_path / str(number)))
        with av.open(str(path)) as container:
            pictures.append([(frame.pts, frame.to_ndarray().tobytes()) for frame in container.decode(video=0)])
        assert list(pictures_of_film(path, [0, 90_000]))
    assert len(pictures[0]) == 84 and pictures[0] == pictures[1]


@pytest.mark.parametrize("pattern", ["IZ-07/*.mp4", "stills/*.jpg", "case/plates/*.jpg"])
def test_one_flipped_byte_is_told(unpacked: Path, pattern: str) -> None:
    path = one(unpacked, pattern)
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    assert f"The C2PA claim of {path.relative_to(unpacked).as_posix()} does not hold: its" in forged(unpacked)


def test_an_edited_claim_is_told(unpacked: Path) -> None:
    film = one(unpacked, "IZ-07/*.mp4")
    film.write_bytes(film.read_bytes().replace(b"Cut to the span", b"Cut to the scan"))
    assert "what the claim says was edited (assertion.hashedURI.mismatch)" in forged(unpacked)


def test_a_removed_claim_is_told(both: tuple[Path, Path], unpacked: Path) -> None:
    names = [one(unpacked, pattern).relative_to(unpacked).as_posix() for pattern in ("IZ-07/*.mp4", "stills/*.jpg")]
    with zipfile.ZipFile(both[1]) as plain:
        for name in names:
            plain.extract(name, unpacked)
    said = forged(unpacked)
    assert all(f"The C2PA claim of {name} was removed." in said for name in names)


def test_a_swapped_claim_is_told(unpacked: Path) -> None:
    first, second = sorted((unpacked / "stills").glob("*.jpg"))
    shutil.copyfile(second, first)
    assert f"The C2PA claim of stills/{first.name} was swapped" in forged(unpacked)


def test_a_claim_of_somebody_else_is_told(both: tuple[Path, Path], unpacked: Path) -> None:
    """Even under the right name."""
    still = one(unpacked, "stills/*.jpg")
    with zipfile.ZipFile(both[1]) as plain:
        data = plain.read(f"stills/{still.name}")
    theirs = Claims(ClaimKey.generate("izmail", "Istros Izmail", START), NODE)
    data, claim = theirs.picture(data, statement())
    still.write_bytes(data)

    def name(manifest: dict[str, Any]) -> None:
        next(file for file in manifest["files"] if file["path"] == f"stills/{still.name}")["claim"] = claim.as_json()

    said = forged(unpacked, name)
    assert "it is signed with another certificate than this package's (signingCredential.untrusted)" in said


def test_a_claim_that_nobody_named_is_told(unpacked: Path) -> None:
    def forget(manifest: dict[str, Any]) -> None:
        next(file for file in manifest["files"] if file["what"] == "still").pop("claim")

    assert "carries a C2PA claim that the manifest does not name" in forged(unpacked, forget)


def test_the_certificate_is_the_one_that_the_manifest_names(unpacked: Path) -> None:
    other = ClaimKey.generate("izmail", "Istros Izmail", START).certificates
    (unpacked / "claims.pem").write_text(other.pem)
    said = forged(unpacked)
    assert "claims.pem is another certificate than the manifest names." in said and "cannot be checked" in said
    (unpacked / "claims.pem").write_text("nonsense")
    assert "claims.pem is missing or damaged" in forged(unpacked)


def test_a_damaged_picture_of_a_plate_goes_without_a_claim(environment: Any, tmp_path: Path) -> None:
    footage = footage_of(environment, tmp_path, b"\xff\xd8 no picture")
    path = packed(footage, tmp_path / "exports", CLAIMS)
    verdict = verify_package(path, KEY.public.id)
    assert verdict.ok and verdict.claims == 1 + 2, verdict.findings
    footage.database.close()


def test_a_kill_at_any_step_leaves_a_package_that_holds(
    environment: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library never signs twice alike: what the journal has is what the package holds, to the byte."""
    footage = footage_of(environment, tmp_path, jpeg())
    job = replace(footage.order(1.3, 9.7, "redacted"), id="broken", papers=PAPERS.as_text())
    footage.database.write_now(lambda tx: tx.exports.add(job))
    done = StepJournal.done
    recorded: dict[str, Any] = {}

    class Killed(BaseException):
        pass

    def break_off(self: StepJournal, step: str, result: Any) -> None:
        """Each step is killed once before its record and once after."""
        if step not in recorded:
            recorded[step] = None
            raise Killed
        done(self, step, result)
        recorded[step] = self[step]
        raise Killed

    monkeypatch.setattr(StepJournal, "done", break_off)
    for _ in range(60):
        try:
            asyncio.run(exporter(footage, tmp_path / "exports", claims=CLAIMS).once())
            break
        except Killed:
            footage.database.write_now(lambda tx: tx.exports._set("broken", attempts=0))
    path = package_path(tmp_path / "exports", "broken")
    verdict = verify_package(path, KEY.public.id)
    assert verdict.ok and verdict.claims == 4, verdict.findings
    files = {file["path"]: file for file in manifest_of(path)["files"]}
    film = next(file for file in files.values() if file["what"] == "film")
    digest, size, label, _ = recorded["IZ-07/0/claim"]
    assert (film["sha256"], film["bytes"], film["claim"]["manifest"]) == (digest, size, label)
    assert all(files[entry["path"]] == entry for entry in recorded["papers"])
    assert {"plan", "papers", "IZ-07/0/2/found", "IZ-07/0/film", "IZ-07/0/claim", "IZ-07/0/claimed"} <= recorded.keys()
    footage.database.close()


def test_no_network_is_asked(tmp_path: Path) -> None:
    """A file that says its claim lies elsewhere: nobody goes there."""
    import c2pa

    with socket.create_server(("127.0.0.1", 0)) as server, c2pa.Context(c2pa.Settings.from_dict(OFFLINE)) as context:
        server.settimeout(0.5)
        definition = CLAIMS._definition(statement(), "0" * 64)
        written = io.BytesIO()
        with (
            c2pa.Builder(definition, context=context) as builder,
            c2pa.Signer.from_callback(OURS.sign, c2pa.C2paSigningAlg.ES256, OURS.certificates.pem, None) as signer,
        ):
            builder.set_no_embed()
            builder.set_remote_url(f"http://127.0.0.1:{server.getsockname()[1]}/claim.c2pa")
            builder.sign(signer, PICTURE, io.BytesIO(jpeg()), written)
        assert b"claim.c2pa" in written.getvalue()
        with contextlib.suppress(ClaimUnreadable):
            assert read_claim(written, PICTURE, OURS.certificates.issuer) is None
        with pytest.raises(TimeoutError):
            server.accept()


def statement() -> Statement:
    return Statement("a still", PICTURE, Origin("a film", "video/mp4", "ab" * 32), [("c2pa.converted", "One.")], {})
