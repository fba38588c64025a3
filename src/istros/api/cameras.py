"""Cameras and how they do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.shown import SET_UP
from istros.compliance.assessments import Clearance, clearances
from istros.devices.camera import Camera, Stream
from istros.devices.masks import masks_now
from istros.recognition.declared_view import is_covered, zones_await_check
from istros.store import Transaction
from istros.store.analysis_pauses import AnalysisPauseRow
from istros.store.rows import AnalyserStateRow, StreamName, StreamStateRow
from istros.video.repaint import PAINTED_MIME

router = APIRouter(tags=["cameras"])

States = dict[tuple[str, StreamName], tuple[StreamStateRow, str]]
"""By camera and stream: how it does, and its type."""


@router.get("/cameras")
async def list_cameras(caller: Annotated[Caller, Depends(needs("cameras.read"))]) -> list[schemas.Camera]:
    """Every camera of the node with its streams."""

    def work(tx: Transaction) -> list[schemas.Camera]:
        masks = masks_now(tx, caller.node.cameras)
        states = {
            (row.camera_id, row.stream): (row, PAINTED_MIME if masks.get(row.camera_id) else _mime(tx, row))
            for row in tx.streams.all()
        }
        analysers = {row.camera_id: row for row in tx.analysers.all()}
        cameras, now = caller.node.cameras, caller.node.environment.clock.now()
        held = clearances(tx, now, {camera.id: camera.is_here for camera in cameras})
        paused = {row.camera_id: row for row in tx.pauses.all()}
        return [
            _camera_shape(camera, states, analysers.get(camera.id), held[camera.id], len(masks.get(camera.id, ())))
            .model_copy(update={"paused": _pause_shape(tx, caller, camera, paused.get(camera.id))})
            for camera in cameras
        ]  # fmt: skip

    return await caller.node.database.read(work)


def _mime(tx: Transaction, row: StreamStateRow) -> str:
    """The exact type as the newest segment has it; empty until something is recorded."""
    segment = tx.segments.newest(row.camera_id, row.stream)
    return segment.mime if segment else ""


def _camera_shape(
    camera: Camera, states: States, analyser: AnalyserStateRow | None, held: Clearance, masks: int
) -> schemas.Camera:
    return schemas.Camera(
        id=camera.id, name=camera.place.name, town=camera.place.town, owner=camera.owner,
        latitude=camera.place.latitude, longitude=camera.place.longitude, reads_plates=camera.reads_plates,
        streams=[_stream_shape(camera, stream, states) for stream in camera.streams],
        analyser=_analyser_shape(analyser) if analyser else None,
        standing=held.standing.value, due=held.due, masks=masks,
    )  # fmt: skip


def _pause_shape(
    tx: Transaction, caller: Caller, camera: Camera, row: AnalysisPauseRow | None
) -> schemas.AnalysisPause | None:
    if row is None:
        return None
    return schemas.AnalysisPause(
        cause=row.cause, since=row.since, zones_await_check=zones_await_check(tx, camera, row),
        covered=not caller.may(SET_UP) and is_covered(tx, camera),
    )  # fmt: skip


def _analyser_shape(row: AnalyserStateRow) -> schemas.AnalyserFacts:
    return schemas.AnalyserFacts(
        analysed_fps=row.analysed_fps,
        behind_s=row.behind_s,
        dropped_frames=row.dropped_frames,
        vehicles_now=row.vehicles_now,
        reads_total=row.reads_total,
    )


def _stream_shape(camera: Camera, stream: Stream, states: States) -> schemas.StreamFacts:
    name = stream.key.name
    expected = camera.fps_expected.get(name)
    found = states.get((camera.id, name))
    if found is None:
        return schemas.StreamFacts(
            name=name, status="starting", recording=False, codec="", mime="", width=0, height=0, fps=0.0,
            fps_expected=expected, bitrate_bps=0, lost_packets=0, reconnects=0, problem="",
        )  # fmt: skip
    row, mime = found
    return schemas.StreamFacts(
        name=name, status=row.status, since=row.since, recording=row.recording, codec=row.codec,
        mime=mime, width=row.width, height=row.height, fps=row.fps, fps_expected=expected,
        bitrate_bps=row.bitrate_bps, lost_packets=row.lost_packets, reconnects=row.reconnects,
        last_keyframe=row.last_keyframe, problem=row.problem.text, problem_code=row.problem.code,
        problem_facts=dict(row.problem.facts),
    )  # fmt: skip
