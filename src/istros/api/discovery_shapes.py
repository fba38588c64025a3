"""What crosses to the administrator's screen about devices."""

from __future__ import annotations

from typing import Literal

from istros.api.problem_shapes import TellsProblem
from istros.api.schemas import Moment, Shape


class FoundDevice(Shape):
    """A camera that answered a search; `cameraId` names it when the configuration has it; `lines` are to be pasted."""

    url: str
    name: str
    hardware: str
    place: str
    profiles: list[str]
    camera_id: str
    lines: str


class KnownDevice(TellsProblem):
    """A configured camera as a device: who made it, its clock, its events, whether it can be steered and keeps pictures."""

    camera_id: str
    status: Literal["starting", "online", "offline", "refused"]
    since: Moment
    updated: Moment
    manufacturer: str
    model: str
    firmware: str
    serial: str
    clock_offset_ms: int | None = None
    clock_doubt_ms: int | None = None
    steers: bool
    events: Literal["none", "pulling", "lost"]
    keeps: bool


class EdgeFill(Shape):
    """A hole that a camera's own card may fill, and how far it did. `waiting`: not all fetched yet."""

    camera_id: str
    start: Moment
    end: Moment
    done_to: Moment
    state: Literal["waiting", "done", "nothing"]
    problem: str
