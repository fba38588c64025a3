"""What crosses to the browser about candidates of live face matching."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.mending_shapes import RequestNumber
from istros.api.person_shapes import EnrolledFaceShape, FaceQualityShape, PersonEntry
from istros.api.schemas import Alarm, HistoryItem, Moment, PlateRead, Shape
from istros.api.watchlist_shapes import WatchlistEntry

OutcomeName = Literal["open", "confirmed", "rejected", "disputed", "dropped", "undone"]
VerdictOfFace = Literal["same", "different", "unsure"]


class FaceVerdictShape(Shape):
    """What one person said of a candidate."""

    by: str
    time: Moment
    verdict: VerdictOfFace
    reason: str


class FaceDoubt(Shape):
    """Somebody says that a confirmed face is another's, and waits for a second person."""

    by: str
    time: Moment
    reason: str


class FaceUndoing(Shape):
    """Why a confirmed face is another's, and the number of the person's request for correction, where it is done for one."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    request: RequestNumber = ""


class FaceCandidateShape(Shape):
    """A suggestion: figures, and the verdicts as far as whoever asks may know them.

    Until somebody has given their own verdict they see only that another one was given, and not which.
    """

    id: str
    entry_id: str | None = None
    camera_id: str
    time: Moment
    similarity: float
    threshold: float
    false_match_rate: float
    compared_with: int
    next_best: float | None = None
    faces: int
    quality: FaceQualityShape
    outcome: OutcomeName
    has_picture: bool
    given: int
    mine: FaceVerdictShape | None = None
    verdicts: list[FaceVerdictShape]
    may_judge: bool
    doubt: FaceDoubt | None = None
    may_undo: bool
    """Whether the caller may ask that the confirmation be undone."""


class FaceVerdictRequest(Shape):
    """A verdict with its reason."""

    verdict: VerdictOfFace
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class FaceAlarm(Shape):
    """What an alarm of kind `face` stands on: whom, and every candidate of it."""

    person: PersonEntry | None = None
    reference: EnrolledFaceShape | None = None
    candidates: list[FaceCandidateShape]


ConcernKind = Literal["breach", "request", "hold", "correction"]


class Concern(Shape):
    """What an alarm about a date is about."""

    kind: ConcernKind
    id: str


class AlarmDetail(Alarm):
    """An alarm with what raised it and what was done about it."""

    read: PlateRead | None = None
    entry: WatchlistEntry | None = None
    face: FaceAlarm | None = None
    concerns: Concern | None = None
    """What has come due; null: something else, or others' to see."""
    history: list[HistoryItem]


class ThresholdRow(Shape):
    """What one camera's candidates came to: at a threshold, how many would have been raised, and how many were false."""

    camera_id: str
    similarity: float
    raised: int
    confirmed: int
    rejected: int
    open: int
    false_rate: float | None = None
    """Rejected ones among comparisons; None without a comparison."""
    false_low: float | None = None
    false_high: float | None = None
    """Its 95 % interval (Wilson)."""
    expected_rate: float
    """What the shipped calibration says of this similarity, for one comparison."""


class FaceCountShape(Shape):
    """Numbers of faces of one camera; no face is in them."""

    camera_id: str
    seen: int
    compared: int
    candidates: int
    refused: int
    still: int


class ThresholdReport(Shape):
    """What rejected and confirmed candidates teach about the threshold; it changes nothing by itself."""

    since: Moment
    until: Moment
    threshold: float
    counts: list[FaceCountShape]
    rows: list[ThresholdRow]
