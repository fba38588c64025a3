"""The zones that people draw, taken over by what looks at the cameras while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from istros.base.environment import Environment
from istros.devices.camera import Camera
from istros.events.repeating import repeat
from istros.recognition.zones import PictureZones
from istros.store import Database, Transaction

EVERY_S = 3.0
"""How long a change may wait before it holds; asking costs one read of a few rows."""

UseZones = Callable[[Mapping[str, PictureZones]], None]

_LOG = structlog.get_logger("istros.zones")


class DrawnZones:
    """Asks the database again and again which zones hold, and hands on those that have changed."""

    def __init__(
        self, environment: Environment, database: Database, cameras: Sequence[Camera], use: Sequence[UseZones]
    ) -> None:
        self._environment = environment
        self._database = database
        self._cameras = cameras
        self._use = use
        self._held = {camera.id: PictureZones.of(camera) for camera in cameras}

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the changes until `stop` is set."""

        async def step() -> bool:
            await self.take_over()
            return False

        await repeat(self._environment, stop, EVERY_S, "drawn zones", step)

    async def take_over(self) -> None:
        """Hand the zones that have changed to everything that looks. Raises what the database raises."""
        held = await self._database.read(self._in_force)
        changed = {camera: zones for camera, zones in held.items() if zones != self._held[camera]}
        if not changed:
            return
        for use in self._use:
            use(changed)
        self._held = held
        _LOG.info("zones.taken_over", cameras=sorted(changed))

    def _in_force(self, tx: Transaction) -> dict[str, PictureZones]:
        drawn = {row.camera_id: row for row in tx.camera_zones.all_in_force()}
        return {camera.id: PictureZones.in_force(camera, drawn.get(camera.id)) for camera in self._cameras}
