"""Streams that ONVIF found are opened by their address of the moment, and fed as directly as the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from istros.app.found_streams import FoundStreams
from istros.base.environment import Environment
from istros.base.time import Time
from istros.devices.camera import TO_BE_FOUND, Camera, Place, Stream, StreamKey
from istros.devices.onvif.address import parse_onvif_address
from istros.store import open_database
from istros.store.devices import FoundStreamRow
from istros.video.errors import CameraUnreachable
from istros.video.packet import Packet, PacketFeed, hand_on
from tests.video.packets import packets_of

KEY = StreamKey("IZ-01", "main")
STREAM = Stream(KEY, TO_BE_FOUND)


class Fed:
    """A stream that can be fed and, as a list, iterated over."""

    def __init__(self, packets: list[Packet]) -> None:
        self._packets = iter(packets)
        self.fed = self.closed = False

    async def feed(self, take: Callable[[Packet], None], patience_s: Callable[[], float]) -> None:
        self.fed = patience_s() == 7.0
        for packet in self._packets:
            take(packet)

    def __aiter__(self) -> AsyncIterator[Packet]:
        return self

    async def __anext__(self) -> Packet:
        for packet in self._packets:
            return packet
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True


def test_a_found_stream_is_fed_under_its_account(environment: Environment) -> None:
    address = parse_onvif_address("http://viewer:se%20cret@10.0.0.9/onvif/device_service")
    camera = Camera("IZ-01", Place("Street", "Izmail"), "City", (STREAM,), onvif=address)
    database = open_database("sqlite://", environment.workers)
    packets, opened, inner = packets_of(frames=4, gop=2), [], []

    def opener(stream: Stream) -> AsyncIterator[Packet]:
        opened.append(stream.url.reveal())
        inner.append(Fed(packets))
        return inner[-1]

    streams = FoundStreams(opener, database, [camera])

    async def scenario() -> None:
        with pytest.raises(CameraUnreachable, match="IZ-01"):
            await hand_on(streams(STREAM), lambda packet: None, lambda: 7.0)
        row = FoundStreamRow("IZ-01", "main", "rtsp://10.0.0.9/one", "profile-1", "H264", 640, 360, 25.0, Time(0))
        database.write_now(lambda tx: tx.devices.put_found([row]))
        found = streams(STREAM)
        assert isinstance(found, PacketFeed)
        taken: list[Packet] = []
        await hand_on(found, taken.append, lambda: 7.0)
        assert taken == packets and inner[-1].fed
        again = streams(STREAM)
        assert [packet async for packet in again] == packets
        await again.aclose()  # type: ignore[attr-defined]
        assert inner[-1].closed

    asyncio.run(scenario())
    database.close()
    assert opened == ["rtsp://viewer:se%20cret@10.0.0.9/one"] * 2
