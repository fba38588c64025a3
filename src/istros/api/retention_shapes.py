"""What crosses to the browser about what will be erased next (docs/design/0002, 0020)."""

from __future__ import annotations

from typing import Literal

from istros.api.schemas import Moment, Shape

PreviewDays = Literal["1", "3", "7"]
GoingKind = Literal["plates", "vehicles", "people", "alarms", "exports"]


class GoingRecordings(Shape):
    """One camera's recordings whose days are over by then. `held*` would go as well if no hold kept them.

    `byProfile`: the deployment profile keeps them for less than the settings say.
    """

    camera_id: str
    count: int
    size_bytes: int
    oldest: Moment | None
    held_count: int
    held_bytes: int
    days: float
    event_days: float
    by_profile: bool


class GoingClass(Shape):
    """Rows of one class that go. `sizeBytes` null: they have no files. `keptCount` stay with an alarm's case.

    `limitHours` null: nothing of this class goes by itself.
    """

    kind: GoingKind
    count: int
    size_bytes: int | None
    oldest: Moment | None
    kept_count: int
    limit_hours: float | None


class CrowdedDisk(Shape):
    """A disk on which more must go than age takes, if as much is recorded as in the last day; `sizeBytes` of it."""

    disk: str
    size_bytes: int


class RetentionPreview(Shape):
    """What of all that is there now will be gone `days` days from now."""

    days: int
    until: Moment
    recordings: list[GoingRecordings]
    classes: list[GoingClass]
    disks: list[CrowdedDisk]
