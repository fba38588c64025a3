"""Puts on the audit record how each camera stands with its assessment, whenever that changes (rule L18)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from istros.base.environment import Environment
from istros.base.time import to_iso
from istros.compliance.assessed_view import Position, note_positions, position_news
from istros.compliance.assessments import Clearance, clearances
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
        self._positions = {camera.id: _position(camera) for camera in cameras}

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""

        async def step() -> bool:
            await self.look()
            return False

        await repeat(self._environment, stop, EVERY_S, "assessments", step)

    async def look(self) -> None:
        """Begin the notice of cameras of an older version, hold all against where they stand, and record what changed."""
        if await self._database.read(self._has_news):
            await self._database.write(self._work)

    def _has_news(self, tx: Transaction) -> bool:
        begins = any(row.since is None for row in tx.assessments.notices())
        return begins or bool(position_news(tx, self._positions, self._environment.clock.now()) or self._changed(tx))

    def _changed(self, tx: Transaction) -> dict[str, tuple[str, Clearance]]:
        """Of each camera that stands otherwise than is on the record: as it stood, and how it is now."""
        known = {row.camera_id: row.standing for row in tx.assessments.standings()}
        found = clearances(tx, self._environment.clock.now(), self._cameras)
        return {
            camera: (known.get(camera, ""), held)
            for camera, held in found.items()
            if known.get(camera) != held.standing
        }

    def _work(self, tx: Transaction) -> None:
        now = self._environment.clock.now()
        tx.assessments.begin_notices(now)
        note_positions(tx, self._environment, self._positions)
        for camera_id, (before, held) in self._changed(tx).items():
            due = to_iso(held.due) if held.due else ""
            facts: dict[str, object] = {"from": before, "to": str(held.standing), "due": due, "changed": held.changed}
            record(tx, self._environment, NODE, "assessment.standing", camera_id, facts)
            tx.assessments.put_standing(AssessmentStandingRow(camera_id, held.standing, now))


def _position(camera: Camera) -> Position:
    place = camera.place
    return None if place.latitude is None or place.longitude is None else (place.latitude, place.longitude)
