"""A package that was tampered with is refused, in a sentence that names what is wrong."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from istros.base.canonical import canonical
from istros.base.claim_key import ClaimKey
from istros.base.environment import real_environment
from istros.base.signing import SigningKey
from istros.compliance import audit
from istros.recording.export.claims import Claims
from istros.recording.export.exporter import Exporter, ExportPolicy, Sources, package_path
from istros.recording.export.manifest import NodeFacts, fingerprint
from istros.recording.export.package import pem_of
from istros.recording.export.verify import Verdict, sentences, verify_package
from istros.recording.playback import Playback
from tests.recording.footage import make_footage

KEY = SigningKey.generate()
NODE = NodeFacts("Izmail", "izmail", "Izmail", simulated=True)
PINNED = fingerprint(KEY.public)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A package of four segments, made by an exporter."""
    folder = tmp_path_factory.mktemp("package")
    environment = real_environment(workers=2)
    footage = make_footage(environment, folder)
    for number in range(4):
        footage.record("IZ-07", number, width=64, height=48)
    claim_key = ClaimKey.generate(NODE.organisation, NODE.name, environment.clock.now())
    sources = Sources(
        footage.cameras, footage.archive, Playback(footage.database, footage.archive).read,
        NODE, KEY, {KEY.public.id: KEY.public}, claims=Claims(claim_key, NODE.as_json()),
    )  # fmt: skip
    job = footage.order(1.3, 14.5)
    footage.database.write_now(
        lambda tx: audit.append(tx, environment, actor="olena", origin="here", action="exports.order", subject=job.id)
    )
    exporter = Exporter(environment, footage.database, sources, folder / "exports", ExportPolicy(free_bytes_min=0))
    asyncio.run(exporter.once())
    footage.database.close()
    environment.workers.close()
    yield package_path(folder / "exports", job.id)


@pytest.fixture
def unpacked(package: Path, tmp_path: Path) -> Path:
    with zipfile.ZipFile(package) as file:
        file.extractall(tmp_path / "package")
    return tmp_path / "package"


def said(verdict: Verdict) -> str:
    return " ".join(finding.sentence for finding in verdict.findings)


def signed(folder: Path, key: SigningKey, change: Callable[[dict[str, Any]], None]) -> None:
    """Edit the manifest and sign it again, as a forger with a key would."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    (folder / "manifest.json").write_bytes(canonical(manifest))
    (folder / "manifest.sig").write_text(key.sign(manifest))


def originals(folder: Path) -> list[Path]:
    return sorted((folder / "originals").rglob("*.mp4"))


def test_an_untouched_package_is_whole(package: Path, unpacked: Path) -> None:
    for place in (package, unpacked):
        verdict = verify_package(place, PINNED)
        assert verdict.ok and verdict.pinned and verdict.proven == 4, verdict.findings
        assert "Signed by the node whose key you named" in " ".join(sentences(verdict))
    assert "only proves that the package is of one piece" in " ".join(sentences(verify_package(package)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found(package: Path, tmp_path: Path, place: float, bit: int) -> None:
    data = bytearray(package.read_bytes())
    data[int(place * len(data))] ^= 1 << bit
    flipped = tmp_path / "flipped.zip"
    flipped.write_bytes(data)
    assert not verify_package(flipped, PINNED).ok


@pytest.mark.parametrize("where", ["head", "tail"])
def test_every_byte_of_the_zip_around_the_files_counts(package: Path, tmp_path: Path, where: str) -> None:
    """The first local header, and the directory at the end: where no hash of a file reaches."""
    data = package.read_bytes()
    places = range(40) if where == "head" else range(len(data) - 400, len(data))
    flipped = tmp_path / "flipped.zip"
    for place in places:
        flipped.write_bytes(data[:place] + bytes((data[place] ^ 0x10,)) + data[place + 1 :])
        assert not verify_package(flipped).ok, place
    flipped.write_bytes(data + b"more")
    assert not verify_package(flipped).ok
    flipped.write_bytes(data[: len(data) // 2])
    assert not verify_package(flipped).ok


def test_a_flipped_byte_is_named_by_its_file(unpacked: Path) -> None:
    film = next((unpacked / "IZ-07").glob("*.mp4"))
    film.write_bytes(film.read_bytes()[:-1] + b"\x00")
    assert f"IZ-07/{film.name} was changed" in said(verify_package(unpacked, PINNED))


def test_a_removed_segment(unpacked: Path) -> None:
    originals(unpacked)[1].unlink()
    assert "was removed from the package" in said(verify_package(unpacked, PINNED))


def test_an_inserted_file(unpacked: Path) -> None:
    shutil.copy(originals(unpacked)[1], originals(unpacked)[1].with_name("000000.000.mp4"))
    assert "was added to the package" in said(verify_package(unpacked, PINNED))


def test_two_segments_exchanged(unpacked: Path) -> None:
    one, other = originals(unpacked)[1:3]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    verdict = verify_package(unpacked, PINNED)
    assert [finding.code for finding in verdict.findings] == ["changed", "changed"]


def remove_cleanly(folder: Path, manifest: dict[str, Any]) -> None:
    segment = manifest["cameras"][0]["segments"].pop(1)
    (folder / segment["path"]).unlink()
    manifest["files"] = [file for file in manifest["files"] if file["path"] != segment["path"]]


def exchange(folder: Path, manifest: dict[str, Any]) -> None:
    segments = manifest["cameras"][0]["segments"]
    segments[1], segments[2] = segments[2], segments[1]


def put_another(folder: Path, manifest: dict[str, Any]) -> None:
    import hashlib

    segment = manifest["cameras"][0]["segments"][1]
    path = folder / segment["path"]
    path.write_bytes(path.read_bytes() + b"x")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for file in manifest["files"]:
        if file["path"] == segment["path"]:
            file |= {"sha256": digest, "bytes": path.stat().st_size}
    segment["sha256"] = digest


def insert(folder: Path, manifest: dict[str, Any]) -> None:
    segments = manifest["cameras"][0]["segments"]
    segments.append(
        segments[-1] | {"id": "x", "number": 9, "from": segments[-1]["to"], "to": "2099-01-01T00:00:00.000Z"}
    )


def drop_proof(folder: Path, manifest: dict[str, Any]) -> None:
    manifest["cameras"][0]["chain"] = None


FORGERIES = {
    remove_cleanly: "lies in the span and was removed from the package",
    exchange: "does not stand in the order of time",
    put_another: "is not in the chain with the hash",
    insert: "is not in the chain with the hash",
    drop_proof: "is missing",
}


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.__name__)
def test_even_the_nodes_own_key_cannot_sign_what_the_chain_does_not_hold(
    unpacked: Path, forgery: Callable[[Path, dict[str, Any]], None]
) -> None:
    """A forger who has the exporter's key still does not have the recorder's past."""
    signed(unpacked, KEY, lambda manifest: forgery(unpacked, manifest))
    assert FORGERIES[forgery] in said(verify_package(unpacked, PINNED))


def test_an_edited_custody_log(unpacked: Path) -> None:
    place = unpacked / "case/custody.json"
    custody = json.loads(place.read_bytes())
    custody["rows"][0]["actor"] = "nobody"
    place.write_bytes(canonical(custody))
    assert "Act 1 of the custody log was changed" in said(verify_package(unpacked, PINNED))


def test_an_edited_manifest(unpacked: Path) -> None:
    path = unpacked / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"C-17", b"C-18"))
    assert "forged or was edited" in said(verify_package(unpacked, PINNED))
    path.write_bytes(path.read_bytes() + b"\n")
    assert "not in the form in which a node writes it" in said(verify_package(unpacked, PINNED))


def test_a_package_signed_by_somebody_else(unpacked: Path) -> None:
    forger = SigningKey.generate()
    (unpacked / "node-key.pem").write_bytes(pem_of(forger.public))
    import hashlib

    def own(manifest: dict[str, Any]) -> None:
        manifest["node"]["key"] = fingerprint(forger.public)
        manifest["order"]["case"] = "C-99"
        for file in manifest["files"]:
            if file["path"] == "node-key.pem":
                file["sha256"] = hashlib.sha256(pem_of(forger.public)).hexdigest()

    signed(unpacked, forger, own)
    assert verify_package(unpacked).ok, "without the node's key a forger's package is of one piece"
    assert "not with the one you named" in said(verify_package(unpacked, PINNED))
    assert "not with the one you named" in said(verify_package(unpacked, KEY.public.id))


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "node-key.pem", "index.html"])
def test_a_missing_part(unpacked: Path, name: str) -> None:
    (unpacked / name).unlink()
    assert not verify_package(unpacked, PINNED).ok


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"nonsense", b'{"format":"istros-export/1"}', b"\xff\xfe", b"[" * 100_000]
)
def test_rubbish_instead_of_a_manifest(unpacked: Path, data: bytes) -> None:
    (unpacked / "manifest.json").write_bytes(data)
    assert not verify_package(unpacked).ok


def test_a_link_out_of_the_package_is_not_followed(unpacked: Path) -> None:
    film = originals(unpacked)[0]
    elsewhere = unpacked.parent / "elsewhere.mp4"
    film.rename(elsewhere)
    film.symlink_to(elsewhere)
    assert "is no plain file" in said(verify_package(unpacked, PINNED))


HOSTILE = "X\x1b[2K\u202e\u009b1A\nSigned by the node whose key you named"


def test_a_hostile_package_writes_no_line_of_its_own(unpacked: Path) -> None:
    """It is whole, signed with a key of its maker's own, and names a camera so that the terminal shows another verdict."""
    strange = unpacked / "[/red]strange.txt"  # rich takes this for a mark-up that ends before it began
    strange.parent.mkdir()
    strange.write_bytes(b"1")
    key = SigningKey.generate()
    (unpacked / "node-key.pem").write_bytes(pem_of(key.public))

    def change(manifest: dict[str, Any]) -> None:
        manifest["node"]["key"] = fingerprint(key.public)
        manifest["files"].append({"path": "[/red]strange.txt", "sha256": "00" * 32, "bytes": 1, "what": "page"})
        manifest["masks"] = {"painted": [{"camera": HOSTILE, "masks": 1, "segments": 1}], "lifted": None}

    signed(unpacked, key, change)
    verdict = verify_package(unpacked)
    for sentence in [*sentences(verdict), *sentences(Verdict(manifest=verdict.manifest))]:
        assert sentence.isprintable(), repr(sentence)
    for how in ((), ("--json",)):
        done = subprocess.run(
            [sys.executable, "-m", "istros", "verify", str(unpacked), *how], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
        assert all(letter.isprintable() or letter == "\n" for letter in done.stdout)
    assert "[/red]strange.txt" in json.dumps(json.loads(done.stdout))


def test_depth_without_end_in_a_part_is_a_finding(unpacked: Path) -> None:
    deep = b'{"rows":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    (unpacked / "case/custody.json").write_bytes(deep)
    signed(unpacked, KEY, lambda manifest: None)
    assert "does not have the form" in said(verify_package(unpacked))


def test_what_is_compressed_is_not_unpacked(unpacked: Path, tmp_path: Path) -> None:
    """42 kB that become 4 GB, or a broken stream that the unpacking fails on."""
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(path for path in unpacked.rglob("*") if path.is_file()):
            file.write(path, path.relative_to(unpacked).as_posix())
    assert "not packed as a node packs" in said(verify_package(bomb))


def test_the_command(package: Path, unpacked: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "istros", "verify", *arguments], capture_output=True, text=True, timeout=120
        )

    good = run(str(package), "--key", PINNED, "--json")
    assert good.returncode == 0 and json.loads(good.stdout)["ok"] and json.loads(good.stdout)["proven"] == 4
    originals(unpacked)[0].write_bytes(b"")
    bad = run(str(unpacked))
    assert bad.returncode == 1 and "was changed" in bad.stdout and "does NOT prove" in bad.stdout
    assert run("/nowhere").returncode == 2
    wrong = run(str(package), "--key", "nonsense")
    assert wrong.returncode == 2 and "neither the fingerprint" in wrong.stderr
