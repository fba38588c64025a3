"""Cameras that fall silent become alarms of low priority; one that returns is noted on its alarm."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from istros.base.environment import Environment
from istros.base.time import SECOND, Span, Time, to_iso
from istros.events.raising import CAMERA_OFFLINE, fold_into, new_alarm, raise_alarm
from istros.events.record import NODE, record
from istros.events.repeating import repeat
from istros.store import Database, Transaction
from istros.store.rows import StreamStateRow

PERIOD_S = 2.0
"""Between two looks; the recorder writes its streams' states as often."""

ON_DELAY = 20 * SECOND
"""Microseconds of silence before it is an alarm (ISA-18.2 on-delay): a camera that restarts is back before."""

FRESH = 10 * SECOND
"""Microseconds after which a state says nothing: then it is the recorder that is silent, not the camera."""


class CameraWatch:
    """Raises `camera-offline` when all streams of a camera are offline; repeats fold while the alarm is open."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment = environment
        self._database = database
        self._silent: dict[str, Time] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look every two seconds until told to stop."""

        async def step() -> bool:
            await self.look()
            return False

        await repeat(self._environment, stop, PERIOD_S, "camera watch", step)

    async def look(self) -> None:
        """Compare the streams' states with what was known, and raise or note what changed."""
        now = self._environment.clock.now()
        rows = await self._database.read(lambda tx: tx.streams.all())
        silent = silent_cameras((row for row in rows if now - row.updated <= FRESH), now)
        known = {row.camera_id for row in rows if now - row.updated <= FRESH}
        gone = {camera: since for camera, since in silent.items() if self._silent.get(camera) != since}
        back = [camera for camera in self._silent if camera in known and camera not in silent]
        if gone or back:
            await self._database.write(lambda tx: self._note(tx, gone, back, now))
        kept = {camera: since for camera, since in self._silent.items() if camera not in known}
        self._silent = kept | silent

    def _note(self, tx: Transaction, gone: dict[str, Time], back: list[str], now: Time) -> None:
        for camera, since in gone.items():
            self._raise(tx, camera, since)
        for camera in back:
            alarm = tx.alarms.open_by_key(_key(camera))
            if alarm is not None:
                record(tx, self._environment, NODE, "alarm.return", alarm.id, {"camera": camera, "time": to_iso(now)})

    def _raise(self, tx: Transaction, camera: str, since: Time) -> None:
        why = f"No stream of {camera} has brought a picture since {to_iso(since)}."
        standing = tx.alarms.open_by_key(_key(camera))
        if standing is None and not self._told(tx, camera, since):
            alarm = new_alarm(
                self._environment, CAMERA_OFFLINE, "low", camera, since, f"Camera {camera} is offline", _key(camera)
            )
            raise_alarm(tx, self._environment, alarm, why)
        elif standing is not None and since > standing.last_time:
            fold_into(tx, self._environment, standing, since, "", why)

    def _told(self, tx: Transaction, camera: str, since: Time) -> bool:
        """Whether this very silence had its alarm: a server that starts again shall not raise it anew."""
        alarms = tx.alarms.between(camera, Span(since, Time(since + 1)))
        return any(alarm.kind == CAMERA_OFFLINE for alarm in alarms)


def silent_cameras(rows: Iterable[StreamStateRow], now: Time) -> dict[str, Time]:
    """Cameras whose every stream has been offline for ON_DELAY or longer, and since when the last one has."""
    by_camera: dict[str, list[StreamStateRow]] = {}
    for row in rows:
        by_camera.setdefault(row.camera_id, []).append(row)
    return {
        camera: Time(max(row.since for row in streams))
        for camera, streams in by_camera.items()
        if all(row.status == "offline" and now - row.since >= ON_DELAY for row in streams)
    }


def _key(camera_id: str) -> str:
    return f"{CAMERA_OFFLINE}:{camera_id}"
