"""The RTSP client against the simulated cameras, over real TCP: passwords, codings, faults, errors in words."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import cast

import pytest

from istros.base.environment import Environment
from istros.base.time import SECOND
from istros.devices.camera import SecretUrl, Stream, StreamKey
from istros.sim.cameras import Authentication, CameraServer, SimulatedCamera
from istros.video.clip_file import read_clip
from istros.video.decode import Decoder
from istros.video.errors import (
    CameraRefusedPassword,
    CameraSilent,
    CameraUnreachable,
    StreamBroken,
    StreamError,
    StreamNotFound,
    UnknownCodec,
)
from istros.video.packet import Codec, Packet
from istros.video.rtsp import open_rtsp
from tests.sim.cameras.conftest import Serving

JPEG = "v=0\r\nm=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n"
SECRET = "gr:een@l/ight"
QUOTED = "gr%3Aeen%40l%2Fight"


def camera(films: dict[str, Path], **settings: object) -> SimulatedCamera:
    return SimulatedCamera("IZ-07", films["main"], films["sub"], **settings)  # type: ignore[arg-type]


def stream_at(port: int, path: str = "IZ-07/main", user: str = "") -> Stream:
    return Stream(StreamKey("IZ-07", "main"), SecretUrl(f"rtsp://{user}127.0.0.1:{port}/{path}"))


async def take(environment: Environment, stream: Stream, count: int, silence_s: float = 3) -> list[Packet]:
    opener = open_rtsp(environment, connect_timeout_s=3, silence_timeout_s=silence_s)
    packets = cast(AsyncGenerator[Packet, None], opener(stream))
    async with aclosing(packets), asyncio.timeout(20):
        return [await anext(packets) for _ in range(count)]


async def problem(environment: Environment, stream: Stream, silence_s: float = 3) -> StreamError:
    with pytest.raises(StreamError) as caught:
        await take(environment, stream, 10_000, silence_s)
    assert "IZ-07" in str(caught.value)
    assert SECRET not in str(caught.value) and QUOTED not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("name", ["main", "h265"])
@pytest.mark.parametrize("describes_sets", [True, False])
def test_access_units_arrive_unchanged_over_the_loop(
    environment: Environment, films: dict[str, Path], serving: Serving, name: str, describes_sets: bool
) -> None:
    async def scenario() -> None:
        served = SimulatedCamera("IZ-07", films[name], films["sub"], describes_sets=describes_sets)
        async with serving(served) as server:
            packets = await take(environment, stream_at(server.port), 32)
        clip = read_clip(films[name])
        known = [b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals) for unit in clip.units]
        start = known.index(packets[0].data)
        assert [packet.data for packet in packets] == [known[(start + index) % 25] for index in range(32)]
        assert [packet.media_time for packet in packets] == [3600 * index for index in range(32)]
        assert packets[0].is_key and packets[0].parameters == clip.parameters
        assert all(later.time > earlier.time for earlier, later in itertools.pairwise(packets))
        decoder = Decoder(packets[0].parameters)
        frames = [decoder.decode(packet) for packet in packets]
        assert all(frame is not None and frame.luma.shape == (180, 320) for frame in frames)
        assert decoder.damaged == 0

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "authentication",
    [
        Authentication(),
        Authentication(qop=False),
        Authentication("SHA-256"),
        Authentication("Basic"),
        Authentication(nonce_uses=1),
    ],
)
def test_passwords(
    environment: Environment, films: dict[str, Path], serving: Serving, authentication: Authentication
) -> None:
    async def scenario() -> None:
        guarded = camera(films, user="istros", password=SECRET, authentication=authentication)
        async with serving(guarded) as server:
            right = await take(environment, stream_at(server.port, user=f"istros:{QUOTED}@"), 2)
            wrong = await problem(environment, stream_at(server.port, user="istros:no@"))
            none = await problem(environment, stream_at(server.port))
        assert len(right) == 2
        assert isinstance(wrong, CameraRefusedPassword) and isinstance(none, CameraRefusedPassword)
        assert "asks for a name and a password" in str(none)

    asyncio.run(scenario())


def test_sender_reports_date_the_packets(environment: Environment, films: dict[str, Path], serving: Serving) -> None:
    async def scenario() -> tuple[list[float], list[float]]:
        errors = []
        async with serving(camera(films)) as server:
            for wrong_s in (2.0, 60.0):
                server.stream("IZ-07/main").wrong_clock(wrong_s)
                packets = await take(environment, stream_at(server.port), 5)
                arrived = environment.clock.now()
                errors.append([(packet.time - arrived) / SECOND for packet in packets])
        return errors[0], errors[1]

    trusted, too_far = asyncio.run(scenario())
    assert all(1.0 < error < 2.1 for error in trusted)
    assert all(-3.0 < error < 0.1 for error in too_far)


def test_unknown_path_and_refused_connection(
    environment: Environment, films: dict[str, Path], serving: Serving, free_port: int
) -> None:
    async def scenario() -> tuple[StreamError, StreamError, StreamError]:
        async with serving(camera(films)) as server:
            missing = await problem(environment, stream_at(server.port, path="IZ-07/third", user=f"u:{QUOTED}@"))
        away = await problem(environment, stream_at(free_port, user=f"u:{QUOTED}@"))
        stream = Stream(StreamKey("IZ-07", "main"), SecretUrl(f"http://u:{QUOTED}@host/x"))
        return missing, away, await problem(environment, stream)

    missing, away, wrong = asyncio.run(scenario())
    assert isinstance(missing, StreamNotFound)
    assert isinstance(away, CameraUnreachable) and "Connection refused" in str(away)
    assert isinstance(wrong, CameraUnreachable) and "rtsp://name:password@host" in str(wrong)


def test_silent_and_stopped_cameras(environment: Environment, films: dict[str, Path], serving: Serving) -> None:
    async def run(server: CameraServer, fault: str) -> StreamError:
        loop = asyncio.get_running_loop()
        loop.call_later(0.8, getattr(server.stream("IZ-07/main"), fault))
        return await problem(environment, stream_at(server.port), silence_s=0.6)

    async def scenario() -> None:
        async with serving(camera(films)) as server:
            assert isinstance(await run(server, "freeze"), CameraSilent)
            server.stream("IZ-07/main").start()
            assert isinstance(await run(server, "close_without_teardown"), StreamBroken)
            assert isinstance(await run(server, "stop"), StreamBroken)
            assert isinstance(await run(server, "stop"), StreamBroken)

    asyncio.run(scenario())


def test_losses_are_counted_and_no_damaged_picture_comes_through(
    environment: Environment, films: dict[str, Path], serving: Serving
) -> None:
    async def scenario() -> None:
        async with serving(camera(films)) as server:
            server.stream("IZ-07/main").lose(0.1)
            packets = await take(environment, stream_at(server.port), 40)
        slices = {unit.nals[-1] for unit in read_clip(films["main"]).units}
        assert all(any(packet.data.endswith(nal) for nal in slices) for packet in packets)
        decoder = Decoder(packets[0].parameters)
        assert all(decoder.decode(packet) for packet in packets) and decoder.damaged == 0
        assert sum(packet.lost_before for packet in packets) > 0
        assert all(packet.is_key for packet in packets if packet.lost_before)

    asyncio.run(scenario())


def test_parameters_that_change_in_mid_stream(
    environment: Environment, films: dict[str, Path], serving: Serving
) -> None:
    async def scenario() -> list[Packet]:
        async with serving(camera(films)) as server:
            other = server.film(films["other"])
            asyncio.get_running_loop().call_later(0.7, server.stream("IZ-07/main").change_parameters, other)
            return await take(environment, stream_at(server.port), 45)

    packets = asyncio.run(scenario())
    widths = [packet.parameters.width for packet in packets]
    change = widths.index(352)
    assert packets[change].is_key
    assert set(widths[:change]) == {320} and set(widths[change:]) == {352}
    assert all(b.media_time - a.media_time == 3600 for a, b in itertools.pairwise(packets))


def test_sessions_are_kept_alive(environment: Environment, films: dict[str, Path], serving: Serving) -> None:
    async def scenario() -> int:
        guarded = camera(films, user="istros", password=SECRET, authentication=Authentication(nonce_uses=2))
        async with serving(guarded, session_timeout_s=2.2) as server:
            return len(await take(environment, stream_at(server.port, user=f"istros:{QUOTED}@"), 25 * 4))

    assert asyncio.run(scenario()) == 100


def test_two_films_follow_each_other_and_a_rate_can_be_forced(
    environment: Environment, films: dict[str, Path], serving: Serving
) -> None:
    async def scenario() -> list[Packet]:
        served = SimulatedCamera("IZ-07", (films["main"], films["main"]), films["sub"], fps=50.0)
        async with serving(served) as server:
            assert len(server.stream("IZ-07/main").film.units) == 50
            return await take(environment, stream_at(server.port), 60)

    packets = asyncio.run(scenario())
    assert [packet.media_time for packet in packets] == [1800 * index for index in range(60)]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("RTSP/1.0 302 Found\r\nCSeq: {n}\r\nLocation: rtsp://elsewhere/\r\n\r\n", StreamBroken, "another address"),
        ("RTSP/1.0 503 Busy\r\nCSeq: {n}\r\n\r\n", StreamBroken, "503 Busy"),
        ("RTSP/1.0 200 OK\r\nCSeq: {n}\r\n\r\n", UnknownCodec, "no tracks"),
        (
            f"RTSP/1.0 200 OK\r\nCSeq: {{n}}\r\nContent-Length: {len(JPEG)}\r\n\r\n{JPEG}",
            UnknownCodec,
            "video JPEG",
        ),
        ("", CameraUnreachable, "does not answer"),
        ("nonsense\r\n\r\n", CameraUnreachable, "does not answer"),
    ],
)
def test_strange_cameras(environment: Environment, answer: str, kind: type[StreamError], words: str) -> None:
    async def scenario() -> StreamError:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            number = 0
            with suppress(asyncio.IncompleteReadError):
                while True:
                    request = await reader.readuntil(b"\r\n\r\n")
                    number += 1
                    assert f"CSeq: {number}".encode() in request
                    writer.write(answer.replace("{n}", str(number)).encode())
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            opener = open_rtsp(environment, connect_timeout_s=0.5)
            with pytest.raises(kind, match=words) as caught:
                async for _ in opener(stream_at(port)):
                    pass
        return caught.value

    assert asyncio.run(scenario()).remedy


def test_codec_of_the_sub_stream(environment: Environment, films: dict[str, Path], serving: Serving) -> None:
    async def scenario() -> Packet:
        async with serving(camera(films)) as server:
            return (await take(environment, stream_at(server.port, "IZ-07/sub"), 1))[0]

    packet = asyncio.run(scenario())
    assert (packet.parameters.codec, packet.parameters.width) == (Codec.H264, 176)
