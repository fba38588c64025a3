"""Ends the releases whose time is over, holds the deployment profile against the node, and connects the parts that undo."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from istros.base.environment import Environment
from istros.compliance import releases
from istros.compliance.profile import in_force
from istros.compliance.profile_drafts import end
from istros.devices.camera import Camera
from istros.events.emergency import alarm_for_emergency
from istros.events.face_erasure import undo_matching
from istros.events.face_search import undo_search
from istros.events.face_undoing import undo_match
from istros.events.persons import undo_person
from istros.events.repeating import repeat
from istros.recording.export.lifting import undo_lift
from istros.store import Database, Transaction
from istros.store.releases import Matter

PERIOD_S = 5.0
"""Between two looks. What is past its time stops working by the clock; this is when its traces go."""


def connect_parts() -> None:
    """Register what makes an emergency loud, and each part that undoes what it did under a release."""
    releases.on_emergency(alarm_for_emergency)
    releases.on_undone(Matter.WATCH_PERSON, undo_person)
    releases.on_undone(Matter.FACE_MATCHING, undo_matching)
    releases.on_undone(Matter.LIFT_MASK, undo_lift)
    releases.on_undone(Matter.FACE_SEARCH, undo_search)
    releases.on_granted(Matter.UNDO_MATCH, undo_match)


class ReleaseWatch:
    """The server's loop around releases and the profile."""

    def __init__(
        self, environment: Environment, database: Database, cameras: Sequence[Camera] = (), *, training: bool = False
    ) -> None:
        self._environment, self._database = environment, database
        self._may_be_simulated = training and all(camera.is_here for camera in cameras)

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""

        async def step() -> bool:
            await self.look()
            return False

        await repeat(self._environment, stop, PERIOD_S, "releases", step)

    async def look(self) -> None:
        """Do all that is due now; each release ends in a transaction of its own, so that none holds up another."""
        now = self._environment.clock.now()
        due = await self._database.read(lambda tx: [row.id for row in tx.releases.due(now)])
        await self._hold_profile()
        problems: list[Exception] = []
        for id in due:
            try:
                await self._database.write(lambda tx, id=id: releases.undo_overdue(tx, self._environment, id))  # type: ignore[misc]
            except Exception as error:  # its part cannot undo yet; the others must not wait for it
                problems.append(error)
        if problems:
            raise problems[0]

    async def _hold_profile(self) -> None:
        """Take back a simulated city's profile from a real node, stop what the profile ended, note when there is none."""
        now = self._environment.clock.now()

        def due(tx: Transaction) -> bool:
            profile = in_force(tx, now)
            misplaced = profile.simulated and not self._may_be_simulated
            unknown = not profile.version and tx.profiles.notice_since() is None
            return misplaced or unknown or bool(releases.not_allowed_now(tx, profile))

        if await self._database.read(due):
            await self._database.write(self._hold)

    def _hold(self, tx: Transaction) -> None:
        now = self._environment.clock.now()
        profile = in_force(tx, now)
        if profile.simulated and not self._may_be_simulated:
            row = tx.profiles.get(profile.version)
            assert row is not None, "it is in force"
            why = "it is for a simulated city, and this node has cameras of the real one"
            end(tx, self._environment, row, "istros", why, origin="server")
        if not in_force(tx, now).version and tx.profiles.notice_since() is None:
            tx.profiles.note_since(now)
        releases.stop_not_allowed(tx, self._environment)
