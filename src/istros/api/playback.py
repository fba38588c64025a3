"""Recorded video: the segments and their bytes; every look under a permit and in the audit log."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.api.problems import NotFound
from istros.api.shapes import segment_shape
from istros.api.spans import From, To, span_of
from istros.base.time import Span
from istros.compliance.permits import Scope
from istros.devices.masks import masks_of
from istros.store import Transaction
from istros.store.rows import SegmentRow

router = APIRouter(tags=["playback"])

_MP4: dict[int | str, dict[str, Any]] = {
    200: {"content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}}}
}


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
        masks = masks_of(tx, caller.node.cameras, camera_id)
        rows = tx.segments.between(camera_id, stream, span)
        return [segment_shape(row, masks.over(Span(row.start, row.end))) for row in rows]

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
        row = _segment(tx, caller, segment_id)
        return Scope((row.camera_id,), Span(row.start, row.end))

    what: dict[str, object] = {"what": "video and sound" if sound and not keyframes else "video"}

    def work(tx: Transaction) -> SegmentRow:
        row = _segment(tx, caller, segment_id)
        what["camera"] = row.camera_id
        return row

    row = await caller.disclose(segment_id, work, what, permit, scope)
    playback = caller.node.playback
    read = playback.keyframes if keyframes else playback.pictures_and_sound if sound else playback.pictures
    data = await playback.in_turn(caller.node.environment.workers, read, row)
    return Response(data, media_type="video/mp4", headers={"cache-control": "no-store"})


def _segment(tx: Transaction, caller: Caller, segment_id: str) -> SegmentRow:
    """Of a camera that the node has: of another one nobody knows the masks that its configuration named."""
    row = tx.segments.get(segment_id)
    if row is None:
        raise NotFound("There is no such segment.", "It may have been deleted at the end of its time; ask again.")
    camera_of(caller, row.camera_id)
    return row
