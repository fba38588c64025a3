"""The camera that a request names."""

from __future__ import annotations

from istros.api.gate import Caller
from istros.api.problems import NotFound
from istros.base.said import say
from istros.devices.camera import Camera


def camera_of(caller: Caller, camera_id: str) -> Camera:
    """The camera of that id. Raises NotFound."""
    camera = caller.node.camera(camera_id)
    if camera is None:
        raise NotFound(
            say("camera-none", f"There is no camera '{camera_id}'.", camera=camera_id),
            "Choose one from the list of cameras.",
        )
    return camera
