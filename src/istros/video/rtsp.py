"""The RTSP client: opens a camera's stream over TCP and yields its packets (RFC 2326, interleaved RTP)."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from istros.base.environment import Environment
from istros.base.ring import Ring
from istros.devices.camera import Stream
from istros.video.errors import (
    CameraRefusedPassword,
    CameraSilent,
    CameraUnreachable,
    StreamBroken,
    StreamError,
    StreamNotFound,
    UnknownCodec,
)
from istros.video.packet import Packet, PacketOpener
from istros.video.rtp import RtpReceiver
from istros.video.rtsp_authentication import Credentials, parse_challenges
from istros.video.rtsp_connection import ReceiveBuffer, RtspConnection
from istros.video.rtsp_messages import Address, Response, parse_address, resolve_control
from istros.video.sdp import parse_sdp

RING_PACKETS = 256
"""About ten seconds of a main stream: only a reader that stands still fills it."""

_LONGEST_KEEP_ALIVE_S = 25.0
_CHECK_EVERY_S = 1.0


def open_rtsp(environment: Environment, *, connect_timeout_s: float = 5, silence_timeout_s: float = 6) -> PacketOpener:
    """The opener of real cameras. Connecting and signing in may take `connect_timeout_s` in all.

    A stream that sends no RTP for `silence_timeout_s` ends with `CameraSilent`.
    """

    shared = ReceiveBuffer()

    def opener(stream: Stream) -> AsyncIterator[Packet]:
        return RtspPackets(environment, shared, stream, connect_timeout_s, silence_timeout_s)

    return opener


class RtspPackets:
    """The packets of one stream: to be iterated over, or fed to whoever takes them without waiting."""

    def __init__(
        self, environment: Environment, shared: ReceiveBuffer, stream: Stream, connect_s: float, silence_s: float
    ) -> None:
        self._environment = environment
        self._shared = shared
        self._stream = stream
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._iteration = self._iterate()

    def __aiter__(self) -> RtspPackets:
        return self

    def __anext__(self) -> Awaitable[Packet]:
        return self._iteration.__anext__()

    async def aclose(self) -> None:
        """End the iteration and the session."""
        await self._iteration.aclose()

    async def feed(self, take: Callable[[Packet], None]) -> None:
        """`PacketFeed`'s: an error in `take` ends the session and comes out here."""
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def end(error: Exception) -> None:
            if not over.done():
                over.set_exception(error)

        session = _Session(self._environment, self._shared, self._stream, take, end)
        async with self._open(session):
            await over

    async def _iterate(self) -> AsyncGenerator[Packet, None]:
        ring: Ring[Packet | Exception] = Ring(RING_PACKETS + 1)

        def take(packet: Packet) -> None:
            """When the reader stands still the newest are left out, up to the next keyframe."""
            if len(ring) < RING_PACKETS:
                ring.push(packet)
            else:
                session.restart_at_key()

        session = _Session(self._environment, self._shared, self._stream, take, ring.push)
        async with self._open(session):
            while True:
                item = await ring.pull()
                if isinstance(item, Exception):
                    raise item
                yield item

    @asynccontextmanager
    async def _open(self, session: _Session) -> AsyncIterator[None]:
        watch: asyncio.Task[None] | None = None
        try:
            await session.start(self._connect_s)
            watch = asyncio.create_task(session.watch(self._silence_s))
            yield
        finally:
            if watch is not None:
                watch.cancel()
            session.close()


class _Session:
    """One conversation with one camera about one stream."""

    def __init__(
        self,
        environment: Environment,
        shared: ReceiveBuffer,
        stream: Stream,
        take: Callable[[Packet], None],
        end: Callable[[Exception], None],
    ) -> None:
        self._environment = environment
        self._stream = stream
        self._take_packet = take
        self._end = end
        self._camera = f"Camera {stream.key.camera_id}"
        self._address = self._parse(stream)
        self._credentials = Credentials(self._address.user, self._address.password, environment.random)
        self._connection = RtspConnection(environment.clock, shared, self._take, self._ended)
        self._session_id = ""
        self._session_timeout_s = 60.0
        self._keep_alive_method = "OPTIONS"
        self._url = self._address.request
        self._failure: Exception | None = None

    def _parse(self, stream: Stream) -> Address:
        try:
            return parse_address(stream.url)
        except ValueError as problem:
            remedy = "Write it as rtsp://user:password@host:554/path."
            raise CameraUnreachable(
                f"{self._camera} has a wrong address for {stream.key.name}: {problem}.", remedy
            ) from None

    # Starting.

    async def start(self, timeout_s: float) -> None:
        """Connect, sign in, and have the stream played."""
        place = f"{self._address.host}:{self._address.port}"
        remedy = "Check its power, its cable and the address in the configuration."
        try:
            async with asyncio.timeout(timeout_s):
                await self._connect()
                await self._negotiate()
        except TimeoutError:
            raise CameraUnreachable(
                f"{self._camera} does not answer at {place} within {timeout_s:g} s.", remedy
            ) from None
        except ConnectionResetError:
            raise self._broken("hung up while the stream was being opened") from None
        except OSError as problem:
            reason = os.strerror(problem.errno) if problem.errno and problem.errno > 0 else "no such host"
            raise CameraUnreachable(f"{self._camera} cannot be reached at {place} ({reason}).", remedy) from None

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self._connection, self._address.host, self._address.port)

    async def _negotiate(self) -> None:
        options = await self._request("OPTIONS", self._url, {}, may_fail=True)
        if "GET_PARAMETER" in options.header("public").upper():
            self._keep_alive_method = "GET_PARAMETER"
        described = await self._request("DESCRIBE", self._url, {"Accept": "application/sdp"})
        base = described.header("content-base") or described.header("content-location") or self._url
        session = parse_sdp(described.body.decode("utf-8", "replace"))
        track = session.video()
        coded = track.coded() if track else None
        if track is None or coded is None:
            raise self._unknown_codec(session.codings())
        payload_type, codec = coded
        parameters = track.parameters(payload_type, codec)
        clock = self._environment.clock
        self._connection.receiver = RtpReceiver(self._stream.key, codec, payload_type, parameters, clock)
        await self._set_up(resolve_control(base, track.control))
        self._url = resolve_control(base, session.control)
        self._connection.last_rtp = clock.elapsed()
        await self._request("PLAY", self._url, {"Range": "npt=0.000-"})

    async def _set_up(self, url: str) -> None:
        transport = "RTP/AVP/TCP;unicast;interleaved=0-1"
        answer = await self._request("SETUP", url, {"Transport": transport})
        identity, _, rest = answer.header("session").partition(";")
        self._session_id = identity.strip()
        timeout = re.search(r"timeout\s*=\s*(\d+)", rest)
        if timeout:
            self._session_timeout_s = max(2.0, float(timeout[1]))
        channels = re.search(r"interleaved\s*=\s*(\d+)(?:-(\d+))?", answer.header("transport"))
        if channels:
            self._connection.rtp_channel = int(channels[1])
        reports = int(channels[2] or int(channels[1]) + 1) if channels else 1
        if self._connection.receiver is not None:
            self._connection.others[reports] = self._connection.receiver.rtcp

    # Asking.

    async def _request(self, method: str, url: str, headers: dict[str, str], may_fail: bool = False) -> Response:
        """Ask, answering challenges: one for a password, more only while the camera calls them stale."""
        answered = False
        for _ in range(4):
            response = await self._connection.request(method, url, self._headers(method, url, headers))
            if response.status != 401:
                break
            challenges = parse_challenges(response.headers.get("www-authenticate", []))
            if not challenges or not self._credentials.given or (answered and not challenges[0].is_stale):
                raise self._refused()
            self._credentials.accept(challenges[0])
            answered = True
        if response.status // 100 != 2 and not (may_fail and response.status != 401):
            raise self._failed(method, response)
        return response

    def _headers(self, method: str, url: str, headers: dict[str, str]) -> dict[str, str]:
        own = {"Session": self._session_id} if self._session_id else {}
        authorization = self._credentials.header(method, url)
        return headers | own | ({"Authorization": authorization} if authorization else {})

    # Running.

    async def watch(self, silence_s: float) -> None:
        """Keep the session alive, and end it when nothing comes any more."""
        clock = self._environment.clock
        every_s = min(self._session_timeout_s / 2, _LONGEST_KEEP_ALIVE_S)
        next_keep_alive = clock.elapsed() + every_s
        asking: asyncio.Task[None] | None = None
        try:
            while True:
                await clock.sleep(min(_CHECK_EVERY_S, silence_s / 4))
                if clock.elapsed() - self._connection.last_rtp > silence_s:
                    self._fail(self._silent(silence_s))
                    return
                if clock.elapsed() >= next_keep_alive and (asking is None or asking.done()):
                    next_keep_alive = clock.elapsed() + every_s
                    asking = asyncio.create_task(_quietly(self._keep_alive()))
        finally:
            if asking is not None:
                asking.cancel()

    async def _keep_alive(self) -> None:
        try:
            await self._request(self._keep_alive_method, self._url, {})
        except StreamNotFound:
            self._fail(self._broken("has forgotten the session"))
        except CameraRefusedPassword as refused:
            self._fail(refused)
        except StreamError:
            # A method that the camera announced and does not know, after all: OPTIONS works everywhere.
            self._keep_alive_method = "OPTIONS"

    def _take(self, packets: list[Packet]) -> None:
        """From the connection."""
        if self._failure is not None:
            return
        try:
            for packet in packets:
                self._take_packet(packet)
        except Exception as error:
            self._fail(error)

    def restart_at_key(self) -> None:
        """Whoever takes the packets could not keep up."""
        if self._connection.receiver is not None:
            self._connection.receiver.restart_at_key()

    def _ended(self, problem: str) -> None:
        reason = f"closed the connection ({problem})" if problem else "closed the connection"
        self._fail(self._broken(reason))

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
            self._end(error)

    def close(self) -> None:
        """Say goodbye and hang up."""
        self._failure = self._failure or StreamError("closed")
        if self._session_id:
            headers = self._headers("TEARDOWN", self._url, {})
            self._connection.announce("TEARDOWN", self._url, headers)
        self._connection.close()

    # What may go wrong, in words.

    def _failed(self, method: str, response: Response) -> StreamError:
        status = f"{response.status} {response.reason}".strip()
        if response.status in (401, 403):
            return self._refused()
        if response.status in (404, 454):
            return StreamNotFound(
                f"{self._camera} has no stream at {self._stream.url} ({status}).", "Check the path of its address."
            )
        if response.status // 100 == 3:
            return StreamBroken(
                f"{self._camera} sends us to another address for {self._stream.key.name} ({status}).",
                "Write the address that it names into the configuration; Istros does not follow it by itself.",
            )
        if response.status == 461:
            return StreamBroken(
                f"{self._camera} does not send RTP over TCP ({status}).", "Allow RTP over RTSP (TCP) in its settings."
            )
        return self._broken(f"answered {status} to {method}")

    def _broken(self, what: str) -> StreamBroken:
        return StreamBroken(f"{self._camera} {what} ({self._stream.key.name} stream).", "Istros tries again by itself.")

    def _refused(self) -> CameraRefusedPassword:
        what = "refused the user or the password" if self._credentials.given else "asks for a user and a password"
        remedy = "Correct them in the configuration."
        return CameraRefusedPassword(f"{self._camera} {what} for its {self._stream.key.name} stream.", remedy)

    def _unknown_codec(self, offered: str) -> UnknownCodec:
        found = offered or "no tracks"
        return UnknownCodec(
            f"{self._camera} offers no H.264 or H.265 in its {self._stream.key.name} stream, but {found}.",
            "Set its encoder to H.264 or H.265.",
        )

    def _silent(self, silence_s: float) -> CameraSilent:
        return CameraSilent(
            f"{self._camera} has sent nothing for {silence_s:g} s on its {self._stream.key.name} stream.",
            "Istros tries again by itself; restart the camera if it stays so.",
        )


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end; a connection that broke meanwhile has already told so itself."""
    try:
        await work
    except ConnectionResetError:
        return
