"""The manifest: canonical JSON (RFC 8785) that names everything in a package by its hash, and says whose it is and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import istros
from istros.base.signing import PublicKey
from istros.base.time import Time, to_iso
from istros.compliance import departures
from istros.compliance.departures import DepartureRow
from istros.recording.export.covering import DrawnField, FieldKey
from istros.recording.export.making import Covered, Maker, mark_of, original_path
from istros.recording.export.plan import Plan, PlannedCamera, PlannedFilm
from istros.store.exports import ExportJobRow
from istros.store.rows import SegmentRow

_SHARES = 1_000_000
"""Corners of drawn fields are kept as millionths of the picture's sides."""

FORMAT = "istros-export/1"
MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "node-key.pem"
CERTIFICATES = "claims.pem"
"""The certificate that C2PA claims are signed with, and its issuer's."""

PAGE, VERIFIER = "index.html", "verify.html"
STAMPS = "stamps"
"""Folder of the time stamps over the manifest (RFC 3161), one file an authority; they are younger than it, so it names the
authorities and not the files."""


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """Which node made the package."""

    name: str
    organisation: str
    town: str
    simulated: bool

    def as_json(self) -> dict[str, Any]:
        """As manifests and claims tell it."""
        return asdict(self)


def fingerprint(key: PublicKey) -> str:
    """By which people compare a public key: the SHA-256 of its 32 bytes; `PublicKey.id` is its beginning."""
    return hashlib.sha256(key.raw).hexdigest()


def make_manifest(
    job: ExportJobRow,
    plan: Plan,
    maker: Maker,
    papers: Sequence[dict[str, Any]],
    node: NodeFacts,
    covered: Covered | None,
    lift: dict[str, Any] | None,
    key: str,
    leaving: DepartureRow | None,
) -> dict[str, Any]:
    """Everything but the pages and the key, which join `files` when they are written, and `stamps` (see `stamps`)."""
    return {
        "format": FORMAT,
        "export": _export(job, plan, maker),
        "node": {
            **node.as_json(), "software": "Istros", "version": istros.__version__, "key": key,
        },
        "order": _order(job),
        "recipient": None if leaving is None else departures.told(leaving),
        "cameras": [_camera(job, camera, maker) for camera in plan.cameras],
        "claims": None if maker.claims is None else {"certificate_sha256": maker.claims.certificates.sha256},
        "masks": _masks(plan, maker, lift),
        "redaction": None if covered is None else _redaction(covered, maker),
        "files": sorted([*_files(maker), *papers], key=lambda file: str(file["path"])),
    }  # fmt: skip


def _export(job: ExportJobRow, plan: Plan, maker: Maker) -> dict[str, Any]:
    withheld = any(maker.masks_over(row) for row in plan.segments)
    return {
        "id": job.id, "kind": job.kind, "stream": job.stream, "from": to_iso(job.start), "to": to_iso(job.end),
        "made": to_iso(plan.made), "originals": job.originals and job.kind == "exact" and not withheld,
        "mark": mark_of(job),
    }  # fmt: skip


def _order(job: ExportJobRow) -> dict[str, Any]:
    return {
        "by": job.ordered_by, "organisation": job.organisation, "at": to_iso(job.ordered), "reason": job.reason,
        "permit": job.permit_number, "purpose": job.purpose, "ground": job.ground, "case": job.case_ref,
    }  # fmt: skip


def _camera(job: ExportJobRow, camera: PlannedCamera, maker: Maker) -> dict[str, Any]:
    films = [(f"{camera.id}/{number}", film) for number, film in enumerate(camera.films)]
    return {
        "id": camera.id,
        "name": camera.name,
        "town": camera.town,
        "owner": camera.owner,
        "latitude": None if camera.latitude is None else str(camera.latitude),
        "longitude": None if camera.longitude is None else str(camera.longitude),
        "clock_offset_ms": camera.clock_offset_ms,
        "films": [film for each in films for film in _film(job, maker, *each)],
        "segments": [
            _segment(maker, key, number, row) for key, film in films for number, row in enumerate(film.segments)
        ],
        "gaps": [
            {"from": to_iso(start), "to": None if end is None else to_iso(end), "cause": cause, "detail": detail}
            for start, end, cause, detail in camera.gaps
        ],
        "chain": camera.proof,
    }


def _film(job: ExportJobRow, maker: Maker, key: str, film: PlannedFilm) -> Iterable[dict[str, Any]]:
    made = maker.made(key)
    if made is None:
        return
    yield {
        "path": film.path,
        "from": to_iso(made.facts.start),
        "to": to_iso(made.facts.end),
        "pictures": made.facts.pictures,
        "coding": "all coded again" if maker.is_coded_again(film) else "copied but for what `coded_again` names",
        "coded_again": [
            {
                "from": to_iso(part.start), "to": to_iso(part.end), "pictures": part.pictures,
                "psnr_db": None if part.psnr_db is None else f"{part.psnr_db:.1f}",
            }
            for part in made.facts.recoded
        ],
    }  # fmt: skip


def _segment(maker: Maker, key: str, number: int, row: SegmentRow) -> dict[str, Any]:
    original = maker.original(key, number)
    return {
        "id": row.id,
        "number": row.number,
        "from": to_iso(row.start),
        "to": to_iso(row.end),
        "pictures": row.frames,
        "bytes": row.size_bytes,
        "sha256": row.sha256,
        "path": original_path(row) if original is not None else None,
        "as_recorded": None if original is None or row.sha256 is None else original.as_indexed,
    }


def _masks(plan: Plan, maker: Maker, lift: dict[str, Any] | None) -> dict[str, Any]:
    """What privacy masks hide in this package, or under which release they were lifted; originals under one stay at the node."""
    painted = [
        {
            "camera": camera.id,
            "masks": len(masks),
            "segments": sum(bool(maker.masks_over(row)) for row in camera.segments),
        }
        for camera in plan.cameras
        if (masks := {mask for row in camera.segments for mask in maker.masks_over(row)})
    ]
    return {"painted": painted, "lifted": lift}


def _redaction(covered: Covered, maker: Maker) -> dict[str, Any]:
    return {
        "people": covered.people,
        "plates": covered.plates,
        "fields": len(covered.fields),
        "models": list(maker.finder_names),
        "method": "every hidden part is filled with its own mean colour in each picture, which cannot be undone; "
        "heads are the upper part of each person found, plates are every line of text found; what is found is hidden "
        "0.7 s before and after, too",
        "to_review": [{"camera": camera, "at": to_iso(time)} for camera, time in maker.to_review()],
    }


def _files(maker: Maker) -> Iterable[dict[str, Any]]:
    for key, film in maker.films():
        made = maker.made(key)
        if made is not None:
            entry = {"path": film.path, "bytes": made.size_bytes, "sha256": made.sha256, "what": "film"}
            yield entry if made.claim is None else entry | {"claim": made.claim.as_json()}
        for number in range(len(film.segments)):
            original = maker.original(key, number)
            if original is not None:
                yield {
                    "path": original.path, "bytes": original.size_bytes, "sha256": original.sha256, "what": "original"
                }  # fmt: skip


def parse_covered(text: str) -> Covered:
    """`ExportJobRow.covered` as types; the API wrote it."""
    data = json.loads(text)
    fields: Sequence[dict[str, Any]] = data["fields"]
    return Covered(
        bool(data["people"]),
        bool(data["plates"]),
        tuple(
            DrawnField(
                field["camera"],
                tuple(
                    FieldKey(Time(key["time"]), tuple((x / _SHARES, y / _SHARES) for x, y in key["points"]))
                    for key in field["keys"]
                ),
            )
            for field in fields
        ),
    )
