"""Live: what a viewer gets is playable from its first byte, starts at 0; a slow viewer loses its own pictures."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import av
import pytest

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.devices.camera import StreamKey
from istros.video.errors import RelayClosed
from istros.video.fanout import Fanout
from istros.video.fmp4 import walk_fragments
from istros.video.live import LiveConfiguration, LiveFragment, LiveHub, LiveInit, LiveMessage, LiveState
from istros.video.live_muxer import LiveMuxer
from istros.video.live_viewer import LiveViewer
from istros.video.packet import Packet
from tests.video.packets import KEY, packets_of


class Source:
    """A relay within the test: a fan-out that can be opened any number of times."""

    def __init__(self) -> None:
        self.fanout = Fanout(KEY)
        self.opened = 0
        self.problem: RelayClosed | None = None

    async def open(self, key: StreamKey) -> AsyncGenerator[Packet, None]:
        self.opened += 1
        assert key == KEY
        if self.problem:
            raise self.problem
        reader = self.fanout.reader()
        try:
            async for packet in reader:
                yield packet
        finally:
            reader.close()


@pytest.fixture
def source() -> Source:
    return Source()


async def take(messages: AsyncGenerator[LiveMessage, None], count: int) -> list[LiveMessage]:
    async with asyncio.timeout(5):
        return [await anext(messages) for _ in range(count)]


def publish(source: Source, packets: list[Packet]) -> None:
    for packet in packets:
        source.fanout.publish(packet)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_viewer_gets_a_playable_timeline_from_zero(environment: Environment, source: Source) -> None:
    async def scenario() -> None:
        packets = packets_of(frames=20, gop=5)
        publish(source, packets[:8])
        hub = LiveHub(environment, source.open)
        async with aclosing(hub.view(KEY)) as view:
            messages = await take(view, 6)
        await hub.close()
        assert [type(message) for message in messages] == [LiveState, LiveState, LiveInit] + [LiveFragment] * 3
        assert messages[1] == LiveState("live", "")
        init, fragments = messages[2], [m for m in messages if isinstance(m, LiveFragment)]
        assert isinstance(init, LiveInit)
        assert init.time == packets[5].time
        assert [round(f.media_s * 10) for f in fragments] == [0, 1, 2]
        with av.open(io.BytesIO(init.data + b"".join(f.data for f in fragments))) as container:
            assert [frame.pts for frame in container.decode(video=0)] == [0, 9000, 18000]

    asyncio.run(scenario())


def test_two_viewers_share_one_reader_and_the_second_starts_at_once(environment: Environment, source: Source) -> None:
    async def scenario() -> None:
        packets = packets_of(frames=10, gop=10)
        publish(source, packets[:4])
        hub = LiveHub(environment, source.open)
        async with aclosing(hub.view(KEY)) as first, aclosing(hub.view(KEY)) as second:
            await take(first, 5)
            publish(source, packets[4:6])
            await settle()
            later = await take(second, 8)
            assert hub.viewers == 2
        await hub.close()
        assert source.opened == 1
        starts = [next(walk_fragments(m.data)).base_time for m in later if isinstance(m, LiveFragment)]
        assert starts == [9000 * index for index in range(6)]

    asyncio.run(scenario())


def test_a_slow_viewer_goes_on_at_the_newest_keyframe(environment: Environment, source: Source) -> None:
    async def scenario() -> None:
        packets = packets_of(frames=30, gop=10)
        publish(source, packets[:1])
        hub = LiveHub(environment, source.open)
        async with aclosing(hub.view(KEY)) as view:
            await take(view, 4)
            for packet in packets[1:28]:
                publish(source, [packet])
                await settle()
            seen = await take(view, 8)
            publish(source, packets[28:])
            seen += await take(view, 2)
        await hub.close()
        times = [round(m.media_s * 10) for m in seen if isinstance(m, LiveFragment)]
        assert times == list(range(20, 30))

    asyncio.run(scenario())


def test_a_viewer_who_takes_nothing_holds_a_bounded_queue(environment: Environment) -> None:
    packets = packets_of(frames=50, gop=50)
    muxer = LiveMuxer(packets[0].parameters)
    viewer = LiveViewer(size=512)
    viewer.begin(muxer)
    viewer.picture(muxer.mux(packets[0]))
    viewer.ring.take()
    for packet in packets[1:]:
        viewer.picture(muxer.mux(packet))
    # Between keyframes 4 s may wait at most: what follows could only be shown later still.
    assert len(viewer.ring) == 41
    assert viewer.dropped == 8
    viewer.picture(muxer.mux(replace(packets[0], media_time=packets[-1].media_time + 9000)))
    (left,) = viewer.ring.take()
    assert isinstance(left, LiveFragment)
    assert (left.is_key, round(left.media_s, 3)) == (True, 5.0)


def test_a_viewer_of_packets_gets_what_a_decoder_needs(environment: Environment, source: Source) -> None:
    async def scenario() -> None:
        packets = packets_of(frames=6, gop=3)
        publish(source, packets[:5])
        hub = LiveHub(environment, source.open)
        async with aclosing(hub.view(KEY, "packets")) as view:
            messages = await take(view, 5)
        await hub.close()
        configuration, *units = messages[2:]
        assert isinstance(configuration, LiveConfiguration)
        assert (configuration.codec[:5], configuration.description[:1]) == ("avc1.", b"\x01")
        assert (configuration.width, configuration.height) == (176, 144)
        assert [(u.data, u.is_key) for u in units if isinstance(u, LiveFragment)] == [
            (packets[3].data, True),
            (packets[4].data, False),
        ]

    asyncio.run(scenario())


def test_a_closed_relay_is_told_and_reopened(environment: Environment, source: Source) -> None:
    async def scenario() -> None:
        source.problem = RelayClosed("The recorder has closed its relay.", "It is tried again.")
        publish(source, packets_of(frames=3))
        hub = LiveHub(environment, source.open)
        async with aclosing(hub.view(KEY)) as view:
            states = await take(view, 2)
            source.problem = None
            after = await take(view, 3)
        await hub.close()
        assert states[1] == LiveState(
            "offline", "The recorder has closed its relay. It is tried again.", "relay-closed"
        )
        assert [type(message) for message in after] == [LiveState, LiveInit, LiveFragment]

    asyncio.run(scenario())


def test_the_stream_is_let_go_after_its_last_viewer(environment: Environment, source: Source) -> None:
    async def scenario() -> None:
        publish(source, packets_of(frames=3))
        hub = LiveHub(environment, source.open, linger_s=0.0)
        async with aclosing(hub.view(KEY)) as view:
            await take(view, 4)
            assert hub.open_streams == 1
        async with asyncio.timeout(5):
            while hub.open_streams:
                await environment.clock.sleep(0.05)
        assert source.fanout.readers == 0
        await hub.close()

    asyncio.run(scenario())


def test_a_new_session_begins_a_new_timeline() -> None:
    packets = packets_of(frames=6, gop=3)
    muxer = LiveMuxer(packets[0].parameters)
    assert all(muxer.continues(packet) and muxer.mux(packet) for packet in packets)
    assert not muxer.continues(packets[0])


def test_time_never_drifts_over_a_day() -> None:
    packets = packets_of(frames=2, gop=1)
    muxer = LiveMuxer(packets[0].parameters)
    uneven = 0
    for index in range(2_000):
        uneven = index * 3_888_001 + index % 7
        made = Packet(KEY, packets[0].parameters, uneven, Time(uneven), True, packets[0].data)
        assert muxer.mux(made).decode_time == uneven
    assert uneven > 86_000 * 90_000


def test_the_last_pictures_of_a_stopped_camera_are_not_called_live(environment: Environment, source: Source) -> None:
    async def scenario() -> None:
        old = [replace(packet, time=Time(packet.time - 60 * SECOND)) for packet in packets_of(frames=3)]
        publish(source, old)
        hub = LiveHub(environment, source.open)
        async with aclosing(hub.view(KEY)) as view:
            messages = await take(view, 5)
        await hub.close()
        states = [message.status for message in messages if isinstance(message, LiveState)]
        assert states == ["starting"]

    asyncio.run(scenario())
