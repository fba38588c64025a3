"""Cameras by other ways than RTSP, through PyAV: what is H.264 or H.265 inside comes through, the rest is refused."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from fractions import Fraction
from typing import cast

import av
import pytest

from istros.base.environment import Environment
from istros.devices.camera import SecretUrl, Stream
from istros.video.errors import (
    CameraRefusedPassword,
    CameraSilent,
    CameraUnreachable,
    StreamBroken,
    StreamError,
    StreamNotFound,
    UnknownCodec,
)
from istros.video.opener import open_streams
from istros.video.packet import Codec, Packet
from tests.video.encodes import encode, picture
from tests.video.packets import KEY, packets_of


def transport_stream(codec: Codec) -> bytes:
    """MPEG-TS as some cameras and all encoders for broadcast send it over HTTP."""
    out = io.BytesIO()
    with av.open(out, "w", format="mpegts") as container:
        stream = container.add_stream("libx264" if codec is Codec.H264 else "libx265", rate=10)
        stream.width, stream.height = 176, 144
        for index, unit in enumerate(encode(codec)):
            packet = av.Packet(unit)
            packet.stream, packet.time_base = stream, Fraction(1, 10)
            packet.pts = packet.dts = index
            packet.is_keyframe = index % 5 == 0
            container.mux(packet)
    return out.getvalue()


def other(name: str, form: str) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        stream = container.add_stream(name, rate=10)
        stream.width, stream.height = 176, 144
        stream.pix_fmt = "yuvj420p" if name == "mjpeg" else "yuv420p"
        for index in range(10):
            container.mux(stream.encode(picture(index, 176, 144).reformat(format=stream.pix_fmt)))
        container.mux(stream.encode(None))
    return out.getvalue()


async def receive(environment: Environment, status: str, body: bytes, stays_s: float = 0.0) -> list[Packet]:
    """What an opener makes of a camera that answers so over HTTP."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 {status}\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n".encode() + body)
            await writer.drain()
            await environment.clock.sleep(stays_s)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    found: list[Packet] = []
    async with server:
        port = server.sockets[0].getsockname()[1]
        stream = Stream(KEY, SecretUrl(f"http://viewer:secret-word@127.0.0.1:{port}/live.ts"))
        opener = open_streams(environment, connect_timeout_s=3, silence_timeout_s=1.5)
        packets = cast(AsyncGenerator[Packet, None], opener(stream))
        async with aclosing(packets), asyncio.timeout(30):
            try:
                async for packet in packets:
                    found.append(packet)
            except StreamError as error:
                assert "IZ-07" in str(error) and "secret-word" not in str(error)
                if not found:
                    raise
                assert isinstance(error, StreamBroken | CameraSilent)
    return found


@pytest.mark.parametrize("codec", list(Codec))
def test_pictures_over_http_come_through_unchanged(environment: Environment, codec: Codec) -> None:
    found = asyncio.run(receive(environment, "200 OK", transport_stream(codec)))
    expected = packets_of(codec)
    assert found[0].parameters == expected[0].parameters
    assert [packet.is_key for packet in found] == [packet.is_key for packet in expected][: len(found)]
    assert len(found) >= 19 and [p.media_time for p in found] == [9000 * n for n in range(len(found))]
    known = [packet.data for packet in expected]
    # A transport stream puts a delimiter before each picture.
    assert all(mine.data.endswith(theirs[-40:]) for mine, theirs in zip(found, known, strict=False))


@pytest.mark.parametrize(("name", "form", "words"), [("mpeg4", "mpegts", "mpeg4"), ("mjpeg", "matroska", "mjpeg")])
def test_other_codings_are_refused_in_words(environment: Environment, name: str, form: str, words: str) -> None:
    with pytest.raises(UnknownCodec, match=words) as caught:
        asyncio.run(receive(environment, "200 OK", other(name, form)))
    assert "H.264 or H.265" in caught.value.remedy


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        ("401 Unauthorized", b"", CameraRefusedPassword),
        ("404 Not Found", b"", StreamNotFound),
        ("200 OK", b"nothing that anybody knows" * 20_000, StreamBroken),
    ],
)
def test_what_goes_wrong_is_said(environment: Environment, status: str, body: bytes, kind: type[StreamError]) -> None:
    with pytest.raises(kind):
        asyncio.run(receive(environment, status, body))


def test_silence_and_nobody_there(environment: Environment, free_port: int) -> None:
    assert asyncio.run(receive(environment, "200 OK", transport_stream(Codec.H264), stays_s=4))

    async def nobody() -> None:
        stream = Stream(KEY, SecretUrl(f"http://viewer:secret-word@127.0.0.1:{free_port}/live.ts"))
        async for _ in open_streams(environment)(stream):
            pass

    with pytest.raises(CameraUnreachable) as caught:
        asyncio.run(nobody())
    assert "secret-word" not in str(caught.value)


def test_a_recorder_of_rtsp_cameras_never_loads_the_decoder() -> None:
    code = (
        "import sys, istros.app.recorder; from istros.base.environment import real_environment; "
        "from istros.video.opener import open_streams; open_streams(real_environment()); "
        "sys.exit('av' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
