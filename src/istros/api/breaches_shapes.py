"""What crosses to the browser about breaches of personal data (docs/design/0040)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.schemas import Moment, MomentText, Shape

LawName = Literal["gdpr", "led", "ua"]
NatureName = Literal["seen", "changed", "lost"]
DataName = Literal["recordings", "plates", "faces", "persons", "watchlist", "accounts", "requests", "other"]
SourceName = Literal["desk", "finding", "chain", "sign-in", "alarm"]
BreachStateName = Literal["open", "assessed", "reported", "told", "closed"]
StepName = Literal["opened", "added", "assessed", "reported", "people", "clock", "closed"]
AuthorityName = Literal["ro", "ua"]
BreachLetterName = Literal["ro", "ua", "people"]
LongText = Annotated[str, Field(max_length=4000)]
NeededText = Annotated[str, Field(min_length=1, max_length=4000)]
Count = Annotated[int, Field(ge=0, lt=1_000_000_000)]


class BreachNews(Shape):
    """What is known; a count of None is not known yet."""

    what: LongText = ""
    natures: Annotated[list[NatureName], Field(max_length=3, default_factory=list)]
    data: Annotated[list[DataName], Field(max_length=8, default_factory=list)]
    cameras: Annotated[list[str], Field(max_length=64, default_factory=list)]
    people: Count | None = None
    records: Count | None = None
    consequences: LongText = ""
    measures: LongText = ""


class BreachReport(Shape):
    """What somebody tells: what happened, and since when they know. `source` is the id of what it is made from."""

    law: LawName
    known: MomentText
    facts: BreachNews
    source_kind: SourceName = "desk"
    source: Annotated[str, Field(max_length=200)] = ""


class BreachReceipt(Shape):
    """What whoever told it keeps: its number, and until when it must be reported."""

    id: str
    number: str
    due: Moment


class BreachAssessment(Shape):
    """Whether the authority and the people are to be told, and why."""

    report: bool
    people: bool
    reason: NeededText


class BreachSent(Shape):
    """A report that went to an authority; past 72 hours with the reason for the delay."""

    authority: AuthorityName
    sent: MomentText
    reference: Annotated[str, Field(min_length=1, max_length=200)]
    delay: LongText = ""


class BreachPeople(Shape):
    """That the people were told, when and how; or why they are not."""

    told: bool
    when: MomentText | None = None
    how: NeededText


class BreachClosing(Shape):
    """What the second person found."""

    note: NeededText


class BreachStep(Shape):
    """One step. `facts` is what it said."""

    number: int
    time: Moment
    by: str
    kind: StepName
    facts: dict[str, str | int | bool | list[str] | None]


class AssessmentShape(Shape):
    """What was assessed."""

    report: bool
    people: bool
    reason: str
    by: str
    time: Moment


class SentShape(Shape):
    """A report that went out."""

    authority: AuthorityName
    sent: Moment
    reference: str
    delay: str
    by: str


class TellingShape(Shape):
    """Whether the people were told."""

    told: bool
    when: Moment | None
    how: str
    by: str


class BreachShape(Shape):
    """A breach as its steps make it. `running`: the 72 hours run, to `due`."""

    id: str
    number: str
    state: BreachStateName
    law: LawName
    known: Moment
    due: Moment
    running: bool
    opened: Moment
    opened_by: str
    source_kind: SourceName
    source: str
    organisation: str
    """Whose people told it; empty: the node itself did."""
    facts: BreachNews
    assessment: AssessmentShape | None
    reports: list[SentShape]
    telling: TellingShape | None
    closed: Moment | None
    closed_by: str
    closing_note: str
    steps: list[BreachStep]
