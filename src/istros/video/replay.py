"""Fetching what a camera's card kept: RTSP replay by clock time (ONVIF Streaming, clause 6).

Not the hot path: one camera at a time, in a process of its own, at a pace that leaves the network to the live streams.
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from istros.base.environment import Environment
from istros.base.reach import CAMERA, AddressRefused, connect
from istros.base.time import SECOND, Span, Time, to_datetime
from istros.devices.camera import Stream
from istros.video.depacketise import AccessUnit, Depacketiser
from istros.video.depacketise_h264 import H264Depacketiser
from istros.video.depacketise_h265 import H265Depacketiser
from istros.video.errors import CameraRefusedPassword, CameraSilent, CameraUnreachable, StreamBroken, UnknownCodec
from istros.video.fmp4 import NTP_TO_UNIX_S
from istros.video.packet import MEDIA_RATE, Codec, Packet
from istros.video.rtsp_authentication import Credentials, parse_challenges
from istros.video.rtsp_messages import (
    Response,
    body_length,
    format_request,
    parse_address,
    parse_response,
    resolve_control,
)
from istros.video.sdp import parse_sdp

ANSWER_S = 8.0
"""How long a card may take to answer, or to send the next picture."""

BURST_S = 0.5
"""The pace is kept over so long."""

_ABAC = 0xABAC
_LAST = 0x40
_HEADER = struct.Struct(">BBHII")
_EXTENSION = struct.Struct(">HHIIBBH")
_LARGEST_TEXT = 1 << 16
_DEPACKETISERS: dict[Codec, type[Depacketiser]] = {Codec.H264: H264Depacketiser, Codec.H265: H265Depacketiser}


@dataclass(frozen=True, slots=True)
class _Dated:
    """What the extension of the packets of one picture says."""

    time: Time
    is_last: bool


class ReplaySession:
    """One replay of one span. `ahead_us` is how far the camera's clock is ahead of ours; packets are dated by ours."""

    def __init__(
        self, environment: Environment, stream: Stream, span: Span, *, ahead_us: int, bytes_per_s: float
    ) -> None:
        self._environment = environment
        self._stream = stream
        self._span = span
        self._ahead_us = ahead_us
        self._bytes_per_s = bytes_per_s
        self._camera = f"Camera {stream.key.camera_id}"
        self._address = parse_address(stream.url)
        self._credentials = Credentials(self._address.user, self._address.password, environment.random)
        self._number = 0
        self._session = ""
        self._first: Time | None = None
        self._dated: _Dated | None = None
        self._units: list[Packet] = []
        self._lost = 0
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def packets(self) -> AsyncIterator[Packet]:
        """From the keyframe at or before the span to its end, or to the end of what the card has. StreamError."""
        await self._connect()
        try:
            depacketiser, payload_type = await self._negotiate()
            began, taken = self._environment.clock.elapsed(), 0
            expected = -1
            while True:
                packet = await self._next_rtp()
                if packet is None or packet[1] & 0x7F != payload_type:
                    if packet is None:
                        return
                    continue
                sequence = int.from_bytes(packet[2:4], "big")
                if expected >= 0 and sequence != expected:
                    self._lost += 1
                    depacketiser.lost()
                expected = sequence + 1 & 0xFFFF
                self._feed(depacketiser, packet)
                taken += len(packet)
                units, self._units = self._units, []
                for unit in units:
                    if unit.time >= self._span.end:
                        return
                    yield unit
                if units and self._dated is not None and self._dated.is_last:
                    return
                await self._keep_pace(began, taken)
        finally:
            self._writer.close()

    def _feed(self, depacketiser: Depacketiser, packet: bytes) -> None:
        first, second, _, timestamp, _ = _HEADER.unpack_from(packet)
        start = 12 + 4 * (first & 15)
        if first & 0x10 and len(packet) >= start + 4:
            words = int.from_bytes(packet[start + 2 : start + 4], "big")
            if int.from_bytes(packet[start : start + 2], "big") == _ABAC and words >= 3:
                _, _, seconds, fraction, flags, _, _ = _EXTENSION.unpack_from(packet, start)
                told = (seconds - NTP_TO_UNIX_S) * SECOND + (fraction * SECOND >> 32)
                self._dated = _Dated(Time(told - self._ahead_us), bool(flags & _LAST))
            start += 4 + 4 * words
        end = len(packet) - (packet[-1] if first & 0x20 else 0)
        depacketiser.add(memoryview(packet)[start : max(start, end)], timestamp, second & 0x80 != 0)

    def _unit(self, unit: AccessUnit) -> None:
        if self._dated is None:
            return  # A picture without a date cannot be put anywhere.
        time = self._dated.time
        self._first = time if self._first is None else self._first
        media_time = (time - self._first) * MEDIA_RATE // SECOND
        lost, self._lost = self._lost, 0
        packet = Packet(self._stream.key, unit.parameters, media_time, time, unit.is_key, unit.data, lost)
        self._units.append(packet)

    async def _keep_pace(self, began: float, taken: int) -> None:
        clock = self._environment.clock
        ahead_s = taken / self._bytes_per_s - (clock.elapsed() - began)
        if ahead_s > BURST_S:
            await clock.sleep(ahead_s)

    # Connection.

    async def _connect(self) -> None:
        place = f"{self._address.host}:{self._address.port}"
        try:
            async with asyncio.timeout(ANSWER_S):
                self._reader, self._writer = await connect(
                    partial(asyncio.open_connection, limit=1 << 18),
                    self._address.host, self._address.port, CAMERA, self._environment.own_ports,
                )  # fmt: skip
        except AddressRefused as refusal:
            raise CameraUnreachable(f"The card of {self._camera} is not asked: {refusal.message}") from None
        except TimeoutError:
            raise CameraUnreachable(f"The card of {self._camera} does not answer at {place}.") from None
        except OSError as problem:
            reason = os.strerror(problem.errno) if problem.errno and problem.errno > 0 else "no such host"
            raise CameraUnreachable(f"The card of {self._camera} cannot be reached at {place} ({reason}).") from None

    async def _negotiate(self) -> tuple[Depacketiser, int]:
        url = self._address.request
        described = await self._ask("DESCRIBE", url, {"Accept": "application/sdp"})
        session = parse_sdp(described.body.decode("utf-8", "replace"))
        track = session.video()
        coded = track.coded() if track else None
        if track is None or coded is None:
            raise UnknownCodec(f"The card of {self._camera} holds no H.264 or H.265.")
        payload_type, codec = coded
        base = described.header("content-base") or url
        control = resolve_control(base, track.control)
        setup = await self._ask("SETUP", control, {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"})
        self._session = setup.header("session").partition(";")[0].strip()
        # From a second before: cards answer from the keyframe at or before, and some count in whole seconds.
        wanted = f"clock={self._clock(self._span.start)}-{self._clock(self._span.end)}"
        await self._ask(
            "PLAY", resolve_control(base, session.control),
            {"Require": "onvif-replay", "Range": wanted, "Rate-Control": "no"},
        )  # fmt: skip
        return _DEPACKETISERS[codec](self._unit, track.parameters(payload_type, codec)), payload_type

    def _clock(self, time: Time) -> str:
        """By the camera's own clock, to the millisecond."""
        moment = to_datetime(Time(time + self._ahead_us))
        return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}Z"

    async def _ask(self, method: str, url: str, headers: dict[str, str]) -> Response:
        for _ in range(3):
            self._number += 1
            own = {"Session": self._session} if self._session else {}
            authorization = self._credentials.header(method, url)
            own |= {"Authorization": authorization} if authorization else {}
            self._writer.write(format_request(method, url, self._number, headers | own))
            answer = await self._answer()
            if answer.status != 401:
                break
            challenges = parse_challenges(answer.headers.get("www-authenticate", []))
            if not challenges or not self._credentials.given:
                break
            self._credentials.accept(challenges[0])
        if answer.status in (401, 403):
            raise CameraRefusedPassword(f"The card of {self._camera} refused the account or the password.")
        if answer.status // 100 != 2:
            raise StreamBroken(f"The card of {self._camera} answered {answer.status} {answer.reason} to {method}.")
        return answer

    async def _answer(self) -> Response:
        try:
            async with asyncio.timeout(ANSWER_S):
                head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                body = await self._reader.readexactly(min(body_length(head), _LARGEST_TEXT))
        except TimeoutError:
            raise CameraSilent(f"The card of {self._camera} does not answer.") from None
        except (OSError, EOFError, asyncio.LimitOverrunError):
            self._hung_up()
        found = parse_response(head.strip("\r\n"))
        if found is None:
            raise StreamBroken(f"The card of {self._camera} speaks no RTSP.")
        return Response(found.status, found.reason, found.headers, body)

    async def _next_rtp(self) -> bytes | None:
        """The next packet on channel 0; None when nothing comes any more: a card is not bound to mark the last one."""
        try:
            while True:
                async with asyncio.timeout(ANSWER_S):
                    mark = await self._reader.readexactly(1)
                    if mark != b"$":
                        await self._reader.readuntil(b"\r\n\r\n")
                        continue
                    head = await self._reader.readexactly(3)
                    packet = await self._reader.readexactly(int.from_bytes(head[1:], "big"))
                if head[0] == 0 and len(packet) > 12:
                    return packet
        except TimeoutError:
            return None
        except (OSError, EOFError, asyncio.LimitOverrunError):
            self._hung_up()

    def _hung_up(self) -> NoReturn:
        raise StreamBroken(f"The card of {self._camera} hung up.", "Istros goes on where it stopped.")
