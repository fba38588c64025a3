"""What crosses to the browser of a timeline.

Moments here are milliseconds since 1970 UTC, not ISO 8601: an answer holds tens of thousands of them.
"""

from __future__ import annotations

from typing import Literal

from istros.api.schemas import GapCauseName, Moment, Shape

MarkKind = Literal["read", "listed", "alarm", "signal"]


class Gap(Shape):
    """A hole in a recording, without `end` while it lasts; or `count` holes that the view is too wide to tell apart.

    `missingS` is what is missing in all, which for several is less than from `start` to `end`.
    """

    start: int
    end: int | None = None
    cause: GapCauseName
    detail: str
    count: int = 1
    missing_s: float


class Marks(Shape):
    """What happened, slot by slot: when the first was, exactly, and how many there were.

    `name` is an alarm's priority or a signal's kind; `listed` are reads of plates on the watchlist now.
    """

    kind: MarkKind
    name: str
    times: list[int]
    counts: list[int]


class CameraTimeline(Shape):
    """What there is of one camera in the asked span; `recorded` and `held` hold start, end, start, end…

    `held` is what a hold keeps from being deleted.
    """

    camera_id: str
    recorded: list[int]
    held: list[int]
    gaps: list[Gap]
    marks: list[Marks]


class Timeline(Shape):
    """The timelines of the asked cameras, in the order asked; marks are gathered into slots of `slotS` seconds."""

    slot_s: float
    cameras: list[CameraTimeline]


class Jump(Shape):
    """The next moment of a kind, exactly, and whose it is; no moment when there is none within the permit."""

    time: Moment | None = None
    camera_id: str | None = None
