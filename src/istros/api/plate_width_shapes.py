"""What crosses to the browser about how wide plates are in a camera's picture."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from istros.api.schemas import Moment, Shape

_Share = Annotated[float, Field(ge=0, le=1)]


class SpotWidth(Shape):
    """One spot of the picture's grid, by its column and row, and how wide a plate is there in pixels of the large stream.

    `level` is that of EN 62676-4; `count` says how many plates, or cars, it is known by (0: by the scale).
    """

    across: int
    down: int
    width_px: float
    level: Literal["none", "monitor", "detect", "observe", "recognise", "identify"]
    source: Literal["plates", "scale", "vehicles"]
    count: int
    in_zone: bool


class ScaleMark(Shape):
    """Something of known length in the picture: its two ends in shares of width and height, and its metres."""

    x1: _Share
    y1: _Share
    x2: _Share
    y2: _Share
    metres: Annotated[float, Field(gt=0, le=100)]


class CameraScale(Shape):
    """Two marks at different heights of the picture."""

    marks: Annotated[list[ScaleMark], Field(min_length=2, max_length=2)]


class PlateWidths(Shape):
    """How wide plates are at each spot of which anything is known; `width` is 0 until a picture has come."""

    camera_id: str
    width: int
    height: int
    columns: int
    rows: int
    enough_px: int
    """Width from which plates are read."""
    spots: list[SpotWidth]
    zones: list[list[list[float]]]
    """The plate zones: corners in shares of the picture; none means all of it."""
    marks: list[ScaleMark]
    scaled: Moment | None = None
    scaled_by: str = ""
