"""Checks a package without a node: every hash, the signature, the order of the segments, and their chain.

Each thing that is wrong is one sentence. Without a pinned key a package can only prove that it is of one piece: somebody
who forges everything can sign it with a key of their own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from istros.base.canonical import canonical
from istros.base.plain_words import one_line
from istros.base.time import from_iso
from istros.recording.chain_proof import Claim, check_proof
from istros.recording.export.claims_check import check_claims
from istros.recording.export.container import Container, PackageUnreadable, open_container
from istros.recording.export.manifest import FORMAT, MANIFEST, PUBLIC_KEY, SIGNATURE, fingerprint
from istros.recording.export.package import key_of_pem
from istros.recording.export.papers import CUSTODY
from istros.recording.export.stamps import HeldStamp, check_stamps, is_stamp, stamps_missing

_MOST_MANIFEST_BYTES = 256 << 20
_MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What a manifest or a log of another form than a node's raises where it is read."""
_LEAST_KEY_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in a sentence; `code` is stable, `subject` a path or an id."""

    code: str
    subject: str
    sentence: str


@dataclass(slots=True)
class Verdict:
    """What was looked at and what is wrong."""

    findings: list[Finding] = field(default_factory=list)
    manifest: Mapping[str, Any] | None = None
    key: str = ""
    pinned: bool = False
    """Whether the key was one that the caller named."""
    files: int = 0
    bytes_hashed: int = 0
    segments: int = 0
    proven: int = 0
    """Segments whose place in the recorder's chain was proven."""
    acts: int = 0
    """Rows of the custody log whose hash fits."""
    claims: int = 0
    """C2PA claims that hold."""
    stamps: list[HeldStamp] = field(default_factory=list)
    """Each time stamp over the manifest."""

    @property
    def masks(self) -> Iterator[str]:
        """What the manifest says of privacy masks, for people; packages from before there were any say nothing."""
        told: Mapping[str, Any] = (self.manifest or {}).get("masks") or {"painted": [], "lifted": None}
        if told["lifted"] is not None:
            lift = told["lifted"]
            yield (
                f"Privacy masks were LIFTED under the release {lift['release']}, which {lift['asked_by']} asked for and "
                f"{lift['released_by'] or 'nobody else yet'} released."
            )
        for one in told["painted"]:
            yield f"Privacy masks of {one['camera']} are painted over: {one['masks']}, in {one['segments']} segments."

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def wrong(self, code: str, subject: str, sentence: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, subject, sentence))


def verify_package(path: Path, key: str = "", progress: Callable[[str], None] = lambda text: None) -> Verdict:
    """Check the folder or ZIP at `path`; `key` is a fingerprint (at least 16 digits) or the path of a PEM file.

    PackageUnreadable when there is no such package or no such key at all.
    """
    wanted = wanted_digits(key) if key else None
    verdict = Verdict(pinned=wanted is not None)
    try:
        container = open_container(path)
    except PackageUnreadable as error:
        if not path.exists():
            raise
        verdict.wrong("unreadable", path.name, error.message)
        return verdict
    manifest = _manifest(container, verdict)
    if manifest is None:
        return verdict
    verdict.manifest = manifest
    try:
        _signature(container, manifest, wanted, verdict)
        _files(container, manifest, verdict, progress)
        for camera in manifest["cameras"]:
            _segments(camera, manifest, verdict)
            _chain(camera, manifest, verdict)
        _custody(container, verdict)
        verdict.claims = check_claims(container, manifest, lambda path, said: verdict.wrong("claim", path, said))
        _stamps(container, manifest, verdict)
    except _MALFORMED:
        verdict.wrong("manifest", MANIFEST, "The manifest does not have the form of an Istros export: it was edited.")
    if not container.is_as_packed() and verdict.ok:
        verdict.wrong(
            "container", path.name,
            "The ZIP file was changed or packed again since it left the node; unpack it and verify the folder to check "
            "its files alone.",
        )  # fmt: skip
    return verdict


def wanted_digits(text: str) -> str:
    """The digits that the key's fingerprint must begin with."""
    digits = text.strip().lower().replace(":", "").replace(" ", "")
    if _LEAST_KEY_DIGITS <= len(digits) <= 64 and all(digit in "0123456789abcdef" for digit in digits):
        return digits
    try:
        return fingerprint(key_of_pem(Path(text).read_bytes()))
    except (OSError, ValueError):
        raise PackageUnreadable(
            f"'{text}' is neither the fingerprint of a key nor a file with a public key.",
            f"Give at least {_LEAST_KEY_DIGITS} hexadecimal digits of the fingerprint, or the path of a PEM file.",
        ) from None


def _manifest(container: Container, verdict: Verdict) -> Mapping[str, Any] | None:
    names = container.names()
    if MANIFEST not in names:
        verdict.wrong("manifest", MANIFEST, "The package has no manifest: it was removed, or this is no Istros export.")
        return None
    try:
        data = _read(container, MANIFEST)
        manifest = json.loads(data)
        is_canonical = isinstance(manifest, dict) and canonical(manifest) == data and manifest["format"] == FORMAT
    except PackageUnreadable as error:
        verdict.wrong("manifest", MANIFEST, error.message)
        return None
    except (ValueError, TypeError, KeyError, RecursionError):
        is_canonical, manifest = False, {}
    if not is_canonical:
        verdict.wrong("manifest", MANIFEST, "The manifest was edited: it is not in the form in which a node writes it.")
        return None
    return dict(manifest)


def _signature(container: Container, manifest: Mapping[str, Any], wanted: str | None, verdict: Verdict) -> None:
    try:
        key = key_of_pem(_read(container, PUBLIC_KEY))
        signature = _read(container, SIGNATURE).decode("ascii")
    except (PackageUnreadable, ValueError):
        verdict.wrong(
            "signature",
            SIGNATURE,
            "The signature or the public key is missing or damaged: nothing proves the manifest.",
        )
        return
    verdict.key = fingerprint(key)
    if not key.holds(manifest, signature) or not _is_plain(signature):
        verdict.wrong(
            "signature", SIGNATURE, "The manifest is forged or was edited: the signature does not hold for it."
        )
    elif manifest["node"]["key"] != verdict.key:
        verdict.wrong("key", PUBLIC_KEY, "The package is signed with another key than the one that its manifest names.")
    if wanted is not None and not verdict.key.startswith(wanted):
        said = f"The package is signed with the key {verdict.key[:16]}…, not with the one you named"
        verdict.wrong("key", PUBLIC_KEY, f"{said}: it is not from that node.")


def _is_plain(signature: str) -> bool:
    """Base64 can be written in several ways; a node writes one."""
    return base64.b64encode(base64.b64decode(signature)).decode() == signature


def _files(
    container: Container, manifest: Mapping[str, Any], verdict: Verdict, progress: Callable[[str], None]
) -> None:
    there = Counter(container.names())
    listed = {str(file["path"]): file for file in manifest["files"]}
    for name, count in there.items():
        if count > 1:
            verdict.wrong("extra", name, f"{name} is in the package {count} times.")
        if name not in listed and name not in (MANIFEST, SIGNATURE) and not is_stamp(name):
            verdict.wrong("extra", name, f"{name} was added to the package: the manifest does not name it.")
    for name, file in listed.items():
        progress(name)
        if name not in there:
            verdict.wrong("missing", name, f"{name} was removed from the package.")
        elif not _is_safe(name):
            verdict.wrong("manifest", name, f"{name} is no path inside the package.")
        else:
            _file(container, name, file, verdict)


def _file(container: Container, name: str, file: Mapping[str, Any], verdict: Verdict) -> None:
    digest, length = hashlib.sha256(), 0
    try:
        for piece in container.pieces(name):
            digest.update(piece)
            length += len(piece)
    except PackageUnreadable as error:
        verdict.wrong("changed", name, error.message)
        return
    verdict.files += 1
    verdict.bytes_hashed += length
    if (digest.hexdigest(), length) != (file["sha256"], file["bytes"]):
        verdict.wrong("changed", name, f"{name} was changed: its bytes are not those that the manifest names.")


def _segments(camera: Mapping[str, Any], manifest: Mapping[str, Any], verdict: Verdict) -> None:
    """Originals are what the recorder hashed, none is left out, and they stand in the order of time."""
    hashes = {file["path"]: file["sha256"] for file in manifest["files"]}
    segments = list(camera["segments"])
    verdict.segments += len(segments)
    for segment in segments:
        name = f"Segment {segment['id']} of {camera['id']}"
        if manifest["export"]["originals"] and segment["path"] not in hashes:
            verdict.wrong("segment", segment["id"], f"{name} is named by the manifest, and its file is not.")
        elif segment["path"] is not None and segment["as_recorded"] is False:
            verdict.wrong("segment", segment["id"], f"{name} was no longer as recorded when it was exported.")
        elif segment["path"] is not None and segment["sha256"] not in (None, hashes[segment["path"]]):
            verdict.wrong("segment", segment["id"], f"{name} is another than the recorder wrote: the hashes differ.")
    for before, after in pairwise(segments):
        if not before["from"] < before["to"] <= after["from"]:
            verdict.wrong(
                "order", after["id"], f"Segment {after['id']} of {camera['id']} does not stand in the order of time."
            )
    named = {segment["path"] for segment in segments if segment["path"] is not None}
    for path in hashes:
        if path.startswith(f"originals/{camera['id']}/") and path not in named:
            verdict.wrong("segment", path, f"{path} was inserted: no segment of {camera['id']} lies there.")


def _chain(camera: Mapping[str, Any], manifest: Mapping[str, Any], verdict: Verdict) -> None:
    """Each segment stands in the recorder's chain, and none that the chain has in the span is left out."""
    stream, proof = manifest["export"]["stream"], camera["chain"]
    numbered = [segment for segment in camera["segments"] if segment["number"] is not None]
    if proof is None:
        if numbered:
            verdict.wrong(
                "chain", camera["id"], f"The proof that the segments of {camera['id']} stand in the chain is missing."
            )
        return
    claims = [Claim(camera["id"], stream, segment["number"], segment["sha256"]) for segment in numbered]
    report = check_proof(proof, claims)
    for finding in report.findings:
        verdict.wrong("chain", camera["id"], f"The chain of {finding.stream} is broken: {finding.sentence}")
    if not report.findings:
        verdict.proven += len(claims) - report.unsigned
        _left_out(camera, proof, from_iso(manifest["export"]["from"]), from_iso(manifest["export"]["to"]), verdict)


def _left_out(camera: Mapping[str, Any], proof: Mapping[str, Any], start: int, end: int, verdict: Verdict) -> None:
    """Segments that the chain has in the span, that were not deleted by the node, and that the package does not name."""
    named = {segment["number"] for segment in camera["segments"]}
    for stretch in proof["stretches"]:
        for link in stretch["links"]:
            inside = link["start"] < end and link["end"] > start
            if inside and link["removed"] is None and link["number"] not in named:
                name = f"Segment {link['number']} of {camera['id']}"
                verdict.wrong("chain", camera["id"], f"{name} lies in the span and was removed from the package.")


def _stamps(container: Container, manifest: Mapping[str, Any], verdict: Verdict) -> None:
    there = {name: _read(container, name) for name in container.names() if is_stamp(name)}
    data = _read(container, MANIFEST)
    verdict.stamps = check_stamps(manifest, data, there, lambda path, said: verdict.wrong("stamp", path, said))


def _custody(container: Container, verdict: Verdict) -> None:
    """Each act of the custody log is as it stood in the node's audit chain."""
    if CUSTODY not in container.names():
        return
    try:
        rows = json.loads(_read(container, CUSTODY))["rows"]
    except (PackageUnreadable, ValueError):
        return  # That its bytes were changed was said.
    for row in rows:
        facts = {name: value for name, value in row.items() if name != "hash"}
        if hashlib.sha256(canonical(facts)).hexdigest() == row["hash"]:
            verdict.acts += 1
        else:
            sentence = f"Act {row['sequence']} of the custody log was changed: its hash does not fit."
            verdict.wrong("custody", str(row["sequence"]), sentence)


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _read(container: Container, name: str) -> bytes:
    data = b""
    for piece in container.pieces(name):
        data += piece
        if len(data) > _MOST_MANIFEST_BYTES:
            raise PackageUnreadable(f"{name} is longer than any that a node writes.")
    return data


def sentences(verdict: Verdict) -> Iterator[str]:
    """The verdict for people, each sentence one line: what a hostile package calls things writes no line of its own."""
    yield from map(one_line, _sentences(verdict))


def _sentences(verdict: Verdict) -> Iterator[str]:
    yield from (finding.sentence for finding in verdict.findings)
    if not verdict.ok:
        yield "This package does NOT prove what it shows."
        return
    yield (
        f"Whole and unchanged: {verdict.files} files, {verdict.segments} segments, {verdict.proven} of them proven in the "
        f"recorder's chain, acts in the custody log: {verdict.acts}, C2PA claims: {verdict.claims}."
    )
    yield from verdict.masks
    yield from map(str, verdict.stamps)
    yield from stamps_missing(verdict.manifest or {})
    if verdict.pinned:
        yield f"Signed by the node whose key you named ({verdict.key[:16]}…)."
    else:
        yield (
            f"This only proves that the package is of one piece: ask the node for its key ({verdict.key[:16]}…?) and verify "
            "again with --key."
        )
