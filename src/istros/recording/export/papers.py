"""The papers of a case beside its films: what was read and alarmed there, and who touched the footage (docs/design/0033).

Everything is written once as JSON, for machines, and as CSV, for people. A redacted package tells nothing of plates but
those that were asked for by name: whoever gets it may not learn from a table what the film hides.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog

from istros.base.canonical import canonical
from istros.base.spreadsheets import harmless
from istros.base.time import SECOND, Span, Time, from_iso, to_iso
from istros.devices.camera import Camera
from istros.recording.export.claims import Claimed, ClaimRefused, Claims, Statement
from istros.recording.export.making import MadeFilm, mark_of
from istros.recording.export.plan import Plan
from istros.recording.export.statements import plate_statement, still_statement
from istros.recording.plate_pictures import shown_crop
from istros.store import Transaction
from istros.store.exports import ExportJobRow
from istros.store.faces import FaceCandidateRow, FaceVerdictRow
from istros.store.rows import AlarmRow, AuditRow, PlateReadRow
from istros.video.film_stills import pictures_of_film
from istros.video.packet import MEDIA_RATE
from istros.video.stills import jpeg_of, with_metadata

FOLDER = "case"
ALARMS, READS, CUSTODY = f"{FOLDER}/alarms.json", f"{FOLDER}/plate-reads.json", f"{FOLDER}/custody.json"
FACES = f"{FOLDER}/faces.json"
CUSTODY_FORMAT = "istros-custody-1"

TOUCHING = ("playback.view", "exports.order", "exports.fetch", "holds.place", "plates.search", "faces.searched")
"""Acts by which somebody sees, takes out or keeps footage."""

MOST_ACTS = 20_000
"""Acts looked through for those on the footage; where there are more, the custody log says so."""

MOST_STILLS = 500
"""In one package."""

_LOG = structlog.get_logger("istros.exporter")


@dataclass(frozen=True, slots=True)
class Found:
    """What the database has on the case."""

    alarms: tuple[tuple[AlarmRow, tuple[AuditRow, ...]], ...]
    reads: tuple[PlateReadRow, ...]
    crops: Mapping[str, bytes]
    custody: tuple[AuditRow, ...]
    custody_cut: bool
    """Whether more acts were there than were looked through."""
    faces: tuple[tuple[FaceCandidateRow, tuple[FaceVerdictRow, ...]], ...] = ()
    """What two people confirmed of searches for a face in the order's case; none in a redacted package."""


def collect(tx: Transaction, job: ExportJobRow, plan: Plan, cameras: Sequence[Camera] = ()) -> Found:
    """Read everything in one state of the database; pictures of plates that lie under a privacy mask are left out."""
    papers, span = job.asked_papers, Span(job.start, job.end)
    alarms = [
        (alarm, tuple(tx.audit.each_about(alarm.id))[::-1])
        for camera in job.cameras
        if papers.alarms
        for alarm in tx.alarms.between(camera, span)
    ]
    reads = [read for camera in job.cameras if papers.reads for read in tx.reads.between(camera, span)]
    kept = tuple(read for read in reads if job.tells_plate(read.text))
    crops = {
        read.id: crop
        for read in kept
        if (crop := tx.reads.crop(read.id) if job.lifted_under else shown_crop(tx, cameras, read))
    }
    acts, is_cut = _acts(tx, job, plan)
    return Found(tuple(alarms), kept, crops, acts, is_cut, tuple(_confirmed(tx, job)))


def _confirmed(tx: Transaction, job: ExportJobRow) -> Iterable[tuple[FaceCandidateRow, tuple[FaceVerdictRow, ...]]]:
    for search in tx.face_searches.of_case(job.case_ref) if job.kind == "exact" else []:
        for face in tx.faces.of_search(search.id):
            if face.outcome == "confirmed" and face.camera_id in job.cameras and job.start <= face.time < job.end:
                yield face, tuple(tx.faces.verdicts(face.id))


def _acts(tx: Transaction, job: ExportJobRow, plan: Plan) -> tuple[tuple[AuditRow, ...], bool]:
    """Acts on this package, on its permit, and (unless it is redacted) on its footage since it was recorded, in their order."""
    own = {row.sequence: row for subject in (job.id, job.permit_id) for row in tx.audit.each_about(subject)}
    if job.kind == "redacted":
        return tuple(own[number] for number in sorted(own)), False
    first = min(row.start for row in plan.segments)
    rows = tx.audit.of_actions(TOUCHING, first, MOST_ACTS)
    touched = {row.sequence: row for row in rows if _touches(row, job)}
    found = own | touched
    return tuple(found[number] for number in sorted(found)), len(rows) == MOST_ACTS


def _touches(row: AuditRow, job: ExportJobRow) -> bool:
    """Whether an act is about one of the cameras and, as far as it says when, about the span."""
    detail = json.loads(row.detail)
    named = {*row.subject.split(","), *_texts(detail.get("cameras")), *_texts(detail.get("camera"))}
    if row.result == "refused" or not named & set(job.cameras):
        return False
    since, until = _moment(detail.get("from")), _moment(detail.get("to"))
    at = _moment(detail.get("time"))
    since, until = (since, until) if at is None else (at, at)
    return (since is None or since < job.end) and (until is None or until >= job.start)


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [value] if isinstance(value, str) else []


def _moment(value: object) -> Time | None:
    try:
        return from_iso(value) if isinstance(value, str) and value else None
    except ValueError:
        return None


def write(
    folder: Path, job: ExportJobRow, found: Found, films: Mapping[str, MadeFilm], claims: Claims | None = None
) -> list[dict[str, Any]]:
    """Write the papers below `folder`, where the films lie under these paths; the manifest's entries of them. Blocks.

    Pictures get a C2PA claim where there is somebody to sign one.
    """
    papers = job.asked_papers
    statements: dict[str, Statement] = {}
    files: dict[str, tuple[str, bytes]] = {CUSTODY: ("custody", canonical(custody_json(found)))}
    if papers.alarms:
        alarms = [_alarm(job, alarm, history) for alarm, history in found.alarms]
        files[ALARMS] = "alarms", canonical({"alarms": alarms})
        files[_table_of(ALARMS)] = "alarms", table(_without_history(alarm) for alarm in alarms)
    if found.faces:
        faces = [_face(face, verdicts) for face, verdicts in found.faces]
        files[FACES] = "confirmed faces", canonical({"faces": faces})
    if papers.reads:
        reads = [_read(read, found.crops) for read in found.reads]
        files[READS] = "plate reads", canonical({"reads": reads})
        files[_table_of(READS)] = "plate reads", table(reads)
        kept = [read for read in found.reads if read.id in found.crops]
        files |= {crop_path(read): ("plate", found.crops[read.id]) for read in kept}
        statements |= {crop_path(read): plate_statement(crop_path(read), read, found.crops[read.id]) for read in kept}
    if papers.stills:
        for path, data, statement in _stills(folder, found, films, mark_of(job)):
            files[path], statements[path] = ("still", data), statement
    return [
        _put(folder, path, what, *_claimed(data, statements.get(path), claims))
        for path, (what, data) in sorted(files.items())
    ]


def _claimed(data: bytes, statement: Statement | None, claims: Claims | None) -> tuple[bytes, Claimed | None]:
    """The picture with its claim. One that is damaged goes as it is, without: it is evidence all the same."""
    if statement is None or claims is None:
        return data, None
    try:
        return claims.picture(data, statement)
    except ClaimRefused as refusal:
        _LOG.warning("a picture goes without a claim", picture=statement.title, problem=str(refusal))
        return data, None


def _put(folder: Path, path: str, what: str, data: bytes, claim: Claimed | None) -> dict[str, Any]:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    entry = {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "what": what}
    return entry if claim is None else entry | {"claim": claim.as_json()}


def _stills(
    folder: Path, found: Found, films: Mapping[str, MadeFilm], mark: str
) -> Iterable[tuple[str, bytes, Statement]]:  # fmt: skip
    """Pictures out of the films themselves, so that what a film hides stays hidden: its first, and one for each alarm and
    each confirmed face. The mark is drawn into each; where the film has it already, it comes to lie on itself."""
    names: set[str] = set()
    for path, film in films.items():
        camera, start = path.split("/")[0], film.facts.start
        alarmed = [alarm.time for alarm, _ in found.alarms if alarm.camera_id == camera]
        alarmed += [face.time for face, _ in found.faces if face.camera_id == camera]
        wanted = [start, *(time for time in alarmed if start <= time < film.facts.end)]
        for _, picture in pictures_of_film(folder / path, [_ticks(time - start) for time in wanted]):
            shown = Time(start + picture.shown * SECOND // MEDIA_RATE)
            facts = {
                "istros:camera": camera,
                "istros:time": to_iso(shown),
                "istros:film": film.sha256,
                "istros:mark": mark,
            }
            name = f"stills/{camera}_{to_iso(shown).replace(':', '')}.jpg"
            if name not in names:
                names.add(name)
                yield (
                    name,
                    with_metadata(jpeg_of(picture, mark=mark), facts),
                    still_statement(name, camera, shown, path, film.sha256),
                )
            if len(names) >= MOST_STILLS:
                return


def _ticks(micros: int) -> int:
    return micros * MEDIA_RATE // SECOND


def custody_json(found: Found) -> dict[str, Any]:
    """The rows of the audit chain just as they stand there: each hash can be made again from its row (docs/design/0004)."""
    return {"format": CUSTODY_FORMAT, "cut": found.custody_cut, "rows": [asdict(row) for row in found.custody]}


def crop_path(read: PlateReadRow) -> str:
    """Where the picture of a plate lies."""
    return f"{FOLDER}/plates/{read.camera_id}_{to_iso(read.time).replace(':', '')}_{read.id}.jpg"


def _alarm(job: ExportJobRow, alarm: AlarmRow, history: Sequence[AuditRow]) -> dict[str, Any]:
    tells = job.tells_alarm_of(alarm.plate)
    return {
        "id": alarm.id, "kind": alarm.kind, "priority": alarm.priority, "camera": alarm.camera_id,
        "time": to_iso(alarm.time), "raised": to_iso(alarm.raised), "last": to_iso(alarm.last_time),
        "count": alarm.count, "title": alarm.title if tells else "", "plate": alarm.plate if tells else "",
        "plate_read": alarm.plate_read if tells else "", "match": alarm.match, "state": alarm.state.value,
        "acknowledged": _iso(alarm.acknowledged), "acknowledged_by": alarm.acknowledged_by or "",
        "closed": _iso(alarm.closed), "closed_by": alarm.closed_by or "", "verdict": alarm.verdict or "",
        "note": alarm.note if tells else "",
        "history": [
            {"time": to_iso(row.time), "by": row.actor, "act": row.action, "result": row.result, "row": row.sequence,
             "hash": row.hash}
            for row in history
        ],
    }  # fmt: skip


def _face(face: FaceCandidateRow, verdicts: Sequence[FaceVerdictRow]) -> dict[str, Any]:
    """Where and when somebody was confirmed to be the person of the case's search, and on whose word."""
    return {
        "id": face.id, "search": face.search_id or "", "camera": face.camera_id, "time": to_iso(face.time),
        "distance": f"{face.distance:.3f}", "threshold": f"{face.threshold:.3f}",
        "false_match_rate": f"{face.false_match_rate:.5f}", "picture_sha256": face.sha256,
        "verdicts": [
            {"by": each.by, "time": to_iso(each.time), "verdict": each.verdict, "reason": each.reason}
            for each in verdicts
        ],
    }  # fmt: skip


def _without_history(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in alarm.items() if name != "history"}


_MACHINE, _PERSON = "the machine", "corrected by a person"
"""Whose word the plate is; `others` are always the machine's."""


def _read(read: PlateReadRow, crops: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "id": read.id, "camera": read.camera_id, "time": to_iso(read.time), "plate": read.text,
        "country": read.country or "", "confidence": "" if read.sureness is None else f"{read.sureness:.3f}",
        "read_by": _MACHINE if read.corrected is None else _PERSON, "corrected": _iso(read.corrected),
        "corrected_by": read.corrected_by or "",
        "others": "; ".join(f"{text} ({score:.3f})" for text, score in read.alternatives),
        "vehicle": read.vehicle_class or "", "colour": read.vehicle_colour or "", "direction": read.direction or "",
        "frames_read": read.frames_read, "plate_width_px": read.plate_width_px, "track": read.track_id,
        "picture": crop_path(read) if read.id in crops else "",
        "picture_sha256": hashlib.sha256(crops[read.id]).hexdigest() if read.id in crops else "",
    }  # fmt: skip


def _iso(time: Time | None) -> str:
    return "" if time is None else to_iso(time)


def _table_of(path: str) -> str:
    return path.removesuffix(".json") + ".csv"


def table(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """CSV (RFC 4180) in UTF-8 with a byte order mark, as spreadsheets want it; no cell can be taken for a formula."""
    listed = list(rows)
    text = io.StringIO()
    writer = csv.writer(text)
    if listed:
        writer.writerow(listed[0])
        writer.writerows([harmless(str(value)) for value in row.values()] for row in listed)
    return b"\xef\xbb\xbf" + text.getvalue().encode()
