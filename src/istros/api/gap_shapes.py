"""The gap ledger as it crosses to the browser."""

from __future__ import annotations

from pydantic import Field

from istros.api.schemas import GapCauseName, Moment, Shape, StreamNameText


class LedgerGap(Shape):
    """A hole of the ledger. `code` and `facts` say what happened in any language, `detail` in English.

    Without `end` it still lasts. With `filled` the stretch was fetched from the camera's own card at that time.
    """

    id: str
    camera_id: str
    stream: StreamNameText
    start: Moment
    end: Moment | None = None
    cause: GapCauseName
    code: str
    facts: dict[str, str | float]
    detail: str
    filled: Moment | None = None


class GapPage(Shape):
    """Rows of the ledger, newest first; `next` continues behind the last one, and is missing at the end."""

    gaps: list[LedgerGap]
    next: str | None = None


class StreamAvailability(Shape):
    """How much of the time a stream was recorded, in seconds, and what took the rest."""

    camera_id: str
    stream: StreamNameText
    expected_s: float
    recorded_s: float
    share: float = Field(ge=0, le=1)
    missing_s: dict[GapCauseName, float]
    gaps: int
    filled_s: float


class MonthAvailability(Shape):
    """A month of all streams that were known in it, from its first moment (UTC) to its end or now."""

    month: str = Field(pattern=r"^\d{4}-\d{2}$")
    start: Moment
    end: Moment
    streams: list[StreamAvailability]
