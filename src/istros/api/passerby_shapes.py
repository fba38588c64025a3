"""What crosses to the browser about people who passed cameras: descriptions inside a case, and numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.schemas import DirectionName, Moment, Shape

ClothesColour = Literal[
    "white", "grey", "black", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "beige"
]
BagName = Literal["backpack", "handbag", "suitcase"]
SexName = Literal["female", "male"]


class ClothesShare(Shape):
    """A colour and how much of the clothes has it."""

    colour: str
    share: float


class AgeSexShape(Shape):
    """A band in which the age probably lies, and what somebody looks like with its certainty: never a fact."""

    low: int
    high: int
    sex: SexName
    certainty: float


class PassingPerson(Shape):
    """Somebody whom a camera saw; the box is left, top, right, bottom as shares of the picture. It says not who they are."""

    id: str
    camera_id: str
    first_seen: Moment
    last_seen: Moment
    direction: DirectionName | None = None
    upper: list[ClothesShare]
    lower: list[ClothesShare]
    bag: BagName | None = None
    age_sex: AgeSexShape | None = None
    height_px: int
    box: list[float] = Field(min_length=4, max_length=4)
    agreement: float | None = None
    """How well the clothes fit what was asked for, 0 to 1; None where no clothes were asked for."""


class PersonSearch(Shape):
    """People found, the best fitting first; how many were looked through, and how long that took."""

    people: list[PassingPerson]
    searched: int
    took_ms: float


class PeopleCount(Shape):
    """One number; None where it is hidden because it is under ten."""

    camera_id: str
    hour: Moment
    band: str
    """Ages such as `18-29`; empty: everybody."""
    sex: Literal["female", "male", ""]
    count: int | None = None


class PeopleCounts(Shape):
    """Numbers by hour and place, of ten people and more; which of them this node counts."""

    since: Moment
    until: Moment
    least: int
    counted: bool
    by_age_and_sex: bool
    counts: list[PeopleCount]


Age = Annotated[int, Field(ge=0, le=120)]
