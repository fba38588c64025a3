"""Analysis pauses while a camera shows another view than was declared, and goes on by itself or by a person (rule L20)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest

from istros.app.leaves import Leaves
from istros.base.environment import Environment
from istros.base.time import after
from istros.compliance.assessments import ALL_USES, Clearance, Standing
from istros.devices.camera import Camera, Zone
from istros.events.analysis_pauses import AnalysisPauses
from istros.events.picture_states import PictureStates
from istros.recognition.declared_view import is_covered, masks_fit, steered
from istros.recognition.leave import EVERYTHING, NOTHING
from istros.recognition.picture_health import PictureMeasures
from istros.settings import HealthSettings
from istros.store import Database
from istros.store.camera_zones import CameraZonesRow
from tests.compliance.test_assessments import answer, finished, held, write
from tests.events.city import HandClock
from tests.events.ward import camera

CAMERA = camera("IZ-07", "10.0.7.7")
WINDOW: Zone = ((0.0, 0.0), (0.3, 0.0), (0.3, 0.3), (0.0, 0.3))
PRIVATE = replace(CAMERA, ignored_zone=(WINDOW,))
WELL: dict[str, float | None] = {"covered": 0.0, "moved": 0.0, "defocused": 0.0, "dark": 0.0, "frozen": 0.0}


class Watch:
    """The parts of an analyser's process that pause, and what is handed to its eyes."""

    def __init__(self, still: Environment, clock: HandClock, database: Database, watched: Camera) -> None:
        self.environment, self.clock, self.database = still, clock, database
        self.pictures = PictureStates(still, database, [watched], HealthSettings())
        self.leaves = Leaves()
        self.leaves.use_clearances({"IZ-07": Clearance(Standing.VALID, 1, None, ALL_USES)})
        self.pauses = AnalysisPauses(still, database, [watched], self.pictures, self.leaves.use_pauses)

    async def open(self) -> Watch:
        await self.pictures.open()
        await self.pauses.look()
        return self

    async def take(self, seconds: int, **badness: float | None) -> bool:
        """Looks of so many seconds that measure this; whether analysis runs after them."""
        for _ in range(seconds):
            self.clock.time = after(self.clock.time, 1)
            self.pictures.take("IZ-07", PictureMeasures(self.clock.time, {**WELL, **badness}))
            await self._second()
        return self.runs

    async def silence(self, seconds: int) -> bool:
        """So many seconds without a look."""
        for _ in range(seconds):
            self.clock.time = after(self.clock.time, 1)
            await self._second()
        return self.runs

    async def _second(self) -> None:
        await self.pictures.tick()
        await self.pauses.look()

    @property
    def runs(self) -> bool:
        leave = self.leaves.of("IZ-07")
        assert leave in (EVERYTHING, NOTHING)
        return leave == EVERYTHING

    def said(self) -> list[tuple[str, str]]:
        rows = self.database.read_now(lambda tx: tx.audit.page(limit=50))
        return [
            (row.action, json.loads(row.detail).get("why") or json.loads(row.detail).get("cause"))
            for row in reversed(rows)
            if row.action.startswith("analysis.")
        ]

    def renew(self) -> None:
        self.database.write_now(lambda tx: tx.health.renew("IZ-07", self.clock.time, "taras"))

    def steer(self, *, to_home: bool = False) -> None:
        self.database.write_now(lambda tx: steered(tx, "IZ-07", self.clock.time, to_home=to_home))


@pytest.fixture
def play(still: Environment, clock: HandClock, database: Database) -> Callable[..., None]:
    def run(scene: Callable[[Watch], Awaitable[None]], watched: Camera = CAMERA) -> None:
        async def main() -> None:
            await scene(await Watch(still, clock, database, watched).open())

        asyncio.run(main())

    return run


def test_a_moved_camera_pauses_and_goes_on_by_itself_when_it_is_turned_back(play: Callable[..., None]) -> None:
    async def scene(watch: Watch) -> None:
        assert await watch.take(60)
        assert not await watch.take(40, moved=1.0)
        assert not watch.database.read_now(lambda tx: masks_fit(tx, "IZ-07"))
        assert await watch.take(30)
        assert watch.database.read_now(lambda tx: masks_fit(tx, "IZ-07"))
        assert watch.said() == [("analysis.pause", "moved"), ("analysis.resume", "as-declared")]

    play(scene)


def test_neither_a_restart_nor_silence_nor_the_dark_ends_a_pause(
    play: Callable[..., None], still: Environment, clock: HandClock, database: Database
) -> None:
    async def scene(watch: Watch) -> None:
        await watch.take(60)
        assert not await watch.take(40, moved=1.0)
        assert not await watch.silence(120)
        assert not await watch.take(60, moved=0.0, dark=1.0)
        again = await Watch(still, clock, database, CAMERA).open()
        assert not again.runs, "before the first look"
        assert not await again.take(5, moved=1.0)

    play(scene)


def test_a_person_who_has_the_new_view_learnt_ends_the_pause(play: Callable[..., None]) -> None:
    async def scene(watch: Watch) -> None:
        version = write(watch.database, watch.environment, finished(watch.clock.time))
        answer(watch.database, watch.environment, version)
        await watch.take(60)
        await watch.take(40, moved=1.0)
        assert held(watch.database, watch.environment).changed == "", "it may be turned back"
        watch.renew()
        await watch.silence(1)
        assert await watch.take(10, moved=None, covered=None)
        assert watch.said()[-1] == ("analysis.resume", "confirmed")
        assert held(watch.database, watch.environment).changed == "view", "another view than was assessed (L18)"

    play(scene)


def test_private_zones_are_drawn_or_kept_anew_before_analysis_goes_on(play: Callable[..., None]) -> None:
    async def scene(watch: Watch) -> None:
        await watch.take(60)
        await watch.take(40, moved=1.0)
        assert watch.database.read_now(lambda tx: is_covered(tx, PRIVATE))
        watch.renew()
        assert not await watch.take(90), "the new view is known, and nobody has looked at its zones"
        now = watch.clock.time
        kept = CameraZonesRow("z1", "IZ-07", now, "olena", False, (), (WINDOW,), since=now)
        watch.database.write_now(lambda tx: tx.camera_zones.add(kept))
        assert await watch.take(3)
        assert not watch.database.read_now(lambda tx: is_covered(tx, PRIVATE))

    play(scene, PRIVATE)


def test_a_steered_head_pauses_at_once_until_the_declared_view_is_back(play: Callable[..., None]) -> None:
    async def scene(watch: Watch) -> None:
        await watch.take(60)
        watch.steer()
        assert not await watch.take(1, moved=1.0)
        assert not await watch.take(60, moved=1.0)
        watch.steer(to_home=True)
        assert not await watch.take(9), "it is on its way"
        assert await watch.take(5)
        assert watch.said() == [("analysis.resume", "as-declared")], "the beginning is on the steerer's record"
        assert not watch.database.read_now(lambda tx: is_covered(tx, PRIVATE))

    play(scene)


def test_a_head_whose_view_is_not_known_yet_is_back_when_it_went_home(play: Callable[..., None]) -> None:
    async def scene(watch: Watch) -> None:
        watch.steer()
        assert not await watch.take(60, moved=None, covered=None)
        assert not watch.pictures.health_of("IZ-07").learns_unknown
        watch.steer(to_home=True)
        assert not await watch.take(15, moved=None, covered=None)
        assert await watch.take(10, moved=None, covered=None)
        assert watch.pictures.health_of("IZ-07").learns_unknown

    play(scene)


def test_pictures_of_another_view_pause_and_those_of_the_declared_one_let_it_go_on(play: Callable[..., None]) -> None:
    """The whole way from pictures: a street is learnt, the camera is turned by a fifth of its picture, and back."""
    rng = np.random.default_rng(7)
    wide = np.kron(rng.integers(20, 235, (12, 40)), np.ones((30, 30))).astype(np.uint8)

    async def scene(watch: Watch) -> None:
        health = watch.pictures.health_of("IZ-07")

        async def show(seconds: int, left: int) -> bool:
            for _ in range(seconds):
                watch.clock.time = after(watch.clock.time, 1)
                noise = rng.integers(0, 6, (360, 640)).astype(np.uint8)
                measures = health.see(wide[:, left : left + 640] + noise, watch.clock.time)
                if measures is not None:
                    watch.pictures.take("IZ-07", measures)
                await watch._second()
            return watch.runs

        assert await show(90, 0)
        assert not await show(50, 137)
        assert await show(45, 0)

    play(scene)
