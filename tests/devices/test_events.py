"""Events of real devices, and of the simulated camera through its pull point, as signals in the database."""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from istros.base.environment import Environment
from istros.base.time import SECOND, Span, Time
from istros.devices.onvif.events import Notice, parse_notices
from istros.devices.onvif.signals import SignalReader, said
from istros.devices.watch import DeviceWatch
from istros.sim.cameras.onvif.events import DIGITAL_INPUT, MOTION, SCENE_CHANGE
from istros.sim.cameras.onvif.events import Notice as SimulatedNotice
from istros.store import Database
from istros.store.signals import SignalRow
from tests.devices.conftest import Serving, camera, device
from tests.devices.waiting import until

MESSAGES = Path(os.environ.get("ISTROS_EVAL", Path(__file__).resolve().parents[3] / "shared" / "eval")) / "onvif_events"
KINDS = {
    "global_scene_change": "tamper", "vmd4_any_change": "motion", "vmd3_init": "motion", "motion_guard_init": "motion",
    "rule_engine_region_detector_init": "motion", "port_0_init": "digital-input", "pir_change": "digital-input",
    "relay_init": "relay", "fence_guard_init": "intrusion", "storage_alert_init": "card-failure",
}  # fmt: skip
NOW = Time(1_795_000_000 * SECOND)


def real_messages() -> Path:
    if MESSAGES.is_dir():
        return MESSAGES
    pytest.skip("the messages of real devices (shared/eval/onvif_events) are not on this machine")


def test_messages_of_real_devices_are_read() -> None:
    folder = real_messages()
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        labels = list(csv.DictReader(table))
    assert len(labels) >= 40
    for label in labels:
        notices = parse_notices((folder / "messages" / label["file"]).read_bytes())
        expected = [topic for topic in label["topics"].split(";") if topic]
        assert len(notices) == len(expected), label["file"]
        for notice, topic in zip(notices, expected, strict=True):
            assert notice.topic == "/".join(step.rsplit(":", 1)[-1] for step in topic.split("/")), label["file"]
            assert notice.operation == label["property_operation"]
            assert notice.time is not None and notice.data


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_what_real_devices_say_is_understood(name: str, kind: str) -> None:
    (notice,) = parse_notices((real_messages() / "messages" / f"{name}.xml").read_bytes())
    found = said(notice)
    assert found is not None and found.kind == kind
    assert found.state in ("on", "off")
    assert found.initial == name.endswith(("_init", "scene_change"))


def motion(value: str, seconds: float, operation: str = "Changed") -> Notice:
    at = Time(NOW + round(seconds * SECOND))
    return Notice("RuleEngine/CellMotionDetector/Motion", at, operation, (("Rule", "r"),), (("IsMotion", value),))


def states(rows: list[SignalRow | None]) -> list[tuple[str, float]]:
    return [(row.state, (row.time - NOW) / SECOND) for row in rows if row is not None]


def test_how_things_are_is_no_change() -> None:
    reader = SignalReader("IZ-01")
    told = [motion("false", 0, "Initialized"), motion("true", 1), motion("true", 2, "Initialized"), motion("true", 3)]
    told += [motion("false", 4), motion("false", 5)]
    assert states([reader.read(each, Time(NOW + 10 * SECOND), 0) for each in told]) == [("on", 1), ("off", 4)]


def test_a_change_that_was_missed_is_told_by_the_next_subscription() -> None:
    reader = SignalReader("IZ-01")
    before = reader.read(motion("true", 1), NOW, 0)
    assert before is not None
    again = SignalReader("IZ-01")
    again.restore([before])
    assert states([again.read(motion("false", 60, "Initialized"), Time(NOW + 60 * SECOND), 0)]) == [("off", 60)]


def test_notices_out_of_order_keep_their_time_and_change_nothing() -> None:
    reader = SignalReader("IZ-01")
    now = Time(NOW + 20 * SECOND)
    rows = [reader.read(each, now, 0) for each in (motion("true", 5), motion("false", 9), motion("true", 7))]
    assert states(rows) == [("on", 5), ("off", 9), ("on", 7)]
    assert reader.read(motion("false", 10), now, 0) is None, "it has been off since the ninth second"
    same = [SignalReader("IZ-01").read(motion("true", 5), now, 0) for _ in range(2)]
    assert same[0] is not None and same[1] is not None and same[0].id == same[1].id, "fetched twice, one signal"


@pytest.mark.parametrize(
    ("ahead_s", "told_s", "dated_s"),
    [(3600, 3600, 0), (-7, -7, 0), (3600, 3590, -10), (0, 0.015, 0), (0, 500, 0), (0, -4000, 0)],
)
def test_the_cameras_clock_is_corrected(ahead_s: int, told_s: float, dated_s: int) -> None:
    row = SignalReader("IZ-01").read(motion("true", told_s), NOW, ahead_s * SECOND)
    assert row is not None and row.time == NOW + dated_s * SECOND and row.received == NOW


def test_no_signal_is_later_than_its_arrival_and_the_order_stays() -> None:
    """The offset of the camera's clock is measured, so it may be told as ahead of us a little."""
    reader = SignalReader("IZ-01")
    told = [motion("true", -0.5), motion("false", 0.004), motion("true", 0.02)]
    rows = [reader.read(each, NOW, 0) for each in told]
    assert states(rows) == [("on", -0.5), ("off", 0), ("on", 0)]


# Through a pull point.


@asynccontextmanager
async def watching(watch: DeviceWatch) -> AsyncIterator[DeviceWatch]:
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def signals(database: Database) -> list[tuple[str, str, str]]:
    rows = await database.read(lambda tx: tx.signals.after(0, 1000))
    return [(row.kind, row.subject, row.state) for row in rows]


def test_a_cameras_events_become_signals(environment: Environment, database: Database, onvif_serving: Serving) -> None:
    async def run() -> None:
        simulated = device(environment, clock_error_s=-1800.0)
        async with (
            onvif_serving(simulated) as server,
            watching(DeviceWatch(environment, database, camera(server))) as watch,
        ):
            await until(lambda: watch.row.events == "pulling" and server.asked.get("PullMessages", 0) >= 2)
            assert [kind for kind, _, _ in await signals(database)] == ["clock"]
            simulated.events.say(MOTION, True)
            simulated.events.say(SCENE_CHANGE, True)
            simulated.events.say(DIGITAL_INPUT, True)
            simulated.events.say(MOTION, False)

            async def all_there() -> bool:
                return len(await signals(database)) >= 5

            await until(all_there)
            assert (await signals(database))[1:] == [
                ("motion", "motion", "on"),
                ("tamper", "video", "on"),
                ("digital-input", "input-1", "on"),
                ("motion", "motion", "off"),
            ]
            now = environment.clock.now()
            lately = Span(Time(now - 60 * SECOND), Time(now + 1))
            rows = await database.read(lambda tx: tx.signals.between("IZ-01", lately, 10))
            assert len(rows) == 5, "its clock is half an hour slow, and the signals are dated by ours"
            assert all(row.time <= row.received for row in rows)
            row = await database.read(lambda tx: tx.devices.get("IZ-01"))
            assert row is not None and (row.status, row.steers, row.model) == ("online", True, "Simulated camera")
            assert row.clock_offset_ms is not None and abs(row.clock_offset_ms + 1_800_000) < 1_000

    asyncio.run(run())


def test_a_lost_subscription_is_taken_anew_and_nothing_is_missed(
    environment: Environment, database: Database, onvif_serving: Serving
) -> None:
    async def run() -> None:
        simulated = device(environment)
        async with (
            onvif_serving(simulated) as server,
            watching(DeviceWatch(environment, database, camera(server))) as watch,
        ):
            await until(lambda: watch.row.events == "pulling" and server.asked.get("PullMessages", 0) >= 2)
            simulated.events.forget()
            simulated.events.say(MOTION, True)  # Nobody is subscribed: this change is told to no pull point.

            async def told() -> bool:
                return ("motion", "motion", "on") in await signals(database)

            await until(told)
            assert simulated.events.subscribed >= 2
            assert watch.row.status == "online"

    asyncio.run(run())


def test_a_camera_that_goes_and_comes_back(
    environment: Environment, database: Database, onvif_serving: Serving
) -> None:
    async def run() -> None:
        simulated = device(environment)
        async with (
            onvif_serving(simulated) as server,
            watching(DeviceWatch(environment, database, camera(server))) as watch,
        ):
            await until(lambda: watch.row.events == "pulling" and server.asked.get("PullMessages", 0) >= 2)
            await server.stop()
            await until(lambda: watch.row.status == "offline")
            assert "cannot be reached" in watch.row.problem.text and watch.row.problem.code == "not-reached"
            simulated.events.say(DIGITAL_INPUT, True)
            simulated.events.forget()
            await server.resume()

            async def told() -> bool:
                return ("digital-input", "input-1", "on") in await signals(database)

            await until(told, 40)
            assert watch.row.status == "online"

    asyncio.run(run())


def test_a_wrong_password_is_not_tried_again_and_again(
    environment: Environment, database: Database, onvif_serving: Serving
) -> None:
    async def run() -> None:
        bad, good = device(environment, "IZ-01"), device(environment, "IZ-02")
        async with (
            onvif_serving(bad, good) as server,
            watching(DeviceWatch(environment, database, camera(server, password="wrong"))) as refused,
            watching(DeviceWatch(environment, database, camera(server, "IZ-02"))) as well,
        ):
            await until(lambda: refused.row.status == "refused" and well.row.status == "online")
            told = refused.row.problem
            assert "wrong" not in told.text and told.code == "device-password-wrong"
            await asyncio.sleep(1.5)
            assert server.asked.get("GetDeviceInformation", 0) == 1, "only the good one got so far"

    asyncio.run(run())


def test_the_clock_is_set_where_the_configuration_says_so(
    environment: Environment, database: Database, onvif_serving: Serving
) -> None:
    async def run() -> None:
        simulated = device(environment, clock_error_s=95.0)
        async with (
            onvif_serving(simulated) as server,
            watching(DeviceWatch(environment, database, camera(server, sets_clock=True))),
        ):
            await until(lambda: simulated.clock_sets == 1)
            assert abs(simulated.clock_error_s) < 1

    asyncio.run(run())


def test_a_strange_notice_stops_nobody(environment: Environment, database: Database, onvif_serving: Serving) -> None:
    async def run() -> None:
        simulated = device(environment)
        async with (
            onvif_serving(simulated) as server,
            watching(DeviceWatch(environment, database, camera(server))) as watch,
        ):
            await until(lambda: watch.row.events == "pulling" and server.asked.get("PullMessages", 0) >= 2)
            strange = SimulatedNotice("tns1:Какая/то/тема", {"": ""}, {"x": "\u2028"}, "Changed", simulated.now())
            simulated.events.tell(strange)
            simulated.events.say(MOTION, True)

            async def told() -> bool:
                return ("motion", "motion", "on") in await signals(database)

            await until(told)
            assert simulated.events.subscribed == 1

    asyncio.run(run())
