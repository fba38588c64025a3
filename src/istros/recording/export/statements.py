"""What is claimed (C2PA) of each kind of file in a package.

C2PA's act `c2pa.redacted` is about assertions taken out of a claim, not about pictures: hiding parts is `c2pa.edited`.
"""

from __future__ import annotations

import hashlib

from istros.base.time import Time, to_iso
from istros.recording.export.claims import FILM, PICTURE, Origin, Statement, list_hash
from istros.recording.export.film import FilmFacts
from istros.recording.export.plan import PlannedFilm
from istros.store.exports import ExportJobRow
from istros.store.rows import PlateReadRow


def film_statement(job: ExportJobRow, film: PlannedFilm, facts: FilmFacts) -> Statement:
    """Of a film of which parts are hidden: made from these segments, whose hashes were taken when they were recorded."""
    first = film.segments[0]
    span = {"from": to_iso(facts.start), "to": to_iso(facts.end)}
    parts = [{"number": row.number, "sha256": row.sha256} for row in film.segments]
    title = f"Recording of {first.camera_id}, {len(parts)} segments from {to_iso(first.start)}"
    origin = Origin(title, FILM, list_hash([row.sha256 for row in film.segments]))
    acts = [
        (
            "c2pa.edited",
            "People's heads, plates, drawn fields or privacy masks are filled with one colour, as the manifest tells; who "
            "ordered the film and when is drawn into each picture.",
        ),
        ("c2pa.trimmed", "Cut to the span that was ordered."),
        ("c2pa.transcoded", "Coded again as H.264."),
    ]
    told = {"camera": first.camera_id, "stream": job.stream, "export": job.id} | span | {"segments": parts}
    return Statement(film.path, FILM, origin, acts, told)


def still_statement(path: str, camera: str, shown: Time, film_path: str, film_sha256: str) -> Statement:
    """Of a still: taken out of a film of the same package."""
    acts = [("c2pa.converted", "One picture of the film, as a JPEG, with who ordered it and when drawn in.")]
    told = {"camera": camera, "time": to_iso(shown), "film": film_path}
    return Statement(path, PICTURE, Origin(film_path, FILM, film_sha256), acts, told)


def plate_statement(path: str, read: PlateReadRow, crop: bytes) -> Statement:
    """Of a plate's picture: just as it was kept when the plate was read."""
    origin = Origin(f"Picture of read {read.id} as it was kept", PICTURE, hashlib.sha256(crop).hexdigest())
    acts = [("c2pa.repackaged", "The picture cut out when the plate was read, unchanged but for this claim.")]
    return Statement(path, PICTURE, origin, acts, {"camera": read.camera_id, "time": to_iso(read.time)})
