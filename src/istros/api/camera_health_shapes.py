"""What crosses to the browser about the health of a camera."""

from __future__ import annotations

from typing import Literal

from istros.api.schemas import Moment, Shape

HealthWordName = Literal["ok", "bad", "unknown"]


class HealthState(Shape):
    """One state: `stream` is empty for what concerns the whole camera; `value` and `bound` are in the unit of its kind."""

    stream: str
    kind: str
    state: HealthWordName
    since: Moment
    value: float | None = None
    bound: float | None = None


class HealthChange(Shape):
    """A state became another."""

    stream: str
    kind: str
    state: HealthWordName
    time: Moment


class PictureReference(Shape):
    """What the camera usually shows in one part of the day (`slot`: its first hour, UTC)."""

    slot: str
    learned: Moment
    updated: Moment
    looks: int


class CameraHealth(Shape):
    """The states of a camera, their history of the last 24 hours (with the last change before), and what was learnt."""

    camera_id: str
    states: list[HealthState]
    changes: list[HealthChange]
    references: list[PictureReference]
    asked_anew: Moment | None = None


class Signal(Shape):
    """What a device or a watch said."""

    number: int
    source: str
    kind: str
    state: Literal["on", "off", "pulse"]
    time: Moment
    subject: str
