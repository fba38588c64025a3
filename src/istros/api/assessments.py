"""Assessments of cameras: written by the administrator, approved by the data-protection officer; before that nothing films."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api.assessment_shapes import (
    AssessmentAnswer,
    AssessmentLack,
    AssessmentStop,
    AssessmentText,
    AssessmentVersion,
    CameraAssessment,
    CameraStanding,
    NextStep,
    UseName,
)
from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.base.time import Time, from_iso, to_iso
from istros.compliance import assessment_drafts
from istros.compliance.assessment_drafts import LONGEST, SIGN_LANGUAGES, CameraFacts, waits
from istros.compliance.assessments import Assessment, Clearance, Standing, Use, clearances, content_of
from istros.devices.camera import Camera
from istros.recognition.zones import PictureZones
from istros.recording.bounds import keeping_by_profile
from istros.store import Transaction
from istros.store.assessments import AssessmentRow

router = APIRouter(tags=["assessments"])

Writer = Annotated[Caller, Depends(needs("assessments.write"))]
Officer = Annotated[Caller, Depends(needs("assessments.answer"))]
Stopper = Annotated[Caller, Depends(needs("assessments.withdraw"))]
Reader = Annotated[Caller, Depends(needs("cameras.read"))]


@router.get("/assessments")
async def list_assessments(caller: Reader) -> list[CameraStanding]:
    """How each camera stands with its assessment, and who does what next."""
    return await caller.node.database.read(lambda tx: standings(tx, caller))


@router.get("/cameras/{camera_id}/assessment")
async def get_assessment(camera_id: str, caller: Reader) -> CameraAssessment:
    """One camera's assessment with its history, and what is missing."""
    camera = camera_of(caller, camera_id)
    return await caller.node.database.read(lambda tx: _shape(tx, caller, camera))


@router.post("/cameras/{camera_id}/assessment", status_code=201)
async def write_assessment(camera_id: str, body: AssessmentText, caller: Writer) -> CameraAssessment:
    """Keep a new version, finished or not; it counts once the data-protection officer has approved it."""

    def work(tx: Transaction) -> None:
        assessment_drafts.write(
            tx, caller.node.environment, caller.operator, camera_id, _says(body), origin=caller.origin,
            access=caller.node.access,
        )  # fmt: skip

    return await _changed(caller, camera_id, work)


@router.post("/cameras/{camera_id}/assessment/answer")
async def answer_assessment(camera_id: str, body: AssessmentAnswer, caller: Officer) -> CameraAssessment:
    """Approve the newest version: the camera films from now on; or send it back with a reason."""
    camera = camera_of(caller, camera_id)

    def work(tx: Transaction) -> None:
        assessment_drafts.answer(
            tx, caller.node.environment, caller.operator, camera_id, body.version, _facts(tx, caller, camera),
            approve=body.approve, reason=body.reason, origin=caller.origin, access=caller.node.access,
        )  # fmt: skip

    return await _changed(caller, camera_id, work)


@router.post("/cameras/{camera_id}/assessment/stop")
async def stop_camera(camera_id: str, body: AssessmentStop, caller: Stopper) -> CameraAssessment:
    """Take back what lets a camera film: it stops within seconds, recording too."""

    def work(tx: Transaction) -> None:
        assessment_drafts.withdraw(
            tx, caller.node.environment, caller.operator, camera_id, body.reason, origin=caller.origin,
            access=caller.node.access,
        )  # fmt: skip

    return await _changed(caller, camera_id, work)


def standings(tx: Transaction, caller: Caller) -> list[CameraStanding]:
    """How each camera of the node stands."""
    now = caller.node.environment.clock.now()
    newest = {row.camera_id: row for row in tx.assessments.newest()}
    held = clearances(tx, now, {camera.id: camera.is_here for camera in caller.node.cameras})
    return [
        _standing(camera, held[camera.id], row, _is_unfinished(tx, caller, camera, row))
        for camera in caller.node.cameras
        for row in [newest.get(camera.id)]
    ]


def _is_unfinished(tx: Transaction, caller: Caller, camera: Camera, row: AssessmentRow | None) -> bool:
    if row is None or not waits(row):
        return False
    now = caller.node.environment.clock.now()
    return bool(assessment_drafts.lacks(content_of(row), _facts(tx, caller, camera), now))


async def _changed(caller: Caller, camera_id: str, work: Callable[[Transaction], None]) -> CameraAssessment:
    camera = camera_of(caller, camera_id)

    def both(tx: Transaction) -> CameraAssessment:
        work(tx)
        return _shape(tx, caller, camera)

    return await caller.act(camera_id, both)


def _shape(tx: Transaction, caller: Caller, camera: Camera) -> CameraAssessment:
    now = caller.node.environment.clock.now()
    rows, facts = tx.assessments.of_camera(camera.id), _facts(tx, caller, camera)
    held = clearances(tx, now, {camera.id: camera.is_here})[camera.id]
    newest = rows[0] if rows else None
    waiting = newest if newest is not None and waits(newest) else None
    missing = assessment_drafts.lacks(content_of(waiting), facts, now) if waiting is not None else []
    return CameraAssessment(
        standing=_standing(camera, held, newest, bool(missing)),
        lacks=[AssessmentLack(place=each.place, lacks=each.lacks) for each in missing],  # type: ignore[arg-type]
        versions=[_version(row) for row in rows], keep_hours=facts.keep_hours, zones_drawn=facts.zones_drawn,
        sign_languages=list(SIGN_LANGUAGES.get(camera.place.town.strip().lower(), ())),  # type: ignore[arg-type]
        latest_review=Time(now + LONGEST), may_write=caller.may("assessments.write"),
        may_answer=waiting is not None and not missing and caller.may("assessments.answer")
        and waiting.written_by != caller.operator.name,
        may_stop=held.films and caller.may("assessments.withdraw"),
    )  # fmt: skip


def _facts(tx: Transaction, caller: Caller, camera: Camera) -> CameraFacts:
    zones = PictureZones.in_force(camera, tx.camera_zones.in_force(camera.id))
    keeping = keeping_by_profile(tx, caller.node.environment.clock.now(), caller.node.keeping).of(camera.id)
    hours = math.ceil(24 * max(keeping.days, keeping.event_days) - 1e-6)
    return CameraFacts(camera.place.town, bool(zones.private), hours)


def _standing(
    camera: Camera, held: Clearance, newest: AssessmentRow | None, unfinished: bool = False
) -> CameraStanding:
    next_step = _next(held, newest, unfinished)
    return CameraStanding(
        camera_id=camera.id, standing=held.standing.value, films=held.films, live=held.live,
        uses=_codes(held.uses), uncovered=_codes(_wanted(camera) - held.uses) if held.films else [],
        due=held.due, changed=held.changed, analysis_ends=held.analysis_ends, live_ends=held.live_ends, next=next_step,
        next_version=newest.version if newest is not None and next_step == "answer" else 0,
    )  # fmt: skip


def _codes(uses: Iterable[Use]) -> list[UseName]:
    return sorted(use.value for use in uses)


def _wanted(camera: Camera) -> set[Use]:
    """What the configuration asks of a camera."""
    found = {Use.SOUND} if any(stream.sound for stream in camera.streams) else set()
    if camera.analysis == "full":
        found |= {Use.VEHICLES, *([Use.PLATES] if camera.reads_plates else [])}
        found |= {Use.FACES} if camera.face_zone else set()
    return found


def _next(held: Clearance, newest: AssessmentRow | None, unfinished: bool) -> NextStep:
    is_older = held.changed != "" and held.due is not None and newest is not None and newest.written <= held.due
    if (
        newest is not None and waits(newest) and not is_older
    ):  # what was written before the change answers for the old view
        return "finish" if unfinished else "answer"
    if held.standing in (Standing.VALID,):
        return "none"
    return "review" if held.version else "write"


def _version(row: AssessmentRow) -> AssessmentVersion:
    says = content_of(row)
    return AssessmentVersion(
        version=row.version, sha256=row.sha256, says=_text(says), simulated=says.simulated, written=row.written,
        written_by=row.written_by, approved=row.approved, refused=row.refused, answered_by=row.answered_by,
        answer_reason=row.answer_reason, ended=row.ended, ended_by=row.ended_by, end_reason=row.end_reason,
    )  # fmt: skip


def _text(says: Assessment) -> AssessmentText:
    return AssessmentText(
        owner=says.owner, purpose=says.purpose, looks_at=says.looks_at, sign=dict(says.sign),  # type: ignore[arg-type]
        sign_place=says.sign_place, zones=says.zones, zones_reason=says.zones_reason,  # type: ignore[arg-type]
        keep_hours=says.keep_hours, dpia_ref=says.dpia_ref,
        dpia_date=to_iso(says.dpia_date) if says.dpia_date else None, review=to_iso(says.review),
        uses=_codes(says.uses),
    )  # fmt: skip


def _says(body: AssessmentText) -> Assessment:
    return Assessment(
        owner=body.owner, purpose=body.purpose, looks_at=body.looks_at, sign={str(language): text for language, text in body.sign.items()},
        sign_place=body.sign_place, zones=body.zones, zones_reason=body.zones_reason, keep_hours=body.keep_hours,
        dpia_ref=body.dpia_ref, dpia_date=Time(0) if body.dpia_date is None else from_iso(body.dpia_date),
        review=from_iso(body.review), uses=frozenset(Use(use) for use in body.uses),
    )  # fmt: skip
