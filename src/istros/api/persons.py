"""Persons who are sought: entries, their faces, and the release by a second person."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from istros.api.gate import Caller, needs
from istros.api.person_shapes import (
    EnrolledFaceShape,
    EnrolmentResult,
    FaceFaultShape,
    FaceQualityShape,
    PersonEntry,
    PersonReleaseShape,
    PersonRequest,
    PersonStateName,
    ReleaseAnswer,
    ReleaseWish,
    SourceName,
)
from istros.api.problem_shapes import closing_of
from istros.api.problems import NotAllowed, NotFound
from istros.api.releases import seen_release
from istros.api.watchlist import cameras_of, reasons_of
from istros.api.watchlist_shapes import EntryClosing
from istros.base.said import say
from istros.base.time import Time
from istros.compliance import releases, request_acts
from istros.compliance.request_acts import Act
from istros.events import persons
from istros.events.errors import EntryStateConflict
from istros.events.face_gallery import Enrolment, FaceGallery, GalleryAway, quality_facts
from istros.events.live_matching import watched_now
from istros.store import Transaction
from istros.store.persons import PersonEntryRow, SealedFaceRow
from istros.store.releases import Matter, ReleaseRow

router = APIRouter(tags=["persons"])

MOST = 500
"""Entries in one answer, newest first."""


def picture_body() -> dict[str, Any]:
    """What the schema says of a body that is a picture."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "requestBody": {
            "required": True,
            "content": {media: dict(binary) for media in ("image/jpeg", "image/png", "image/webp")},
        }
    }


_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/persons")
async def list_persons(caller: Annotated[Caller, Depends(needs("persons.read"))]) -> list[PersonEntry]:
    """Every entry, the open ones and those that ended; no picture."""
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> list[PersonEntry]:
        matched = {each.entry.id for each in watched_now(tx, now)}
        return [person_shape(tx, row, now, row.id in matched) for row in tx.persons.all(MOST)]

    return await caller.disclose("persons", work)


@router.post("/persons", status_code=201)
async def open_person_entry(
    body: PersonRequest, caller: Annotated[Caller, Depends(needs("persons.write"))]
) -> PersonEntry:
    """Begin to seek a person by a description; a machine compares nothing before a face is enrolled and released."""
    asked = persons.PersonRequest(
        body.name, body.description, body.minor, body.objective, body.authorisation, reasons_of(body, caller)
    )

    def work(tx: Transaction) -> PersonEntry:
        row = persons.open_person(tx, caller.node.environment, caller.author, asked, cameras_of(caller))
        return person_shape(tx, row, row.created, matched=False)

    return await caller.act("persons", work)


@router.post("/persons/{entry_id}/close")
async def close_person_entry(
    entry_id: str, body: EntryClosing, caller: Annotated[Caller, Depends(needs("persons.write"))]
) -> PersonEntry:
    """Stop seeking a person; the face goes with its key. Where the entry was never right, whoever got it is told."""

    def work(tx: Transaction) -> PersonEntry:
        _own(caller, tx.persons.get(entry_id))
        wanted, environment = request_acts.named(tx, body.request), caller.node.environment
        row = persons.close_person(tx, environment, caller.author, entry_id, body.reason, wrong=body.wrong)
        request_acts.note(tx, environment, wanted, Act.PERSON_ENTRY, entry_id, caller.operator.name, caller.origin)
        return person_shape(tx, row, caller.node.environment.clock.now(), matched=False)

    shape = await caller.act(entry_id, work)
    if caller.node.gallery is not None:
        await caller.node.gallery.sweep()
    return shape


@router.put("/persons/{entry_id}/face", openapi_extra=picture_body())
async def enrol_person_face(
    entry_id: str,
    source: SourceName,
    request: Request,
    caller: Annotated[Caller, Depends(needs("persons.write"))],
) -> EnrolmentResult:
    """Enrol a face by its picture (the body: JPEG, PNG or WebP), or say everything that is wrong with the picture."""
    data = await request.body()
    async with caller.on_record(entry_id):
        done = await gallery_of(caller).enrol(caller.author, entry_id, data, source, lambda entry: _own(caller, entry))
    return EnrolmentResult(**enrolment_facts(done))


@router.get("/persons/{entry_id}/picture", response_class=Response, responses=_JPEG)
async def get_person_picture(entry_id: str, caller: Annotated[Caller, Depends(needs("persons.picture"))]) -> Response:
    """The enrolled picture of an open entry; each look is on the record."""
    gallery, now = gallery_of(caller), caller.node.environment.clock.now()

    def work(tx: Transaction) -> SealedFaceRow:
        row, face = persons.known_person(tx, entry_id), tx.persons.face(entry_id)
        if face is None or not persons.is_open(row, now):
            raise NotFound("There is no picture of this entry.", "It has none, or it is over.")
        return face

    face = await caller.disclose(entry_id, work)
    return Response(gallery.picture(face), media_type="image/jpeg", headers={"cache-control": "no-store"})


@router.post("/persons/{entry_id}/release")
async def ask_person_release(
    entry_id: str, body: ReleaseWish, caller: Annotated[Caller, Depends(needs("persons.write"))]
) -> PersonEntry:
    """Ask a second person to release the entry with its face; an emergency works at once and is reviewed."""
    environment = caller.node.environment
    now = environment.clock.now()

    def work(tx: Transaction) -> PersonEntry:
        row = persons.known_person(tx, entry_id)
        _own(caller, row)
        if not persons.is_open(row, now) or tx.persons.face(entry_id) is None:
            raise EntryStateConflict(
                say("entry-no-face", "Only an open entry with a face is released."), "Enrol a face first."
            )
        scope = {"name": row.name, "cameras": list(row.cameras), "hours": row.hours, "authorisation": row.authorisation}
        releases.ask(
            tx, environment, caller.operator, Matter.WATCH_PERSON, entry_id, body.reason, body.permit,
            emergency=body.emergency, scope=scope, hours=body.hours, origin=caller.origin, access=caller.node.access,
        )  # fmt: skip
        return person_shape(tx, row, now, matched=False)

    return await caller.act(entry_id, work)


@router.post("/persons/{entry_id}/release/decide")
async def decide_person_release(
    entry_id: str, body: ReleaseAnswer, caller: Annotated[Caller, Depends(needs("releases.grant"))]
) -> PersonEntry:
    """Release or refuse an entry as the second person; refused, it ends and its face goes."""
    environment = caller.node.environment

    def work(tx: Transaction) -> PersonEntry:
        now = environment.clock.now()
        persons.known_person(tx, entry_id)
        waiting = next((row for row in tx.releases.alive(Matter.WATCH_PERSON, entry_id) if row.to_answer), None)
        if waiting is None:
            raise EntryStateConflict(
                say("entry-no-release", "No release of this entry waits for an answer."), "Open the list again."
            )
        seen_release(tx, caller, waiting.id)
        releases.decide(
            tx, environment, caller.operator, waiting.id, body.grant, body.note, origin=caller.origin, access=caller.node.access,
        )  # fmt: skip
        matched = any(each.entry.id == entry_id for each in watched_now(tx, now))
        return person_shape(tx, persons.known_person(tx, entry_id), now, matched)

    shape = await caller.act(entry_id, work)
    if caller.node.gallery is not None and not body.grant:
        await caller.node.gallery.sweep()
    return shape


def person_shape(tx: Transaction, row: PersonEntryRow, now: Time, matched: bool) -> PersonEntry:
    """An entry with its face (without the picture) and its release."""
    face = tx.persons.face(row.id)
    release = next(iter(tx.releases.alive(Matter.WATCH_PERSON, row.id)), None)
    shown = {name: getattr(row, name) for name in row.__slots__ if name not in ("cameras", "close_reason")}
    return PersonEntry(
        **shown, **closing_of(row.close_reason), cameras=list(row.cameras), review_due=persons.is_open(row, now) and row.review <= now,
        state=_state(row, face, release, now), face=None if face is None else _face_shape(face),
        release=None if release is None else _release_shape(release), matched=matched,
    )  # fmt: skip


def _state(row: PersonEntryRow, face: SealedFaceRow | None, release: ReleaseRow | None, now: Time) -> PersonStateName:
    if row.closed is not None:
        return "closed"
    if row.expires <= now:
        return "expired"
    if face is None:
        return "described"
    if release is None:
        return "enrolled"
    return "released" if release.stands(now) else "asked"


def _face_shape(row: SealedFaceRow) -> EnrolledFaceShape:
    quality = FaceQualityShape(**json.loads(row.quality))
    return EnrolledFaceShape(
        source=row.source, quality=quality, sha256=row.sha256, added=row.added, added_by=row.added_by
    )


def _release_shape(row: ReleaseRow) -> PersonReleaseShape:
    return PersonReleaseShape(
        id=row.id, asked=row.asked, asked_by=row.asked_by, answer_by=row.answer_by, emergency=row.emergency,
        expires=row.expires,
    )  # fmt: skip


def enrolment_facts(done: Enrolment) -> dict[str, Any]:
    """What became of a picture, for `EnrolmentResult` and what is made from it."""
    quality = None if done.quality is None else FaceQualityShape(**json.loads(quality_facts(done.quality)))
    faults = [FaceFaultShape(what=each.what, value=each.value, needed=each.needed) for each in done.faults]
    return {"accepted": done.row is not None, "faults": faults, "quality": quality}


def _own(caller: Caller, entry: PersonEntryRow | None) -> None:
    if entry is not None and not caller.may_to("persons.write", entry.owner):
        raise NotAllowed(
            say("entry-owner", f"The entry belongs to {entry.owner}.", owner=entry.owner),
            "Ask somebody of that organisation.",
        )


def gallery_of(caller: Caller) -> FaceGallery:
    """The node's gallery. Raises GalleryAway."""
    if caller.node.gallery is None:
        raise GalleryAway("This node enrols no faces.", "Tell the administrator.")
    return caller.node.gallery
