"""The timeline: what there is of some cameras, from a minute to a month, small enough for one answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api import schemas
from istros.api.gate import Caller, needs, permitted
from istros.api.places import camera_of
from istros.api.spans import From, To, span_of
from istros.api.timeline_shapes import CameraTimeline, Gap, Jump, MarkKind, Marks, Timeline
from istros.base.plate_text import fold
from istros.base.time import HOUR, SECOND, Span, Time, from_iso
from istros.compliance import permits
from istros.compliance.permits import Scope
from istros.devices.camera import Camera
from istros.store import Transaction
from istros.store.holds import HoldRow
from istros.store.marks import EXACT_US, WIDTHS, MarkName, MarkRow
from istros.store.rows import GapRow, StreamName

router = APIRouter(tags=["playback"])

MOST_CAMERAS = 32
"""Timelines in one answer: a node of thirty cameras at once."""

_SLOTS = 4800
"""In one answer, over all cameras: what a screen can tell apart."""

_NEAR_US, _NEAR_SLOTS = 12 * HOUR, 7200
"""Up to so much time over all cameras each thing is told by itself: a second or less is a slot."""

MILLISECOND = 1000

_NEEDS: Mapping[str, str] = {"listed": "watchlist.read", "alarm": "alarms.read"}
"""Marks that tell what the right to see recordings alone does not: a program's key does not learn what is sought."""


@router.get("/timeline")
async def get_timeline(
    caller: Annotated[Caller, Depends(needs("playback.view"))],
    camera: Annotated[list[str], Query(min_length=1, max_length=MOST_CAMERAS)],
    since: From,
    until: To,
    permit: str,
) -> Timeline:
    """What there is of some cameras in a span of time."""
    cameras, span = [camera_of(caller, camera_id) for camera_id in camera], span_of(since, until)
    now = caller.node.environment.clock.now()
    detail: dict[str, object] = {"cameras": camera, "from": since, "to": until, "what": "timeline"}
    scope = Scope(tuple(camera), span)

    def work(tx: Transaction) -> Timeline:
        return timeline(
            tx, cameras, span, now, hidden=[kind for kind, action in _NEEDS.items() if not caller.may(action)]
        )

    return await caller.disclose(",".join(camera), work, detail, permit, lambda tx: scope)


@router.get("/timeline/next")
async def get_next_moment(
    caller: Annotated[Caller, Depends(needs("playback.view"))],
    camera: Annotated[list[str], Query(min_length=1, max_length=MOST_CAMERAS)],
    kind: MarkName,
    time: schemas.MomentText,
    permit: str,
    later: bool = True,
) -> Jump:
    """The next (or the last) plate read, alarm, gap or signal of some cameras, wherever the permit reaches.

    Whether something lies beyond is not told: it is not looked for.
    """
    moment = from_iso(time)
    if kind in _NEEDS:
        await permitted(caller, (_NEEDS[kind],), ",".join(camera))
    for camera_id in camera:
        camera_of(caller, camera_id)

    def find(tx: Transaction) -> tuple[Time, str] | None:
        return tx.marks.beside(kind, camera, moment, later, permits.reached(tx, permit))

    def scope(tx: Transaction) -> Scope:
        reached = permits.reached(tx, permit)
        return Scope(tuple(camera), reached[0] if reached else Span(moment, moment))

    detail: dict[str, object] = {"cameras": camera, "kind": kind, "from": time, "later": later, "what": "jump"}
    found = await caller.disclose(",".join(camera), find, detail, permit, scope)
    return Jump() if found is None else Jump(time=found[0], camera_id=found[1])


def timeline(
    tx: Transaction, cameras: Sequence[Camera], span: Span, now: Time, hidden: Collection[str] = ()
) -> Timeline:
    """The timelines of the cameras without the hidden kinds of marks.

    `main` tells what is recorded, or the other stream where there is no main one.
    """
    slot, ids = slot_of(span, len(cameras)), [camera.id for camera in cameras]
    streams = [(camera.id, shown_stream(camera)) for camera in cameras]
    marks = _Gathered()
    marks.take("read", tx.marks.reads(ids, span, slot), named=False)
    if "listed" not in hidden:
        sought = sorted({fold(entry.plate) for entry in tx.watchlist.open_ones(now)})
        marks.take("listed", sorted(tx.marks.listed(ids, span, sought), key=lambda row: row.first), named=False)
    if "alarm" not in hidden:
        marks.take("alarm", tx.marks.alarms(ids, span, slot))
    marks.take("signal", tx.marks.signals(ids, span, slot))
    recorded, gaps = tx.segments.recorded_many(streams, span), tx.gaps.between_many(streams, span)
    holds = tx.holds.standing()
    return Timeline(
        slot_s=slot / SECOND,
        cameras=[
            CameraTimeline(
                camera_id=key[0],
                recorded=_joined_spans(recorded[key], slot),
                held=_held(holds, key[0], span),
                gaps=gaps_of(gaps[key], slot, now),
                marks=marks.of(key[0]),
            )
            for key in streams
        ],
    )


def slot_of(span: Span, cameras: int) -> int:
    """How wide a slot is, in microseconds: as a screen can tell apart, or as is counted where the rows are too many."""
    most = max(60, min(480, _SLOTS // max(1, cameras)))
    if span.duration_us * cameras <= _NEAR_US:
        return max(SECOND // 4, span.duration_us // _NEAR_SLOTS)
    if span.duration_us * cameras <= EXACT_US:
        return max(SECOND // 4, -(-span.duration_us // most))
    return next((width for width in WIDTHS if span.duration_us // width <= most), WIDTHS[-1])


def shown_stream(camera: Camera) -> StreamName:
    """The stream whose recording a timeline shows."""
    return camera.streams[0].key.name if camera.stream("main") is None else "main"


class _Gathered:
    """Marks on their way into lists by camera, kind and name."""

    def __init__(self) -> None:
        self._found: dict[str, dict[tuple[MarkKind, str], tuple[list[int], list[int]]]] = defaultdict(dict)

    def take(self, kind: MarkKind, rows: Sequence[MarkRow], *, named: bool = True) -> None:
        """Add rows that are in the order of time for each camera."""
        for row in rows:
            key = (kind, row.kind if named else "")
            times, counts = self._found[row.camera_id].setdefault(key, ([], []))
            times.append(row.first // MILLISECOND)
            counts.append(row.count)

    def of(self, camera_id: str) -> list[Marks]:
        """The lists of one camera."""
        return [
            Marks(kind=kind, name=name, times=times, counts=counts)
            for (kind, name), (times, counts) in self._found[camera_id].items()
        ]


def _joined_spans(found: Sequence[Span], slot: int) -> list[int]:
    """Recordings, joined over holes that are narrower than a pixel: those are in the gaps all the same."""
    joined: list[int] = []
    for each in found:
        start, end = each.start // MILLISECOND, each.end // MILLISECOND
        if joined and each.start - joined[-1] * MILLISECOND <= slot // 8:
            joined[-1] = end
        else:
            joined += (start, end)
    return joined


def _held(holds: Sequence[HoldRow], camera_id: str, span: Span) -> list[int]:
    """What standing holds keep of the camera in the span, joined where they overlap."""
    inside = sorted((each.start, each.end) for each in holds if camera_id in each.cameras and each.span.overlaps(span))
    joined: list[int] = []
    for start, end in inside:
        first, last = max(start, span.start) // MILLISECOND, min(end, span.end) // MILLISECOND
        if joined and first <= joined[-1]:
            joined[-1] = max(joined[-1], last)
        else:
            joined += (first, last)
    return joined


def gaps_of(rows: Sequence[GapRow], slot: int, now: Time) -> list[Gap]:
    """The gaps, those that stand closer than half a slot as one with their number; one that lasts stays alone."""
    made: list[Gap] = []
    for row in rows:
        gap = _gap(row, now)
        last = made[-1] if made else None
        close = last is not None and last.end is not None and gap.start - last.end < slot // (2 * MILLISECOND)
        if last is not None and close and gap.end is not None:
            made[-1] = _joined(last, gap)
        else:
            made.append(gap)
    return made


def _gap(row: GapRow, now: Time) -> Gap:
    end = now if row.end is None else row.end
    return Gap(
        start=row.start // MILLISECOND, end=None if row.end is None else row.end // MILLISECOND,
        cause=row.cause.value, detail=row.detail, missing_s=(end - row.start) / SECOND,
    )  # fmt: skip


def _joined(last: Gap, gap: Gap) -> Gap:
    """The cause that is told of several is that of the longest."""
    told = gap if gap.missing_s > last.missing_s / last.count else last
    return Gap(
        start=last.start, end=gap.end, cause=told.cause, detail=told.detail, count=last.count + 1,
        missing_s=last.missing_s + gap.missing_s,
    )  # fmt: skip
