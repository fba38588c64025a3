"""What crosses to the browser about persons who are sought and their faces."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.departures_shapes import RecipientShape
from istros.api.schemas import Moment, Shape
from istros.api.watchlist_shapes import Hours, Reason, ReasonsRequest, SoughtEntry

ObjectiveName = Literal["victim-or-missing", "imminent-threat", "listed-offence"]
PersonStateName = Literal["described", "enrolled", "asked", "released", "expired", "closed"]
"""`described`: without a face, matched by no machine; `enrolled`: with one; `asked`: a release waits for its answer."""
SourceName = Literal["document", "case-file", "relative", "authority"]


class FaceQualityShape(Shape):
    """How good a face's picture is; angles in degrees, light 0 to 255."""

    score: float
    height_px: int
    eyes_px: int
    px_per_m: int
    yaw: int
    pitch: int
    sharpness: float
    light: int


class FaceFaultShape(Shape):
    """One thing that is wrong with a picture: what, what was found, and the bound."""

    what: str
    value: float
    needed: float


class EnrolmentResult(Shape):
    """Whether a picture was enrolled, and all the reasons where it was not."""

    accepted: bool
    faults: list[FaceFaultShape]
    quality: FaceQualityShape | None = None


class EnrolledFaceShape(Shape):
    """The face of an entry; the picture itself is fetched apart."""

    source: str
    quality: FaceQualityShape
    sha256: str
    added: Moment
    added_by: str


class PersonReleaseShape(Shape):
    """The release of an entry that is in force or waits."""

    id: str
    asked: Moment
    asked_by: str
    answer_by: Moment
    emergency: bool
    expires: Moment | None = None


class PersonEntry(SoughtEntry):
    """A person sought, in words."""

    name: str
    description: str
    minor: bool
    objective: ObjectiveName
    authorisation: str
    review: Moment
    erased: Moment | None = None
    state: PersonStateName
    face: EnrolledFaceShape | None = None
    release: PersonReleaseShape | None = None
    matched: bool
    """Whether faces are compared with it at this moment."""


class PersonRequest(ReasonsRequest):
    """Ask to seek a person; 72 hours at most."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    description: Annotated[str, Field(min_length=1, max_length=1000)]
    minor: bool
    objective: ObjectiveName
    authorisation: Reason


class PersonImportLine(Shape):
    """One line of a file of persons; `picture` is the name of the file beside it that is to be enrolled afterwards."""

    line: int
    name: str
    ok: bool
    field: str = ""
    what: str = ""
    message: str = ""
    words: tuple[str, ...] = ()
    entry_id: str | None = None
    picture: str = ""
    source: SourceName | None = None


class PersonImportResult(Shape):
    """What would be, or was, imported."""

    sha256: str
    lines: list[PersonImportLine]
    good: int
    written: int


class PicturesOrder(Shape):
    """The own open entries with their pictures, for somebody."""

    recipient: RecipientShape


class ReleaseWish(Shape):
    """Ask for a second person's release; `emergency` releases at once under a permit for a threat to life."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    permit: Annotated[str, Field(max_length=64)] = ""
    emergency: bool = False
    hours: Annotated[float, Field(gt=0, le=72)] | None = None


class ReleaseAnswer(Shape):
    """The second person's word; a refusal says why."""

    grant: bool
    note: Annotated[str, Field(max_length=500)] = ""


class MatchingWish(ReleaseWish):
    """Ask that faces be compared live: for which persons, on which cameras, by whose order."""

    objective: ObjectiveName
    cameras: Annotated[list[Annotated[str, Field(max_length=32)]], Field(min_length=1, max_length=64)]
    persons: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=50)]
    authorisation: Reason
    duty_officer: Annotated[str, Field(max_length=100)] = ""
    within: Hours = ""
    """In which hours of the day and the week faces are compared; empty: always. `hours` is how long it runs."""


class MatchingOperation(Shape):
    """One operation of live face matching: what it is for, where it runs, until when, and on whose word."""

    id: str
    objective: str
    cameras: list[str]
    persons: list[str]
    within: str
    authorisation: str
    reason: str
    emergency: bool
    asked: Moment
    asked_by: str
    answer_by: Moment
    answered_by: str | None = None
    expires: Moment | None = None
    running: bool


class MatchingNow(Shape):
    """What the banner of every screen says: where faces are compared live now, and until when the last of it runs."""

    cameras: list[str]
    until: Moment | None = None


class MatchingState(Shape):
    """The operations of live face matching, and whether the profile allows any at all, on what ground."""

    allowed: bool
    ground: str
    most_hours: float
    """How long one operation runs at most."""
    running: list[MatchingOperation]
    waiting: list[MatchingOperation]
