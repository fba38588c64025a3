"""Recorded video: the timeline, the segments and their bytes; every look under a permit and in the audit log."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.api.problems import NotFound
from istros.api.shapes import Listed, listed_now, segment_shape
from istros.api.spans import From, To, span_of
from istros.base.time import Span
from istros.compliance.permits import Scope
from istros.devices.camera import Camera
from istros.store import Transaction
from istros.store.rows import SegmentRow

router = APIRouter(tags=["playback"])

MOST_CAMERAS = 16
"""Timelines in one answer: as many as the wall has tiles."""

_MP4: dict[int | str, dict[str, Any]] = {
    200: {"content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/timeline")
async def get_timeline(
    caller: Annotated[Caller, Depends(needs("playback.view"))],
    camera: Annotated[list[str], Query(min_length=1, max_length=MOST_CAMERAS)],
    since: From,
    until: To,
    permit: str,
) -> schemas.Timeline:
    """What there is of some cameras in a span of time."""
    cameras, span = [camera_of(caller, camera_id) for camera_id in camera], span_of(since, until)

    def work(tx: Transaction) -> schemas.Timeline:
        listed = listed_now(tx, caller.node.environment.clock.now())
        return schemas.Timeline(cameras=[_timeline(tx, each, span, listed) for each in cameras])

    detail: dict[str, object] = {"cameras": camera, "from": since, "to": until, "what": "timeline"}
    scope = Scope(tuple(camera), span)
    return await caller.disclose(",".join(camera), work, detail, permit, lambda tx: scope)


@router.get("/recordings/{camera_id}/{stream}")
async def list_segments(
    caller: Annotated[Caller, Depends(needs("playback.view"))],
    camera_id: str,
    stream: schemas.StreamNameText,
    since: From,
    until: To,
    permit: str,
) -> list[schemas.Segment]:
    """The segments of a stream in a span of time, by start."""
    span = span_of(since, until)
    camera_of(caller, camera_id)

    def work(tx: Transaction) -> list[schemas.Segment]:
        return [segment_shape(row) for row in tx.segments.between(camera_id, stream, span)]

    detail: dict[str, object] = {"stream": stream, "from": since, "to": until, "what": "segments"}
    return await caller.disclose(camera_id, work, detail, permit, lambda tx: Scope((camera_id,), span))


@router.get("/segments/{segment_id}", response_class=Response, responses=_MP4)
async def get_segment(
    segment_id: str,
    permit: str,
    caller: Annotated[Caller, Depends(needs("playback.view"))],
    keyframes: bool = False,
    sound: bool = False,
) -> Response:
    """The bytes of a segment up to its last whole fragment, without its sound unless that is asked for (as AAC).

    Or its keyframes alone, for playing many times as fast.
    """

    def scope(tx: Transaction) -> Scope:
        row = _segment(tx, segment_id)
        return Scope((row.camera_id,), Span(row.start, row.end))

    what = {"what": "video and sound" if sound and not keyframes else "video"}
    row = await caller.disclose(segment_id, lambda tx: _segment(tx, segment_id), what, permit, scope)
    playback = caller.node.playback
    read = playback.keyframes if keyframes else playback.pictures_and_sound if sound else playback.pictures
    data = await caller.node.environment.workers.run(read, row)
    return Response(data, media_type="video/mp4", headers={"cache-control": "no-store"})


def _segment(tx: Transaction, segment_id: str) -> SegmentRow:
    row = tx.segments.get(segment_id)
    if row is None:
        raise NotFound("There is no such segment.", "It may have been deleted at the end of its time; ask again.")
    return row


def _timeline(tx: Transaction, camera: Camera, span: Span, listed: Listed) -> schemas.CameraTimeline:
    """`main` tells what is recorded, or the other stream where there is no main one."""
    stream = camera.streams[0].key.name if camera.stream("main") is None else "main"
    return schemas.CameraTimeline(
        camera_id=camera.id,
        recorded=[schemas.SpanShape.model_validate(each) for each in tx.segments.recorded(camera.id, stream, span)],
        gaps=[
            schemas.Gap(start=gap.start, end=gap.end, cause=gap.cause.value, detail=gap.detail)
            for gap in tx.gaps.between(camera.id, stream, span)
        ],
        reads=[
            schemas.ReadMark(id=read.id, time=read.time, listed=listed(read))
            for read in tx.reads.between(camera.id, span)
        ],
        alarms=[
            schemas.AlarmMark(id=alarm.id, time=alarm.time, priority=alarm.priority)
            for alarm in tx.alarms.between(camera.id, span)
        ],
    )
