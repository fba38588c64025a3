"""What the cameras may do by their assessments and the deployment profile, followed while a process runs.

It is the one way from configured to running.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from istros.app.profile_bounds import within_profile
from istros.base.environment import Environment
from istros.compliance.assessments import Clearance, clearances
from istros.compliance.profile import in_force
from istros.devices.camera import Camera
from istros.events.repeating import repeat
from istros.store import Database

EVERY_S = 3.0
"""How long what was approved or signed waits, and what was stopped, withdrawn or has expired goes on, at most."""

UseClearances = Callable[[Mapping[str, Clearance]], None]

_LOG = structlog.get_logger("istros.clearances")


class FollowedClearances:
    """Asks the database again and again, and hands all of them on when one has changed.

    While the database does not answer what held goes on: no fault of it stops a recording or starts one.
    """

    def __init__(
        self, environment: Environment, database: Database, cameras: Sequence[Camera], use: UseClearances
    ) -> None:
        self._environment, self._database, self._use = environment, database, use
        self._cameras = {camera.id: camera.is_here for camera in cameras}
        self._held: dict[str, Clearance] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the changes until `stop` is set."""

        async def step() -> bool:
            await self.take_over()
            return False

        await repeat(self._environment, stop, EVERY_S, "clearances", step)

    async def take_over(self) -> None:
        """Hand them on where one has changed. Raises what the database raises."""
        now = self._environment.clock.now()
        found = await self._database.read(
            lambda tx: within_profile(clearances(tx, now, self._cameras), in_force(tx, now))
        )
        if found == self._held:
            return
        changed = [camera for camera, clearance in found.items() if (self._held or {}).get(camera) != clearance]
        self._held = found
        self._use(found)
        _LOG.info("clearances.taken_over", cameras=sorted(changed))
