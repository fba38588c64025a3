"""What crosses to the browser about what left the node, and to whom it may go."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.schemas import CountryCode, Moment, Shape
from istros.compliance.departures import Recipient, RecipientKind

RecipientKindName = Literal["own", "police", "court", "rescue", "town", "private", "person"]
CarrierName = Literal["export", "watchlist", "persons", "letter"]
GroupName = Literal["home", "eu", "convention", "third"]
LawName = Literal["led", "gdpr", "ua"]


class RecipientShape(Shape):
    """To whom something goes, and on what ground; `reference` names the paper behind it."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: RecipientKindName
    country: CountryCode
    basis: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,20}$")]
    reference: Annotated[str, Field(max_length=200)] = ""

    def facts(self) -> dict[str, str]:
        """As a release keeps it."""
        return {name: str(value) for name, value in self.model_dump(by_alias=True).items()}


def recipient_of(shape: RecipientShape) -> Recipient:
    """As the rules take it."""
    return Recipient(shape.name, RecipientKind(shape.kind), shape.country, shape.basis, shape.reference)


class TransferCell(Shape):
    """What holds for one kind of recipient in one group of countries: grounds, or why nothing goes there."""

    kind: RecipientKindName
    group: GroupName
    bases: list[str]
    refused: str


class TransferBasis(Shape):
    """A ground, the article that it is in, and whether a paper must be named with it."""

    code: str
    law: str
    needs_paper: bool


class TransferRules(Shape):
    """To whom this node may send, seen from its own law and country. A country in neither list is a third one."""

    law: LawName
    country: str
    organisation: str
    eu: list[str]
    convention: list[str]
    cells: list[TransferCell]
    bases: list[TransferBasis]


class Departure(Shape):
    """Something that left: when, by whom, to whom, on what ground, with which data."""

    id: str
    number: str
    carrier: CarrierName
    subject: str
    recipient: str
    kind: RecipientKindName
    country: str
    law: LawName
    basis: str
    reference: str
    data: tuple[str, ...]
    cameras: tuple[str, ...]
    start: Moment | None
    end: Moment | None
    purpose: str
    case_ref: str
    permit_number: str
    ordered: Moment
    ordered_by: str
    organisation: str
    gone: Moment | None
    gone_by: str
    sha256: str


class DepartureList(Shape):
    """What left, newest first; `cut`: more left in the span than is told."""

    departures: list[Departure]
    cut: bool


class Correction(Shape):
    """A notice to a recipient that something was wrong. `facts` are empty once it was confirmed."""

    id: str
    number: str
    departure: Departure
    cause: Literal["request", "misread", "entry", "face"]
    subject: str
    remedy: Literal["correct", "erase", "restrict"]
    state: Literal["open", "sent", "overdue", "confirmed"]
    facts: dict[str, str]
    found: Moment
    found_by: str
    due: Moment
    sent: Moment | None
    sent_by: str
    confirmed: Moment | None
    confirmed_by: str
    confirmation: str


class CorrectionConfirmed(Shape):
    """Who confirmed for the recipient, and how."""

    how: Annotated[str, Field(min_length=1, max_length=500)]
