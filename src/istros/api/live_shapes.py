"""What crosses to the browser besides pictures where it decodes packets itself (docs/design/0002)."""

from __future__ import annotations

from typing import Literal

from istros.api.schemas import Moment, Shape


class LiveConfiguration(Shape):
    """Binary messages from here on are packets of this coding; `description` is base64 of `avcC` or `hvcC`."""

    type: Literal["configuration"]
    codec: str
    description: str
    width: int
    height: int
    time: Moment


LIVE_SHAPES: tuple[type[Shape], ...] = (LiveConfiguration,)
"""Messages of the WebSocket of live pictures; OpenAPI has no place for them but its components."""
