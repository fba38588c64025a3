"""One conversation with one camera about one stream: sign in, set up, play, keep alive, say goodbye (RFC 2326)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

from istros.base.environment import Environment
from istros.base.reach import CAMERA, AddressRefused, connect
from istros.devices.camera import Stream
from istros.video.errors import CameraRefusedPassword, StreamError, StreamNotFound
from istros.video.packet import Packet
from istros.video.rtcp import REPORT_EVERY_S
from istros.video.rtp import RtpReceiver
from istros.video.rtp_sound import SoundReceiver
from istros.video.rtp_track import RtpTrack
from istros.video.rtsp_authentication import Credentials, parse_challenges
from istros.video.rtsp_connection import ReceiveBuffer, RtspConnection
from istros.video.rtsp_messages import Address, Response, parse_address, parse_session, resolve_base, resolve_control
from istros.video.rtsp_problems import Problems
from istros.video.rtsp_transport import RtpRoute, TransportRefused
from istros.video.sdp import SessionDescription, Track, parse_sdp

_LONGEST_KEEP_ALIVE_S = 25.0
_CHECK_EVERY_S = 1.0
_UNSUPPORTED_TRANSPORT = 461


class RtspSession:
    """Gives packets to `take`, and to `end` the one error that ends it."""

    def __init__(
        self,
        environment: Environment,
        shared: ReceiveBuffer,
        stream: Stream,
        take: Callable[[Packet], None],
        end: Callable[[Exception], None],
    ) -> None:
        self._environment = environment
        self._shared = shared
        self._stream = stream
        self._take = take
        self._end = end
        self._problems = Problems(stream)
        self._address = self._parse(stream)
        self._credentials = Credentials(self._address.user, self._address.password, environment.random)
        self._problems.has_password = self._credentials.given
        self._connection = RtspConnection(shared, self._arrived, self._ended)
        self._receiver: RtpReceiver | None = None
        self._routes: list[RtpRoute] = []
        self._session_id = ""
        self._session_timeout_s = 60.0
        self._keep_alive_method = "OPTIONS"
        self._url = self._address.request
        self._last_rtp = environment.clock.elapsed()
        self._failure: Exception | None = None

    def _parse(self, stream: Stream) -> Address:
        try:
            return parse_address(stream.url)
        except ValueError as problem:
            raise self._problems.wrong_address(str(problem)) from None

    def let_wait(self, patience_s: Callable[[], float]) -> None:
        """Packets may be left in the socket as long as `patience_s` says at the moment."""
        self._connection.patience_s = patience_s

    # Starting.

    async def start(self, timeout_s: float) -> None:
        """Connect, sign in, and have the stream played."""
        place = f"{self._address.host}:{self._address.port}"
        try:
            async with asyncio.timeout(timeout_s):
                await self._connect()
                await self._negotiate()
        except TimeoutError:
            raise self._problems.no_answer(place, timeout_s) from None
        except AddressRefused as refusal:
            raise self._problems.not_there(refusal.message) from None
        except ConnectionResetError:
            raise self._problems.broken("hung up while the stream was being opened") from None
        except OSError as problem:
            reason = os.strerror(problem.errno) if problem.errno and problem.errno > 0 else "no such host"
            raise self._problems.unreachable(place, reason) from None

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()

        async def to(host: str, port: int) -> None:
            await loop.create_connection(lambda: self._connection, host, port)

        await connect(to, self._address.host, self._address.port, CAMERA, self._environment.own_ports)

    async def _negotiate(self) -> None:
        options = await self._request("OPTIONS", self._url, {}, may_fail=True)
        if "GET_PARAMETER" in options.header("public").upper():
            self._keep_alive_method = "GET_PARAMETER"
        described = await self._request("DESCRIBE", self._url, {"Accept": "application/sdp"})
        base = resolve_base(self._url, described.header("content-base"), described.header("content-location"))
        session = parse_sdp(described.body.decode("utf-8", "replace"))
        track = session.video()
        coded = track.coded() if track else None
        if track is None or coded is None:
            raise self._problems.unknown_codec(session.codings())
        payload_type, codec = coded
        parameters = track.parameters(payload_type, codec)
        self._receiver = RtpReceiver(self._stream.key, codec, payload_type, parameters, self._environment.clock)
        await self._set_up_picture(base, track, self._receiver)
        await self._set_up_sound(base, session, self._receiver)
        self._url = resolve_control(base, session.control)
        self._last_rtp = self._environment.clock.elapsed()
        await self._request("PLAY", self._url, {"Range": "npt=0.000-"})
        self._report()

    async def _set_up_picture(self, base: str, track: Track, receiver: RtpReceiver) -> None:
        """By TCP if the camera does that, else by UDP, unless the configuration has decided."""
        ways = {"auto": ("tcp", "udp"), "tcp": ("tcp",), "udp": ("udp",)}[self._stream.transport]
        for way in ways:
            try:
                route = await self._set_up(resolve_control(base, track.control), receiver, way == "udp")
            except TransportRefused as refused:
                if way == ways[-1]:
                    raise self._problems.answered("SETUP", refused.status, refused.reason) from None
                continue
            if not route.is_udp:
                self._connection.receiver, self._connection.rtp_channel = receiver, route.channels[0]
            return

    async def _set_up_sound(self, base: str, session: SessionDescription, picture: RtpReceiver) -> None:
        """Only where node and camera allow it. A camera that refuses its sound still gives its pictures."""
        found = session.sound() if self._stream.sound else None
        if found is None:
            return
        track, offered = found
        receiver = SoundReceiver(offered, picture.media, self._environment.clock)
        try:
            route = await self._set_up(resolve_control(base, track.control), receiver, self._routes[0].is_udp)
        except (TransportRefused, StreamError):
            return
        if not route.is_udp:
            self._connection.others[route.channels[0]] = receiver.rtp
        picture.sound = receiver

    async def _set_up(self, url: str, receiver: RtpTrack, by_udp: bool) -> RtpRoute:
        """One media track: SETUP, and where its packets come in and our reports go out."""
        route = RtpRoute(self._environment, self._shared, self._connection, receiver, 2 * len(self._routes), by_udp)
        self._routes.append(route)
        answer = await self._request("SETUP", url, {"Transport": route.asked}, may_fail=True)
        if answer.status // 100 != 2:
            self._routes.remove(route)
            route.close()
            if answer.status == _UNSUPPORTED_TRANSPORT:
                raise TransportRefused(answer.status, answer.reason)
            raise self._problems.answered("SETUP", answer.status, answer.reason)
        self._session_id, timeout_s = parse_session(answer.header("session"), self._session_id)
        self._session_timeout_s = timeout_s or self._session_timeout_s
        route.agree(answer.header("transport"), self._arrived)
        return route

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
                raise self._problems.refused()
            self._credentials.accept(challenges[0])
            answered = True
        if response.status // 100 != 2 and not (may_fail and response.status != 401):
            raise self._problems.answered(method, response.status, response.reason)
        return response

    def _headers(self, method: str, url: str, headers: dict[str, str]) -> dict[str, str]:
        own = {"Session": self._session_id} if self._session_id else {}
        authorization = self._credentials.header(method, url)
        return headers | own | ({"Authorization": authorization} if authorization else {})

    # Running.

    async def watch(self, silence_s: float) -> None:
        """Keep the session alive, report what comes, and end it when nothing comes any more."""
        clock = self._environment.clock
        every_s = min(self._session_timeout_s / 2, _LONGEST_KEEP_ALIVE_S)
        next_keep_alive = clock.elapsed() + every_s
        next_report = clock.elapsed() + REPORT_EVERY_S
        asking: asyncio.Task[None] | None = None
        try:
            while True:
                await clock.sleep(min(_CHECK_EVERY_S, silence_s / 4))
                now = clock.elapsed()
                if now - self._last_rtp > silence_s:
                    self._fail(self._problems.silent(silence_s, self._is_held_back()))
                    return
                if now >= next_report:
                    next_report = now + REPORT_EVERY_S
                    self._report()
                if now >= next_keep_alive and (asking is None or asking.done()):
                    next_keep_alive = now + every_s
                    asking = asyncio.create_task(_quietly(self._keep_alive()))
        finally:
            if asking is not None:
                asking.cancel()

    def _is_held_back(self) -> bool:
        return any(route.is_udp and route.receiver.received == 0 for route in self._routes)

    def _report(self) -> None:
        for route in self._routes:
            route.report()

    async def _keep_alive(self) -> None:
        try:
            await self._request(self._keep_alive_method, self._url, {})
        except StreamNotFound:
            self._fail(self._problems.broken("has forgotten the session"))
        except CameraRefusedPassword as refused:
            self._fail(refused)
        except StreamError:
            # A method that the camera announced and does not know, after all: OPTIONS works everywhere.
            self._keep_alive_method = "OPTIONS"

    def _arrived(self) -> None:
        """Something has been read from a socket. The hot path."""
        receiver = self._receiver
        if receiver is None or self._failure is not None:
            return
        if receiver.take_activity():
            self._last_rtp = self._environment.clock.elapsed()
        if not receiver.packets:
            return
        packets, receiver.packets = receiver.packets, []
        try:
            for packet in packets:
                self._take(packet)
        except Exception as error:
            self._fail(error)

    def restart_at_key(self) -> None:
        """Whoever takes the packets could not keep up."""
        if self._receiver is not None:
            self._receiver.restart_at_key()

    def _ended(self, problem: str) -> None:
        reason = f"closed the connection ({problem})" if problem else "closed the connection"
        self._fail(self._problems.broken(reason))

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
        for route in self._routes:
            route.close()
        self._connection.close()


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end; a connection that broke meanwhile has already told so itself."""
    try:
        await work
    except ConnectionResetError:
        return
