"""What crosses to the browser about searches for a face in recordings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.face_shapes import FaceCandidateShape
from istros.api.person_shapes import EnrolmentResult, FaceQualityShape
from istros.api.problem_shapes import TellsProblem
from istros.api.schemas import Moment, MomentText, Shape, StreamNameText

BasisName = Literal["authorised", "urgent", "first-identification"]
FaceSearchStateName = Literal["draft", "asked", "waiting", "running", "done", "stopped", "failed", "ended"]
"""`draft` lacks its picture, `asked` its release; `waiting` is released and waits for its turn."""


class FaceSearchRequest(Shape):
    """Ask that recordings be looked through for one person. `entry` names a released entry; a first identification brings a
    picture afterwards, and says what links the person to the offence (`facts`)."""

    basis: BasisName
    entry: Annotated[str, Field(max_length=64)] = ""
    cameras: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=64)]
    since: MomentText
    until: MomentText
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    facts: Annotated[str, Field(max_length=1000)] = ""
    authorisation: Annotated[str, Field(max_length=300)] = ""
    permit: Annotated[str, Field(max_length=64)]


class Authorisation(Shape):
    """The reference of the authorisation that an urgent search waited for."""

    reference: Annotated[str, Field(min_length=1, max_length=300)]


class MissingShape(Shape):
    """A stretch that was not looked through: a cause of the gap ledger, `unreadable`, or `not-recorded`."""

    since: Moment
    until: Moment
    cause: str


class LookedShape(Shape):
    """One camera's part: what was looked through so far, in seconds and numbers, and what was not."""

    camera_id: str
    stream: StreamNameText
    looked_s: int
    pictures: int
    faces: int
    tracks: int
    compared: int
    still: int
    refused: int
    missing: list[MissingShape]
    more_missing: int


class SearchReleaseShape(Shape):
    """The second person's part."""

    id: str
    answer_by: Moment
    answered_by: str | None = None
    expires: Moment | None = None
    may_answer: bool


class SearchEnd(Shape):
    """Why a search is ended."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class FaceSearchShape(TellsProblem):
    """One search, without what it found."""

    id: str
    basis: BasisName
    entry_id: str | None = None
    name: str
    """The entry's; empty for a first identification."""
    case_ref: str
    purpose: str
    ground: str
    organisation: str
    cameras: list[str]
    since: Moment
    until: Moment
    reason: str
    facts: str
    authorisation: str
    authorised: Moment | None = None
    authorised_by: str
    authorise_by: Moment | None = None
    """When an urgent search and all that it found goes, unless its authorisation is written down before."""
    asked: Moment
    asked_by: str
    state: FaceSearchStateName
    progress: float
    stopping: bool
    started: Moment | None = None
    finished: Moment | None = None
    ended: Moment | None = None
    own: bool
    """Whether the caller may write its authorisation and stop it."""
    may_end: bool
    """Whether the caller may end it with what it holds."""
    release: SearchReleaseShape | None = None
    looked: list[LookedShape]
    open: int
    confirmed: int
    dropped: int


class FaceSearchDetail(FaceSearchShape):
    """One search with what it found, the most alike first."""

    quality: FaceQualityShape | None = None
    has_picture: bool
    threshold: float
    expected_false: float
    """Candidates that so many comparisons bring on average though nobody of them is the person."""
    candidates: list[FaceCandidateShape]


class SearchEnrolment(EnrolmentResult):
    """Whether an unknown person's picture was taken, and the search that asked for its release with it."""

    search: FaceSearchShape
