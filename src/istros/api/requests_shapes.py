"""What crosses to the browser about requests of people (docs/design/0037)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.schemas import Language, Moment, MomentText, Shape

AskedName = Literal["access", "rectification", "erasure", "restriction", "objection"]
LawName = Literal["gdpr", "led", "ua"]
ChannelName = Literal["desk", "letter", "paper"]
DecisionName = Literal["granted", "part", "refused", "neither"]
LetterName = Literal["receipt", "extension", "answer"]
RequestStateName = Literal["received", "identified", "preserved", "decided", "answered", "erased"]
ActName = Literal["read", "plate-entry", "person-entry", "face"]
LongText = Annotated[str, Field(max_length=2000)]


class SubjectRequestIntake(Shape):
    """What a person asks. `from` to `to` is when they say it was; an hour more on each side is looked at."""

    asked: AskedName
    law: LawName
    channel: ChannelName
    language: Language
    received: MomentText
    name: Annotated[str, Field(min_length=1, max_length=200)]
    contact: Annotated[str, Field(min_length=1, max_length=500)]
    cameras: Annotated[list[str], Field(max_length=64, default_factory=list)]
    since: Annotated[MomentText, Field(alias="from")]
    until: Annotated[MomentText, Field(alias="to")]
    description: LongText = ""
    plate: Annotated[str, Field(max_length=20)] = ""
    plate_proof: Annotated[str, Field(max_length=500)] = ""
    wrong: LongText = ""
    """For a correction: what is wrong, and in `right` what it should be."""
    right: LongText = ""


class IdentityCheck(Shape):
    """How the person was recognised, in words."""

    how: Annotated[str, Field(min_length=1, max_length=500)]


class ExtensionReason(Shape):
    """Why the longer time is needed; the person reads it."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class RequestDecision(Shape):
    """What is decided; reasons in the person's language. `corrected`: what a granted correction makes of it."""

    decision: DecisionName
    ground: Annotated[str, Field(min_length=1, max_length=500)]
    reasons: LongText = ""
    corrected: LongText = ""


class RequestAnswer(Shape):
    """Of a granted correction for which nothing was done in the node: why there is nothing to change."""

    unchanged: LongText = ""


class SubjectRequest(Shape):
    """A request and how far it is. Texts about the person are empty once it is erased."""

    id: str
    number: str
    state: RequestStateName
    asked: AskedName
    law: LawName
    channel: ChannelName
    language: Language
    received: Moment
    due: Moment
    notice_by: Moment | None = None
    """By when the person is told whether it will be met, where the law asks that first."""
    taken_by: str
    name: str
    contact: str
    cameras: list[str]
    start: Moment
    end: Moment
    description: str
    plate: str
    plate_proof: str
    wrong: str
    right: str
    corrected: str
    identity: str
    identity_checked: Moment | None
    identity_by: str
    preserved: Moment | None
    hold_id: str | None
    extended: Moment | None
    extension_reason: str
    decision: DecisionName | None
    ground: str
    reasons: str
    decided: Moment | None
    decided_by: str
    erased_reads: int
    answered: Moment | None
    letter_sha256: str
    unchanged: str
    warned: Moment | None
    erase_after: Moment | None
    erased: Moment | None
    organisation: str
    """At whose desk it was taken in; empty: the node's own, of versions that did not keep it."""


class CameraMatch(Shape):
    """What one camera has in the time that is looked at: how much of it was recorded, and reads of the person's plate."""

    camera_id: str
    recorded_s: float
    plate_reads: int


class RequestExport(Shape):
    """An export that was ordered for a request, under its number."""

    id: str
    kind: Literal["exact", "redacted"]
    state: str
    ordered_by: str
    ordered: Moment


class RequestAct(Shape):
    """What was done in the node for a request for correction, by whom and when."""

    act: ActName
    by: str
    time: Moment


class RequestMending(Shape):
    """What a request for correction may mean: open entries of the plate, faces confirmed there and then, and what was done."""

    entries: int
    faces: int
    acts: list[RequestAct]


class SubjectRequestDetail(Shape):
    """A request, what matches it (no pictures), the ground by which it was asked, and what was exported for it.

    `mending` is there for a request for correction alone.
    """

    request: SubjectRequest
    matches: list[CameraMatch]
    usual_ground: str
    exports: list[RequestExport]
    mending: RequestMending | None = None
