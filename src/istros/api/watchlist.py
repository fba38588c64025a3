"""The plates that are sought."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from istros.api.departures_shapes import recipient_of
from istros.api.gate import Caller, needs
from istros.api.problems import BadRequest, NotAllowed
from istros.api.shapes import entry_shape
from istros.api.watchlist_shapes import (
    EntryClosing,
    ImportLine,
    ImportRequest,
    ImportResult,
    ReasonsRequest,
    WatchlistEntry,
    WatchlistFileOrder,
    WatchlistRequest,
)
from istros.base.said import say
from istros.base.time import from_iso
from istros.compliance import departures, request_acts
from istros.compliance.departures import Carrier, Parcel
from istros.compliance.request_acts import Act
from istros.events import watchlist, watchlist_file
from istros.events.reasons import Reasons
from istros.store import Transaction

router = APIRouter(tags=["watchlist"])

MOST = 1000
"""Entries in one answer, newest first."""

_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
        }
    }
}


@router.get("/watchlist")
async def list_watchlist(caller: Annotated[Caller, Depends(needs("watchlist.read"))]) -> list[WatchlistEntry]:
    """Every entry, the open ones and those that ended."""
    now = caller.node.environment.clock.now()
    return await caller.disclose("watchlist", lambda tx: [entry_shape(row, now) for row in tx.watchlist.all(MOST)])


@router.post("/watchlist", status_code=201)
async def open_watchlist_entry(
    body: WatchlistRequest, caller: Annotated[Caller, Depends(needs("watchlist.write"))]
) -> WatchlistEntry:
    """Begin to seek a plate, or go on with an entry that somebody else wrote (`renews`)."""
    asked = watchlist.EntryRequest(body.plate, body.manner, reasons_of(body, caller))

    def work(tx: Transaction) -> WatchlistEntry:
        row = watchlist.open_entry(tx, caller.node.environment, caller.author, asked, cameras_of(caller))
        return entry_shape(row, caller.node.environment.clock.now())

    return await caller.act(asked.plate, work)


@router.post("/watchlist/{entry_id}/close")
async def close_watchlist_entry(
    entry_id: str, body: EntryClosing, caller: Annotated[Caller, Depends(needs("watchlist.write"))]
) -> WatchlistEntry:
    """Stop seeking a plate."""

    def work(tx: Transaction) -> WatchlistEntry:
        entry = tx.watchlist.get(entry_id)
        if entry is not None and not caller.may_to(caller.action, entry.owner):
            raise NotAllowed(
                say("entry-owner", f"The entry belongs to {entry.owner}.", owner=entry.owner),
                "Ask somebody of that organisation.",
            )
        wanted, environment = request_acts.named(tx, body.request), caller.node.environment
        row = watchlist.close_entry(tx, environment, caller.author, entry_id, body.reason, wrong=body.wrong)
        request_acts.note(tx, environment, wanted, Act.PLATE_ENTRY, entry_id, caller.operator.name, caller.origin)
        return entry_shape(row, caller.node.environment.clock.now())

    return await caller.act(entry_id, work)


@router.post("/watchlist/file/taken", response_class=Response, responses=_FILES)
async def take_watchlist_file(
    body: WatchlistFileOrder, caller: Annotated[Caller, Depends(needs("watchlist.read"))]
) -> Response:
    """The entries as a file that can be imported, for a named recipient; no field of the CSV can be taken for a formula."""
    written = watchlist_file.as_csv if body.format == "csv" else watchlist_file.as_json
    node, name = caller.node, f"watchlist.{body.format}"
    detail: dict[str, object] = {"file": body.format}

    def work(tx: Transaction) -> str:
        entries = tx.watchlist.all(MOST)
        ids = tuple(entry.id for entry in entries)
        parcel = Parcel(Carrier.WATCHLIST, name, ("sought-vehicles",), contents=ids)
        text, to = written(entries), recipient_of(body.recipient)
        leaving = departures.hand_out(
            tx, node.environment, caller.operator, node.sending, to, parcel, text.encode(), caller.origin
        )
        detail["departure"] = leaving.number
        return text

    text = await caller.disclose("watchlist", work, detail)
    media = "text/csv; charset=utf-8" if body.format == "csv" else "application/json"
    heading = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(text, media_type=media, headers=heading)


@router.post("/watchlist/file")
async def import_watchlist(
    body: ImportRequest, caller: Annotated[Caller, Depends(needs("watchlist.write"))]
) -> ImportResult:
    """Read a file of entries: first its preview, then all of it or its good lines; nothing is half imported."""
    digest = watchlist_file.digest_of(body.format, body.text)
    owner, environment = caller.operator.organisation, caller.node.environment

    def work(tx: Transaction) -> ImportResult:
        lines = watchlist_file.lines_of(environment, body.format, body.text, owner, cameras_of(caller))
        lines = watchlist_file.judge_renewals(tx, environment, caller.author, owner, lines)
        written: dict[int, str] = {}
        if body.mode != "preview":
            if body.previewed != digest:
                raise BadRequest(
                    say("file-not-previewed", "This file was not previewed."), "Look at its preview first."
                )
            whole = body.mode == "all"
            written = watchlist_file.import_lines(tx, environment, caller.author, lines, digest, whole)
        shapes = [_line_shape(line, written.get(line.number)) for line in lines]
        return ImportResult(
            sha256=digest, lines=shapes, good=sum(line.ok for line in shapes), written=len(written)
        )  # fmt: skip

    return await caller.act("watchlist", work)


def reasons_of(body: ReasonsRequest, caller: Caller) -> Reasons:
    """What the caller gives as reasons, for their own organisation."""
    return Reasons(
        purpose=body.purpose, ground=body.ground, case_ref=body.case_ref, owner=caller.operator.organisation,
        priority=body.priority, category=body.category, requester=body.requester, handling=body.handling,
        provenance=body.provenance, expires=from_iso(body.expires), review=from_iso(body.review),
        handling_note=body.handling_note, cameras=tuple(body.cameras), hours=body.hours, renews=body.renews,
        renewal_reason=body.renewal_reason,
    )  # fmt: skip


def cameras_of(caller: Caller) -> set[str]:
    """The ids of the node's cameras."""
    return {camera.id for camera in caller.node.cameras}


def _line_shape(line: watchlist_file.FileLine, entry_id: str | None) -> ImportLine:
    problem = line.problem
    if problem is None:
        return ImportLine(line=line.number, plate=line.plate, ok=True, entry_id=entry_id)
    return ImportLine(
        line=line.number, plate=line.plate, ok=False, field=problem.field, what=problem.what, message=problem.message,
        words=problem.words, said=problem.told.code, facts=dict(problem.told.facts),
    )  # fmt: skip
