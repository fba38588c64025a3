"""Spans of time in queries: `from` and `to`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from istros.api.problems import BadRequest
from istros.api.schemas import MomentText
from istros.base.said import say
from istros.base.time import DAY, Span, Time, from_iso

From = Annotated[MomentText, Query(alias="from")]
To = Annotated[MomentText, Query(alias="to")]

LONGEST = 31 * DAY
"""Microseconds that one question may span."""


def ends_of(since: str | None, until: str | None) -> tuple[Time | None, Time | None]:
    """The two ends of a question that may be open on either side. Raises BadRequest when it ends before it starts."""
    if since is not None and until is not None:
        _forward(since, until)
    return (None if since is None else from_iso(since)), (None if until is None else from_iso(until))


def span_of(since: str, until: str) -> Span:
    """The span of two ISO texts. Raises BadRequest when it ends before it starts or is longer than LONGEST."""
    start, end = from_iso(since), from_iso(until)
    _forward(since, until)
    if end - start > LONGEST:
        raise BadRequest(
            say("span-long", f"The span is longer than {LONGEST // DAY} days.", days=LONGEST // DAY),
            "Ask for a shorter one.",
        )
    return Span(start, end)


def _forward(since: str, until: str) -> None:
    if from_iso(until) < from_iso(since):
        raise BadRequest(
            say("span-backwards", f"The span ends ({until}) before it starts ({since})."), "Exchange the two."
        )
