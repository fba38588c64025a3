"""Privacy masks inside the camera, over real HTTP and SOAP: put in, read back, changed by what people decided, never less."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from itertools import count

import pytest

from istros.base.environment import Environment, real_environment
from istros.base.time import Time
from istros.devices import held_masks
from istros.devices.camera import Camera, Zone
from istros.devices.held_masks import ACTION, LOST, MaskKeeper, fitted
from istros.devices.masks import Masks, masks_in_camera
from istros.devices.onvif.device import OnvifDevice
from istros.devices.onvif.masks import MaskOptions, OnvifMasks
from istros.devices.polygon import contains, holds
from istros.devices.watch import DeviceWatch
from istros.sim.cameras.onvif import OnvifServer, SimulatedMask, SimulatedMasks
from istros.store import Database, open_database
from istros.store.camera_zones import CameraZonesRow
from istros.store.devices import HeldMasksRow
from tests.devices.conftest import Serving, address, camera, device
from tests.devices.waiting import until

HOUSE: Zone = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.5), (0.25, 0.3), (0.1, 0.5))
YARD: Zone = ((0.6, 0.6), (0.9, 0.6), (0.9, 0.9), (0.6, 0.9))
SMALL: Zone = ((0.6, 0.6), (0.7, 0.6), (0.7, 0.7), (0.6, 0.7))
STRANGE = SimulatedMask(((-1.0, -1.0), (-0.9, -1.0), (-0.9, -0.9)))
"""Somebody drew it in the camera's own page."""


_NUMBERS = count(1)


@pytest.fixture(scope="module")
def environment() -> Iterator[Environment]:
    """One for the file."""
    real = real_environment(workers=2)
    yield real
    real.workers.close()


@pytest.fixture(scope="module")
def database(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One for the file: each test has a camera of its own in it."""
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('masks')}/istros.sqlite3", environment.workers)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The node looks each moment."""
    monkeypatch.setattr(held_masks, "CHANGE_EVERY_S", 0.02)
    monkeypatch.setattr(held_masks, "LOOK_EVERY_S", 0.1)


class Held:
    """A camera that holds masks, the node's database and the keeper between them."""

    def __init__(
        self, environment: Environment, database: Database, server: OnvifServer, masks: SimulatedMasks, id: str
    ) -> None:
        self.environment, self.database, self.server, self.masks = environment, database, server, masks
        self.camera: Camera = camera(server, id)

    def decide(self, *zones: Zone, in_camera: bool = True, from_file: bool = False) -> None:
        now = self.environment.clock.now()
        row = CameraZonesRow(
            self.environment.ids.new(), self.camera.id, now, "olena", from_file, (), (), since=now, private=zones,
            in_camera=in_camera,
        )  # fmt: skip
        self.database.write_now(lambda tx: tx.camera_zones.add(row))

    @property
    def row(self) -> HeldMasksRow:
        return self.database.read_now(lambda tx: tx.devices.held_masks(self.camera.id)) or HeldMasksRow(self.camera.id)

    @property
    def signals(self) -> list[str]:
        rows = self.database.read_now(lambda tx: tx.signals.after(0, 100))
        return [row.state for row in rows if (row.kind, row.camera_id) == (LOST, self.camera.id)]

    async def holding(self, *zones: Zone) -> None:
        """Wait until the camera hides just that, and the node has seen it."""
        await until(lambda: same(self.masks.covered, zones) and (self.row.held, self.row.wanted) == (len(zones),) * 2)


def same(covered: Iterable[Zone], zones: Iterable[Zone]) -> bool:
    def rounded(all: Iterable[Zone]) -> list[list[tuple[float, float]]]:
        return sorted([(round(x, 4), round(y, 4)) for x, y in zone] for zone in all)

    return rounded(covered) == rounded(zones)


Holding = Callable[..., AbstractAsyncContextManager[Held]]


@pytest.fixture
def holding(environment: Environment, database: Database, onvif_serving: Serving) -> Holding:
    """`async with holding(masks) as held`: a simulated camera and a node that keeps masks in it."""

    @asynccontextmanager
    async def serve(masks: SimulatedMasks | None, *drawn: Zone) -> AsyncIterator[Held]:
        id = f"IZ-{next(_NUMBERS):02d}"
        async with onvif_serving(device(environment, id, masks=masks)) as server:
            held = Held(environment, database, server, masks or SimulatedMasks(), id)
            for zones in drawn:
                held.decide(zones)
            async with keeping(held):
                yield held

    return serve


@asynccontextmanager
async def keeping(held: Held) -> AsyncIterator[None]:
    """The node is in conversation with the camera."""
    met = OnvifDevice(held.environment, address(held.server, held.camera.id), f"Camera {held.camera.id}")
    await met.connect()
    keeper = asyncio.create_task(MaskKeeper(held.environment, held.database, held.camera).run(met, ("video",)))
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        await met.close()


def test_a_camera_tells_what_it_can_hold(environment: Environment, onvif_serving: Serving) -> None:
    async def run() -> None:
        able = SimulatedMasks(most=4, most_corners=4, only_rectangles=True, kinds=("Blurred",))
        for masks, expected in ((able, MaskOptions(4, 4, True, False)), (None, None)):
            async with onvif_serving(device(environment, masks=masks)) as server:
                met = OnvifDevice(environment, address(server), "Camera IZ-01")
                await met.connect()
                assert (await met.profiles())[0].source == "video"
                assert await OnvifMasks(met).options("video") == expected
                await met.close()

    asyncio.run(run())


def test_what_people_decided_is_in_the_camera_and_goes_out_with_their_decision(holding: Holding) -> None:
    async def run() -> None:
        async with holding(masks := SimulatedMasks()) as held:
            held.decide(HOUSE, in_camera=False)
            await until(lambda: held.row.most_masks == 8)
            assert masks.made == 0, "nobody asked the camera for it"
            held.decide(HOUSE, YARD)
            await held.holding(HOUSE, YARD)
            assert {mask.token for mask in held.row.put} == set(masks.drawn) and held.row.problem.text == ""
            assert held.row.checked is not None and masks.drawn["mask-1"].corners[0] == (-0.8, 0.8)
            covered: list[Masks] = []
            masks.on_change = lambda: covered.append(masks.covered)
            held.decide(HOUSE, SMALL)
            await held.holding(HOUSE, SMALL)
            assert [same(each, (HOUSE, YARD, SMALL)) for each in covered] == [True, False], "the new one first"
            held.decide(HOUSE, SMALL, in_camera=False)
            await held.holding()
            assert held.row.put == () and held.signals == []
            acts = held.database.read_now(lambda tx: tx.audit.page(action=ACTION))
            counts = [len(json.loads(act.detail)["after"]) for act in acts if act.subject == held.camera.id]
            assert sorted(counts) == [0, 1, 2, 2, 3] and {act.actor for act in acts} == {"istros"}

    asyncio.run(run())


def test_a_camera_of_rectangles_hides_more_and_never_less(holding: Holding) -> None:
    async def run() -> None:
        async with holding(masks := SimulatedMasks(most_corners=4, only_rectangles=True)) as held:
            held.decide(HOUSE)
            await held.holding(((0.1, 0.1), (0.4, 0.1), (0.4, 0.5), (0.1, 0.5)))
            assert holds(masks.covered[0], HOUSE, 0.0) and contains(masks.covered[0], 0.25, 0.45)

    asyncio.run(run())
    many = tuple((0.5 + 0.1 * (number % 2), number / 40) for number in range(40))
    assert fitted((many, YARD), MaskOptions(8, 16, False, True))[1] == YARD
    assert holds(fitted((many,), MaskOptions(8, 16, False, True))[0], many, 0.0)


@pytest.mark.parametrize("how", ["gone", "off", "shrunk", "blurred"])
def test_a_mask_that_the_camera_lost_or_changed_is_told_of_and_put_back(holding: Holding, how: str) -> None:
    async def run() -> None:
        async with holding(masks := SimulatedMasks()) as held:
            held.decide(HOUSE, YARD)
            await held.holding(HOUSE, YARD)
            mask = masks.drawn["mask-2"]
            if how == "gone":
                masks.remove("mask-2")
            elif how == "off":
                masks.put("mask-2", replace(mask, enabled=False))
            elif how == "shrunk":
                masks.put("mask-2", replace(mask, corners=tuple((x, y * 0.8) for x, y in mask.corners)))
            else:
                masks.put("mask-2", replace(mask, kind="Blurred"))
            await until(lambda: held.signals == ["on", "off"])
            await held.holding(HOUSE, YARD)
            assert all(each.enabled and each.kind == "Color" for each in masks.drawn.values())

    asyncio.run(run())


def test_a_camera_that_moves_corners_to_its_blocks_of_pixels_has_lost_nothing(holding: Holding) -> None:
    async def run() -> None:
        async with holding(masks := SimulatedMasks()) as held:
            held.decide(YARD)
            await held.holding(YARD)
            mask = masks.drawn["mask-1"]
            masks.put("mask-1", replace(mask, corners=tuple((x + 0.01, y - 0.01) for x, y in mask.corners)))
            looks = held.server.asked["GetMasks"]
            await until(lambda: held.server.asked["GetMasks"] > looks + 3)
            assert held.signals == [] and held.server.asked.get("SetMask") is None

    asyncio.run(run())


def test_what_somebody_drew_in_the_camera_stays_and_takes_its_room(holding: Holding) -> None:
    async def run() -> None:
        async with holding(masks := SimulatedMasks(most=2, drawn={"strange": STRANGE})) as held:
            held.decide(HOUSE, YARD)
            await until(lambda: (held.row.held, held.row.wanted) == (1, 2))
            assert "has no room for all masks: it can hold 2" in held.row.problem.text
            held.decide(SMALL)
            await until(lambda: (held.row.held, held.row.wanted) == (1, 1))
            assert held.row.problem.text == "" and masks.drawn["strange"] == STRANGE
            assert held.server.asked["SetMask"] == 1, "a full camera has a mask changed instead"
            held.decide(in_camera=False)
            await until(lambda: set(masks.drawn) == {"strange"})

    asyncio.run(run())


@pytest.mark.parametrize(
    ("masks", "words"),
    [
        (None, "cannot hold privacy masks itself."),
        (SimulatedMasks(kinds=("Pixelated",)), "only blurs what it masks, which can be undone"),
    ],
)
def test_a_camera_that_cannot_is_said_so(holding: Holding, masks: SimulatedMasks | None, words: str) -> None:
    async def run() -> None:
        async with holding(masks) as held:
            await until(lambda: held.row.most_masks == 0)
            assert held.row.problem.text == "", "nobody asked it to"
            held.decide(YARD)
            await until(lambda: words in held.row.problem.text)
            assert (held.row.held, held.row.wanted, held.masks.made) == (0, 1, 0)

    asyncio.run(run())


def test_a_camera_that_does_not_tell_what_it_can_hold_has_lost_nothing(holding: Holding) -> None:
    async def run() -> None:
        async with holding(masks := SimulatedMasks()) as held:
            held.decide(HOUSE, YARD)
            await held.holding(HOUSE, YARD)
            masks.tells, looks = False, held.server.asked["GetMasks"]
            await until(lambda: held.server.asked["GetMasks"] > looks + 3)
            assert (held.signals, held.row.held, held.row.problem.text, held.row.most_masks) == ([], 2, "", 8)
            masks.remove("mask-2")
            await until(lambda: held.signals == ["on", "off"])
            await held.holding(HOUSE, YARD)
            held.decide(SMALL)
            await held.holding(SMALL)
            held.decide(in_camera=False)
            await until(lambda: masks.drawn == {} and held.row.put == ())

    asyncio.run(run())


def test_of_a_camera_that_never_told_nothing_is_called_lost_or_forgotten(
    environment: Environment, database: Database, onvif_serving: Serving
) -> None:
    async def run() -> None:
        masks = SimulatedMasks(tells=False)
        async with onvif_serving(device(environment, "IZ-91", masks=masks)) as server:
            held = Held(environment, database, server, masks, "IZ-91")
            held.decide(YARD)
            async with keeping(held):
                await until(lambda: "cannot hold privacy masks itself." in held.row.problem.text)
                masks.tells = True
                await held.holding(YARD)
            masks.tells = False
            # As an earlier version left it, which took a fault for "it holds none".
            row = replace(held.row, most_masks=0)
            held.database.write_now(lambda tx: tx.devices.put_held_masks(row))
            async with keeping(held):
                await until(lambda: "GetMaskOptions" in held.row.problem.text)
            assert (held.signals, held.row.put, held.row.held) == ([], row.put, 1)

    asyncio.run(run())


def test_what_was_to_go_and_has_gone_already_is_not_lost(holding: Holding) -> None:
    async def run() -> None:
        async with holding(masks := SimulatedMasks()) as held:
            held.decide(HOUSE, YARD)
            await held.holding(HOUSE, YARD)
            yard = next(mask for mask in held.row.put if mask.zone == YARD)
            held.decide(HOUSE)
            masks.drawn.pop(yard.token, None)
            await held.holding(HOUSE)
            assert [mask.zone for mask in held.row.put] == [HOUSE] and held.signals == []

    asyncio.run(run())


def test_a_node_that_meets_a_camera_puts_its_masks_into_it(
    environment: Environment, database: Database, onvif_serving: Serving
) -> None:
    async def run() -> None:
        masks = SimulatedMasks()
        async with onvif_serving(device(environment, "IZ-90", masks=masks)) as server:
            held = Held(environment, database, server, masks, "IZ-90")
            held.decide(YARD)
            watch = asyncio.create_task(DeviceWatch(environment, database, held.camera).run())
            await held.holding(YARD)
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    asyncio.run(run())


def test_a_node_that_was_stopped_in_the_middle_finds_its_mask_again(holding: Holding) -> None:
    async def run() -> None:
        left = SimulatedMask(tuple((2 * x - 1, 1 - 2 * y) for x, y in YARD))
        async with holding(masks := SimulatedMasks(drawn={"left": left, "strange": STRANGE}), YARD) as held:
            await until(lambda: held.row.held == 1)
            assert [mask.token for mask in held.row.put] == ["left"] and masks.made == 0

    asyncio.run(run())


def test_the_file_alone_takes_nothing_out_of_a_camera() -> None:
    def of(in_camera: bool, from_file: bool) -> Masks:
        row = CameraZonesRow("z", "IZ-01", Time(1), "olena", from_file, (), (), private=(YARD,), in_camera=in_camera)
        return masks_in_camera(row, (SMALL,))

    assert of(True, True) == (YARD, SMALL), "what the file said when people decided, and what came into it since"
    assert of(True, False) == (YARD,) and of(False, True) == masks_in_camera(None, (SMALL,)) == ()
