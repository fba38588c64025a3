"""What keeps the disks in order beside the recording: eviction, moving to the second tier, and the disks' state.

It has workers of its own, so that a bucket that does not answer never holds up a fragment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from istros.base.environment import Environment
from istros.base.workers import Workers
from istros.recording.archive import Archive
from istros.recording.disk_watch import DiskWatch
from istros.recording.policy import RecordingPolicy
from istros.recording.removal_log import RemovalLog
from istros.recording.retention import Retention
from istros.recording.tiering import Tiering
from istros.store import Database


class Upkeep:
    """The loops; each goes on for ever and is started again when it fails."""

    def __init__(
        self, environment: Environment, database: Database, archive: Archive, policy: RecordingPolicy, workers: Workers
    ) -> None:
        beside, world = database.beside(workers), replace(environment, workers=workers)
        self.retention = Retention(world, beside, archive, policy)
        self.removals = RemovalLog(world, beside)
        self.tiering = Tiering(world, beside, archive, policy)
        self.disks = DiskWatch(world, beside, archive, policy, self.retention, self.tiering)

    def loops(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """By the name that a failure is logged under."""
        return {
            "retention": self.retention.run, "removals": self.removals.run, "tiering": self.tiering.run,
            "disks": self.disks.run,
        }  # fmt: skip
