"""Candidates of live face matching: both pictures, two verdicts each blind to the other, and what they teach."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from istros.api.face_shapes import (
    FaceAlarm,
    FaceCandidateShape,
    FaceCountShape,
    FaceDoubt,
    FaceUndoing,
    FaceVerdictRequest,
    FaceVerdictShape,
    ThresholdReport,
    ThresholdRow,
)
from istros.api.gate import Caller, needs
from istros.api.person_shapes import FaceQualityShape
from istros.api.persons import person_shape
from istros.api.problems import NotFound
from istros.api.seen_faces import seen_candidate
from istros.api.spans import From, To, span_of
from istros.base.time import Time
from istros.events.face_gallery import SEEN, GalleryAway
from istros.events.face_judging import give_verdict, known_candidate, similarity_of
from istros.events.face_report import threshold_lines
from istros.events.face_undoing import doubt_match, doubt_of
from istros.recognition.faces.comparing import MATCH_RATE, SHIPPED
from istros.store import Transaction
from istros.store.faces import FaceCandidateRow, FaceVerdictRow
from istros.store.people import FaceCountRow
from istros.store.rows import AlarmRow

router = APIRouter(tags=["faces"])

_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}
MOST = 2000


@router.get("/faces/{candidate_id}/picture", response_class=Response, responses=_JPEG)
async def get_seen_picture(candidate_id: str, caller: Annotated[Caller, Depends(needs("persons.picture"))]) -> Response:
    """The part of a camera's picture that made a candidate; it goes with the entry, or with a rejection."""
    gallery = caller.node.gallery
    if gallery is None:
        raise GalleryAway("This node enrols no faces.", "Tell the administrator.")

    def work(tx: Transaction) -> tuple[str, bytes]:
        row, sealed = seen_candidate(tx, caller, candidate_id), tx.faces.picture(candidate_id)
        if sealed is None:
            raise NotFound("There is no picture of this candidate.", "It went when the candidate was settled or ended.")
        return row.key, sealed

    key, sealed = await caller.disclose(candidate_id, work)
    picture = gallery.keys.open(key, sealed, SEEN)
    return Response(picture, media_type="image/jpeg", headers={"cache-control": "no-store"})


@router.post("/faces/{candidate_id}/verdict")
async def give_face_verdict(
    candidate_id: str, body: FaceVerdictRequest, caller: Annotated[Caller, Depends(needs("faces.judge"))]
) -> FaceCandidateShape:
    """Say whether both pictures show one person, with the reason; another person says so too, without seeing this."""
    environment = caller.node.environment

    def work(tx: Transaction) -> FaceCandidateShape:
        seen_candidate(tx, caller, candidate_id)
        row = give_verdict(tx, environment, caller.author, candidate_id, body.verdict, body.reason)
        return candidate_shape(tx, row, caller)

    return await caller.act(candidate_id, work)


@router.post("/faces/{candidate_id}/undo")
async def ask_to_undo_face(
    candidate_id: str, body: FaceUndoing, caller: Annotated[Caller, Depends(needs("faces.judge"))]
) -> FaceCandidateShape:
    """Say why a confirmed face is another's; a second person decides under the releases, and then it is undone."""
    node = caller.node

    def work(tx: Transaction) -> FaceCandidateShape:
        seen_candidate(tx, caller, candidate_id)
        doubt_match(
            tx, node.environment, caller.operator, candidate_id, body.reason, body.request, origin=caller.origin,
            access=node.access,
        )  # fmt: skip
        return candidate_shape(tx, known_candidate(tx, candidate_id), caller)

    return await caller.act(candidate_id, work)


@router.get("/faces/report")
async def get_threshold_report(
    caller: Annotated[Caller, Depends(needs("faces.report"))], since: From, until: To
) -> ThresholdReport:
    """How often candidates were false, by camera and threshold, beside what the calibration says."""
    span = span_of(since, until)

    def work(tx: Transaction) -> ThresholdReport:
        counts = tx.people.face_counts(span)
        lines = threshold_lines(tx.faces.between(span, MOST), counts)
        rows = [
            ThresholdRow(
                camera_id=line.camera_id, similarity=round(similarity_of(line.threshold), 3), raised=line.raised,
                confirmed=line.confirmed, rejected=line.rejected, open=line.open, false_rate=line.false_rate,
                false_low=line.interval[0] if line.interval else None,
                false_high=line.interval[1] if line.interval else None, expected_rate=line.expected_rate,
            )
            for line in lines
        ]  # fmt: skip
        threshold = round(similarity_of(SHIPPED.threshold_for(MATCH_RATE)), 3)
        return ThresholdReport(since=span.start, until=span.end, threshold=threshold, counts=_summed(counts), rows=rows)

    return await caller.disclose("faces", work, {"from": since, "to": until})


def face_alarm(tx: Transaction, alarm: AlarmRow, caller: Caller) -> FaceAlarm:
    """What an alarm of kind `face` stands on, as its asker may see it."""
    now = Time(caller.node.environment.clock.now())
    entry = tx.persons.get(alarm.watchlist_entry_id or "")
    person = None if entry is None or not caller.may("persons.read") else person_shape(tx, entry, now, matched=False)
    candidates = [candidate_shape(tx, row, caller) for row in tx.faces.of_alarm(alarm.id)]
    return FaceAlarm(person=person, reference=None if person is None else person.face, candidates=candidates)


def candidate_shape(tx: Transaction, row: FaceCandidateRow, caller: Caller) -> FaceCandidateShape:
    """A candidate; other people's verdicts only once the asker has given one, or two have settled it."""
    given = tx.faces.verdicts(row.id)
    mine = next((each for each in given if each.by == caller.operator.name), None)
    shown = given if mine is not None or row.outcome != "open" else []
    doubt = doubt_of(tx, row)
    return FaceCandidateShape(
        id=row.id, entry_id=row.entry_id, camera_id=row.camera_id, time=row.time,
        similarity=round(similarity_of(row.distance), 3), threshold=round(similarity_of(row.threshold), 3),
        false_match_rate=row.false_match_rate, compared_with=row.compared_with,
        next_best=None if row.next_best is None else round(similarity_of(row.next_best), 3), faces=row.faces,
        quality=FaceQualityShape(**json.loads(row.quality)), outcome=row.outcome,
        has_picture=tx.faces.picture(row.id) is not None, given=len(given),
        mine=None if mine is None else _verdict(mine), verdicts=[_verdict(each) for each in shown],
        may_judge=row.outcome == "open" and mine is None and caller.may("faces.judge"),
        doubt=None if doubt is None else FaceDoubt(by=doubt.asked_by, time=doubt.asked, reason=doubt.reason),
        may_undo=row.outcome == "confirmed" and doubt is None and caller.may("faces.judge"),
    )  # fmt: skip


def _verdict(row: FaceVerdictRow) -> FaceVerdictShape:
    return FaceVerdictShape(by=row.by, time=row.time, verdict=row.verdict, reason=row.reason)


def _summed(rows: list[FaceCountRow]) -> list[FaceCountShape]:
    names = ("seen", "compared", "candidates", "refused", "still")
    cameras = sorted({row.camera_id for row in rows})
    return [
        FaceCountShape(
            camera_id=camera,
            **{name: sum(getattr(row, name) for row in rows if row.camera_id == camera) for name in names},
        )
        for camera in cameras
    ]
