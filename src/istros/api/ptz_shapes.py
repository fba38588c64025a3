"""What crosses to the browser about cameras that can be steered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from istros.api.problem_shapes import TellsProblem
from istros.api.schemas import Moment, Shape

Share = Annotated[float, Field(ge=-1, le=1, strict=False)]


class HeadLease(Shape):
    """Who steers a camera, and until when; `before` names the one from whom it was taken over."""

    holder: str
    holder_name: str
    taken: Moment
    expires: Moment
    mine: bool
    before: str


class HeadPreset(Shape):
    """A place that the camera remembers."""

    token: str
    name: str


class HeadPlace(Shape):
    """Where it looks: pan and tilt from -1 to 1, zoom from 0 to 1; what the camera does not tell is left out."""

    pan: float | None = None
    tilt: float | None = None
    zoom: float | None = None


class Head(TellsProblem):
    """A camera that can be steered: what it can do, its places, where it looks, who steers.

    When it cannot be reached `available` is false and `problem` says why.
    """

    available: bool
    turns: bool
    zooms: bool
    home: bool
    presets_most: int
    presets: list[HeadPreset]
    position: HeadPlace | None = None
    moving: bool
    lease: HeadLease | None = None


class SteeredCamera(TellsProblem):
    """One camera that can be steered; `online` tells whether it answers now."""

    camera_id: str
    online: bool


class HeadTaking(Shape):
    """To begin to steer; `over` takes it from whoever does (shift leaders)."""

    over: bool = False


class HeadMove(Shape):
    """Shares of full speed: right, up and in are positive. To be sent again within half a second, or it stops."""

    pan: Share = 0.0
    tilt: Share = 0.0
    zoom: Share = 0.0


class HeadPresetName(Shape):
    """How the place where the camera looks now shall be called."""

    name: str = Field(min_length=1, max_length=60)
