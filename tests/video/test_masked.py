"""Live streams of masked cameras: painted for everybody, at once when a mask is drawn, and nothing where that fails."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from istros.base.environment import Environment
from istros.devices.camera import Camera, Place, StreamKey
from istros.devices.masks import Masks
from istros.store import Database, open_database
from istros.store.camera_zones import CameraZonesRow
from istros.video.codec_configuration import parameters_from
from istros.video.errors import MasksChanged, MasksUnknown, PaintersTaken
from istros.video.fanout import Fanout
from istros.video.live import LiveHub
from istros.video.live_messages import LiveConfiguration, LiveFragment, LiveMessage, LiveState
from istros.video.masked import MaskedStreams, MaskWatch, Painters
from istros.video.packet import Codec, Packet
from istros.video.relay import RelayServer, read_relay
from tests.video.masked_pictures import LOWER_LEFT, MIDDLE, decoded, is_masked
from tests.video.packets import KEY, packets_of

CAMERAS = [Camera("IZ-07", Place("Gate", "Izmail"), "izmail", ())]
PACKETS = 4000


@pytest.fixture
def database(environment: Environment, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'masks.db'}", environment.workers)
    yield opened
    opened.close()


@dataclass
class Node:
    """A recorder's relay, and the server's side of live video."""

    environment: Environment
    database: Database
    fanout: Fanout
    watch: MaskWatch
    painters: Painters
    hub: LiveHub

    async def draw(self, masks: Masks) -> None:
        """Let a mask hold, as the interface does it."""
        now = self.environment.clock.now()
        row = CameraZonesRow(self.environment.ids.new(), "IZ-07", now, "olena", False, (), (), since=now, private=masks)
        self.database.write_now(lambda tx: tx.camera_zones.add(row))
        await self.watch.refresh()


@asynccontextmanager
async def node(environment: Environment, database: Database, folder: Path) -> AsyncIterator[Node]:
    path, fanout = folder / "relay.sock", Fanout(KEY)
    relay = RelayServer(path, {KEY: fanout}.get)
    await relay.start()
    watch, painters = MaskWatch(environment, database, CAMERAS), Painters(path)
    await watch.refresh()

    def naked(key: StreamKey) -> AsyncGenerator[Packet, None]:
        return read_relay(path, (key,))

    hub = LiveHub(environment, MaskedStreams(watch, naked, painters.read).read, linger_s=0.0)
    sending, stop = asyncio.create_task(_send(fanout)), asyncio.Event()
    watching = asyncio.create_task(watch.run(stop))
    try:
        yield Node(environment, database, fanout, watch, painters, hub)
    finally:
        sending.cancel()
        stop.set()
        await watching
        await hub.close()
        await painters.close()
        await relay.close()


async def _send(fanout: Fanout, codec: Codec = Codec.H264) -> None:
    """A camera at ten pictures a second, in half the time, for some minutes at most."""
    film = packets_of(codec, frames=40, gop=10)
    for number in range(PACKETS):
        lap, place = divmod(number, len(film))
        fanout.publish(replace(film[place], media_time=film[place].media_time + lap * len(film) * 9000))
        await asyncio.sleep(0.05)


@dataclass
class Seen:
    """The pictures that a viewer got, as a browser with WebCodecs would decode them."""

    packets: list[Packet]
    states: list[LiveState]


async def look(messages: AsyncGenerator[LiveMessage, None], count: int) -> Seen:
    """The first so many pictures of the next timeline."""
    seen, parameters = Seen([], []), None
    async with asyncio.timeout(60):
        async for message in messages:
            match message:
                case LiveConfiguration(codec=codec, description=description):
                    kind = Codec.H264 if codec.startswith("avc") else Codec.H265
                    parameters = parameters_from(kind, description)
                    seen.packets.clear()
                case LiveFragment(data=data, is_key=is_key, time=time) if parameters is not None:
                    seen.packets.append(Packet(KEY, parameters, 0, time, is_key, data))
                    if len(seen.packets) >= count:
                        break
                case LiveState():
                    seen.states.append(message)
    return seen


def test_all_viewers_of_a_masked_camera_share_one_painter(
    environment: Environment, database: Database, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with node(environment, database, tmp_path) as here:
            await here.draw(MIDDLE)
            async with aclosing(here.hub.view(KEY, "packets")) as one, aclosing(here.hub.view(KEY, "packets")) as other:
                first, second = await asyncio.gather(look(one, 12), look(other, 12))
                assert here.painters.running == 1
            for seen in (first, second):
                assert is_masked(decoded(seen.packets))
            async with asyncio.timeout(10):
                while here.painters.running or here.fanout.readers:
                    await asyncio.sleep(0.05)

    asyncio.run(scenario())


def test_a_camera_without_masks_costs_no_process(environment: Environment, database: Database, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with node(environment, database, tmp_path) as here:
            async with aclosing(here.hub.view(KEY, "packets")) as view:
                seen = await look(view, 5)
            assert not is_masked(decoded(seen.packets))
            assert here.painters._process is None

    asyncio.run(scenario())


def test_a_mask_that_is_drawn_while_somebody_watches_shows_nothing_naked_any_more(
    environment: Environment, database: Database, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with node(environment, database, tmp_path) as here:
            async with aclosing(here.hub.view(KEY, "packets")) as view:
                assert not is_masked(decoded((await look(view, 5)).packets))
                await here.draw(MIDDLE)
                after = here.environment.clock.now()
                async with asyncio.timeout(60):
                    async for message in view:
                        if isinstance(message, LiveConfiguration):
                            break
                        if isinstance(message, LiveFragment):
                            assert message.arrived <= after, "a naked picture that came after the mask"
                assert isinstance(message, LiveConfiguration)
                assert message.codec.startswith("avc1.42"), "the painter's own coding"
            async with aclosing(here.hub.view(KEY, "packets")) as view:
                assert is_masked(decoded((await look(view, 8)).packets))
                await here.draw(LOWER_LEFT)
                assert is_masked(decoded((await look(view, 8)).packets), LOWER_LEFT)

    asyncio.run(scenario())


def test_where_it_cannot_be_painted_nothing_is_shown(
    environment: Environment, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with node(environment, database, tmp_path) as here:
            await here.draw(MIDDLE)
            monkeypatch.setattr("istros.video.masked.sys.executable", "/bin/false")
            async with aclosing(here.hub.view(KEY, "packets")) as view, asyncio.timeout(20):
                states = []
                async for message in view:
                    assert isinstance(message, LiveState), "no picture at all"
                    states.append(message)
                    if len(states) == 2:
                        break
            assert states[1].status == "offline"
            assert "The privacy mask of camera IZ-07 cannot be painted now, so its picture is not shown." in (
                states[1].problem
            )

    asyncio.run(scenario())


def test_a_painter_that_is_killed_comes_back_and_shows_nothing_naked(
    environment: Environment, database: Database, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with node(environment, database, tmp_path) as here:
            await here.draw(MIDDLE)
            async with aclosing(here.hub.view(KEY, "packets")) as view:
                assert is_masked(decoded((await look(view, 5)).packets))
                house = here.painters._process
                assert house is not None
                forks = Path(f"/proc/{house.pid}/task/{house.pid}/children").read_text().split()
                assert len(forks) == 1
                os.kill(int(forks[0]), signal.SIGKILL)
                house.kill()
                async with asyncio.timeout(60):
                    async for message in view:
                        if isinstance(message, LiveState) and message.status == "offline":
                            break
                assert is_masked(decoded((await look(view, 10)).packets))

    asyncio.run(scenario())


def test_more_streams_than_the_machine_masks_are_refused_in_words(
    environment: Environment, database: Database, tmp_path: Path
) -> None:
    async def scenario() -> None:
        with pytest.raises(PaintersTaken, match="this machine masks 0 streams already"):
            async with aclosing(Painters(tmp_path / "relay.sock", most=0).read(KEY, MIDDLE)) as packets:
                await anext(packets)

    asyncio.run(scenario())


def test_painting_begins_as_soon_as_a_mask_holds_and_before_anybody_watches(
    environment: Environment, database: Database, tmp_path: Path
) -> None:
    async def scenario() -> None:
        painters = Painters(tmp_path / "relay.sock")
        watch = MaskWatch(environment, database, CAMERAS, begin=painters.begin)
        try:
            await watch.refresh()
            assert painters._process is None
            now = environment.clock.now()
            row = CameraZonesRow(environment.ids.new(), "IZ-07", now, "olena", False, (), (), since=now, private=MIDDLE)
            database.write_now(lambda tx: tx.camera_zones.add(row))
            await watch.refresh()
            begun = painters._process
            assert begun is not None and begun.returncode is None
            await watch.refresh()
            assert painters._process is begun
        finally:
            await painters.close()

    asyncio.run(scenario())


def test_where_nobody_knows_the_masks_nothing_is_shown(
    environment: Environment, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def naked(key: StreamKey) -> AsyncGenerator[Packet, None]:
        for packet in packets_of():
            yield packet

    async def scenario() -> None:
        watch = MaskWatch(environment, database, CAMERAS)
        streams = MaskedStreams(watch, naked, Painters(Path("none")).read)
        with pytest.raises(MasksUnknown, match="IZ-07 cannot be read, so its picture is not shown"):
            await anext(streams.read(KEY))
        await watch.refresh()
        await anext(streams.read(KEY))
        with pytest.raises(MasksUnknown):
            await anext(streams.read(StreamKey("XX-01", "main")))
        monkeypatch.setattr("istros.video.masked.KNOWN_FOR_S", 0.0)
        with pytest.raises(MasksUnknown):
            await anext(streams.read(KEY))

    asyncio.run(scenario())


def test_a_stream_ends_with_the_masks_it_began_under(environment: Environment, database: Database) -> None:
    async def naked(key: StreamKey) -> AsyncGenerator[Packet, None]:
        for packet in packets_of():
            yield packet

    async def scenario() -> None:
        watch = MaskWatch(environment, database, CAMERAS)
        await watch.refresh()
        streams = MaskedStreams(watch, naked, Painters(Path("none")).read).read(KEY)
        await anext(streams)
        now = environment.clock.now()
        row = CameraZonesRow("z", "IZ-07", now, "olena", False, (), (), since=now, private=MIDDLE)
        database.write_now(lambda tx: tx.camera_zones.add(row))
        await watch.refresh()
        with pytest.raises(MasksChanged):
            await anext(streams)

    asyncio.run(scenario())


def test_an_answer_that_comes_late_brings_no_older_masks_back(
    environment: Environment, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop asks, a mask is drawn and taken over, and only then the loop hears what held before."""

    async def scenario() -> None:
        watch, late, read = MaskWatch(environment, database, CAMERAS), asyncio.Event(), database.read

        async def slowly(work: Any) -> Any:
            found = await read(work)
            await late.wait()
            return found

        monkeypatch.setattr(database, "read", slowly)
        asked = asyncio.create_task(watch.refresh())
        await asyncio.sleep(0.2)
        monkeypatch.setattr(database, "read", read)
        now = environment.clock.now()
        row = CameraZonesRow("z", "IZ-07", now, "olena", False, (), (), since=now, private=MIDDLE)
        database.write_now(lambda tx: tx.camera_zones.add(row))
        await watch.refresh()
        late.set()
        await asked
        assert watch.held("IZ-07") == MIDDLE

    asyncio.run(scenario())
