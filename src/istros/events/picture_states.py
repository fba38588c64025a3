"""Picture health from look to state: what the analyser measures becomes states with history, and references are kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from istros.base.environment import Environment
from istros.base.time import HOUR, Time
from istros.devices.camera import Camera
from istros.events.bounds import bounds_of
from istros.events.health_record import note_changes
from istros.events.hysteresis import Hysteresis
from istros.events.repeating import repeat
from istros.recognition.picture_health import PictureHealth, PictureMeasures
from istros.recognition.picture_reference import Reference
from istros.settings import HealthSettings
from istros.store import Database, Transaction
from istros.store.health import HealthStateRow, PictureReferenceRow

PERIOD_S = 2.0
SILENT_S = 15.0
"""Without a look for this long nothing can be told of a picture."""
REFRESH_S = 30.0
SAVE_S = 300.0
"""Between two savings of references: a kill costs at most five minutes of learning."""
RENEWALS_S = 5.0

_HALF = 0.5
"""Badness from which a look counts as bad."""

KINDS = ("covered", "defocused", "moved", "frozen", "dark")


class PictureStates:
    """The picture states of the cameras that one analyser looks at. `open` it, hand it to the analyser, and `run` it."""

    def __init__(
        self, environment: Environment, database: Database, cameras: Sequence[Camera], settings: HealthSettings
    ) -> None:
        self._environment = environment
        self._database = database
        self._bounds = bounds_of(settings)
        self._healths = {camera.id: PictureHealth() for camera in cameras}
        self._machines: dict[tuple[str, str], Hysteresis] = {}
        self._values: dict[tuple[str, str], float | None] = {}
        self._looked: dict[str, float] = {}
        self._news: list[HealthStateRow] = []
        self._renewed: dict[str, Time] = {}
        self._refreshed = self._saved = self._asked = environment.clock.elapsed()

    def health_of(self, camera_id: str) -> PictureHealth:
        """What the analyser looks with."""
        return self._healths[camera_id]

    async def open(self) -> None:
        """Go on with the states and references that were kept; a reference of another form is learnt anew."""
        now, elapsed = self._environment.clock.now(), self._environment.clock.elapsed()
        references, states, fallen, self._renewed = await self._database.read(lambda tx: self._kept(tx, now))
        for camera_id, found in references.items():
            self._healths[camera_id] = PictureHealth(found)
        for row in states:
            times = [elapsed] * fallen[row.camera_id, row.kind]
            self._machines[row.camera_id, row.kind] = Hysteresis(row.state, row.since, times)

    def _kept(
        self, tx: Transaction, now: Time
    ) -> tuple[dict[str, dict[str, Reference]], list[HealthStateRow], dict[tuple[str, str], int], dict[str, Time]]:
        references: dict[str, dict[str, Reference]] = {}
        for kept in tx.health.references():
            if kept.camera_id in self._healths:
                with contextlib.suppress(ValueError):
                    found = Reference.unpacked(kept.learned, kept.updated, kept.looks, kept.facts)
                    references.setdefault(kept.camera_id, {})[kept.slot] = found
        states = [row for row in tx.health.states() if row.kind in KINDS and row.camera_id in self._healths]
        hour_ago = Time(now - HOUR)
        fallen = {
            (row.camera_id, row.kind): tx.health.fallings(row.camera_id, "", row.kind, hour_ago) for row in states
        }
        return references, states, fallen, tx.health.renewals()

    def take(self, camera_id: str, measures: PictureMeasures) -> None:
        """One look's measures."""
        self._looked[camera_id] = self._environment.clock.elapsed()
        for kind, badness in measures.badness.items():
            self._step(camera_id, kind, badness)

    def _step(self, camera_id: str, kind: str, badness: float | None) -> None:
        clock, place = self._environment.clock, (camera_id, kind)
        now = clock.now()
        self._values[place] = badness
        machine = self._machines.setdefault(place, Hysteresis("unknown", now))
        if machine.step(badness, self._bounds[kind], now, clock.elapsed()):
            self._news.append(self._row(place, now))

    def _row(self, place: tuple[str, str], now: Time) -> HealthStateRow:
        machine, (camera_id, kind) = self._machines[place], place
        value = None if machine.state == "unknown" else self._values.get(place)
        return HealthStateRow(camera_id, "", kind, machine.state, machine.since, now, value, self._bounds[kind].enter)

    def is_moved(self, camera_id: str) -> bool:
        """Whether the camera is in the state `moved`."""
        machine = self._machines.get((camera_id, "moved"))
        return machine is not None and machine.state == "bad"

    def shows_declared(self, camera_id: str) -> bool | None:
        """Whether the last look showed what the camera usually shows; None where that cannot be told."""
        moved, covered, dark = (self._values.get((camera_id, kind)) for kind in ("moved", "covered", "dark"))
        if moved is None or dark:
            return None
        return moved < _HALF and (covered or 0.0) < _HALF

    def learn_nothing_unknown(self, cameras: frozenset[str]) -> None:
        """At these cameras no picture is learnt that nothing is known to compare it with; at the others again."""
        for camera_id, health in self._healths.items():
            health.learns_unknown = camera_id not in cameras

    async def run(self, stop: asyncio.Event) -> None:
        """Write what changed, keep references, and forget what a person wants learnt anew, until told to stop."""

        async def step() -> bool:
            await self.tick()
            return False

        await repeat(self._environment, stop, PERIOD_S, "picture states", step)

    async def close(self) -> None:
        """Keep what was learnt."""
        await self._save()

    async def tick(self) -> None:
        """One round of `run`."""
        clock = self._environment.clock
        elapsed = clock.elapsed()
        for camera_id, looked in self._looked.items():
            if elapsed - looked > SILENT_S:
                for kind in KINDS:
                    self._step(camera_id, kind, None)
        due = elapsed - self._refreshed >= REFRESH_S
        if self._news or due:
            await self._write([self._row(place, clock.now()) for place in self._machines] if due else [])
            self._refreshed = elapsed if due else self._refreshed
        if elapsed - self._asked >= RENEWALS_S:
            self._asked = elapsed
            await self._forget_renewed()
        if elapsed - self._saved >= SAVE_S:
            self._saved = elapsed
            await self._save()

    async def _write(self, standing: list[HealthStateRow]) -> None:
        news = list(self._news)

        def work(tx: Transaction) -> None:
            note_changes(tx, self._environment, news, "picture")
            tx.health.put(standing)

        await self._database.write(work)
        del self._news[: len(news)]

    async def _forget_renewed(self) -> None:
        renewals = await self._database.read(lambda tx: tx.health.renewals())
        for camera_id, asked in renewals.items():
            if asked > self._renewed.get(camera_id, 0) and camera_id in self._healths:
                self._healths[camera_id].forget(asked)
        self._renewed = renewals

    async def _save(self) -> None:
        """A minute's worth of references a camera is not worth keeping; what is known is."""
        rows = await self._environment.workers.run(self._packed)
        if rows:
            await self._database.write(lambda tx: tx.health.put_references(rows))

    def _packed(self) -> list[PictureReferenceRow]:
        return [
            PictureReferenceRow(camera_id, slot, each.learned, each.updated, each.looks, each.packed())
            for camera_id, health in self._healths.items()
            for slot, each in health.unsaved()
        ]
