"""Picture measures become states, signals and alarms; references are kept, and forgotten when a person asks."""

from __future__ import annotations

import asyncio

import numpy as np

from istros.base.environment import Environment
from istros.base.time import SECOND, Time, after
from istros.events.health_alarms import HealthAlarms
from istros.events.picture_states import PictureStates
from istros.recognition.picture_health import PictureMeasures
from istros.settings import HealthSettings
from istros.store import Database
from tests.events.city import START, HandClock
from tests.events.ward import camera

CAMERA = camera("IZ-07", "10.0.7.7")
WELL = {"covered": 0.0, "moved": 0.0, "defocused": 0.0, "dark": 0.0, "frozen": 0.0}


async def opened(still: Environment, database: Database) -> PictureStates:
    states = PictureStates(still, database, [CAMERA], HealthSettings())
    await states.open()
    return states


async def take(states: PictureStates, clock: HandClock, seconds: int, **badness: float) -> None:
    for _ in range(seconds):
        clock.time = after(clock.time, 1)
        states.take("IZ-07", PictureMeasures(clock.time, {**WELL, **badness}))
        await states.tick()


def test_a_covered_camera_is_a_signal_an_alarm_and_returns(
    database: Database, still: Environment, clock: HandClock
) -> None:
    alarms = HealthAlarms(still, database, [CAMERA], HealthSettings())

    async def live() -> None:
        states = await opened(still, database)
        await take(states, clock, 60)
        await take(states, clock, 25, covered=1.0)
        assert not database.read_now(lambda tx: tx.health.bad_ones())
        await take(states, clock, 30, covered=1.0)
        await alarms.look()
        (alarm,) = database.read_now(lambda tx: tx.alarms.by_states(["new"], 9))
        assert (alarm.kind, alarm.priority, alarm.camera_id) == ("camera-covered", "high", "IZ-07")
        again = await opened(still, database)
        await take(again, clock, 60)
        await alarms.look()
        (alarm,) = database.read_now(lambda tx: tx.alarms.by_states(["new"], 9))
        assert alarm.returned is not None

    asyncio.run(live())
    told = database.read_now(lambda tx: tx.signals.after(0, 99))
    assert [(row.source, row.kind, row.state) for row in told] == [
        ("picture", "covered", "on"),
        ("picture", "covered", "off"),
    ]


def test_a_camera_that_nobody_looks_at_is_unknown(database: Database, still: Environment, clock: HandClock) -> None:
    async def live() -> None:
        states = await opened(still, database)
        await take(states, clock, 60)
        for _ in range(80):
            clock.time = after(clock.time, 1)
            await states.tick()

    asyncio.run(live())
    rows = database.read_now(lambda tx: tx.health.states("IZ-07"))
    assert {row.state for row in rows} == {"unknown"}


def test_references_are_kept_and_a_renewal_forgets_them(
    database: Database, still: Environment, clock: HandClock
) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (360, 640)).astype(np.uint8)

    async def live() -> None:
        states = await opened(still, database)
        for second in range(70):
            states.health_of("IZ-07").see(picture, Time(START + second * SECOND))
        await states.close()
        (kept,) = database.read_now(lambda tx: tx.health.references("IZ-07"))
        assert kept.looks == 70
        again = await opened(still, database)
        clock.time = after(clock.time, 100)
        database.write_now(lambda tx: tx.health.renew("IZ-07", clock.time, "admin"))
        clock.time = after(clock.time, 10)
        await again.tick()
        again.health_of("IZ-07").see(picture, clock.time)
        await again.close()
        (fresh,) = database.read_now(lambda tx: tx.health.references("IZ-07"))
        assert (fresh.looks, fresh.learned) == (1, clock.time)
        await states.close()
        assert database.read_now(lambda tx: tx.health.references("IZ-07")) == [fresh]

    asyncio.run(live())
