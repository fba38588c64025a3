"""One TCP connection to a camera: RTSP answers and interleaved RTP, taken from one buffer without copying twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from istros.video.rtp import RtpReceiver
from istros.video.rtsp_messages import Response, body_length, format_request, parse_response

BUFFER_BYTES = 1 << 18
"""Room for the largest interleaved packet (64 KiB) and what one read brings of the next."""

BEAT_S = 0.05
MOST_BEATS = 4
"""A fifth of a second: the pictures of a stream that nobody watches are taken five at a time."""

GULP_BYTES = 400_000
"""What may wait in the socket: the kernel has room for a little more at first."""

LARGEST_MESSAGE = 1 << 16
"""Bytes of a message in text; no description of a camera's streams is longer."""

LARGEST_NONSENSE = 1 << 20
"""Bytes between two packets that may be passed over before the connection counts as broken."""

_GOODBYE_S = 2.0
_DOLLAR = 0x24
_SOMETHING = re.compile(rb"\$|RTSP/1")
_METHOD = re.compile(rb"RTSP/|[A-Z_]{3,16} |\r|\n")
_LONGEST_METHOD = 18


class ReceiveBuffer:
    """Where all connections of one event loop receive, one after the other: what they leave over they keep themselves.

    One buffer that stays in the processor's cache serves thirty cameras better than thirty that do not.
    """

    def __init__(self) -> None:
        self.data = bytearray(BUFFER_BYTES)
        self.view = memoryview(self.data)


class RtspConnection(asyncio.BufferedProtocol):
    """Splits what arrives (RFC 2326 section 10.12) and gives RTP to `receiver`; `on_read` follows each read, `on_end` the end.

    What makes no sense is passed over up to the next packet or answer, and counted in `nonsense_bytes`.
    """

    def __init__(self, shared: ReceiveBuffer, on_read: Callable[[], None], on_end: Callable[[str], None]) -> None:
        self._on_read = on_read
        self._on_end = on_end
        self._buffer = shared.data
        self._view = shared.view
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self._waiting: dict[int, asyncio.Future[Response]] = {}
        self._number = 0
        self.receiver: RtpReceiver | None = None
        self.rtp_channel = 0
        self.others: dict[int, Callable[[memoryview], None]] = {}
        """Who takes the packets of the other channels: reports, sound."""
        self.nonsense_bytes = 0
        self._nonsense_run = self._received_before = 0
        self.problem = ""
        self.patience_s: Callable[[], float] = lambda: 0.0
        """How long packets may be left waiting."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio's: tell everybody who waits."""
        self.problem = self.problem or (error.strerror or "" if isinstance(error, OSError) else "")
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError(self.problem))
        self._waiting.clear()
        self._on_end(self.problem)

    @property
    def local_host(self) -> str:
        """Our own address towards the camera; empty when there is no connection."""
        name = self._transport.get_extra_info("sockname") if self._transport else None
        return str(name[0]) if name else ""

    @property
    def camera_host(self) -> str:
        """The camera's address as connected, in numbers."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return str(name[0]) if name else ""

    def get_buffer(self, sizehint: int) -> memoryview:
        """asyncio's: where the next bytes go."""
        rest = self._rest
        if rest:
            self._buffer[: len(rest)] = rest
        return self._view[len(rest) :]

    def buffer_updated(self, nbytes: int) -> None:
        """asyncio's: `nbytes` more have come. The hot path: runs once for each read of the socket."""
        end, position = len(self._rest) + nbytes, 0
        receiver = self.receiver
        while position < end:
            if receiver is not None:
                position = receiver.run(self._buffer, self._view, position, end, self.rtp_channel)
            if position >= end:
                break
            following = self._take_other(position, end)
            if following > end:
                break
            position = following
            receiver = self.receiver
        self._rest = bytes(self._view[position:end]) if position < end else b""
        self._on_read()
        if receiver is not None and end < BUFFER_BYTES:
            self._rest_a_while(nbytes)

    def _rest_a_while(self, nbytes: int) -> None:
        """Leave what comes next in the socket as long as its readers can wait, so that it comes by the handful.

        Everybody wakes on the same beat: thirty cameras share a turn of the loop.
        """
        beats = min(int(self.patience_s() / BEAT_S), MOST_BEATS, GULP_BYTES // nbytes)
        if beats and self._transport is not None and not self._transport.is_closing():
            loop = asyncio.get_running_loop()
            self._transport.pause_reading()
            loop.call_at((loop.time() // BEAT_S + beats) * BEAT_S, self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    # What is not simply the next packet of the picture.

    def _take_other(self, position: int, end: int) -> int:
        """Position behind what begins here; beyond `end` while it is not whole."""
        if self._buffer[position] == _DOLLAR:
            return self._take_packet(position, end)
        if end - position < _LONGEST_METHOD and b"\r\n" not in self._buffer[position:end]:
            return end + 1
        if _METHOD.match(self._buffer, position, end):
            return self._take_text(position, end)
        return self._pass_over(position, end)

    def _take_packet(self, position: int, end: int) -> int:
        if end - position < 5:
            return end + 1
        channel = self._buffer[position + 1]
        size = self._buffer[position + 2] << 8 | self._buffer[position + 3]
        # RTP and RTCP begin with version 2; anything else is a dollar in the middle of something.
        if size < 4 or self._buffer[position + 4] & 0xC0 != 0x80:
            return self._pass_over(position, end)
        following = position + 4 + size
        if following <= end:
            self._give(channel, self._view[position + 4 : following])
        return following

    def _give(self, channel: int, packet: memoryview) -> None:
        receiver = self.receiver
        taker = self.others.get(channel)
        if taker is not None:
            taker(packet)
        elif receiver is None:
            return
        elif channel == self.rtp_channel:
            receiver.rtp(packet)
        elif receiver.received == 0 and receiver.is_mine(packet):
            # A camera that uses other channels than it was asked for and does not say so.
            self.rtp_channel = channel
            receiver.rtp(packet)

    def _pass_over(self, position: int, end: int) -> int:
        """The next place where something may begin."""
        found = _SOMETHING.search(self._buffer, position + 1, end)
        following = found.start() if found else end
        received = self.receiver.received if self.receiver else 0
        if received != self._received_before:
            self._received_before, self._nonsense_run = received, 0
        self.nonsense_bytes += following - position
        self._nonsense_run += following - position
        if self._nonsense_run > LARGEST_NONSENSE:
            self.abort("it sends what is neither RTSP nor RTP")
        return following

    def _take_text(self, position: int, end: int) -> int:
        if self._buffer[position] in b"\r\n":
            return position + 1
        stop = self._buffer.find(b"\r\n\r\n", position, end)
        if stop < 0:
            if end - position > LARGEST_MESSAGE:
                return self._pass_over(position, end)
            return end + 1
        head = self._buffer[position:stop].decode("latin-1")
        following = stop + 4 + body_length(head)
        if following - position > 2 * LARGEST_MESSAGE:
            self.abort("it sent a message that is too long")
            return end
        if following <= end:
            self._take_response(head, bytes(self._view[stop + 4 : following]))
        return following

    def _take_response(self, head: str, body: bytes) -> None:
        response = parse_response(head)
        if response is None:
            return
        number = response.header("cseq")
        future = self._waiting.pop(int(number), None) if number.isdecimal() and len(number) < 10 else None
        if future is not None and not future.done():
            future.set_result(Response(response.status, response.reason, response.headers, body))

    # Asking.

    async def request(self, method: str, url: str, headers: dict[str, str]) -> Response:
        """Send a request and await its answer; ConnectionResetError when the camera hangs up first."""
        self._number += 1
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        if not self._send(format_request(method, url, self._number, headers)):
            raise ConnectionResetError(self.problem)
        self._waiting[self._number] = future
        try:
            return await future
        finally:
            self._waiting.pop(self._number, None)

    def announce(self, method: str, url: str, headers: dict[str, str]) -> None:
        """Send a request whose answer nobody waits for."""
        self._number += 1
        self._send(format_request(method, url, self._number, headers))

    def send_on(self, channel: int, data: bytes) -> None:
        """Send an interleaved packet."""
        self._send(bytes((_DOLLAR, channel)) + len(data).to_bytes(2, "big") + data)

    def _send(self, data: bytes) -> bool:
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(data)
        return True

    def close(self) -> None:
        """Close after what was sent has gone out, or when a dead camera lets nothing go out."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
            asyncio.get_running_loop().call_later(_GOODBYE_S, self._transport.abort)

    def abort(self, problem: str) -> None:
        """Close at once, for this reason."""
        self.problem = self.problem or problem
        if self._transport is not None:
            self._transport.abort()
