"""What crosses to the browser about exports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.departures_shapes import RecipientKindName, RecipientShape
from istros.api.problem_shapes import TellsProblem
from istros.api.schemas import Moment, MomentText, Shape, StreamNameText

Share = Annotated[float, Field(ge=0, le=1)]
CornerShape = Annotated[list[Share], Field(min_length=2, max_length=2)]
"""Across and down, as shares of the picture."""

ExportKindName = Literal["exact", "redacted"]
ExportStateName = Literal["waiting", "running", "done", "failed", "cancelled", "expired"]


class FieldKeyShape(Shape):
    """Where a drawn field lies from a moment on; no corners: it ends there."""

    time: MomentText
    corners: Annotated[list[CornerShape], Field(max_length=40)]


class DrawnFieldShape(Shape):
    """A field that somebody drew on a camera's picture; between two keys of as many corners it moves evenly."""

    camera_id: str
    keys: Annotated[list[FieldKeyShape], Field(min_length=1, max_length=200)]


class PapersShape(Shape):
    """What of the case lies beside the films. `only` names plates: with it no other read is told, and a redacted export
    tells none without it."""

    alarms: bool = False
    reads: bool = False
    only: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=20)]], Field(max_length=50, default_factory=list)
    ]
    stills: bool = False


class ExportRequest(Shape):
    """An order. `originals` counts for exact exports, `people`, `plates` and `drawn` fields for redacted ones.

    `lift_masks` shows what lies under privacy masks: that needs a release of the matter `lift-mask` for the permit.
    """

    cameras: Annotated[list[str], Field(min_length=1, max_length=16)]
    since: MomentText
    until: MomentText
    stream: StreamNameText = "main"
    kind: ExportKindName = "exact"
    originals: bool = True
    people: bool = True
    plates: bool = True
    drawn: Annotated[list[DrawnFieldShape], Field(max_length=50, default_factory=list)]
    papers: Annotated[PapersShape, Field(default_factory=lambda: PapersShape(only=[]))]
    lift_masks: bool = False
    reason: Annotated[str, Field(max_length=300)] = ""
    permit: str
    recipient: RecipientShape | None = None
    """To whom the package goes. What a person asked about themselves goes to that person, and names nobody."""


class ExportShape(TellsProblem):
    """One export and how far it is; `progress` from 0 to 1, `to_review` moments that a person should look at."""

    id: str
    state: ExportStateName
    kind: ExportKindName
    cameras: tuple[str, ...]
    stream: StreamNameText
    start: Moment
    end: Moment
    originals: bool
    lifted_under: str
    """The release under which privacy masks are lifted; empty: they are painted."""
    reason: str
    ordered: Moment
    ordered_by: str
    permit_number: str
    purpose: str
    case_ref: str
    progress: float
    step: str
    cancel_wished: bool
    finished: Moment | None
    expires: Moment | None
    size_bytes: int
    manifest_sha256: str
    to_review: int
    recipient: str = ""
    """Empty for an order from before recipients were named: its package is not handed out."""
    recipient_kind: RecipientKindName | None = None
    country: str = ""
    basis: str = ""
    reference: str = ""
    released: bool = False
    """Whether a second person released it, so that its package can be fetched."""


class ExportList(Shape):
    """The caller's exports, newest first, and the fingerprint by which their packages are verified."""

    exports: list[ExportShape]
    key: str
    kept_days: float
