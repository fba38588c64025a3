"""What crosses to the browser about the assessments of cameras."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.schemas import Moment, MomentText, Shape, StandingName
from istros.compliance.assessment_drafts import MOST_KEEP_HOURS, MOST_LETTERS

UseName = Literal["vehicles", "plates", "people", "faces", "sound"]
LanguageName = Literal["uk", "ro", "en"]
NextStep = Literal["write", "finish", "answer", "review", "none"]
"""Who does what next: the administrator writes, finishes or reviews; the data-protection officer answers."""

_Text = Annotated[str, Field(max_length=MOST_LETTERS)]


class CameraStanding(Shape):
    """How one camera stands with its assessment, in short."""

    camera_id: str
    standing: StandingName
    films: bool
    live: bool
    uses: list[UseName]
    uncovered: list[UseName]
    """What the configuration asks for and no assessment covers: it does not run."""
    due: Moment | None = None
    """Its review; of a camera of an older version, when its assessment is to be there."""
    changed: Literal["", "position", "view"] = ""
    """Why it is due before its review, since `due`: the camera stands, or looks, elsewhere than was assessed."""
    analysis_ends: Moment | None = None
    live_ends: Moment | None = None
    next: NextStep
    next_version: int = 0
    """The version that waits for an answer; 0: none does."""


class AssessmentText(Shape):
    """What an assessment says."""

    owner: _Text
    purpose: _Text
    looks_at: _Text
    sign: Annotated[dict[LanguageName, _Text], Field(max_length=3)]
    sign_place: _Text
    zones: Literal["drawn", "none"]
    zones_reason: _Text = ""
    keep_hours: Annotated[int, Field(ge=1, le=MOST_KEEP_HOURS)]
    dpia_ref: _Text
    dpia_date: MomentText | None = None
    review: MomentText
    uses: Annotated[list[UseName], Field(max_length=5)]


class AssessmentLack(Shape):
    """A field that keeps the version from being approved, and what it lacks."""

    place: str
    lacks: Literal["text", "date", "late", "past", "future", "not-drawn", "shorter"]


class AssessmentVersion(Shape):
    """One version, whoever wrote and answered it."""

    version: int
    sha256: str
    says: AssessmentText
    simulated: bool
    written: Moment
    written_by: str
    approved: Moment | None = None
    refused: Moment | None = None
    answered_by: str | None = None
    answer_reason: str
    ended: Moment | None = None
    ended_by: str | None = None
    end_reason: str


class CameraAssessment(Shape):
    """The assessment of one camera: how it stands, what is missing, and every version (newest first)."""

    standing: CameraStanding
    lacks: list[AssessmentLack]
    """Of the newest version, while nobody has answered it."""
    versions: list[AssessmentVersion]
    keep_hours: int
    """The longest that the configuration keeps anything of it."""
    zones_drawn: bool
    sign_languages: list[LanguageName]
    """The languages that its sign must have; none: Ukrainian or Romanian."""
    latest_review: Moment
    may_write: bool
    may_answer: bool
    """Whether the caller may answer the version that waits: it is not their own."""
    may_stop: bool


class AssessmentAnswer(Shape):
    """The data-protection officer's word; sending it back takes a reason."""

    version: int
    approve: bool
    reason: _Text = ""


class AssessmentStop(Shape):
    """Why a camera is stopped."""

    reason: _Text
