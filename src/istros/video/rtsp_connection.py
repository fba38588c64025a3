"""One TCP connection to a camera: RTSP answers and interleaved RTP, taken from one buffer without copying twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from istros.base.clock import Clock
from istros.video.packet import Packet
from istros.video.rtp import RtpReceiver
from istros.video.rtsp_messages import Response, body_length, format_request, parse_response

BUFFER_BYTES = 1 << 18
"""Room for the largest interleaved packet (64 KiB) and what one read brings of the next."""


class RtspConnection(asyncio.BufferedProtocol):
    """Splits what arrives (RFC 2326 section 10.12) and hands packets to `on_packets`, the end to `on_end`."""

    def __init__(self, clock: Clock, on_packets: Callable[[list[Packet]], None], on_end: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_packets = on_packets
        self._on_end = on_end
        self._buffer = bytearray(BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._transport: asyncio.Transport | None = None
        self._waiting: dict[int, asyncio.Future[Response]] = {}
        self._number = 0
        self.receiver: RtpReceiver | None = None
        self.rtp_channel, self.rtcp_channel = 0, 1
        self.last_rtp = clock.elapsed()
        self.problem = ""

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

    def get_buffer(self, sizehint: int) -> memoryview:
        """asyncio's: where the next bytes go."""
        return self._view[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """asyncio's: `nbytes` more have come. The hot path: runs once for each read of the socket."""
        end, position = self._filled + nbytes, 0
        buffer, view, receiver = self._buffer, self._view, self.receiver
        while end - position >= 4:
            if buffer[position] != 0x24:
                following = self._take_text(position, end)
                receiver = self.receiver
            else:
                following = position + 4 + (buffer[position + 2] << 8 | buffer[position + 3])
                if following <= end and receiver is not None:
                    channel = buffer[position + 1]
                    if channel == self.rtp_channel:
                        receiver.rtp(view[position + 4 : following])
                    elif channel == self.rtcp_channel:
                        receiver.rtcp(bytes(view[position + 4 : following]))
            if following > end or following <= position:
                break
            position = following
        self._keep_rest(position, end)
        if receiver is not None:
            self._hand_on(receiver)

    def _hand_on(self, receiver: RtpReceiver) -> None:
        self.last_rtp = self._clock.elapsed() if receiver.take_activity() else self.last_rtp
        if receiver.packets:
            packets, receiver.packets = receiver.packets, []
            self._on_packets(packets)

    def _keep_rest(self, position: int, end: int) -> None:
        if position and end > position:
            self._buffer[: end - position] = self._buffer[position:end]
        self._filled = end - position
        if self._filled >= BUFFER_BYTES:
            self.abort("it sent a message that is too long")

    def _take_text(self, position: int, end: int) -> int:
        """Position behind a message in text; beyond `end` while it is not whole."""
        stop = self._buffer.find(b"\r\n\r\n", position, end)
        if stop < 0:
            return end + 1
        head = self._buffer[position:stop].decode("latin-1")
        following = stop + 4 + body_length(head)
        if following <= end:
            self._take_response(head, bytes(self._view[stop + 4 : following]))
        return following

    def _take_response(self, head: str, body: bytes) -> None:
        response = parse_response(head.lstrip("\r\n"))
        if response is None:
            return
        number = response.header("cseq")
        future = self._waiting.pop(int(number), None) if number.isdecimal() else None
        if future is not None and not future.done():
            future.set_result(Response(response.status, response.reason, response.headers, body))

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

    def _send(self, data: bytes) -> bool:
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(data)
        return True

    def close(self) -> None:
        """Close after what was sent has gone out."""
        if self._transport is not None:
            self._transport.close()

    def abort(self, problem: str) -> None:
        """Close at once, for this reason."""
        self.problem = self.problem or problem
        if self._transport is not None:
            self._transport.abort()
