"""From finished films to the package: page, key, manifest, signature, and one ZIP that only appears when it is whole."""

from __future__ import annotations

import base64
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from istros.base.canonical import canonical
from istros.base.signing import PublicKey, SigningKey
from istros.recording.export.film import hash_file
from istros.recording.export.manifest import CERTIFICATES, MANIFEST, PAGE, PUBLIC_KEY, SIGNATURE, VERIFIER
from istros.recording.export.page import render_page
from istros.recording.export.verifier import verifier_page

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""A ZIP's first date (APPNOTE 4.4.6): the same export gives the same bytes."""


_ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410 section 4)."""


def pem_of(key: PublicKey) -> bytes:
    """The public key as a PEM file, as openssl reads it."""
    body = base64.b64encode(_ED25519_SPKI + key.raw)
    return b"-----BEGIN PUBLIC KEY-----\n" + body + b"\n-----END PUBLIC KEY-----\n"


def key_of_pem(pem: bytes) -> PublicKey:
    """The inverse of `pem_of`. ValueError when it is no Ed25519 key."""
    body = b"".join(line for line in pem.split(b"\n") if line and not line.startswith(b"-----"))
    data = base64.b64decode(body, validate=True)
    if len(data) != len(_ED25519_SPKI) + 32 or not data.startswith(_ED25519_SPKI):
        raise ValueError("the file holds no Ed25519 public key")
    return PublicKey(data[len(_ED25519_SPKI) :])


def seal(folder: Path, manifest: dict[str, Any], key: SigningKey, language: str, certificates: str = "") -> str:
    """Write the page, the keys, the manifest and its signature; the manifest's SHA-256. Blocks.

    `certificates` is the PEM that claims are checked with, where the package holds claims.
    """
    page = render_page(manifest, language).encode()
    more = {PAGE: page, VERIFIER: verifier_page(language), PUBLIC_KEY: pem_of(key.public)}
    kinds = [(PAGE, "page"), (VERIFIER, "verifier"), (PUBLIC_KEY, "key")]
    if certificates:
        more[CERTIFICATES] = certificates.encode()
        kinds.append((CERTIFICATES, "certificate"))
    files = list(manifest["files"])
    for name, what in kinds:
        (folder / name).write_bytes(more[name])
        digest, size = hash_file(folder / name)
        files.append({"path": name, "bytes": size, "sha256": digest, "what": what})
    whole = manifest | {"files": sorted(files, key=lambda file: str(file["path"]))}
    (folder / MANIFEST).write_bytes(canonical(whole))
    (folder / SIGNATURE).write_bytes(key.sign(whole).encode())
    return hash_file(folder / MANIFEST)[0]


def pack(folder: Path, target: Path) -> int:
    """Everything below `folder` as one ZIP, stored as it is; returns its length. Blocks."""
    partial = target.with_name(target.name + ".part")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    first = [folder / name for name in (PAGE, VERIFIER, MANIFEST, SIGNATURE, PUBLIC_KEY)]
    ordered = [*first, *(path for path in paths if path not in first)]
    with partial.open("wb") as file:
        write_zip(file, ((path.relative_to(folder).as_posix(), _pieces(path), path.stat().st_size) for path in ordered))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)
    return target.stat().st_size


def write_zip(file: Any, entries: Iterable[tuple[str, Iterable[bytes], int]]) -> None:
    """Names, bytes and lengths as a ZIP; the same entries always give the same bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as package:
        for name, pieces, size in entries:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.file_size = size
            with package.open(entry, "w") as place:
                for piece in pieces:
                    place.write(piece)


def _pieces(path: Path) -> Iterable[bytes]:
    with path.open("rb") as source:
        while piece := source.read(1 << 20):
            yield piece
