"""What crosses to the browser about plates that are sought, and about an alarm with what raised it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from istros.api.departures_shapes import RecipientShape
from istros.api.mending_shapes import RequestNumber
from istros.api.schemas import (
    EntryState,
    Moment,
    MomentText,
    PriorityName,
    Shape,
    SoughtPurpose,
)
from istros.base.week_hours import PATTERN

MannerName = Literal["exact", "near", "pattern"]
CategoryName = Literal["serious-grounds", "convicted", "victim", "witness", "missing", "other", "none"]
HandlingName = Literal["H0", "H1", "H2", "H3"]
Reason = Annotated[str, Field(max_length=300)]
CameraId = Annotated[str, Field(max_length=32)]
Hours = Annotated[str, Field(pattern=PATTERN)]
"""Hours of the day and the week (`base.week_hours`), or empty: always."""


class SoughtEntry(Shape):
    """What every entry tells, of a plate or of a person: for what, on what ground, for whom, where and when, until when."""

    id: str
    purpose: str
    ground: str
    case_ref: str
    owner: str
    priority: PriorityName
    category: CategoryName
    requester: str
    handling: HandlingName
    handling_note: str
    provenance: str
    cameras: list[str]
    hours: str
    created: Moment
    created_by: str
    expires: Moment
    review_due: bool
    renews: str | None = None
    renewal_reason: str
    closed: Moment | None = None
    closed_by: str | None = None
    close_reason: str
    """What a person wrote; what the node writes is told in every language by `closeCode` and its facts."""
    close_code: str = ""
    close_facts: dict[str, str | int] = Field(default={})


class WatchlistEntry(SoughtEntry):
    """A plate sought."""

    plate: str
    manner: MannerName
    review: Moment | None = None
    state: EntryState


class ReasonsRequest(Shape):
    """What every entry must say, of a plate or of a person."""

    purpose: SoughtPurpose
    ground: Reason
    case_ref: Annotated[str, Field(max_length=100)]
    priority: PriorityName
    category: CategoryName
    requester: Reason
    handling: HandlingName
    handling_note: Reason = ""
    provenance: Reason
    cameras: list[CameraId] = Field(default_factory=list, max_length=200)
    hours: Hours = ""
    expires: MomentText
    review: MomentText
    renews: Annotated[str, Field(max_length=64)] | None = None
    renewal_reason: Reason = ""


class WatchlistRequest(ReasonsRequest):
    """Ask to seek a plate; 30 days at most. With `renews` it goes on with an entry of another person."""

    plate: str = Field(min_length=1, max_length=20)
    manner: MannerName


class CloseReason(Shape):
    """Why a plate is no longer sought."""

    reason: str = Field(min_length=1, max_length=300)


class EntryClosing(CloseReason):
    """`wrong`: the entry was never right, and whoever got it in a file or package is told to erase it.

    Only such a closing may be done for a person's `request` for correction.
    """

    wrong: bool = False
    request: RequestNumber = ""

    @model_validator(mode="after")
    def _corrects(self) -> Self:
        if self.request and not self.wrong:
            raise ValueError("only an entry that was never right is closed for a request for correction")
        return self


class WatchlistFileOrder(Shape):
    """The list as a file, for somebody."""

    format: Literal["csv", "json"] = "csv"
    recipient: RecipientShape


class ImportRequest(Shape):
    """A file of entries. `preview` writes nothing; `all` writes every line or none; `good` those that have no error.

    `previewed` is the `sha256` that the preview of the same text gave: nothing is imported unseen.
    """

    format: Literal["csv", "json"]
    text: str = Field(max_length=1_000_000)
    mode: Literal["preview", "all", "good"]
    previewed: str = Field(default="", max_length=64)


class ImportLine(Shape):
    """One line of the file; `what` and `field` say what is wrong with it, `message` says it in a sentence.

    `words` are those that may stand in the field, where only some may; `said` and `facts` tell the sentence in any language.
    """

    line: int
    plate: str
    ok: bool
    field: str = ""
    what: str = ""
    message: str = ""
    words: tuple[str, ...] = ()
    said: str = ""
    facts: dict[str, str | int] = Field(default={})
    entry_id: str | None = None


class ImportResult(Shape):
    """What would be, or was, imported."""

    sha256: str
    lines: list[ImportLine]
    good: int
    written: int
