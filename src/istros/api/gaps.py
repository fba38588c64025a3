"""The gap ledger and the monthly availability; nobody is in them, so they need no permit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from istros.api.gap_shapes import GapPage, LedgerGap, MonthAvailability, StreamAvailability
from istros.api.gate import Caller, needs
from istros.api.problems import BadRequest
from istros.api.schemas import GapCauseName
from istros.api.spans import From, To, span_of
from istros.base.spreadsheets import harmless
from istros.base.time import SECOND, Span, Time, to_datetime, to_iso
from istros.recording.availability import Availability, availability
from istros.store.gaps import GapQuery
from istros.store.rows import GapCause, GapRow, StreamName

router = APIRouter(tags=["gaps"])

MOST_ROWS = 10_000
"""Rows in one file."""

Reader = Annotated[Caller, Depends(needs("gaps.read"))]
Cameras = Annotated[list[str] | None, Query(alias="camera", max_length=100)]
Causes = Annotated[list[GapCauseName] | None, Query(alias="cause")]
Month = Annotated[str | None, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


@router.get("/gaps")
async def list_gaps(
    caller: Reader,
    since: From,
    until: To,
    camera: Cameras = None,
    cause: Causes = None,
    before: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> GapPage:
    """The holes that overlap a span of time, newest first, those that were filled later too."""
    query = _query(since, until, camera, cause, _cursor(before), limit)
    rows = await caller.node.database.read(lambda tx: tx.gaps.ledger(query))
    following = f"{rows[-1].start}.{rows[-1].id}" if len(rows) == limit else None
    return GapPage(gaps=[gap_shape(row) for row in rows], next=following)


@router.get("/gaps.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def download_gaps(
    caller: Reader, since: From, until: To, camera: Cameras = None, cause: Causes = None
) -> Response:
    """The same as a file for a spreadsheet, up to ten thousand rows."""
    query = _query(since, until, camera, cause, None, MOST_ROWS)
    rows = await caller.node.database.read(lambda tx: tx.gaps.ledger(query))
    head = ("camera", "stream", "from", "to", "seconds", "cause", "code", "what happened", "filled")
    return _file("gaps.csv", head, (_line(row) for row in rows))


@router.get("/availability")
async def get_availability(caller: Reader, month: Month = None) -> MonthAvailability:
    """Recorded seconds of expected ones for each stream in a month (UTC), with what took the rest; default: this month."""
    name, span, found = await _of_month(caller, month)
    streams = [_availability_shape(each) for each in found]
    return MonthAvailability(month=name, start=span.start, end=span.end, streams=streams)


@router.get("/availability.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def download_availability(caller: Reader, month: Month = None) -> Response:
    """The same as a file for a spreadsheet."""
    name, _, found = await _of_month(caller, month)
    causes = [str(cause) for cause in GapCause]
    head = ("camera", "stream", "expected s", "recorded s", "share", *causes, "gaps", "filled s")
    return _file(f"availability-{name}.csv", head, (_availability_line(each) for each in found))


async def _of_month(caller: Caller, month: str | None) -> tuple[str, Span, list[Availability]]:
    now = caller.node.environment.clock.now()
    name = month or f"{to_datetime(now):%Y-%m}"
    whole = _month(name)
    span = Span(whole.start, Time(max(whole.start, min(whole.end, now))))
    streams = [(stream.key.camera_id, stream.key.name) for camera in caller.node.cameras for stream in camera.streams]
    found = await caller.node.database.read(lambda tx: availability(tx, streams, span, now))
    return name, span, found


def _month(name: str) -> Span:
    year, month = int(name[:4]), int(name[5:])
    if not 1970 <= year < 9999:
        raise BadRequest(f"There is no month {name} here.", "Ask for a month between 1970-01 and 9998-12.")
    first, following = datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return Span(Time(int(first.timestamp()) * SECOND), Time(int(following.timestamp()) * SECOND))


def _query(
    since: str,
    until: str,
    cameras: Sequence[str] | None,
    causes: Sequence[GapCauseName] | None,
    before: tuple[Time, str] | None,
    limit: int,
) -> GapQuery:
    named = [GapCause(cause) for cause in causes or ()]
    return GapQuery(span_of(since, until), tuple(cameras or ()), named, before, limit)


def _cursor(before: str | None) -> tuple[Time, str] | None:
    if before is None:
        return None
    start, dot, id = before.partition(".")
    if not dot or not start.isascii() or not start.isdigit() or len(start) > 18:
        raise BadRequest("The page named by `before` does not exist.", "Take `next` of the page before as it is.")
    return Time(int(start)), id


def gap_shape(row: GapRow) -> LedgerGap:
    """A row of the ledger."""
    return LedgerGap(
        id=row.id, camera_id=row.camera_id, stream=row.stream, start=row.start, end=row.end, cause=row.cause.value,
        code=row.code, facts=dict(row.facts), detail=row.detail, filled=row.filled,
    )  # fmt: skip


def _availability_shape(each: Availability) -> StreamAvailability:
    return StreamAvailability(
        camera_id=each.camera_id, stream=each.stream, expected_s=each.expected_us / SECOND,
        recorded_s=each.recorded_us / SECOND, share=each.share, gaps=each.gaps, filled_s=each.filled_us / SECOND,
        missing_s={cause.value: length / SECOND for cause, length in each.missing_us.items()},
    )  # fmt: skip


def _line(row: GapRow) -> tuple[object, ...]:
    end, filled = ("" if time is None else to_iso(time) for time in (row.end, row.filled))
    seconds = "" if row.end is None else f"{(row.end - row.start) / SECOND:.3f}"
    name: StreamName = row.stream
    return row.camera_id, name, to_iso(row.start), end, seconds, row.cause.value, row.code, row.detail, filled


def _availability_line(each: Availability) -> tuple[object, ...]:
    missing = [f"{each.missing_us.get(cause, 0) / SECOND:.3f}" for cause in GapCause]
    expected, recorded, filled = (
        f"{length / SECOND:.3f}" for length in (each.expected_us, each.recorded_us, each.filled_us)
    )
    return each.camera_id, each.stream, expected, recorded, f"{each.share:.6f}", *missing, each.gaps, filled


def _file(name: str, head: Sequence[str], lines: Iterable[Sequence[object]]) -> Response:
    """Comma-separated, with the mark by which spreadsheets know UTF-8; texts that could be formulas are made harmless."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    for line in lines:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in line])
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
