"""What recognition says: detections in a frame, tracks over frames, and what one camera saw of one thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from istros.base.time import Time
from istros.recognition.colour_names import ColourName
from istros.recognition.picture import Picture
from istros.store.rows import Direction

VehicleClass = Literal["car", "van", "bus", "lorry", "motorcycle", "bicycle"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in a picture; each side a share (0 to 1) of the picture's width or height, so that it fits every stream."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def width(self) -> float:
        """Share of the picture's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Share of the picture's height."""
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle point."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def area(self) -> float:
        """Share of the picture that the box covers."""
        return max(0.0, self.width) * max(0.0, self.height)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it, its edges included."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def wider(self, across: float, down: float) -> Box:
        """The box with so much of its own width on the left and right, and of its own height above and below."""
        aside, above = across * self.width, down * self.height
        return Box(self.left - aside, self.top - above, self.right + aside, self.bottom + above)


def cut_out(picture: Picture, box: Box) -> tuple[Picture, Box]:
    """The part of a picture in a box, as far as it lies in the picture, by whole pixels; and the box of exactly that."""
    rows, columns = picture.shape[:2]
    left, right = max(0, int(box.left * columns)), min(columns, int(box.right * columns) + 1)
    top, bottom = max(0, int(box.top * rows)), min(rows, int(box.bottom * rows) + 1)
    return picture[top:bottom, left:right], Box(left / columns, top / rows, right / columns, bottom / rows)


EDGE = 0.005
"""Share of the picture from its edge within which a box touches it: two pixels of the street detector's 384."""


def is_whole(box: Box, edge: float = EDGE) -> bool:
    """Whether no edge of the picture cuts what a box shows."""
    return box.left > edge and box.right < 1 - edge and box.top > edge and box.bottom < 1 - edge


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    shared = shared_area(one, other)
    return shared / (one.area + other.area - shared) if shared > 0 else 0.0


def shared_area(one: Box, other: Box) -> float:
    """The area that two boxes have in common, as a share of the picture."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, width) * max(0.0, height)


@dataclass(frozen=True, slots=True)
class Detection:
    """A box, a label and a score (0 to 1) in one frame."""

    box: Box
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class PlateText:
    """One reading of a plate: text without spaces, as written (Cyrillic stays Cyrillic), with its confidence 0 to 1."""

    text: str
    confidence: float
    country: str | None = None
    """ISO 3166 alpha-2, where the format is of one country alone."""


@dataclass(frozen=True, slots=True)
class PlateRead:
    """The best reading of one vehicle's plate by one camera, over its track."""

    id: str
    camera_id: str
    time: Time
    track_id: str
    best: PlateText
    alternatives: tuple[PlateText, ...]
    plate_box: Box
    vehicle_box: Box | None
    vehicle_class: VehicleClass | None
    frames_read: int
    plate_width_px: int
    first_seen: Time
    last_seen: Time
    direction: Direction | None = None
    heading: float | None = None
    """Degrees from north, where the camera's own bearing is known."""
    vehicle_colour: ColourName | None = None
    """Silver is grey."""
    crop_jpeg: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class VehicleSeen:
    """One vehicle's passage before one camera, over its track: what it was, its colour, where it drove, how long it stood.

    No plate and no picture: for counts and for finding footage.
    """

    id: str
    camera_id: str
    track_id: str
    first_seen: Time
    last_seen: Time
    vehicle_class: VehicleClass
    class_confidence: float
    """Share of the detections that agree, 0 to 1."""
    colour: ColourName | None
    """None where it could not be told: too small, or too dark."""
    direction: Direction | None
    heading: float | None
    """Degrees from north, where the camera's own bearing is known."""
    stood_s: float
    """Seconds for which it did not move while it was seen."""
    box: Box
    """Where it was largest."""
    box_time: Time
    """When it was there."""
