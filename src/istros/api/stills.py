"""Still pictures: one exact frame to keep, and small ones to find the moment by; under a permit, on the record."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.leaving_pictures import lifted_for
from istros.api.places import camera_of
from istros.api.spans import From, To, span_of
from istros.api.stills_shapes import Thumbnails, ThumbnailShape
from istros.base.said import say
from istros.base.time import Span, Time, from_iso, to_iso
from istros.compliance.permits import Scope
from istros.devices.camera import Camera
from istros.events.record import record
from istros.recording.pictures import NoPicture, Pictures, Still, Thumbnail
from istros.recording.playback import SegmentGone
from istros.store import Transaction
from istros.store.rows import PermitRow, SegmentRow, StreamName
from istros.video.mark import mark_text

router = APIRouter(tags=["stills"])

MOST_THUMBNAILS = 60
"""As many as fit on a timeline beside each other."""

_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


def pictures_of(request: Request) -> Pictures:
    """What makes pictures on this node."""
    pictures: Pictures = request.app.state.pictures
    return pictures


@router.get("/stills/{camera_id}", response_class=Response, responses=_JPEG)
async def get_still(
    camera_id: str,
    time: schemas.MomentText,
    permit: str,
    caller: Annotated[Caller, Depends(needs("playback.view"))],
    pictures: Annotated[Pictures, Depends(pictures_of)],
    stream: schemas.StreamNameText = "main",
    width: Annotated[int, Query(ge=0, le=7680)] = 0,
    save: bool = False,
) -> Response:
    """The exact frame that a camera showed at a moment, as JPEG; its SHA-256 goes on the record.

    Who looks, under which permit and when, is drawn into it in small letters. To `save` it as a file is to let it
    leave: people and plates are hidden then, unless a second person released it.
    """
    camera, moment = camera_of(caller, camera_id), from_iso(time)
    scope = Scope((camera_id,), Span(moment, Time(moment + 1)))

    def work(tx: Transaction) -> tuple[SegmentRow | None, PermitRow | None, bool]:
        held = tx.permits.get(permit)
        hidden = save and held is not None and not lifted_for(tx, caller, held, [camera_id], Span(moment, moment))
        return segment_at(tx, camera, (stream, _other(stream)), moment), held, hidden

    detail: dict[str, object] = {"stream": stream, "time": time, "what": "still"} | ({"saved": True} if save else {})
    row, held, hidden = await caller.disclose(camera_id, work, detail, permit, lambda tx: scope)
    if row is None or held is None:
        raise NoPicture(
            say(
                "nothing-recorded-then",
                f"Nothing was recorded of {camera_id} at {time}.",
                camera=camera_id,
                time=str(time),
            ),
            "Choose a moment that was recorded.",
        )
    facts = _Facts(camera, held, caller.operator.display_name, caller.node.identity.name)
    still = await pictures.still(row, moment, width, facts.of, mark=mark_for(caller, held), hidden=hidden)
    await put_on_record(caller, permit, camera_id, still, {"saved": True, "hidden": hidden} if save else {})
    return Response(still.jpeg, media_type="image/jpeg", headers=_headers(still, held, save=save, hidden=hidden))


@router.get("/thumbnails/{camera_id}")
async def list_thumbnails(
    camera_id: str,
    since: From,
    until: To,
    permit: str,
    caller: Annotated[Caller, Depends(needs("playback.view"))],
    pictures: Annotated[Pictures, Depends(pictures_of)],
    count: Annotated[int, Query(ge=1, le=MOST_THUMBNAILS)] = 40,
    width: Annotated[int, Query(ge=64, le=480)] = 192,
) -> Thumbnails:
    """Small pictures of a span, evenly spread: keyframes of the small stream, or of the large where there is none."""
    camera, span = camera_of(caller, camera_id), span_of(since, until)
    moments = moments_in(span, count)

    def work(tx: Transaction) -> list[tuple[Time, SegmentRow]]:
        found = ((moment, segment_at(tx, camera, ("sub", "main"), moment)) for moment in moments)
        return [(moment, row) for moment, row in found if row is not None]

    detail: dict[str, object] = {"from": since, "to": until, "count": count, "what": "thumbnails"}
    wanted = await caller.disclose(camera_id, work, detail, permit, lambda tx: Scope((camera_id,), span))
    made = [(moment, await _thumbnail(pictures, row, moment, width)) for moment, row in wanted]
    return _thumbnails(camera_id, width, [(moment, each) for moment, each in made if each is not None])


def mark_for(caller: Caller, permit: PermitRow) -> str:
    """What is drawn into a picture of a recording that somebody is shown or takes away."""
    return mark_text(caller.operator.name, permit.number, caller.node.environment.clock.now())


def moments_in(span: Span, count: int) -> list[Time]:
    """The middles of `count` equal parts of a span."""
    return [Time(span.start + span.duration_us * (2 * place + 1) // (2 * count)) for place in range(count)]


async def put_on_record(caller: Caller, permit: str, camera_id: str, still: Still, how: Mapping[str, object]) -> None:
    """A picture that was shown or leaves the node: its exact time and its hash, so that a file can be held against the record."""
    author = replace(caller.author, permit_id=permit)
    detail: dict[str, object] = {
        "time": to_iso(still.time), "stream": still.segment.stream, "sha256": still.sha256, "bytes": len(still.jpeg),
        "segment": still.segment.id, "what": "still-made", **how,
    }  # fmt: skip
    environment, action = caller.node.environment, caller.action
    await caller.node.database.write(lambda tx: record(tx, environment, author, action, camera_id, detail))


class _Facts:
    """What a saved picture says of itself."""

    def __init__(self, camera: Camera, permit: PermitRow, by: str, node: str) -> None:
        self._camera, self._permit, self._by, self._node = camera, permit, by, node

    def of(self, time: Time) -> dict[str, str]:
        """As properties of XMP."""
        place = f"{self._camera.place.name}, {self._camera.place.town}"
        return {
            "xmp:CreateDate": to_iso(time),
            "dc:source": f"{self._camera.id} {place}",
            "dc:creator": self._by,
            "dc:publisher": self._node,
            "istros:camera": self._camera.id,
            "istros:time": to_iso(time),
            "istros:permit": self._permit.number,
            "istros:case": self._permit.case_ref,
        }


def _headers(still: Still, permit: PermitRow, *, save: bool, hidden: bool) -> dict[str, str]:
    moment = to_iso(still.time).replace(":", "")
    name = f"{still.segment.camera_id}_{moment}_{permit.number}.jpg"
    return {
        "cache-control": "no-store",
        "content-disposition": f'{"attachment" if save else "inline"}; filename="{name}"',
        "x-istros-hidden": "people plates" if hidden else "",
        "x-istros-time": to_iso(still.time),
        "x-istros-sha256": still.sha256,
    }


def _other(stream: StreamName) -> StreamName:
    return "sub" if stream == "main" else "main"


def segment_at(tx: Transaction, camera: Camera, streams: tuple[StreamName, ...], moment: Time) -> SegmentRow | None:
    """The segment of the first of the streams that recorded the moment."""
    for stream in streams:
        if camera.stream(stream) is None:
            continue
        found = tx.segments.between(camera.id, stream, Span(moment, Time(moment + 1)))
        if found:
            return found[-1]
    return None


async def _thumbnail(pictures: Pictures, row: SegmentRow, moment: Time, width: int) -> Thumbnail | None:
    """None for one that cannot be made: a hole in the strip is no reason to give none at all."""
    try:
        return await pictures.thumbnail(row, moment, width)
    except (NoPicture, SegmentGone):
        return None


def _thumbnails(camera_id: str, width: int, made: list[tuple[Time, Thumbnail]]) -> Thumbnails:
    height = made[0][1].height if made else round(width * 9 / 16)
    return Thumbnails(
        camera_id=camera_id, width=width, height=height,
        pictures=[
            ThumbnailShape(asked=moment, time=each.time, jpeg=base64.b64encode(each.jpeg).decode())
            for moment, each in made
        ],
    )  # fmt: skip
