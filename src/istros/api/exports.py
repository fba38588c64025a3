"""Exports: ordered, followed, fetched; each under a permit and on the record, each by the one who ordered it alone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from istros.api.departures_shapes import recipient_of
from istros.api.exports_shapes import DrawnFieldShape, ExportList, ExportRequest, ExportShape
from istros.api.gate import Caller, needs
from istros.api.leaving_pictures import covers
from istros.api.node import ExportPlace
from istros.api.places import camera_of
from istros.api.problems import BadRequest, NotFound
from istros.base.canonical import canonical
from istros.base.errors import IstrosError
from istros.base.said import say
from istros.base.time import DAY, Span, Time, from_iso
from istros.compliance import departures, releases
from istros.compliance.departures import Carrier, DepartureRow, Parcel, RecipientNeeded, person_of
from istros.compliance.errors import ReleaseNeeded
from istros.compliance.permits import PermitTooNarrow, Scope
from istros.compliance.profile import Function, require_function
from istros.compliance.purposes import PURPOSES, SUBJECT_REQUEST
from istros.devices.masks import masks_of
from istros.events.record import record
from istros.recording.export.exporter import package_path
from istros.store import Transaction
from istros.store.exports import ExportJobRow, ExportState, Papers
from istros.store.releases import Ending, Matter
from istros.store.rows import PermitRow
from istros.store.subject_requests import Decision

router = APIRouter(tags=["exports"])

LONGEST_US = DAY
"""A span that somebody can still look through; more is ordered in parts."""

SEARCH = "plates.search"
MOST_LISTED = 200
_SHARES = 1_000_000
"""Corners are kept as millionths: whole numbers have one canonical form."""

_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "A range of the package."},
}


class ExportNotReady(IstrosError):
    """The package is not there: not yet, or not any more."""

    code = "export-not-ready"


class ExportsOff(IstrosError):
    """This node makes no exports."""

    code = "exports-off"


def _place(caller: Caller) -> ExportPlace:
    if caller.node.exports is None:
        raise ExportsOff(
            say("exports-off", "This node makes no exports."), "The administrator switches them on with export.enabled."
        )
    return caller.node.exports


@router.post("/exports", status_code=201)
async def order_export(body: ExportRequest, caller: Annotated[Caller, Depends(needs("exports.order"))]) -> ExportShape:
    """Order the recordings of some cameras and a span, as they are or redacted."""
    _place(caller)
    span = _span(caller, body)
    id = caller.node.environment.ids.new()

    def work(tx: Transaction) -> ExportShape:
        _check_profile(tx, caller, body.kind)
        permit = tx.permits.get(body.permit)
        assert permit is not None, "the gate asked for it"
        _require_search(caller, body, permit)
        _require_redacted(body, permit)
        lifted = _lifted_under(tx, caller, body, span, permit)
        leaving = _name_recipient(tx, caller, id, body, span, permit)
        detail["recipient"] = departures.told(leaving)
        tx.exports.add(_row(caller, id, body, span, permit, lifted))
        row = tx.exports.get(id)
        assert row is not None
        return _told(row, leaving)

    detail: dict[str, object] = {
        "cameras": body.cameras, "from": body.since, "to": body.until, "stream": body.stream, "kind": body.kind,
        "originals": body.originals, "reason": body.reason, "papers": body.papers.model_dump(),
        "lift_masks": body.lift_masks,
    }  # fmt: skip
    return await caller.disclose(id, work, detail, body.permit, lambda tx: Scope(tuple(body.cameras), span))


@router.get("/exports")
async def list_exports(caller: Annotated[Caller, Depends(needs("exports.order"))]) -> ExportList:
    """The caller's own exports, newest first."""
    place = _place(caller)
    now = caller.node.environment.clock.now()
    exports = await caller.node.database.read(
        lambda tx: [_shape(tx, row, now) for row in tx.exports.of(caller.operator.name, MOST_LISTED)]
    )
    return ExportList(exports=exports, key=place.fingerprint, kept_days=place.kept_days)


@router.get("/exports/{export_id}")
async def get_export(export_id: str, caller: Annotated[Caller, Depends(needs("exports.order"))]) -> ExportShape:
    """How far one of the caller's exports is."""
    row = await caller.node.database.read(lambda tx: tx.exports.get(export_id))
    own, now = await _own(caller, row), caller.node.environment.clock.now()
    return await caller.node.database.read(lambda tx: _shape(tx, own, now))


@router.post("/exports/{export_id}/cancel")
async def cancel_export(export_id: str, caller: Annotated[Caller, Depends(needs("exports.order"))]) -> ExportShape:
    """End an export that is still being made; what was made of it is deleted."""
    await _own(caller, await caller.node.database.read(lambda tx: tx.exports.get(export_id)))

    def work(tx: Transaction) -> ExportJobRow:
        if not tx.exports.wish_cancel(export_id):
            raise ExportNotReady(say("export-over", "The export is over already."), "Look at its state.")
        found = tx.exports.get(export_id)
        assert found is not None
        record(tx, caller.node.environment, caller.author, caller.action, export_id, {"what": "cancel"})
        return found

    return ExportShape.model_validate(await caller.act(export_id, work))


@router.get("/exports/{export_id}/package", response_class=Response, responses=_ZIP)
async def get_package(
    export_id: str, permit: str, request: Request, caller: Annotated[Caller, Depends(needs("exports.fetch"))]
) -> Response:
    """The package, whole or a range of it, for the one who ordered it, under an open permit of the same case."""
    place = _place(caller)
    row = await _own(caller, await caller.node.database.read(lambda tx: tx.exports.get(export_id)))

    def work(tx: Transaction) -> None:
        _check_profile(tx, caller, row.kind)
        held = tx.permits.get(permit)
        if held is None or held.case_ref != row.case_ref:
            raise BadRequest(
                say(
                    "export-other-case",
                    f"The export was made for the case {row.case_ref}, and the permit is for another.",
                    case=row.case_ref,
                ),
                "Open a permit for that case.",
            )
        _require_second_person(tx, row, caller.node.environment.clock.now())
        _require_lift_unrevoked(tx, row)
        _require_masks_unchanged(tx, caller, row)
        leaving = departures.require(tx, Carrier.EXPORT, row.id)
        _require_nothing_wrong(leaving)
        author, environment = caller.author, caller.node.environment
        departures.leave(tx, environment, leaving, author.actor, author.origin, row.manifest_sha256)

    path = package_path(place.folder, row.id)
    if row.state is not ExportState.DONE or not path.is_file():
        raise ExportNotReady(
            say("export-not-there", "The package is not there: it is being made, or its time is over."),
            "Look at its state.",
        )
    detail: dict[str, object] = {
        "what": "package", "sha256": row.manifest_sha256, "bytes": row.size_bytes,
        "range": request.headers.get("range", ""),
    }  # fmt: skip
    await caller.disclose(row.id, work, detail, permit, lambda tx: Scope(row.cameras, Span(row.start, row.end)))
    return FileResponse(path, media_type="application/zip", filename=path.name, headers={"cache-control": "no-store"})


def _shape(tx: Transaction, row: ExportJobRow, now: Time) -> ExportShape:
    """An export, to whom it goes, and whether a second person lets it go."""
    shape = _told(row, tx.departures.of(Carrier.EXPORT, row.id))
    try:
        _require_second_person(tx, row, now)
    except ReleaseNeeded:
        return shape
    return shape.model_copy(update={"released": True})


def _told(row: ExportJobRow, leaving: DepartureRow | None) -> ExportShape:
    shape = ExportShape.model_validate(row)
    if leaving is None:
        return shape
    return shape.model_copy(
        update={
            "recipient": leaving.recipient, "recipient_kind": leaving.kind.value, "country": leaving.country,
            "basis": leaving.basis, "reference": leaving.reference,
        }
    )  # fmt: skip


def _name_recipient(
    tx: Transaction, caller: Caller, id: str, body: ExportRequest, span: Span, permit: PermitRow
) -> DepartureRow:
    """Write down to whom the package goes. TransferRefused, RecipientNeeded."""
    sending, language = caller.node.sending, ""
    if permit.purpose == SUBJECT_REQUEST:
        recipient = person_of(sending, permit.case_ref)
        request = tx.subject_requests.numbered(permit.case_ref)
        language = request.language if request is not None else ""
    elif body.recipient is None:
        raise RecipientNeeded(
            say("export-no-recipient", "Nobody is named to whom the package goes, and on what ground."),
            "Choose the recipient and the ground.",
        )
    else:
        recipient = recipient_of(body.recipient)
    parcel = Parcel(Carrier.EXPORT, id, _data_of(body), tuple(body.cameras), span, language=language)
    return departures.order(tx, caller.node.environment, caller.operator, sending, recipient, parcel, permit)


def _data_of(body: ExportRequest) -> tuple[str, ...]:
    """The classes of personal data that such a package holds; the custody log names people of the node."""
    papers = body.papers
    shown = "pictures" if body.kind == "exact" else "pictures-covered"
    asked = {"alarms": papers.alarms, "plates": papers.reads, "stills": papers.stills}
    return (shown, *(name for name, is_asked in asked.items() if is_asked), "custody")


def _require_second_person(tx: Transaction, row: ExportJobRow, now: Time) -> None:
    """Evidence leaves by two people (docs/design/0031). For somebody who asked about themselves the officer is the second:
    the request's decision. ReleaseNeeded."""
    if row.purpose != SUBJECT_REQUEST:
        releases.require(tx, Matter.EVIDENCE_EXPORT, row.id, now)
        return
    asked = tx.subject_requests.numbered(row.case_ref)
    if asked is None or asked.decision not in {Decision.GRANTED, Decision.PART}:
        raise ReleaseNeeded(
            say("export-request-not-granted", f"The request {row.case_ref} is not granted.", request=row.case_ref),
            "The data-protection officer decides on it under Requests of people.",
        )


def _lifted_under(tx: Transaction, caller: Caller, body: ExportRequest, span: Span, permit: PermitRow) -> str:
    """The release under which the masks are lifted, where that is ordered; it was asked for the permit and by its holder.

    ReleaseNeeded, FunctionNotAllowed, PermitTooNarrow.
    """
    if not body.lift_masks:
        return ""
    if permit.purpose == SUBJECT_REQUEST:
        raise PermitTooNarrow(
            say(
                "export-own-masks",
                f"The permit {permit.number} is for a person who asks about themselves: privacy masks stay.",
                permit=permit.number,
            ),
            "Order the export with its masks.",
        )
    now = caller.node.environment.clock.now()
    require_function(tx, now, Function.REDACTION_LIFTED)
    releases.require(tx, Matter.LIFT_MASK, permit.id, now)
    for release in releases.all_standing(tx, Matter.LIFT_MASK, now):
        own = release.subject == permit.id and release.asked_by == caller.operator.name
        if own and covers(release, body.cameras, span):
            return release.id
    raise ReleaseNeeded(
        say("export-lift-narrow", "No release lifts the masks of all these cameras and this time for you."),
        "Ask for one that names them, under this permit.",
    )


def _require_lift_unrevoked(tx: Transaction, row: ExportJobRow) -> None:
    """What was made while masks were lifted goes out only if nobody took that back. ReleaseNeeded."""
    lift = tx.releases.get(row.lifted_under) if row.lifted_under else None
    if row.lifted_under and (lift is None or lift.ending not in {None, Ending.EXPIRED}):
        raise ReleaseNeeded(
            say("export-lift-back", "The release that lifted the masks of this export was taken back."),
            "Order it again, masked.",
        )


def _require_masks_unchanged(tx: Transaction, caller: Caller, row: ExportJobRow) -> None:
    """What a mask hides since the order does not leave in a package that was made before it. ExportNotReady."""
    span = Span(row.start, row.end)
    for camera_id in () if row.lifted_under else row.cameras:
        if masks_of(tx, caller.node.cameras, camera_id).drawn_over_since(span, row.ordered):
            raise ExportNotReady(
                say(
                    "export-mask-later",
                    f"A privacy mask was drawn on camera {camera_id} after this was ordered, and the package may show what "
                    "it hides.",
                    camera=camera_id,
                ),
                "Order it again.",
            )


def _require_nothing_wrong(leaving: DepartureRow) -> None:
    """What turned out wrong since the order does not leave in a package that was made before it (rule L17); what it was is
    not said, for it may be about somebody of whom the package tells nothing else. ExportNotReady."""
    if leaving.wrong is not None:
        raise ExportNotReady(
            say(
                "package-wrong",
                "Something in this package was corrected, or may not leave as it is, since it was ordered.",
            ),
            "Order it again.",
        )


def _check_profile(tx: Transaction, caller: Caller, kind: str) -> None:
    """What the deployment profile allows now: pictures that nothing hides need more than exports as such."""
    now = caller.node.environment.clock.now()
    require_function(tx, now, Function.EXPORTS)
    if kind == "exact":
        require_function(tx, now, Function.REDACTION_LIFTED)


async def _own(caller: Caller, row: ExportJobRow | None) -> ExportJobRow:
    """The export, if the caller ordered it; somebody else's is refused on the record, and looks as if it were not there."""
    if row is not None and row.ordered_by != caller.operator.name:
        await caller.refuse(caller.action, row.id, "somebody else ordered it")
        row = None
    if row is None:
        raise NotFound(
            say("export-none", "There is no such export of yours."), "Choose one from the list of your exports."
        )
    return row


def _span(caller: Caller, body: ExportRequest) -> Span:
    """The span, once cameras, times and fields make sense. BadRequest, NotFound."""
    for camera_id in body.cameras:
        if camera_of(caller, camera_id).stream(body.stream) is None:
            raise BadRequest(
                say(
                    "export-no-stream",
                    f"Camera {camera_id} has no stream '{body.stream}'.",
                    camera=camera_id,
                    stream=body.stream,
                ),
                "Choose the other stream.",
            )
    if len(set(body.cameras)) < len(body.cameras):
        raise BadRequest(say("export-camera-twice", "A camera is named twice."), "Name each camera once.")
    start, end = from_iso(body.since), from_iso(body.until)
    if not start < end:
        raise BadRequest(say("span-backwards", "The span ends before it starts."), "Exchange the two times.")
    if end - start > LONGEST_US:
        raise BadRequest(say("export-long", "The span is longer than a day."), "Order it in parts.")
    if end > caller.node.environment.clock.now():
        raise BadRequest(say("export-future", "The span ends in the future."), "Wait until it is recorded.")
    if body.kind == "redacted" and body.papers.reads and not body.papers.only:
        raise BadRequest(
            say("export-plates-told", "A redacted export hides plates, and a table of them would tell them."),
            "Name the plates, or leave them out.",
        )
    if body.kind == "redacted" and not (body.people or body.plates or body.drawn):
        raise BadRequest(
            say("export-hides-nothing", "Nothing is to be hidden."),
            "Choose people, plates or a field; or order an exact export.",
        )
    for field in body.drawn:
        if field.camera_id not in body.cameras:
            raise BadRequest(
                say(
                    "export-field-camera",
                    f"A field is drawn on {field.camera_id}, which is not exported.",
                    camera=field.camera_id,
                ),
                "Leave it out.",
            )
        if any(0 < len(key.corners) < 3 for key in field.keys):
            raise BadRequest(
                say("export-field-corners", "A field has fewer than three corners."),
                "Draw at least three, or none to end it.",
            )
    return Span(start, end)


def _row(caller: Caller, id: str, body: ExportRequest, span: Span, permit: PermitRow, lifted: str) -> ExportJobRow:
    return ExportJobRow(
        id=id, state=ExportState.WAITING, kind=body.kind, cameras=tuple(body.cameras), stream=body.stream,
        start=span.start, end=span.end, originals=body.originals and body.kind == "exact",
        covered=canonical(_covered(body)).decode(), reason=body.reason.strip(), language=caller.operator.language,
        ordered=caller.node.environment.clock.now(), ordered_by=caller.operator.name,
        organisation=caller.operator.organisation, permit_id=permit.id, permit_number=permit.number,
        purpose=permit.purpose, ground=permit.ground, case_ref=permit.case_ref, papers=_papers(body).as_text(),
        lifted_under=lifted,
    )  # fmt: skip


def _papers(body: ExportRequest) -> Papers:
    asked = body.papers
    return Papers(asked.alarms, asked.reads, tuple(dict.fromkeys(text.strip() for text in asked.only)), asked.stills)


def _require_redacted(body: ExportRequest, permit: PermitRow) -> None:
    """Whoever asks about themselves gets others covered. PermitTooNarrow."""
    if permit.purpose == SUBJECT_REQUEST and (body.kind != "redacted" or not (body.people and body.plates)):
        raise PermitTooNarrow(
            say(
                "export-own-others",
                f"The permit {permit.number} is for a person who asks about themselves: others must be covered.",
                permit=permit.number,
            ),
            "Order a redacted export that hides people and plates.",
        )


def _require_search(caller: Caller, body: ExportRequest, permit: PermitRow) -> None:
    """Plates out of the search need the right and the purpose to search them. PermitTooNarrow."""
    if body.papers.reads and not (caller.may(SEARCH) and SEARCH in PURPOSES[permit.purpose].covers):
        raise PermitTooNarrow(
            say(
                "export-plates-permit",
                f"The permit {permit.number} ({permit.purpose}) does not cover the plates that were read.",
                permit=permit.number,
                purpose=permit.purpose,
            ),
            "Leave the plate reads out, or open a permit for a purpose that covers searching plates.",
        )


def _covered(body: ExportRequest) -> dict[str, object]:
    return {"people": body.people, "plates": body.plates, "fields": [_field(field) for field in body.drawn]}


def _field(field: DrawnFieldShape) -> dict[str, object]:
    keys = sorted(field.keys, key=lambda key: from_iso(key.time))
    return {
        "camera": field.camera_id,
        "keys": [
            {
                "time": from_iso(key.time),
                "points": [[round(x * _SHARES), round(y * _SHARES)] for x, y in key.corners],
            }
            for key in keys
        ],
    }
