"""RTSP over UDP against the simulated cameras: order, loss, strangers, the fall from TCP, reports, sessions."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from istros.base.environment import Environment
from istros.sim.cameras import SimulatedCamera
from istros.video.clip_file import read_clip
from istros.video.decode import Decoder
from istros.video.errors import CameraSilent, StreamBroken
from istros.video.packet import Packet
from istros.video.rtsp import open_rtsp
from istros.video.rtsp_connection import ReceiveBuffer
from istros.video.rtsp_udp import UdpPair
from tests.sim.cameras.conftest import Serving
from tests.sim.cameras.test_rtsp import camera, problem, stream_at, take


@pytest.mark.parametrize("name", ["main", "h265"])
def test_pictures_arrive_unchanged_by_udp(
    environment: Environment, films: dict[str, Path], serving: Serving, name: str
) -> None:
    async def scenario() -> list[Packet]:
        served = SimulatedCamera("IZ-07", films[name], films["sub"], transport="udp")
        async with serving(served) as server:
            server.stream("IZ-07/main").disorder(0.2)
            stream = stream_at(server.port)
            assert stream.transport == "auto"
            return await take(environment, stream, 60)

    packets = asyncio.run(scenario())
    known = [b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals) for unit in read_clip(films[name]).units]
    start = known.index(packets[0].data)
    assert [packet.data for packet in packets] == [known[(start + index) % 25] for index in range(60)]
    assert all(b.media_time - a.media_time == 3600 for a, b in itertools.pairwise(packets))
    assert sum(packet.lost_before for packet in packets) == 0
    assert packets[-1].clock_offset_us is not None and abs(packets[-1].clock_offset_us) < 500_000


def test_holes_are_counted_as_loss(environment: Environment, films: dict[str, Path], serving: Serving) -> None:
    async def scenario() -> list[Packet]:
        async with serving(camera(films, transport="udp")) as server:
            server.stream("IZ-07/main").lose(0.05)
            packets = cast(AsyncGenerator[Packet, None], open_rtsp(environment)(stream_at(server.port)))
            taken: list[Packet] = []
            async with aclosing(packets), asyncio.timeout(30):
                # Until the dice have left something out, and some pictures after it.
                while not any(packet.lost_before for packet in taken[:-5]):
                    taken.append(await anext(packets))
            return taken

    packets = asyncio.run(scenario())
    decoder = Decoder(packets[0].parameters)
    assert all(decoder.decode(packet) for packet in packets) and decoder.damaged == 0
    assert all(packet.is_key for packet in packets if packet.lost_before)


@pytest.mark.parametrize(("serves", "asks"), [("udp", "tcp"), ("tcp", "udp")])
def test_a_way_that_the_camera_refuses_is_said(
    environment: Environment, films: dict[str, Path], serving: Serving, serves: str, asks: str
) -> None:
    async def scenario() -> None:
        async with serving(camera(films, transport=serves)) as server:
            stream = replace(stream_at(server.port), transport=asks)  # type: ignore[arg-type]
            error = await problem(environment, stream)
        assert isinstance(error, StreamBroken)
        assert f"does not send RTP over {asks.upper()} (461" in str(error) and "auto" in str(error)

    asyncio.run(scenario())


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_receiver_reports_reach_the_camera(
    environment: Environment,
    films: dict[str, Path],
    serving: Serving,
    transport: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("istros.video.rtsp_session.REPORT_EVERY_S", 0.5)

    async def scenario() -> list[bytes]:
        async with serving(camera(films, transport=transport)) as server:
            await take(environment, stream_at(server.port), 60)
            return server.stream("IZ-07/main").reports_heard

    reports = asyncio.run(scenario())
    assert len(reports) >= 3
    kind, _, _, source, lost, highest = struct.unpack_from(">BHIIII", reports[-1], 1)
    assert (kind, lost) == (201, 0) and source > 0 and highest & 0xFFFF > 0
    assert b"istros-" in reports[-1]


def test_a_session_by_udp_is_kept_alive_and_ended(
    environment: Environment, films: dict[str, Path], serving: Serving
) -> None:
    async def scenario() -> tuple[int, int]:
        async with serving(camera(films, transport="udp"), session_timeout_s=2.2) as server:
            count = len(await take(environment, stream_at(server.port), 25 * 4))
            async with asyncio.timeout(3):
                while server.stream("IZ-07/main").listeners:
                    await environment.clock.sleep(0.02)
        return count, len(server.stream("IZ-07/main").listeners)

    assert asyncio.run(scenario()) == (100, 0)


def test_packets_that_a_firewall_holds_back_are_suspected(
    environment: Environment, films: dict[str, Path], serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("istros.sim.cameras.udp.UdpPorts.send", lambda *_: None)

    async def scenario() -> None:
        async with serving(camera(films, transport="udp")) as server:
            error = await problem(environment, stream_at(server.port), silence_s=0.6)
        assert isinstance(error, CameraSilent) and "firewall" in str(error) and '"tcp"' in str(error)

    asyncio.run(scenario())


def test_packets_of_strangers_are_dropped() -> None:
    async def scenario() -> tuple[list[bytes], int]:
        pair = UdpPair(ReceiveBuffer(), "127.0.0.1", "127.0.0.1")
        taken: list[bytes] = []
        pair.listen(lambda packet: taken.append(bytes(packet)), lambda _: None, lambda: None)
        for host in ("127.0.0.2", "127.0.0.1"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((host, 0))
                sender.sendto(host.encode(), ("127.0.0.1", pair.ports[0]))
        async with asyncio.timeout(5):
            while not taken or not pair.strange:
                await asyncio.get_running_loop().create_task(_turn())
        ports = pair.ports
        pair.close()
        assert ports[0] % 2 == 0 and ports[1] == ports[0] + 1
        return taken, pair.strange

    assert asyncio.run(scenario()) == ([b"127.0.0.1"], 1)


async def _turn() -> None:
    """One turn of the event loop."""


def test_the_opener_gives_its_ports_back(environment: Environment, films: dict[str, Path], serving: Serving) -> None:
    async def scenario() -> int:
        opener = open_rtsp(environment)
        async with serving(camera(films, transport="udp")) as server:
            for _ in range(3):
                feeding = asyncio.create_task(opener(stream_at(server.port)).feed(lambda _: None, lambda: 0.0))  # type: ignore[attr-defined]
                async with asyncio.timeout(5):
                    while not server.stream("IZ-07/main").listeners:
                        await environment.clock.sleep(0.02)
                feeding.cancel()
                await asyncio.gather(feeding, return_exceptions=True)
        return sum(1 for one in Path("/proc/self/fd").iterdir() if "socket" in _link(one))

    before = sum(1 for one in Path("/proc/self/fd").iterdir() if "socket" in _link(one))
    assert asyncio.run(scenario()) <= before + 8


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
