"""What crosses to the browser about vehicles that passed cameras."""

from __future__ import annotations

from typing import Literal

from istros.api.schemas import DirectionName, Moment, Shape

PlateWanted = Literal["any", "with", "without"]


class PassagePlate(Shape):
    """A plate read of the vehicle while it passed; the plate search shows the rest of it.

    `confidence` is the machine's; none where a person corrected the plate.
    """

    read_id: str
    time: Moment
    text: str
    country: str | None = None
    confidence: float | None = None
    corrected: Moment | None = None


class VehiclePassage(Shape):
    """One vehicle as one camera saw it pass. No picture: that is a still, asked for by its time.

    `class_confidence` is the share of sights that agree; `box` (left, top, right, bottom as shares of the picture) is
    where it was largest, and `box_time` when; `plates` has the surest first.
    """

    id: str
    camera_id: str
    first_seen: Moment
    last_seen: Moment
    vehicle_class: str
    class_confidence: float
    colour: str | None = None
    direction: DirectionName | None = None
    heading: float | None = None
    stood_s: float
    box: list[float]
    box_time: Moment | None = None
    plates: list[PassagePlate]


class VehicleSearch(Shape):
    """Passages found (newest first), how many were looked through, and how long that took.

    `next` is what to ask for as `after` to go on; none where this page is the last.
    """

    passages: list[VehiclePassage]
    searched: int
    took_ms: float
    next: str | None = None
