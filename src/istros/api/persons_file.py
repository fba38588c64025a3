"""Persons' entries in and out as a file; pictures go in one by one, and out only under a second person's release.

Whatever goes out names its recipient and the ground first (rule L16, docs/design/0042).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from istros.api.departures_shapes import RecipientShape, recipient_of
from istros.api.gate import Caller, needs
from istros.api.person_shapes import PersonImportLine, PersonImportResult, PicturesOrder
from istros.api.persons import MOST, gallery_of
from istros.api.problems import BadRequest
from istros.api.watchlist import cameras_of
from istros.api.watchlist_shapes import ImportRequest, WatchlistFileOrder
from istros.base.said import say
from istros.compliance import departures
from istros.compliance.departures import Carrier, Parcel
from istros.events import persons_file
from istros.events.entry_file import digest_of
from istros.store import Transaction
from istros.store.persons import PersonEntryRow

router = APIRouter(tags=["persons"])

_TEXTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {"schema": {"type": "string"}} for media in ("text/csv", "application/json")}}
}
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post("/persons/file/taken", response_class=Response, responses=_TEXTS)
async def take_persons_file(
    body: WatchlistFileOrder, caller: Annotated[Caller, Depends(needs("persons.read"))]
) -> Response:
    """The entries in words as a file that can be imported, for a named recipient: no template and no picture."""
    written = persons_file.as_csv if body.format == "csv" else persons_file.as_json
    name, detail = f"persons.{body.format}", dict[str, object](file=body.format)

    def work(tx: Transaction) -> str:
        entries = tx.persons.all(MOST)
        text = written(entries)
        detail["departure"] = _hand_out(tx, caller, body.recipient, name, ("sought-persons",), entries, text.encode())
        return text

    text = await caller.disclose("persons", work, detail)
    media = "text/csv; charset=utf-8" if body.format == "csv" else "application/json"
    return Response(text, media_type=media, headers=_named(name))


@router.post("/persons/file/pictures", response_class=Response, responses=_ZIP)
async def take_person_pictures(
    body: PicturesOrder, caller: Annotated[Caller, Depends(needs("persons.write"))]
) -> Response:
    """The own organisation's open entries with their pictures, for a named recipient and under one's own standing release.

    No template is among them.
    """
    gallery, name = gallery_of(caller), "persons.zip"

    def work(tx: Transaction) -> bytes:
        release, faces = persons_file.pictures_for(
            tx,
            caller.node.environment,
            caller.author,
            caller.operator.organisation,
            body.recipient.facts(),
        )
        data = persons_file.as_zip(gallery, faces)
        entries = [entry for entry, _ in faces]
        number = _hand_out(tx, caller, body.recipient, name, ("sought-persons", "sought-faces"), entries, data)
        persons_file.record_pictures(tx, caller.node.environment, caller.author, release, faces, number)
        return data

    return Response(await caller.act("persons", work), media_type="application/zip", headers=_named(name))


@router.post("/persons/file")
async def import_persons(
    body: ImportRequest, caller: Annotated[Caller, Depends(needs("persons.write"))]
) -> PersonImportResult:
    """Read a file of persons: first its preview, then all of it or its good lines. Their pictures are enrolled after it."""
    digest = digest_of(body.format, body.text)
    owner, environment = caller.operator.organisation, caller.node.environment

    def work(tx: Transaction) -> PersonImportResult:
        lines = persons_file.lines_of(environment, body.format, body.text, owner, cameras_of(caller))
        written: dict[int, str] = {}
        if body.mode != "preview":
            if body.previewed != digest:
                raise BadRequest(
                    say("file-not-previewed", "This file was not previewed."), "Look at its preview first."
                )
            written = persons_file.import_lines(tx, environment, caller.author, lines, digest, body.mode == "all")
        shapes = [_line(line, written.get(line.number)) for line in lines]
        good = sum(line.ok for line in shapes)
        return PersonImportResult(sha256=digest, lines=shapes, good=good, written=len(written))

    return await caller.act("persons", work)


def _line(line: persons_file.PersonLine, entry_id: str | None) -> PersonImportLine:
    problem = line.problem
    return PersonImportLine(
        line=line.number, name=line.name, ok=problem is None, entry_id=entry_id, picture=line.picture,
        source=line.source or None,  # type: ignore[arg-type]
        field="" if problem is None else problem.field, what="" if problem is None else problem.what,
        message="" if problem is None else problem.message, words=() if problem is None else problem.words,
    )  # fmt: skip


def _hand_out(
    tx: Transaction, caller: Caller, to: RecipientShape, name: str, classes: tuple[str, ...],
    entries: Iterable[PersonEntryRow], data: bytes,
) -> str:  # fmt: skip
    """The number under which a file goes out."""
    node, parcel = caller.node, Parcel(Carrier.PERSONS, name, classes, contents=tuple(entry.id for entry in entries))
    leaving = departures.hand_out(
        tx, node.environment, caller.operator, node.sending, recipient_of(to), parcel, data, caller.origin
    )
    return leaving.number


def _named(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
