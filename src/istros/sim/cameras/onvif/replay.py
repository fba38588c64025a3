"""Replay of a simulated card by RTSP (ONVIF Streaming, clause 6): by clock time, each packet dated in an extension."""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from istros.base.environment import Environment
from istros.base.time import SECOND, Span, Time, from_iso
from istros.sim.cameras import digest
from istros.sim.cameras.film import describe
from istros.sim.cameras.onvif.card import KeptFrame
from istros.sim.cameras.onvif.device import SimulatedDevice
from istros.video.fmp4 import NTP_TO_UNIX_S
from istros.video.packet import MEDIA_RATE
from istros.video.rtsp_authentication import Challenge

BREAK_US = SECOND
"""Frames further apart are marked as a discontinuity."""

_REALM = "Istros simulated card"
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"
_CLOCK = re.compile(r"clock\s*=\s*(\d{8}T\d{6}(?:\.\d+)?)Z-(?:(\d{8}T\d{6}(?:\.\d+)?)Z)?")
_EXTENSION = struct.Struct(">HHIIBBH")
_HEAD = struct.Struct(">BBHBBHII")
_FAR = Time(1 << 62)


class ReplayServer:
    """Serves `rtsp://HOST:PORT/PATH/replay` for each device with a card. `frames_most` cuts the line after so many."""

    def __init__(self, devices: Sequence[SimulatedDevice], environment: Environment) -> None:
        self._devices = {device.path: device for device in devices if device.card is not None}
        self._nonce = f"{environment.random.getrandbits(128):032x}"
        self._session = f"{environment.random.getrandbits(32):08x}"
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.frames_most: int | None = None
        self.played = 0
        """How many replays were begun."""

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._server.sockets[0].getsockname()[1] if self._server else 0
        return port

    async def start(self, host: str, port: int) -> None:
        """Listen, and tell the devices where."""
        self._server = await asyncio.start_server(self._converse, host, port)
        for device in self._devices.values():
            device.replay_port = self.port

    async def close(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
                while request := await _read(reader):
                    await self._answer(request, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, request: _Request, writer: asyncio.StreamWriter) -> None:
        device = self._devices.get(urlsplit(request.url).path.strip("/").split("/")[0])
        session = {"Session": f"{self._session};timeout=60"}
        if device is None or device.card is None or device.card.film is None:
            return request.reply(writer, "404 Not Found")
        if not self._knows(device, request):
            challenge = f'Digest realm="{_REALM}", nonce="{self._nonce}", qop="auth"'
            return request.reply(writer, "401 Unauthorized", {"WWW-Authenticate": challenge})
        match request.method:
            case "OPTIONS":
                request.reply(writer, "200 OK", {"Public": _METHODS})
            case "DESCRIBE":
                head = {"Content-Base": f"{request.url.rstrip('/')}/", "Content-Type": "application/sdp"}
                request.reply(writer, "200 OK", head, describe(device.card.film, True))
            case "SETUP":
                request.reply(writer, "200 OK", session | {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"})
            case "PLAY":
                await self._play(device, request, writer, session)
            case _:
                request.reply(writer, "200 OK", session)

    async def _play(
        self, device: SimulatedDevice, request: _Request, writer: asyncio.StreamWriter, session: Mapping[str, str]
    ) -> None:
        span = _span_of(request.headers.get("range", ""))
        if "onvif-replay" not in request.headers.get("require", ""):
            return request.reply(writer, "551 Option not supported", {"Unsupported": "onvif-replay"})
        if span is None or device.card is None:
            return request.reply(writer, "457 Invalid Range")
        self.played += 1
        request.reply(writer, "200 OK", {**session, "Range": request.headers["range"]})
        frames = list(device.card.play(span))
        before: KeptFrame | None = None
        sequence = 0
        for number, frame in enumerate(frames):
            if self.frames_most is not None and number >= self.frames_most:
                writer.transport.abort()
                return
            broken = before is not None and frame.time - before.time > BREAK_US
            flags = 0x80 * frame.unit.is_key | 0x40 * (number == len(frames) - 1) | 0x20 * broken
            for packet in _packets(frame, flags, sequence, int(request.headers.get("cseq", "0"))):
                writer.write(packet)
                sequence += 1
            await writer.drain()
            before = frame

    def _knows(self, device: SimulatedDevice, request: _Request) -> bool:
        if not device.user or request.method == "OPTIONS":
            return True
        challenge = Challenge(_REALM, self._nonce, "MD5", "auth", "", False)
        given = request.headers.get("authorization", "")
        return digest.is_right(given, challenge, device.user, device.password, request.method)


class _Request:
    def __init__(self, method: str, url: str, headers: Mapping[str, str]) -> None:
        self.method, self.url, self.headers = method, url, headers

    def reply(
        self, writer: asyncio.StreamWriter, status: str, headers: Mapping[str, str] = {}, body: bytes = b""
    ) -> None:
        lines = [f"RTSP/1.0 {status}", f"CSeq: {self.headers.get('cseq', '0')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body)}"] if body else []
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.lstrip("\r\n").split("\r\n")
    words = first.split(" ")
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return _Request(words[0], words[1], headers) if len(words) == 3 else None


def _span_of(text: str) -> Span | None:
    found = _CLOCK.search(text)
    if found is None:
        return None
    start, end = _clock(found[1]), _clock(found[2]) if found[2] else _FAR
    return Span(start, end) if end >= start else None


def _clock(text: str) -> Time:
    whole, _, part = text.partition(".")
    moment = datetime.strptime(whole, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return Time(from_iso(moment.isoformat()) + round(float(f"0.{part or 0}") * SECOND))


def _packets(frame: KeptFrame, flags: int, sequence: int, asked: int) -> Iterator[bytes]:
    """The frame's RTP packets with the extension 0xABAC (ONVIF Streaming 6.3)."""
    seconds, micros = divmod(frame.time, SECOND)
    fraction = (micros << 32) // SECOND
    ntp = seconds + NTP_TO_UNIX_S & 0xFFFFFFFF
    extension = _EXTENSION.pack(0xABAC, 3, ntp, fraction, flags, asked & 0xFF, 0)
    stamp = frame.time * MEDIA_RATE // SECOND & 0xFFFFFFFF
    template, offsets = frame.unit.template, frame.unit.offsets
    for place, (start, end) in enumerate(zip(offsets, (*offsets[1:], len(template)), strict=True)):
        payload = template[start + 16 : end]
        size = 12 + len(extension) + len(payload)
        head = _HEAD.pack(0x24, 0, size, 0x90, template[start + 5], sequence + place & 0xFFFF, stamp, 0x5157)
        yield head + extension + payload
