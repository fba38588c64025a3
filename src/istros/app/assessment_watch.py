"""Puts on the audit record how each camera stands with its assessment, whenever that changes (rule L18)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from istros.base.environment import Environment
from istros.base.time import to_iso
from istros.compliance.assessments import Standing, clearances
from istros.devices.camera import Camera
from istros.events.record import NODE, record
from istros.events.repeating import repeat
from istros.store import Database, Transaction
from istros.store.assessments import AssessmentStandingRow

EVERY_S = 10.0


class AssessmentWatch:
    """The server's loop around assessments: what a date changes is nobody's act, and stands on the record all the same."""

    def __init__(self, environment: Environment, database: Database, cameras: Sequence[Camera]) -> None:
        self._environment, self._database = environment, database
        self._cameras = {camera.id: camera.is_here for camera in cameras}

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""

        async def step() -> bool:
            await self.look()
            return False

        await repeat(self._environment, stop, EVERY_S, "assessments", step)

    async def look(self) -> None:
        """Begin the notice of cameras of an older version, and record what changed."""
        if await self._database.read(self._has_news):
            await self._database.write(self._work)

    def _has_news(self, tx: Transaction) -> bool:
        return any(row.since is None for row in tx.assessments.notices()) or bool(self._changed(tx))

    def _changed(self, tx: Transaction) -> dict[str, tuple[str, Standing]]:
        """Of each camera that stands otherwise than is on the record: as it stood, and as it stands."""
        known = {row.camera_id: row.standing for row in tx.assessments.standings()}
        now = self._environment.clock.now()
        found = {camera: each.standing for camera, each in clearances(tx, now, self._cameras).items()}
        return {
            camera: (known.get(camera, ""), standing)
            for camera, standing in found.items()
            if known.get(camera) != standing
        }

    def _work(self, tx: Transaction) -> None:
        now = self._environment.clock.now()
        tx.assessments.begin_notices(now)
        held = clearances(tx, now, self._cameras)
        for camera_id, (before, standing) in self._changed(tx).items():
            due = held[camera_id].due
            facts: dict[str, object] = {"from": before, "to": str(standing), "due": to_iso(due) if due else ""}
            record(tx, self._environment, NODE, "assessment.standing", camera_id, facts)
            tx.assessments.put_standing(AssessmentStandingRow(camera_id, standing, now))
