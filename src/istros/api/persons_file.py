"""Persons' entries in and out as a file; pictures go in one by one, and out only under a second person's release."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response

from istros.api.gate import Caller, needs
from istros.api.person_shapes import PersonImportLine, PersonImportResult
from istros.api.persons import MOST, gallery_of
from istros.api.problems import BadRequest
from istros.api.watchlist import cameras_of
from istros.api.watchlist_shapes import ImportRequest
from istros.events import persons_file
from istros.events.entry_file import digest_of
from istros.store import Transaction

router = APIRouter(tags=["persons"])

_TEXTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {"schema": {"type": "string"}} for media in ("text/csv", "application/json")}}
}
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/persons/file", response_class=Response, responses=_TEXTS)
async def export_persons(
    caller: Annotated[Caller, Depends(needs("persons.read"))], format: Literal["csv", "json"] = "csv"
) -> Response:
    """The entries in words as a file that can be imported: no template and no picture."""
    written = persons_file.as_csv if format == "csv" else persons_file.as_json
    text = await caller.disclose("persons", lambda tx: written(tx.persons.all(MOST)), {"file": format})
    media = "text/csv; charset=utf-8" if format == "csv" else "application/json"
    return Response(text, media_type=media, headers=_named(f"persons.{format}"))


@router.get("/persons/file/pictures", response_class=Response, responses=_ZIP)
async def export_person_pictures(caller: Annotated[Caller, Depends(needs("persons.write"))]) -> Response:
    """The own organisation's open entries with their pictures, under one's own standing release; no template."""
    gallery, environment = gallery_of(caller), caller.node.environment

    def work(tx: Transaction) -> Any:
        now = environment.clock.now()
        return persons_file.pictures_for(tx, environment, caller.author, caller.operator.organisation, now)

    faces = await caller.act("persons", work)
    data = await environment.workers.run(persons_file.as_zip, gallery, faces)
    return Response(data, media_type="application/zip", headers=_named("persons.zip"))


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
                raise BadRequest("This file was not previewed.", "Look at its preview first.")
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
        message="" if problem is None else problem.message,
    )  # fmt: skip


def _named(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
