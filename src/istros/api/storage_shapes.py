"""What crosses to the browser about disks and holds (docs/design/0002, 0020)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.problem_shapes import TellsProblem
from istros.api.schemas import Moment, MomentText, Shape

HoldKindName = Literal["evidence", "legal"]
DiskStatusName = Literal["working", "filling", "only-held", "full", "failing", "unknown"]


class HoldRequest(Shape):
    """What shall be kept: all streams of these cameras in the span, which may reach into the future.

    `permit` is the id of an open permit that covers recorded pictures; the data-protection officer names `ground`
    instead.
    """

    cameras: Annotated[list[str], Field(min_length=1, max_length=64)]
    since: Annotated[MomentText, Field(alias="from")]
    until: Annotated[MomentText, Field(alias="to")]
    kind: HoldKindName
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    permit: str | None = None
    ground: Annotated[str, Field(max_length=500)] = ""
    case_ref: Annotated[str, Field(max_length=500)] = ""
    review: MomentText | None = None
    """By when a person looks whether it is still needed: twelve months ahead at most; null: in 90 days."""


class ReleaseRequest(Shape):
    """Why the footage need not be kept any more."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ReleaseAnswer(Shape):
    """Whether the second person agrees; without it the hold goes on as if nobody had asked."""

    agree: bool


class ReviewRequest(Shape):
    """By when the hold is looked at again (twelve months ahead at most), and why it is kept."""

    until: MomentText
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Hold(Shape):
    """Footage that nothing may evict, until a second person agrees to its release. `overdue`: nobody reviewed it in time."""

    id: str
    cameras: list[str]
    start: Moment
    end: Moment
    kind: HoldKindName
    reason: str
    ground: str
    case_ref: str
    organisation: str
    placed: Moment
    placed_by: str
    release_asked: Moment | None
    release_asked_by: str | None
    release_reason: str
    released: Moment | None
    released_by: str | None
    review: Moment
    reviewed: Moment | None
    reviewed_by: str | None
    review_reason: str
    overdue: bool


class DiskState(TellsProblem):
    """One disk as its recorder saw it last. Bytes are -1 where the disk cannot tell.

    `fullAt`: when its room is used up at this rate (null: never, or what is old goes already). `onlyHeldAt`: when held
    footage will have taken all of it. `routineDays`: how many days of recording fit beside what is held.
    """

    disk: str
    tier: int
    place: str
    status: DiskStatusName
    updated: Moment
    total_bytes: int
    free_bytes: int
    bytes_max: int
    used_bytes: int
    event_bytes: int
    held_bytes: int
    bytes_per_day: int
    waiting_bytes: int
    full_at: Moment | None
    only_held_at: Moment | None
    routine_days: float


class CameraKeeping(Shape):
    """How long a camera's recordings are kept, and what they fill. `gigabytesMax` null: no bound of its own."""

    camera_id: str
    days: float
    event_days: float
    gigabytes_max: float | None
    used_bytes: int
    oldest: Moment | None


class Storage(Shape):
    """Where recordings lie and how long they are kept."""

    disks: list[DiskState]
    cameras: list[CameraKeeping]
    leaving_files: int
