"""One person does not take all masked streams: what comes first is shown, and the next as soon as there is room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from istros.base.environment import Environment
from istros.devices.camera import Camera, Place, StreamKey
from istros.devices.masks import Masks
from istros.store import Database, open_database
from istros.store.camera_zones import CameraZonesRow
from istros.video.errors import EnoughMasked
from istros.video.live import LiveHub
from istros.video.live_messages import LiveFragment, LiveMessage, LiveState
from istros.video.masked import MaskedStreams, MaskWatch
from istros.video.masked_views import MaskedViews
from istros.video.packet import Packet
from tests.video.masked_pictures import MIDDLE
from tests.video.packets import packets_of

CAMERAS = [
    Camera(name, Place("Gate", "Izmail"), "izmail", (), private_zone=MIDDLE if name != "OPEN" else ())
    for name in ("ONE", "TWO", "THREE", "OPEN")
]
ONE, TWO, THREE, OPEN = (StreamKey(camera.id, "main") for camera in CAMERAS)


@pytest.fixture
def database(environment: Environment, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'views.db'}", environment.workers)
    yield opened
    opened.close()


async def made(environment: Environment, database: Database) -> tuple[MaskedViews, MaskWatch]:
    """Views of which one person may have two masked ones; what is painted is what the camera sends."""

    async def sent(key: StreamKey, masks: Masks = ()) -> AsyncGenerator[Packet, None]:
        for packet in packets_of(frames=400, gop=5):
            yield replace(packet, key=key, time=environment.clock.now())
            await asyncio.sleep(0.02)

    watch = MaskWatch(environment, database, CAMERAS)
    await watch.refresh()
    hub = LiveHub(environment, MaskedStreams(watch, sent, sent).read, linger_s=0.0)
    return MaskedViews(environment.clock, hub, watch, most=2), watch


async def told(view: AsyncGenerator[LiveMessage, None]) -> str:
    """What the view shows next: `pictures`, or the code of why it shows none."""
    async with asyncio.timeout(20):
        async for message in view:
            if isinstance(message, LiveFragment):
                return "pictures"
            if isinstance(message, LiveState) and message.code:
                assert message.status == "offline" and "You watch as many masked pictures" in message.problem
                return message.code
    raise AssertionError("it has ended")


def test_a_person_watches_so_many_masked_streams_and_others_theirs(
    environment: Environment, database: Database
) -> None:
    async def scenario() -> None:
        views, _ = await made(environment, database)
        async with aclosing(views.view("olena", TWO)) as second, aclosing(views.view("olena", THREE)) as third:
            async with aclosing(views.view("olena", ONE)) as first:
                assert [await told(first), await told(second)] == ["pictures", "pictures"]
                assert await told(third) == "enough-masked"
                with pytest.raises(EnoughMasked):
                    views.require("olena", THREE)
                async with aclosing(views.view("olena", ONE)) as again, aclosing(views.view("olena", OPEN)) as clear:
                    assert [await told(again), await told(clear)] == ["pictures", "pictures"], "no further masked one"
                async with aclosing(views.view("petro", THREE)) as other:
                    assert await told(other) == "pictures"
            assert await told(third) == "pictures", "it comes by itself once there is room"
            views.require("olena", THREE)
        assert views._watched == {}
        await views.close()

    asyncio.run(scenario())


def test_a_mask_that_is_drawn_counts_for_views_that_are_open(environment: Environment, database: Database) -> None:
    async def scenario() -> None:
        views, watch = await made(environment, database)
        async with (
            aclosing(views.view("olena", OPEN)) as clear, aclosing(views.view("olena", ONE)) as first,
            aclosing(views.view("olena", TWO)) as second,
        ):  # fmt: skip
            assert [await told(view) for view in (clear, first, second)] == ["pictures"] * 3
            now = environment.clock.now()
            row = CameraZonesRow("z", "OPEN", now, "petro", False, (), (), since=now, private=MIDDLE)
            database.write_now(lambda tx: tx.camera_zones.add(row))
            await watch.refresh()
            while (seen := await told(second)) == "pictures":
                pass
            assert (seen, await told(clear)) == ("enough-masked", "pictures")
        await views.close()

    asyncio.run(scenario())
