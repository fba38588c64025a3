"""What crosses to the browser about the zones of a camera's picture."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from istros.api.problem_shapes import TellsProblem
from istros.api.schemas import Moment, Shape
from istros.recognition.zone_changes import MOST_CORNERS, MOST_ZONES

_Share = Annotated[float, Field(ge=0, le=1)]
Corner = Annotated[list[_Share], Field(min_length=2, max_length=2)]
"""Shares of the picture's width and height from the upper left."""
Polygon = Annotated[list[Corner], Field(min_length=3, max_length=MOST_CORNERS)]
Polygons = Annotated[list[Polygon], Field(max_length=MOST_ZONES)]


class ZoneSet(Shape):
    """Where plates are read (none: everywhere), what is searched by nothing, and what nobody sees."""

    plates: Polygons
    ignored: Polygons
    private: Polygons
    """Privacy masks."""


class ZoneSetting(Shape):
    """One set of zones that held, or holds: who drew it, since when, and who agreed where that was needed."""

    zones: ZoneSet
    from_file: bool
    in_camera: bool
    """Whether the camera itself was to hold the masks too."""
    set_by: str
    agreed_by: str
    since: Moment


class WaitingZones(Shape):
    """Zones that uncover something and wait for a second person; `released`: agreed to, but not in force yet."""

    zones: ZoneSet
    from_file: bool
    in_camera: bool
    asked_by: str
    asked: Moment
    answer_by: Moment
    reason: str
    own: bool
    """Whether the caller asked for them, and so cannot agree."""
    released: bool


class MasksInCamera(TellsProblem):
    """What the camera holds of the masks itself (ONVIF Media 2), as the node saw it at `checked`."""

    most_masks: int | None
    """How many it can hold; 0: none, null: it was not asked yet, or has no ONVIF."""
    only_rectangles: bool
    """Whether a mask goes into it as the rectangle round it."""
    wanted: int
    held: int
    checked: Moment | None


class CameraZones(Shape):
    """The zones in force, those of the configuration file, what waits, and what held before (newest first)."""

    camera_id: str
    zones: ZoneSet
    from_file: bool
    in_camera: bool
    """Whether the camera itself is to hold the masks too."""
    held: MasksInCamera
    file: ZoneSet
    waiting: WaitingZones | None = None
    history: list[ZoneSetting]


class ZonesChange(Shape):
    """Zones to hold; with `from_file` those of the configuration file, whatever is named."""

    zones: ZoneSet
    from_file: bool = False
    in_camera: bool = False
    """Have the camera itself hold the masks too, where it can."""
    reason: Annotated[str, Field(max_length=500)] = ""
    """Needed where a part would be seen or searched that was not, or a mask would leave the camera."""


class ZonesAnswer(Shape):
    """The second person's word."""

    agree: bool
    note: Annotated[str, Field(max_length=500)] = ""
