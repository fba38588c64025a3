"""What crosses to the browser about releases by a second person (docs/design/0002, 0031)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from istros.api.departures_shapes import RecipientShape
from istros.api.schemas import Moment, MomentText, Shape
from istros.base.time import Time
from istros.compliance.release_rules import RULES
from istros.store.releases import Matter, ReleaseRow

MatterName = Literal[
    "watch-person",
    "face-matching",
    "face-search",
    "evidence-export",
    "lift-mask",
    "lift-redaction",
    "uncover-zone",
    "undo-match",
    "others-searches",
]
ReleaseStateName = Literal[
    "waiting", "standing", "emergency", "refused", "withdrawn", "lapsed", "done", "expired", "undone", "over"
]


class ScopeFact(Shape):
    """One thing that a release covers: a word of its matter, and what it is."""

    name: str
    values: list[str]


class MatterRelease(Shape):
    """A release: who asked for what and why, who answered, how long it works, and how it ended.

    `state` is `emergency` while it works before its review; `toAnswer` says that another person has to answer, which an
    emergency needs even when it was stopped early.
    """

    id: str
    matter: MatterName
    subject: str
    about: str
    """The subject as people call it: an entry's name and case, an export's case; the subject itself where it has no name."""
    reason: str
    organisation: str
    permit_id: str | None
    permit_number: str = ""
    scope: list[ScopeFact]
    emergency: bool
    state: ReleaseStateName
    to_answer: bool
    asked: Moment
    asked_by: str
    answer_by: Moment
    hours: float
    expires: Moment | None
    answered: Moment | None
    answered_by: str | None
    granted: bool | None
    note: str
    ended: Moment | None
    ended_by: str | None
    ending_note: str
    """What a person wrote; what the node writes is told in every language by `endingCode` and its facts."""
    ending_code: str = ""
    ending_facts: dict[str, str | int] = Field(default={})
    may_answer: bool
    """Whether the caller may answer it: another person, with a role that may."""
    may_stop: bool


class SubjectChoice(Shape):
    """Something that a release can be asked for, and what people call it."""

    id: str
    name: str


class MatterFacts(Shape):
    """What a matter allows on this node, to the caller."""

    matter: MatterName
    most_hours: float
    review_hours: float
    may_ask: bool
    may_release_alone: bool
    """In an emergency, under a permit for a threat to life."""
    lacks_function: str
    """The function that the deployment profile does not allow and without which nobody releases it; empty otherwise."""
    subjects: list[SubjectChoice]
    """What the caller can ask it for; of others' searches the case is written."""


class MatterReleaseList(Shape):
    """Releases, the newest first, and what can be asked for."""

    releases: list[MatterRelease]
    matters: list[MatterFacts]


class MatterScope(Shape):
    """What a release shall cover. One that shows what is hidden names its cameras; one of others' searches, a shift."""

    cameras: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=64)] = Field(default_factory=list)
    since: Annotated[MomentText | None, Field(alias="from")] = None
    until: Annotated[MomentText | None, Field(alias="to")] = None
    recipient: RecipientShape | None = None
    """To whom pictures of persons sought go, and on what ground; whoever releases them sees it."""

    def facts(self) -> dict[str, object]:
        """What was filled in."""
        given = self.model_dump(by_alias=True, exclude_none=True)
        return {name: value for name, value in given.items() if value}


class MatterRequest(Shape):
    """Ask a second person; or release in an emergency, under a permit for a threat to life."""

    matter: MatterName
    subject: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    permit: str = ""
    emergency: bool = False
    hours: Annotated[float | None, Field(gt=0, le=72)] = None
    scope: MatterScope = MatterScope()


class OthersSearchShape(Shape):
    """One search of somebody else in the case; `detail` is the query as JSON text, as it stands in the log."""

    time: Moment
    actor: str
    action: str
    result: str
    permit: str
    purpose: str
    detail: str


class OthersSearchList(Shape):
    """What others searched in a case during one shift; `cut`: there is more than is told."""

    case_ref: str
    since: Moment
    until: Moment
    expires: Moment | None = None
    searches: list[OthersSearchShape]
    cut: bool


class MatterAnswer(Shape):
    """What the second person decides; a refusal says why."""

    grant: bool
    note: Annotated[str, Field(max_length=500)] = ""


class MatterWithdrawal(Shape):
    """Why a release is stopped, or a request taken back."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Emergency(Shape):
    """An emergency release that nobody has reviewed yet. Who asked for what is told to those alone who may see releases."""

    id: str
    matter: MatterName | None
    asked: Moment
    asked_by: str | None
    review_by: Moment
    standing: bool
    may_review: bool


def state_of(row: ReleaseRow, now: Time) -> ReleaseStateName:
    """One word for how a release is at this moment."""
    if row.ending is not None:
        return row.ending.value
    if row.stands(now):
        return "standing" if row.granted else "emergency"
    return "waiting" if row.to_answer and now < row.answer_by else "over"


def release_shape(
    row: ReleaseRow, now: Time, name: str, actions: frozenset[str], number: str, names: Mapping[str, str]
) -> MatterRelease:
    """A release as the person of that sign-in name and those actions sees it; `names` say what ids stand for."""
    may_answer = row.to_answer and now < row.answer_by and row.asked_by != name and RULES[row.matter].grant in actions
    return MatterRelease(
        id=row.id, matter=row.matter.value, subject=row.subject, about=names.get(row.subject, row.subject), reason=row.reason,
        organisation=row.organisation, permit_id=row.permit_id, permit_number=number, scope=_scope(row, names), emergency=row.emergency,
        state=state_of(row, now), to_answer=row.to_answer, asked=row.asked, asked_by=row.asked_by,
        answer_by=row.answer_by, hours=row.lasts_us / 3_600_000_000, expires=row.expires, answered=row.answered,
        answered_by=row.answered_by, granted=row.granted, note=row.note, ended=row.ended, ended_by=row.ended_by,
        ending_note=row.ending_note.text, ending_code=row.ending_note.code,
        ending_facts=dict(row.ending_note.facts), may_answer=may_answer,
        may_stop=row.ended is None and (row.asked_by == name or "releases.withdraw" in actions),
    )  # fmt: skip


def _scope(row: ReleaseRow, names: Mapping[str, str]) -> list[ScopeFact]:
    """A recipient's values are its name, country, kind, ground and paper, in this order."""
    return [
        ScopeFact(name=name, values=[names.get(str(each), str(each)) for each in _values(value)])
        for name, value in row.scope_facts.items()
    ]


def _values(value: object) -> list[object]:
    if isinstance(value, dict):
        return [value.get(name, "") for name in ("name", "country", "kind", "basis", "reference")]
    return value if isinstance(value, list) else [value]


def emergency_shape(row: ReleaseRow, now: Time, name: str, actions: frozenset[str]) -> Emergency:
    """An emergency as the banner shows it."""
    knows = "releases.read" in actions
    return Emergency(
        id=row.id, matter=row.matter.value if knows else None, asked=row.asked,
        asked_by=row.asked_by if knows else None, review_by=row.answer_by,
        standing=row.stands(now), may_review=row.asked_by != name and RULES[Matter(row.matter)].grant in actions,
    )  # fmt: skip
