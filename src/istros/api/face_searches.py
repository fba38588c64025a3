"""Looking for one person's face in recordings: asking for it, its authorisation, how far it is, what it found (rule L3)."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from istros.api.face_search_shapes import (
    Authorisation,
    FaceSearchDetail,
    FaceSearchRequest,
    FaceSearchShape,
    FaceSearchStateName,
    LookedShape,
    MissingShape,
    SearchEnd,
    SearchEnrolment,
    SearchReleaseShape,
)
from istros.api.faces import candidate_shape
from istros.api.gate import Caller, needs
from istros.api.person_shapes import FaceQualityShape, SourceName
from istros.api.persons import enrolment_facts, gallery_of, picture_body
from istros.api.problem_shapes import problem_of
from istros.api.problems import NotAllowed, NotFound
from istros.api.releases_shapes import release_shape
from istros.api.seen_faces import READ, seen_search
from istros.api.spans import span_of
from istros.base.said import say
from istros.base.time import SECOND, Time
from istros.compliance.permits import Scope
from istros.events import face_search
from istros.events.errors import FaceSearchStateConflict
from istros.events.face_gallery import PICTURE
from istros.events.face_judging import similarity_of
from istros.events.face_looked import Looked, looked_of
from istros.events.face_search import known_search
from istros.events.record import record
from istros.recognition.faces.comparing import MATCH_RATE, SHIPPED
from istros.store import Transaction
from istros.store.face_searches import FaceSearchRow, SearchState
from istros.store.persons import SealedFaceRow
from istros.store.releases import ReleaseRow

router = APIRouter(tags=["faces"])

MOST = 200
"""Searches in one answer, newest first."""

_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}
Searcher = Annotated[Caller, Depends(needs("faces.search"))]
Reader = Annotated[Caller, Depends(needs("faces.results"))]


@router.get("/face-searches")
async def list_face_searches(caller: Reader) -> list[FaceSearchShape]:
    """The searches of the organisations that the caller may see, newest first, without what they found."""

    def work(tx: Transaction) -> list[FaceSearchShape]:
        whose = caller.reached(tx, READ, tx.face_searches.organisations())
        return [_shape(tx, caller, row) for row in tx.face_searches.all(MOST, whose)]

    return await caller.disclose("face-searches", work)


@router.post("/face-searches", status_code=201)
async def ask_face_search(body: FaceSearchRequest, caller: Searcher) -> FaceSearchShape:
    """Ask that recordings be looked through for one person, under a permit of one's own; a second person releases it."""
    span, cameras = span_of(body.since, body.until), tuple(body.cameras)
    asked = face_search.SearchRequest(
        body.basis, body.entry or None, cameras, span, body.reason, body.facts, body.authorisation
    )

    def work(tx: Transaction) -> FaceSearchShape:
        permit = caller.require_permit(tx, body.permit, Scope(cameras, span))
        row = face_search.ask_search(
            tx, caller.node.environment, caller.operator, permit, asked, [camera.id for camera in caller.node.cameras],
            origin=caller.origin, access=caller.node.access,
        )  # fmt: skip
        return _shape(tx, caller, row)

    return await caller.act("face-searches", work)


@router.put("/face-searches/{search_id}/face", openapi_extra=picture_body())
async def give_searched_face(search_id: str, source: SourceName, request: Request, caller: Searcher) -> SearchEnrolment:
    """The unknown person's picture for a first identification (the body: JPEG, PNG or WebP); a good one asks for the release."""
    data, environment = await request.body(), caller.node.environment

    def waiting(tx: Transaction) -> FaceSearchRow:
        row = _own(caller, seen_search(tx, caller, search_id))
        face_search.require_draft(row)
        return row

    def keep(tx: Transaction, face: SealedFaceRow) -> None:
        row = face_search.give_face(tx, environment, caller.author, face)
        face_search.ask_release(tx, environment, caller.operator, row, origin=caller.origin, access=caller.node.access)

    await caller.act(search_id, waiting)
    async with caller.on_record(search_id):
        done = await gallery_of(caller).seal(search_id, data, source, caller.operator.name, keep)
    shape = await caller.node.database.read(lambda tx: _shape(tx, caller, known_search(tx, search_id)))
    return SearchEnrolment(**enrolment_facts(done), search=shape)


@router.get("/face-searches/{search_id}")
async def get_face_search(search_id: str, caller: Reader) -> FaceSearchDetail:
    """One search with its candidates, the most alike first; other people's verdicts only after one's own."""
    return await caller.disclose(search_id, lambda tx: _detail(tx, caller, seen_search(tx, caller, search_id)))


@router.get("/face-searches/{search_id}/picture", response_class=Response, responses=_JPEG)
async def get_searched_picture(
    search_id: str, caller: Annotated[Caller, Depends(needs("persons.picture"))]
) -> Response:
    """The picture that was compared with; it goes with the entry, or with the search."""
    gallery = gallery_of(caller)

    def work(tx: Transaction) -> tuple[str, bytes]:
        row = seen_search(tx, caller, search_id)
        face = tx.persons.face(row.entry_id) if row.entry_id and row.ended is None else None
        sealed = row.picture if face is None else face.picture
        if sealed is None:
            raise NotFound("There is no picture of this search.", "It went when the search or its entry ended.")
        return row.key, sealed

    key, sealed = await caller.disclose(search_id, work)
    picture = gallery.keys.open(key, sealed, PICTURE)
    return Response(picture, media_type="image/jpeg", headers={"cache-control": "no-store"})


@router.post("/face-searches/{search_id}/authorisation")
async def authorise_face_search(search_id: str, body: Authorisation, caller: Searcher) -> FaceSearchShape:
    """Write down the authorisation of an urgent search before its 48 hours are over."""

    def work(tx: Transaction) -> FaceSearchShape:
        row = _own(caller, seen_search(tx, caller, search_id))
        row = face_search.authorise(tx, caller.node.environment, caller.author, row.id, body.reference)
        return _shape(tx, caller, row)

    return await caller.act(search_id, work)


@router.post("/face-searches/{search_id}/stop")
async def stop_face_search(search_id: str, caller: Searcher) -> FaceSearchShape:
    """Look through no more; what was found so far stays to be judged. To end it with all that it holds, stop its release."""

    def work(tx: Transaction) -> FaceSearchShape:
        row, now = _own(caller, seen_search(tx, caller, search_id)), caller.node.environment.clock.now()
        if not face_search.may_look(tx, row, now) or not tx.face_searches.wish_cancel(search_id):
            raise FaceSearchStateConflict(
                say("face-search-not-looking", "Nothing is being looked through for it."), "Look at its state."
            )
        record(tx, caller.node.environment, caller.author, "faces.stop", search_id, {"case": row.case_ref})
        return _shape(tx, caller, known_search(tx, search_id))

    return await caller.act(search_id, work)


@router.post("/face-searches/{search_id}/end")
async def end_face_search(
    search_id: str, body: SearchEnd, caller: Annotated[Caller, Depends(needs("releases.withdraw"))]
) -> FaceSearchShape:
    """End a search, whatever it waits for: whoever asked, or who may see it and stop releases (rule L4).

    What two people confirmed stays until its entry or the time of its release is over.
    """

    def work(tx: Transaction) -> FaceSearchShape:
        seen_search(tx, caller, search_id)
        row = face_search.end_search(
            tx, caller.node.environment, caller.operator, search_id, body.reason, origin=caller.origin,
            access=caller.node.access,
        )  # fmt: skip
        return _shape(tx, caller, row)

    return await caller.act(search_id, work)


def _own(caller: Caller, row: FaceSearchRow) -> FaceSearchRow:
    if row.organisation != caller.operator.organisation:
        raise NotAllowed(
            say("search-owner", f"The search belongs to {row.organisation}.", owner=row.organisation),
            "Ask somebody of that organisation.",
        )
    return row


def _shape(tx: Transaction, caller: Caller, row: FaceSearchRow) -> FaceSearchShape:
    return FaceSearchShape(**_facts(tx, caller, row))


def _facts(tx: Transaction, caller: Caller, row: FaceSearchRow) -> dict[str, Any]:
    now, release = caller.node.environment.clock.now(), face_search.release_of(tx, row)
    entry = None if row.entry_id is None else tx.persons.get(row.entry_id)
    outcomes = [each.outcome for each in tx.faces.of_search(row.id)]
    same = (
        "id", "basis", "entry_id", "case_ref", "purpose", "ground", "organisation", "reason", "facts", "authorisation",
        "authorised", "authorised_by", "asked", "asked_by", "progress", "started", "finished", "ended", "dropped",
    )  # fmt: skip
    return {name: getattr(row, name) for name in same} | problem_of(row.problem) | {
        "name": "" if entry is None else entry.name, "cameras": list(row.cameras), "since": row.start,
        "until": row.end, "authorise_by": face_search.authorise_by(row, release), "state": _state(row, release, now),
        "stopping": row.cancel_wished and row.state in face_search.TO_LOOK,
        "own": caller.may("faces.search") and row.organisation == caller.operator.organisation,
        "may_end": row.ended is None and caller.may("releases.withdraw"),
        "release": None if release is None else _release(caller, release, now),
        "looked": [_looked(each) for each in looked_of(row.looked)], "open": outcomes.count("open"),
        "confirmed": outcomes.count("confirmed"),
    }  # fmt: skip


def _detail(tx: Transaction, caller: Caller, row: FaceSearchRow) -> FaceSearchDetail:
    face = tx.persons.face(row.entry_id) if row.entry_id and row.ended is None else None
    quality = row.quality if face is None else face.quality
    compared = sum(each.compared for each in looked_of(row.looked))
    return FaceSearchDetail(
        **_facts(tx, caller, row), quality=FaceQualityShape(**json.loads(quality)) if quality else None,
        has_picture=face is not None or row.picture is not None,
        threshold=round(similarity_of(SHIPPED.threshold_for(MATCH_RATE)), 3), expected_false=compared * MATCH_RATE,
        candidates=[candidate_shape(tx, each, caller) for each in tx.faces.of_search(row.id)],
    )  # fmt: skip


def _state(row: FaceSearchRow, release: ReleaseRow | None, now: Time) -> FaceSearchStateName:
    if row.state is SearchState.ASKED and release is not None and release.stands(now):
        return "waiting"
    return row.state.value


def _release(caller: Caller, row: ReleaseRow, now: Time) -> SearchReleaseShape:
    shape = release_shape(row, now, caller.operator.name, caller.node.access.actions_of(caller.operator.role), "", {})
    return SearchReleaseShape(
        id=row.id, answer_by=row.answer_by, answered_by=row.answered_by, expires=row.expires,
        may_answer=shape.may_answer,
    )  # fmt: skip


def _looked(each: Looked) -> LookedShape:
    numbers = {name: getattr(each, name) for name in ("pictures", "faces", "tracks", "compared", "still", "refused")}
    missing = [MissingShape(since=one.start, until=one.end, cause=one.cause) for one in each.missing]
    return LookedShape(
        camera_id=each.camera, stream=each.stream, looked_s=each.looked_us // SECOND, **numbers, missing=missing,
        more_missing=each.more_missing,
    )  # fmt: skip
