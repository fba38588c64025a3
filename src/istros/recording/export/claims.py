"""C2PA claims on what was derived from recordings: redacted films, stills, pictures of plates (docs/design/0033).

A claim lies inside the file and says what the file was made from, by which acts, by whom. The library writes the file anew,
so everything is hashed before, and the package's manifest hashes what came out. Its assertions carry random salts: two
signings of one file never give the same bytes. Nothing here asks a network: no stamp, no remote manifest, no revocation.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import istros
from istros.base.canonical import canonical
from istros.base.claim_key import ClaimKey
from istros.base.errors import IstrosError

FILM, PICTURE = "video/mp4", "image/jpeg"
SOURCE = "org.istros.source"
"""The assertion that tells camera, span, node, and the hashes of what the file was made from."""

CLAIMED = ("film", "still", "plate")
"""Kinds of files (`what` in the manifest) that can carry a claim."""

OFFLINE: dict[str, Any] = {
    "version": 1,
    "core": {"backing_store_memory_threshold_in_mb": 16},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False, "verify_trust": False},
    "builder": {
        "thumbnail": {"enabled": False},
        "actions": {
            name: {"enabled": False} for name in ("auto_created_action", "auto_opened_action", "auto_placed_action")
        },
    },
}
"""Settings of the library: it fetches nothing, claims nothing of its own accord, and keeps a long film's copy in a nameless file."""


class ClaimRefused(IstrosError):
    """A file cannot be given a claim."""

    code = "claim-refused"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a file was made from; `sha256` is of its bytes, or of the canonical list of the hashes of its parts."""

    title: str
    media: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What is claimed of a file: acts are (name of C2PA 2.x, sentence), after the opening of the origin."""

    title: str
    media: str
    origin: Origin
    acts: Sequence[tuple[str, str]]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim as the package's manifest names it: its label, and the hash of the file before it had the claim."""

    label: str
    unclaimed_sha256: str

    def as_json(self) -> dict[str, str]:
        """For a file's entry in the manifest."""
        return {"manifest": self.label, "unclaimed_sha256": self.unclaimed_sha256}


class Claims:
    """Signs claims in the name of a node; `node` holds its name, organisation, town and whether it is simulated."""

    def __init__(self, key: ClaimKey, node: Mapping[str, Any]) -> None:
        self._key, self._node = key, dict(node)
        self.certificates = key.certificates

    def file(self, source: Path, target: Path, sha256: str, statement: Statement) -> Claimed:
        """Write `source`, whose hash was taken, with a claim to `target`. ClaimRefused, OSError. Blocks."""
        with source.open("rb") as read, target.open("w+b") as written:
            return self._sign(read, written, sha256, statement)

    def picture(self, data: bytes, statement: Statement) -> tuple[bytes, Claimed]:
        """A JPEG with a claim. ClaimRefused for what is none."""
        written = io.BytesIO()
        claimed = self._sign(io.BytesIO(data), written, hashlib.sha256(data).hexdigest(), statement)
        return written.getvalue(), claimed

    def _sign(self, read: BinaryIO, written: BinaryIO, sha256: str, statement: Statement) -> Claimed:
        import c2pa

        definition = self._definition(statement, sha256)
        try:
            with (
                c2pa.Context(c2pa.Settings.from_dict(OFFLINE)) as context,
                c2pa.Builder(definition, context=context) as builder,
                c2pa.Signer.from_callback(
                    self._key.sign, c2pa.C2paSigningAlg.ES256, self.certificates.pem, None
                ) as signer,
            ):
                builder.sign(signer, statement.media, read, written)
        except c2pa.C2paError as error:
            raise ClaimRefused(
                f"{statement.title} can be given no C2PA claim: {error}.", "Look at the file; it may be damaged."
            ) from error
        return Claimed(definition["label"], sha256)

    def _definition(self, statement: Statement, sha256: str) -> dict[str, Any]:
        """The claim as the library wants it. Its name comes of what is claimed, not of chance."""
        origin = statement.origin
        facts = dict(statement.facts) | {"node": self._node, "origin_sha256": origin.sha256, "file_sha256": sha256}
        # RFC 9562 section 5.4 leaves 122 bits, which a hash fills as well as chance; C2PA takes this version alone.
        name = str(UUID(bytes=hashlib.sha256(canonical({"title": statement.title} | facts)).digest()[:16], version=4))
        opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["origin"]}}
        acts = [{"action": act, "description": sentence} for act, sentence in statement.acts]
        return {
            "claim_generator_info": [{"name": "Istros", "version": istros.__version__}],
            "title": statement.title, "format": statement.media,
            "instance_id": f"xmp:iid:{name}", "label": f"urn:c2pa:{name}",
            "ingredients": [
                {"label": "origin", "title": origin.title, "format": origin.media, "relationship": "parentOf",
                 "instance_id": f"urn:sha256:{origin.sha256}"}
            ],
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": [opened, *acts]}}, {"label": SOURCE, "data": facts},
            ],
        }  # fmt: skip


def list_hash(hashes: Sequence[str | None]) -> str:
    """The SHA-256 that stands for several files: over `{"sha256":[…]}` (RFC 8785) with theirs, in order."""
    return hashlib.sha256(canonical({"sha256": list(hashes)})).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says of itself: the claim's label, the certificate's number, and the codes of what does not hold."""

    label: str
    serial: str
    state: str
    problems: tuple[str, ...]


class ClaimUnreadable(Exception):
    """The file or its claim cannot be read at all."""


def read_claim(file: BinaryIO, media: str, anchor: str) -> Reading | None:
    """Check the claim inside a file against an anchor (PEM), offline; None where there is none. ClaimUnreadable. Blocks."""
    import c2pa

    try:
        reader = c2pa.Reader.try_create(media, file, context=_reading(anchor))
        if reader is None:
            return None
        with reader:
            report = json.loads(reader.json())
    except c2pa.C2paError as error:
        raise ClaimUnreadable(str(error)) from error
    label = str(report.get("active_manifest", ""))
    signature = report.get("manifests", {}).get(label, {}).get("signature_info", {})
    codes = sorted({str(each["code"]) for each in report.get("validation_status", [])})
    return Reading(
        label, str(signature.get("cert_serial_number", "")), str(report.get("validation_state", "")), tuple(codes)
    )


@lru_cache(maxsize=4)
def _reading(anchor: str) -> Any:
    import c2pa

    verify = OFFLINE["verify"] | {"verify_trust": True}
    return c2pa.Context(c2pa.Settings.from_dict(OFFLINE | {"verify": verify, "trust": {"trust_anchors": anchor}}))
