"""Requests of people about themselves: taken in at the desk, worked on by the data-protection officer, on the record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.api.problems import BadRequest
from istros.api.requests_shapes import (
    CameraMatch,
    ExtensionReason,
    IdentityCheck,
    LetterName,
    RequestAct,
    RequestAnswer,
    RequestDecision,
    RequestExport,
    RequestMending,
    SubjectRequest,
    SubjectRequestDetail,
    SubjectRequestIntake,
)
from istros.base.said import say
from istros.base.time import SECOND, Span, from_iso
from istros.compliance import departures, request_acts, subject_requests
from istros.compliance.departures import Carrier, Parcel, person_of
from istros.compliance.subject_requests import (
    GROUNDS,
    Asked,
    Decision,
    Intake,
    Law,
    RequestStateConflict,
    RequestUnknown,
)
from istros.reports.letter import Sender, letter
from istros.store import Transaction
from istros.store.subject_requests import SubjectRequestRow

router = APIRouter(tags=["requests"])

MOST_LISTED = 500
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post("/requests", status_code=201)
async def take_request(
    body: SubjectRequestIntake, caller: Annotated[Caller, Depends(needs("requests.take"))]
) -> SubjectRequest:
    """Write down what a person asks; the deadline begins to run."""
    for camera_id in body.cameras:
        camera_of(caller, camera_id)
    since, until = from_iso(body.since), from_iso(body.until)
    if until <= since:
        raise BadRequest(
            say("request-time-backwards", "The time that the person names ends before it begins."),
            "Exchange the two times.",
        )
    asked = Intake(
        Asked(body.asked), Law(body.law), body.channel, body.language, from_iso(body.received), body.name, body.contact,
        body.cameras, Span(since, until), body.description, body.plate, body.plate_proof, body.wrong, body.right,
    )  # fmt: skip
    node, operator = caller.node, caller.operator
    return _shape(
        await caller.act(
            "requests", lambda tx: subject_requests.take_in(tx, node.environment, operator, asked, origin=caller.origin)
        )
    )


@router.get("/requests")
async def list_requests(caller: Annotated[Caller, Depends(needs("requests.handle"))]) -> list[SubjectRequest]:
    """Open requests by their deadline, then those that were answered: of the own desk; of all for whoever runs the node."""

    def work(tx: Transaction) -> list[SubjectRequest]:
        whose = caller.reached(tx, caller.action, tx.subject_requests.organisations())
        return [_shape(row) for row in tx.subject_requests.all(MOST_LISTED, whose)]

    return await caller.disclose("requests", work)


@router.get("/requests/{request_id}")
async def get_request(
    request_id: str, caller: Annotated[Caller, Depends(needs("requests.handle"))]
) -> SubjectRequestDetail:
    """One request with what matches it."""

    def work(tx: Transaction) -> SubjectRequestDetail:
        row = _seen(tx, caller, request_id)
        return SubjectRequestDetail(
            request=_shape(row), matches=_matches(tx, caller, row), usual_ground=GROUNDS[row.law][row.asked],
            mending=_mending(tx, caller, row) if row.asked is Asked.RECTIFICATION else None,
            exports=[
                RequestExport(
                    id=job.id, kind=job.kind, state=job.state.value, ordered_by=job.ordered_by, ordered=job.ordered
                )
                for job in tx.exports.of_case(row.number)
            ],
        )  # fmt: skip

    return await caller.disclose(request_id, work, {"what": "request"})


@router.post("/requests/{request_id}/identity")
async def check_identity(
    request_id: str, body: IdentityCheck, caller: Annotated[Caller, Depends(needs("requests.handle"))]
) -> SubjectRequest:
    """Write down how the person was recognised."""
    node, who = caller.node, caller.operator
    return await _step(
        caller, request_id,
        lambda tx: subject_requests.check_identity(tx, node.environment, who, request_id, body.how, origin=caller.origin),
    )  # fmt: skip


@router.post("/requests/{request_id}/preserve")
async def preserve_footage(
    request_id: str, caller: Annotated[Caller, Depends(needs("requests.handle"))]
) -> SubjectRequest:
    """Keep what may show the person, by a hold, before anything is decided."""
    node, who = caller.node, caller.operator

    def work(tx: Transaction) -> SubjectRequestRow:
        found = [
            match.camera_id for match in _matches(tx, caller, _seen(tx, caller, request_id)) if match.recorded_s > 0
        ]
        return subject_requests.preserve(
            tx, node.environment, who, request_id, found, origin=caller.origin, access=node.access
        )

    return _shape(await caller.act(request_id, work))


@router.post("/requests/{request_id}/extend")
async def extend_request(
    request_id: str, body: ExtensionReason, caller: Annotated[Caller, Depends(needs("requests.handle"))]
) -> SubjectRequest:
    """Take the longer time that the law allows, once."""
    node, who = caller.node, caller.operator
    return await _step(
        caller, request_id,
        lambda tx: subject_requests.extend(tx, node.environment, who, request_id, body.reason, origin=caller.origin),
    )  # fmt: skip


@router.post("/requests/{request_id}/decide")
async def decide_request(
    request_id: str, body: RequestDecision, caller: Annotated[Caller, Depends(needs("requests.handle"))]
) -> SubjectRequest:
    """Grant, grant in part, refuse with reasons, or neither confirm nor deny."""
    node, who = caller.node, caller.operator

    def work(tx: Transaction) -> SubjectRequestRow:
        return subject_requests.decide(
            tx, node.environment, who, request_id, Decision(body.decision), body.ground, body.reasons,
            origin=caller.origin, corrected=body.corrected,
        )  # fmt: skip

    return await _step(caller, request_id, work)


@router.get("/requests/{request_id}/letter", response_class=Response, responses=_PDF)
async def get_letter(
    request_id: str, kind: LetterName, caller: Annotated[Caller, Depends(needs("requests.handle"))]
) -> Response:
    """A letter in the person's language: receipt, extension or answer."""
    row = await caller.disclose(
        request_id, lambda tx: _ready(_seen(tx, caller, request_id), kind), {"what": f"letter-{kind}"}
    )
    pdf = await _letter(caller, row, kind)
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{row.number}_{kind}.pdf"',
        "x-istros-sha256": hashlib.sha256(pdf).hexdigest(),
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.post("/requests/{request_id}/answered")
async def answer_request(
    request_id: str,
    caller: Annotated[Caller, Depends(needs("requests.handle"))],
    body: RequestAnswer | None = None,
) -> SubjectRequest:
    """The answer was handed over or sent; what it says stands on the record by its hash.

    A granted correction for which nothing was done in the node needs a reason why there is nothing to change.
    """
    async with caller.on_record(request_id):
        row = await caller.node.database.read(lambda tx: _ready(_seen(tx, caller, request_id), "answer"))
    digest = hashlib.sha256(await _letter(caller, row, "answer")).hexdigest()
    node, who = caller.node, caller.operator

    def work(tx: Transaction) -> SubjectRequestRow:
        answered = subject_requests.answer(
            tx, node.environment, who, request_id, digest, origin=caller.origin,
            unchanged="" if body is None else body.unchanged,
        )  # fmt: skip
        recipient = person_of(node.sending, answered.number, answered.law.value)
        parcel = Parcel(Carrier.LETTER, answered.id, ("request",), language=answered.language)
        leaving = departures.add(tx, node.environment, who, node.sending, recipient, parcel)
        departures.leave(tx, node.environment, leaving, who.name, caller.origin, digest)
        return answered

    return await _step(caller, request_id, work)


async def _letter(caller: Caller, row: SubjectRequestRow, kind: LetterName) -> bytes:
    """Dated by the step that it tells of, so that the same letter is the same bytes whenever it is printed."""
    date = {"receipt": row.received, "extension": row.extended, "answer": row.decided}[kind]
    assert date is not None, "the letter is ready"
    sender = Sender(caller.node.identity.name, caller.node.identity.town, date)
    return await caller.node.environment.workers.run(letter, row, kind, sender)


def _ready(row: SubjectRequestRow, kind: LetterName) -> SubjectRequestRow:
    if row.erased is not None:
        raise RequestStateConflict(
            say("request-erased", "The request is erased: nobody knows any more who asked."),
            "Look at its number on the record.",
        )
    if kind == "answer" and row.decision is None:
        raise RequestStateConflict(say("request-undecided", "Nothing is decided yet."), "Decide first.")
    if kind == "extension" and row.extended is None:
        raise RequestStateConflict(say("request-not-extended", "The time was not extended."), "Extend it first.")
    return row


def _matches(tx: Transaction, caller: Caller, row: SubjectRequestRow) -> list[CameraMatch]:
    """Of the cameras that the person named, or of all. No picture: an officer decides on facts."""
    span = subject_requests.wide(row)
    cameras = row.cameras or tuple(camera.id for camera in caller.node.cameras)
    reads = tx.reads.of_plate(row.plate, cameras, span) if row.plate else []
    return [
        CameraMatch(
            camera_id=camera,
            recorded_s=sum(segment.end - segment.start for segment in tx.segments.between(camera, "main", span))
            / SECOND,
            plate_reads=sum(read.camera_id == camera for read in reads),
        )
        for camera in cameras
    ]


def _mending(tx: Transaction, caller: Caller, row: SubjectRequestRow) -> RequestMending:
    found = request_acts.to_mend(tx, row, subject_requests.wide(row), caller.node.environment.clock.now())
    acts = [RequestAct(act=each.act.value, by=each.by, time=each.time) for each in request_acts.done_for(tx, row)]
    return RequestMending(entries=found.entries, faces=found.faces, acts=acts)


def _seen(tx: Transaction, caller: Caller, request_id: str) -> SubjectRequestRow:
    row = tx.subject_requests.get(request_id)
    if row is None or not caller.reach(tx, caller.action)(row.organisation):
        raise RequestUnknown(say("request-none", "There is no such request."), "Look at the list of requests again.")
    return row


async def _step(caller: Caller, id: str, work: Callable[[Transaction], SubjectRequestRow]) -> SubjectRequest:
    def seen(tx: Transaction) -> SubjectRequestRow:
        _seen(tx, caller, id)
        return work(tx)

    return _shape(await caller.act(id, seen))


def _shape(row: SubjectRequestRow) -> SubjectRequest:
    values = {name: getattr(row, name) for name in SubjectRequest.model_fields if name not in {"cameras", "notice_by"}}
    counted = {"cameras": list(row.cameras), "notice_by": subject_requests.notice_by(row.law, row.received)}
    return SubjectRequest.model_validate(values | counted)
