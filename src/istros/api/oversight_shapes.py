"""What crosses to the browser for the data-protection officer (docs/design/0032)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.schemas import Moment, Shape

UnusualKindName = Literal["many-searches", "night", "same-plate", "watched-plate", "unlisted-plates", "off-hours"]


class AccessCount(Shape):
    """How often something was done in a span, by one person, with one camera or for one purpose, and how often refused."""

    name: str
    action: str
    count: int
    refused: int


class Accesses(Shape):
    """Who looked at what in a span. `indexed_to` is the last audit row that is counted."""

    people: list[AccessCount]
    places: list[AccessCount]
    purposes: list[AccessCount]
    indexed_to: int
    only: str = ""
    """The organisation whose share was counted; empty: the whole node."""


class UnusualLook(Shape):
    """Something to look at. `facts` are the figures of the reason; a note tells that an officer looked at it."""

    id: str
    kind: UnusualKindName
    person: str
    since: Moment
    until: Moment
    facts: dict[str, str | int | float]
    plate: str
    looked: Moment | None
    looked_by: str
    note: str


class LookedNote(Shape):
    """What came of it. The span is the one that the list was asked for."""

    note: Annotated[str, Field(min_length=1, max_length=500)]


class WatchedPlate(Shape):
    """A plate of a colleague or a neighbour: whoever searches for it is listed."""

    id: str
    plate: str
    why: str
    added: Moment
    added_by: str


class WatchedPlateRequest(Shape):
    """A plate to watch over, and why."""

    plate: Annotated[str, Field(min_length=1, max_length=20)]
    why: Annotated[str, Field(min_length=1, max_length=500)]


class OpenPermit(Shape):
    """A permit that counts now."""

    id: str
    number: str
    holder: str
    organisation: str
    purpose: str
    ground: str
    case_ref: str
    opened: Moment
    expires: Moment


class EndingEntry(Shape):
    """A watchlist entry that counts now; without its plate, which the watchlist itself tells."""

    id: str
    owner: str
    purpose: str
    case_ref: str
    expires: Moment


class StandingHold(Shape):
    """A hold that keeps footage beyond its time."""

    id: str
    cameras: list[str]
    kind: str
    placed: Moment
    placed_by: str
    release_asked: Moment | None
    review: Moment


class OpenReasons(Shape):
    """What is open, and when it ends: first what ends first. `on_duty` counts people on shift."""

    permits: list[OpenPermit]
    entries: list[EndingEntry]
    holds: list[StandingHold]
    on_duty: int


class FalseRate(Shape):
    """What came of alarms of one kind at one camera in a month; `rate` is false among confirmed and false."""

    month: str
    kind: str
    camera_id: str
    confirmed: int
    false: int
    other: int
    rate: float | None


class KeptClass(Shape):
    """How old the oldest of a class is. `is_least`: the limit is how long it must be kept, not how long it may."""

    kind: str
    subject: str
    oldest: Moment
    age_days: float
    limit_days: float | None
    is_least: bool
    late: bool


class StampState(Shape):
    """How an authority does; `late`: a signed head has waited for its stamp for more than 15 minutes."""

    authority: str
    newest: Moment | None
    waiting_since: Moment | None
    late: bool


class PartnerAnchor(Shape):
    """A partner's newest signed head that is kept here."""

    partner: str
    number: int
    sequence: int
    time: Moment
    key_id: str
    received: Moment
    received_by: str


class SignedHeads(Shape):
    """How far the audit chain is signed and stamped, and what partners handed over."""

    number: int
    sequence: int
    time: Moment | None
    key_id: str
    rows: int
    stamps: list[StampState]
    partners: list[PartnerAnchor]
