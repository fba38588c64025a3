"""Contact sheets: pictures of a span on paper, under a permit, with their hashes on the record."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.leaving_pictures import lifted_for
from istros.api.places import camera_of
from istros.api.problems import BadRequest
from istros.api.spans import span_of
from istros.api.stills import mark_for, moments_in, pictures_of, segment_at
from istros.base.said import say
from istros.base.time import Span, Time, to_iso
from istros.compliance.permits import Scope
from istros.devices.camera import Camera
from istros.events.record import record
from istros.recording.pictures import NoPicture, Pictures
from istros.recording.playback import SegmentGone
from istros.reports.contact_sheet import SheetFacts, SheetPicture, contact_sheet
from istros.store import Transaction
from istros.store.rows import PermitRow, SegmentRow

router = APIRouter(tags=["stills"])

MOST_PICTURES = 60
"""On one sheet: seven pages."""

WIDTH_PX = 640
"""Of a picture that is printed 58 mm wide: 280 dots an inch."""

_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


class ContactSheetRequest(schemas.Shape):
    """Ask for a contact sheet: so many pictures of each camera, evenly spread over the span."""

    cameras: list[str] = Field(min_length=1, max_length=16)
    since: schemas.MomentText = Field(alias="from")
    until: schemas.MomentText = Field(alias="to")
    permit: str
    per_camera: int = Field(ge=1, le=MOST_PICTURES)
    language: schemas.Language
    note: str = Field(default="", max_length=300)


_Wanted = list[tuple[Camera, Time, SegmentRow | None]]


@router.post("/contact-sheets", response_class=Response, responses=_PDF)
async def make_contact_sheet(
    body: ContactSheetRequest,
    request: Request,
    caller: Annotated[Caller, Depends(needs("playback.view"))],
) -> Response:
    """The sheet as a PDF of A4 pages; its SHA-256 and that of each picture go on the record.

    It leaves the node: people and plates are hidden in its pictures, unless a second person released them; each carries
    who made it, and when.
    """
    cameras, span = [camera_of(caller, each) for each in dict.fromkeys(body.cameras)], span_of(body.since, body.until)
    if len(cameras) * body.per_camera > MOST_PICTURES:
        raise BadRequest(
            f"A contact sheet holds at most {MOST_PICTURES} pictures.", "Ask for fewer pictures or fewer cameras."
        )
    wanted, permit, hidden = await _disclosed(caller, body, cameras, span)
    mark = mark_for(caller, permit)
    pictures = [await _picture(pictures_of(request), *each, mark, hidden) for each in wanted]
    facts = replace(_facts(caller, body, cameras, span, permit), hidden=hidden)
    pdf = await caller.node.environment.workers.run(contact_sheet, facts, pictures)
    await _put_on_record(caller, body, pictures, pdf, hidden)
    return Response(pdf, media_type="application/pdf", headers=_headers(facts, pdf))


async def _disclosed(
    caller: Caller, body: ContactSheetRequest, cameras: list[Camera], span: Span
) -> tuple[_Wanted, PermitRow, bool]:
    moments, ids = moments_in(span, body.per_camera), tuple(camera.id for camera in cameras)

    def work(tx: Transaction) -> tuple[_Wanted, PermitRow | None, bool]:
        wanted: _Wanted = [
            (camera, moment, segment_at(tx, camera, ("main", "sub"), moment))
            for camera in cameras
            for moment in moments
        ]
        permit = tx.permits.get(body.permit)
        return wanted, permit, permit is not None and not lifted_for(tx, caller, permit, ids, span)

    detail: dict[str, object] = {
        "cameras": list(ids), "from": body.since, "to": body.until, "each": body.per_camera, "what": "contact-sheet",
    }  # fmt: skip
    wanted, permit, hidden = await caller.disclose(
        ",".join(ids), work, detail, body.permit, lambda tx: Scope(ids, span)
    )
    if permit is None or all(row is None for _, _, row in wanted):
        raise NoPicture(
            say("nothing-recorded", "Nothing was recorded of these cameras in this span."),
            "Choose a span that was recorded.",
        )
    return wanted, permit, hidden


async def _picture(
    pictures: Pictures, camera: Camera, moment: Time, row: SegmentRow | None, mark: str, hidden: bool
) -> SheetPicture:
    """An empty place where nothing was recorded: a hole must be seen on paper too."""
    if row is None:
        return SheetPicture(camera.id, moment)
    try:
        still = await pictures.still(row, moment, WIDTH_PX, mark=mark, hidden=hidden)
    except (NoPicture, SegmentGone):
        return SheetPicture(camera.id, moment)
    return SheetPicture(camera.id, still.time, still.width, still.height, still.jpeg)


def _facts(
    caller: Caller, body: ContactSheetRequest, cameras: list[Camera], span: Span, permit: PermitRow
) -> SheetFacts:
    places = tuple((camera.id, f"{camera.place.name}, {camera.place.town}") for camera in cameras)
    return SheetFacts(
        node=caller.node.identity.name, language=body.language, span=span, cameras=places, permit=permit.number,
        purpose=permit.purpose, case_ref=permit.case_ref, ground=permit.ground, by=caller.operator.display_name,
        made=caller.node.environment.clock.now(), note=body.note.strip(),
    )  # fmt: skip


async def _put_on_record(
    caller: Caller, body: ContactSheetRequest, pictures: list[SheetPicture], pdf: bytes, hidden: bool
) -> None:
    author = replace(caller.author, permit_id=body.permit)
    detail: dict[str, object] = {
        "sha256": hashlib.sha256(pdf).hexdigest(), "bytes": len(pdf), "what": "contact-sheet-made", "hidden": hidden,
        "pictures": [[each.camera_id, to_iso(each.time), each.sha256] for each in pictures if each.jpeg],
    }  # fmt: skip
    environment, action, subject = caller.node.environment, caller.action, ",".join(body.cameras)
    await caller.node.database.write(lambda tx: record(tx, environment, author, action, subject, detail))


def _headers(facts: SheetFacts, pdf: bytes) -> dict[str, str]:
    name = f"contact-sheet_{to_iso(facts.span.start).replace(':', '')}_{facts.permit}.pdf"
    return {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
        "x-istros-sha256": hashlib.sha256(pdf).hexdigest(),
    }
