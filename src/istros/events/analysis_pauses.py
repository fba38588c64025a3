"""Pauses the analysis of a camera that looks elsewhere, and lets it go on when the declared view is back (rule L20)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.compliance.assessed_view import note_confirmed_view
from istros.devices.camera import Camera
from istros.events.picture_states import PictureStates
from istros.events.record import NODE, record
from istros.events.repeating import repeat
from istros.recognition.declared_view import is_confirmed, zones_await_check
from istros.store import Database, Transaction
from istros.store.analysis_pauses import AnalysisPauseRow

PERIOD_S = 1.0
SETTLED_US = 10 * SECOND
"""Microseconds for which a head rests and the picture is the declared one before analysis goes on."""
HOME_US = 20 * SECOND
"""A head that was sent home is there after so long, where the picture is not known well enough to tell."""

UsePauses = Callable[[frozenset[str]], None]


class AnalysisPauses:
    """Lives in the analyser's process, beside the states of its cameras' pictures."""

    def __init__(
        self, environment: Environment, database: Database, cameras: Sequence[Camera], pictures: PictureStates,
        use: UsePauses,
    ) -> None:  # fmt: skip
        self._environment, self._database, self._use = environment, database, use
        self._cameras = {camera.id: camera for camera in cameras}
        self._pictures = pictures
        self._paused: frozenset[str] | None = None
        self._declared: dict[str, Time] = {}
        """Since when each camera's looks have shown the declared view without a break."""

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""

        async def step() -> bool:
            await self.look()
            return False

        await repeat(self._environment, stop, PERIOD_S, "analysis pauses", step)

    async def look(self) -> None:
        """Begin and end what is due, on the record, and hand on which cameras are paused."""
        now = self._environment.clock.now()
        for camera_id in self._cameras:
            if self._pictures.shows_declared(camera_id) is True:
                self._declared.setdefault(camera_id, now)
            else:
                self._declared.pop(camera_id, None)
        if await self._database.read(lambda tx: bool(self._due(tx, now))):
            await self._database.write(lambda tx: self._change(tx, now))
        rows = await self._database.read(lambda tx: tx.pauses.all())
        self._pictures.learn_nothing_unknown(frozenset(row.camera_id for row in rows if row.cause == "head"))
        paused = frozenset(row.camera_id for row in rows)
        if paused != self._paused:
            self._paused = paused
            self._use(paused)

    def _due(self, tx: Transaction, now: Time) -> dict[str, str]:
        """What begins or ends now, by camera: `moved`, or why it ends."""
        standing = {row.camera_id: row for row in tx.pauses.all()}
        found: dict[str, str] = {}
        for camera_id, camera in self._cameras.items():
            row = standing.get(camera_id)
            if row is None:
                away = self._pictures.is_moved(camera_id) and self._pictures.shows_declared(camera_id) is False
                if away and not self._is_renewed_lately(tx, camera_id, now):
                    found[camera_id] = "moved"
            elif (why := self._over(tx, camera, row, now)) is not None:
                found[camera_id] = why
        return found

    def _is_renewed_lately(self, tx: Transaction, camera_id: str, now: Time) -> bool:
        """Whether it was just asked to be learnt anew, and the state is still that of the view before."""
        return now - tx.health.renewals().get(camera_id, 0) < HOME_US

    def _over(self, tx: Transaction, camera: Camera, row: AnalysisPauseRow, now: Time) -> str | None:
        """Why a pause is over; None while it lasts."""
        if is_confirmed(tx, row):
            return None if zones_await_check(tx, camera, row) else "confirmed"
        declared = self._declared.get(camera.id)
        if declared is not None and now - max(declared, row.ordered) >= SETTLED_US:
            return "as-declared"
        unknown = self._pictures.shows_declared(camera.id) is None
        if row.cause == "head" and row.to_home and unknown and now - row.ordered >= HOME_US:
            return "home"
        return None

    def _change(self, tx: Transaction, now: Time) -> None:
        for camera_id, why in self._due(tx, now).items():
            if why == "moved":
                tx.pauses.put(AnalysisPauseRow(camera_id, "moved", now, now))
                record(tx, self._environment, NODE, "analysis.pause", camera_id, {"cause": "moved"})
            else:
                tx.pauses.end(camera_id)
                record(tx, self._environment, NODE, "analysis.resume", camera_id, {"why": why})
                if why == "confirmed":
                    note_confirmed_view(tx, self._environment, camera_id)
