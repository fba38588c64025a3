"""One client of the simulated cameras: its requests, its password, and what is sent to it."""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from istros.base.environment import Environment
from istros.sim.cameras import digest
from istros.sim.cameras.camera import SimulatedCamera
from istros.sim.cameras.film import describe
from istros.sim.cameras.sound import SOUND_CHANNEL
from istros.sim.cameras.stream import Listener, SimulatedStream
from istros.sim.cameras.udp import UdpListener, UdpPorts
from istros.video.rtsp_authentication import Challenge
from istros.video.rtsp_messages import body_length

BACKLOG_BYTES = 6_000_000
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"
_LARGEST_REQUEST = 1 << 16
_REALM = "Istros simulated camera"
_CLIENT_PORT = re.compile(r"client_port=(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class ServedStream:
    """A stream and the camera it belongs to."""

    camera: SimulatedCamera
    stream: SimulatedStream


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: dict[str, str]

    @property
    def is_for_sound(self) -> bool:
        """Whether it names the sound's track."""
        return self.url.rstrip("/").endswith("track2")

    @property
    def path(self) -> str:
        """CAMERA/STREAM, without the track."""
        return "/".join(urlsplit(self.url).path.strip("/").split("/")[:2])


class Conversation(asyncio.Protocol):
    """Reads requests, also between interleaved packets, and answers them."""

    def __init__(
        self,
        served: Mapping[str, ServedStream],
        all_of_them: set[Conversation],
        environment: Environment,
        session_timeout_s: float,
        ports: UdpPorts,
    ) -> None:
        self._served = served
        self._ports = ports
        self._listener: Listener = self
        self._by_udp: UdpListener | None = None
        self._has_sound = False
        self._all = all_of_them
        self._environment = environment
        self._session_timeout_s = session_timeout_s
        self._session = f"{environment.random.getrandbits(32):08x}"
        self._last_request = environment.clock.elapsed()
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._playing: SimulatedStream | None = None
        self._nonce = ""
        self._nonce_uses = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._all.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio's."""
        self._all.discard(self)
        if self._playing is not None:
            self._playing.leave(self._listener)
        if self._by_udp is not None:
            self._by_udp.leave()

    def data_received(self, data: bytes) -> None:
        """asyncio's."""
        self._received += data
        while self._received:
            if self._received[0] == 0x24:
                size = 4 + int.from_bytes(self._received[2:4], "big")
                if len(self._received) < max(4, size):
                    return
                if self._playing is not None and self._received[1] % 2:
                    self._playing.heard(bytes(self._received[4:size]))
                del self._received[:size]
            elif not self._take_request():
                return

    def _take_request(self) -> bool:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            if len(self._received) > _LARGEST_REQUEST:
                self.hang_up()
            return False
        head = self._received[:end].decode("latin-1")
        following = end + 4 + body_length(head)
        if len(self._received) < following:
            return False
        del self._received[:following]
        self._last_request = self._environment.clock.elapsed()
        request = _parse(head)
        if request is None:
            self.hang_up()
            return False
        self._answer(request)
        return True

    def send(self, data: bytes) -> None:
        """Interleaved packets of the stream."""
        if self._transport is None:
            return
        if self._transport.get_write_buffer_size() > BACKLOG_BYTES:
            self.hang_up()
        else:
            self._transport.write(data)

    def send_sound(self, data: bytes) -> None:
        """`Listener`'s."""
        if self._has_sound and data:
            self.send(data)

    def hang_up(self) -> None:
        """End the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    def end_if_idle(self, now_s: float) -> None:
        """Hang up on a client that has forgotten to keep its session alive."""
        if now_s - self._last_request > self._session_timeout_s:
            self.hang_up()

    def _answer(self, request: _Request) -> None:
        served = self._served.get(request.path)
        if request.method == "OPTIONS" and served is None:
            return self._reply(request, "200 OK", {"Public": _METHODS})
        if served is None:
            return self._reply(request, "404 Not Found")
        if served.stream.is_stopped:
            return self.hang_up()
        refusal = self._refusal(request, served.camera)
        if refusal is not None:
            return self._reply(request, "401 Unauthorized", {"WWW-Authenticate": refusal})
        self._serve(request, served)

    def _serve(self, request: _Request, served: ServedStream) -> None:
        session = {"Session": f"{self._session};timeout={self._session_timeout_s:g}"}
        if request.method == "OPTIONS":
            self._reply(request, "200 OK", {"Public": _METHODS})
        elif request.method == "DESCRIBE":
            body = describe(served.stream.film, served.camera.describes_sets, served.stream.sound)
            headers = {"Content-Base": f"{request.url.rstrip('/')}/", "Content-Type": "application/sdp"}
            self._reply(request, "200 OK", headers, body)
        elif request.method == "SETUP":
            if request.is_for_sound and served.stream.sound is None:
                return self._reply(request, "404 Not Found")
            transport = self._set_up(request, served)
            if transport is None:
                return self._reply(request, "461 Unsupported Transport")
            self._reply(request, "200 OK", session | {"Transport": transport})
        elif request.method == "PLAY":
            self._reply(request, "200 OK", session | {"Range": "npt=now-"})
            self._playing = served.stream
            if self._by_udp is not None:
                self._by_udp.plays(served.stream)
            served.stream.waiting.add(self._listener)
        elif request.method in ("TEARDOWN", "GET_PARAMETER"):
            self._reply(request, "200 OK", session)
            if request.method == "TEARDOWN" and self._transport is not None:
                self._transport.close()
        else:
            self._reply(request, "501 Not Implemented")

    def _set_up(self, request: _Request, served: ServedStream) -> str | None:
        """The `Transport` header of the answer; None for a way that the camera does not know."""
        camera, channel = served.camera, SOUND_CHANNEL if request.is_for_sound else 0
        if request.is_for_sound:
            self._has_sound = True
            served.stream.sound_asked += 1
        asked = request.headers.get("transport", "")
        by_tcp = "TCP" in asked
        if camera.transport not in ("both", "tcp" if by_tcp else "udp"):
            return None
        if by_tcp:
            return f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}"
        ports = _CLIENT_PORT.search(asked)
        if ports is None or self._transport is None:
            return None
        if self._by_udp is None:
            host = self._transport.get_extra_info("peername")[0]
            self._listener = self._by_udp = UdpListener(self._ports, host, self.hang_up)
        self._by_udp.set_up(channel, int(ports[1]), int(ports[2]))
        return "RTP/AVP;unicast;client_port={}-{};server_port={}-{}".format(*ports.groups(), *self._ports.ports)

    def _reply(self, request: _Request, status: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> None:
        lines = [f"RTSP/1.0 {status}", f"CSeq: {request.headers.get('cseq', '0')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        if self._transport is not None:
            self._transport.write("\r\n".join([*lines, "", ""]).encode() + body)

    # The password.

    def _refusal(self, request: _Request, camera: SimulatedCamera) -> str | None:
        """The challenge to send, or None when the request may be served."""
        if not camera.user:
            return None
        given = request.headers.get("authorization", "")
        wanted = camera.authentication
        if wanted.scheme == "Basic":
            right = "Basic " + base64.b64encode(f"{camera.user}:{camera.password}".encode()).decode()
            return None if hmac.compare_digest(given.encode(), right.encode()) else f'Basic realm="{_REALM}"'
        is_right = self._is_right(request, given, camera)
        self._nonce_uses += 1
        stale = is_right and 0 < wanted.nonce_uses < self._nonce_uses
        return None if is_right and not stale else self._challenge(camera, stale)

    def _is_right(self, request: _Request, given: str, camera: SimulatedCamera) -> bool:
        qop = "auth" if camera.authentication.qop else ""
        challenge = Challenge(_REALM, self._nonce, camera.authentication.scheme, qop, "", False)
        return digest.is_right(given, challenge, camera.user, camera.password, request.method)

    def _challenge(self, camera: SimulatedCamera, stale: bool) -> str:
        self._nonce = f"{self._environment.random.getrandbits(128):032x}"
        self._nonce_uses = 0
        challenge = f'Digest realm="{_REALM}", nonce="{self._nonce}"'
        if camera.authentication.scheme != "MD5":
            challenge += f", algorithm={camera.authentication.scheme}"
        challenge += ', qop="auth"' if camera.authentication.qop else ""
        return challenge + (", stale=true" if stale else "")


def _parse(head: str) -> _Request | None:
    first, *lines = head.lstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        return None
    pairs = (line.partition(":") for line in lines)
    return _Request(words[0], words[1], {name.strip().lower(): value.strip() for name, _, value in pairs})
