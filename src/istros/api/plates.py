"""Plate reads: the search, one read, and its picture; every look under a permit and in the audit log."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.mending_shapes import PlateCorrection
from istros.api.problems import NotFound
from istros.api.shapes import Listed, listed_now, read_shape
from istros.api.spans import From, To, span_of
from istros.base.said import say
from istros.base.time import Span, Time
from istros.compliance import request_acts
from istros.compliance.permits import Scope
from istros.compliance.profile import Function, require_function
from istros.compliance.request_acts import Act
from istros.events.errors import PlateRefused
from istros.events.misreads import correct_read
from istros.recording.plate_pictures import shown_crop
from istros.store import Transaction
from istros.store.rows import PlateQuery, PlateReadRow

router = APIRouter(tags=["plates"])

_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/plates")
async def search_plates(
    caller: Annotated[Caller, Depends(needs("plates.search"))],
    since: From,
    until: To,
    permit: str,
    text: Annotated[str, Query(max_length=20)] = "",
    camera: Annotated[list[str] | None, Query(max_length=64)] = None,
    country: Annotated[list[schemas.CountryCode] | None, Query(max_length=64)] = None,
    vehicle: Annotated[list[schemas.VehicleClassName] | None, Query(max_length=16)] = None,
    colour: Annotated[list[schemas.ColourName] | None, Query(max_length=16)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    alike: bool = False,
    parts: bool = False,
) -> schemas.PlateSearch:
    """Plates read in a span of time; `?` stands for one character, `*` for any.

    A read of which a character is not known (`?` in it) fits whatever that may be. With `parts`, reads of a part of the
    plate fit, too. With `country`, `vehicle` or `colour`, reads of which that is not known are left out.
    """
    span = span_of(since, until)
    _check_text(text)
    query = PlateQuery(
        text, alike, span, tuple(camera or ()), limit, parts,
        tuple(country or ()), tuple(vehicle or ()), tuple(colour or ()),
    )  # fmt: skip
    clock = caller.node.environment.clock
    began = clock.elapsed()

    def work(tx: Transaction) -> tuple[list[PlateReadRow], int, list[bool]]:
        require_function(tx, clock.now(), Function.PLATES_SEARCH)
        rows, searched = tx.reads.search(query)
        listed = _listed(tx, caller)
        return rows, searched, [listed(row) for row in rows]

    detail: dict[str, object] = {
        "text": text,
        "alike": alike,
        "parts": parts,
        "from": since,
        "to": until,
        "cameras": list(query.cameras),
        "countries": list(query.countries),
        "vehicles": list(query.classes),
        "colours": list(query.colours),
    }
    rows, searched, listed = await caller.disclose(
        "plates", work, detail, permit, lambda tx: Scope(query.cameras, span)
    )
    reads = [read_shape(row, mark) for row, mark in zip(rows, listed, strict=True)]
    return schemas.PlateSearch(reads=reads, searched=searched, took_ms=round((clock.elapsed() - began) * 1000, 1))


def _listed(tx: Transaction, caller: Caller) -> Listed:
    """Tells of a read whether its plate is sought now; to programs, which may not know what is, of none."""
    return listed_now(tx, caller.node.environment.clock.now()) if caller.may("watchlist.read") else lambda _read: False


def _check_text(text: str) -> None:
    """Raise PlateRefused for signs that stand on no plate: taken for nothing, they would find everything."""
    if text.strip() and not any(sign.isalnum() or sign in "?*" for sign in text):
        raise PlateRefused(
            say("search-no-letter", "This holds no letter or digit of a plate."),
            "Write some of the plate, or leave it empty to see every read.",
        )


@router.get("/plates/{read_id}")
async def get_plate(
    read_id: str, caller: Annotated[Caller, Depends(needs("plates.search", "alarms.read"))], permit: str = ""
) -> schemas.PlateRead:
    """One read."""
    caller = _under(caller, permit)

    def work(tx: Transaction) -> schemas.PlateRead:
        row = _read(tx, caller, read_id)
        return read_shape(row, _listed(tx, caller)(row))

    return await caller.disclose(read_id, work, permit=permit, scope=lambda tx: _scope(tx, caller, read_id))


@router.get("/plates/{read_id}/crop", response_class=Response, responses=_JPEG)
async def get_plate_crop(
    read_id: str, caller: Annotated[Caller, Depends(needs("plates.search", "alarms.read"))], permit: str = ""
) -> Response:
    """The picture of the plate, as JPEG; none where a privacy mask lies over it."""
    caller = _under(caller, permit)

    def work(tx: Transaction) -> bytes:
        picture = shown_crop(tx, caller.node.cameras, _read(tx, caller, read_id))
        if not picture:
            raise _unknown()
        return picture

    picture = await caller.disclose(
        read_id, work, {"picture": True}, permit=permit, scope=lambda tx: _scope(tx, caller, read_id)
    )
    return Response(picture, media_type="image/jpeg", headers={"cache-control": "no-store"})


@router.post("/plates/{read_id}/correct")
async def correct_plate(
    read_id: str, body: PlateCorrection, caller: Annotated[Caller, Depends(needs("plates.correct"))]
) -> schemas.PlateRead:
    """Somebody looked at the picture, and the plate is another one; whoever got the wrong one in a package is told."""
    environment = caller.node.environment

    def work(tx: Transaction) -> schemas.PlateRead:
        row, wanted = _read(tx, caller, read_id), request_acts.named(tx, body.request)
        found = correct_read(tx, environment, caller.author, row, body.plate, body.country)
        request_acts.note(tx, environment, wanted, Act.READ, read_id, caller.operator.name, caller.origin)
        return read_shape(found, _listed(tx, caller)(found))

    detail: dict[str, object] = {"reason": body.reason}
    return await caller.disclose(read_id, work, detail, body.permit, lambda tx: _scope(tx, caller, read_id))


def _under(caller: Caller, permit: str) -> Caller:
    """The shift's standing permit, named or not, reaches reads that raised alarms; any other is for a search."""
    on_duty = permit in ("", caller.session.permit_id) and caller.may("alarms.read")
    return replace(caller, action="alarms.read") if on_duty else caller


def _read(tx: Transaction, caller: Caller, read_id: str) -> PlateReadRow:
    row = tx.reads.get(read_id)
    if row is None or (caller.action == "alarms.read" and not _raised_an_alarm(tx, row)):
        raise _unknown()
    return row


def _raised_an_alarm(tx: Transaction, read: PlateReadRow) -> bool:
    moment = Span(read.time, Time(read.time + 1))
    return any(alarm.observation_id == read.id for alarm in tx.alarms.between(read.camera_id, moment))


def _scope(tx: Transaction, caller: Caller, read_id: str) -> Scope:
    row = _read(tx, caller, read_id)
    return Scope((row.camera_id,), Span(row.time, row.time))


def _unknown() -> NotFound:
    return NotFound(
        say("plate-read-none", "There is no such plate read."),
        "It may have been deleted at the end of its time; search again.",
    )
