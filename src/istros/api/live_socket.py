"""The WebSocket protocol of the server: pictures go out at once, and what a slow line has not taken stays with us.

uvicorn lets 64 KiB wait in the process and the kernel up to megabytes more; on a bad line that is a queue of old
pictures that nothing can call back. Here at most one picture waits in the process and `UNSENT_BYTES` in the kernel, so
that the viewer's own queue (`video.live_viewer`), which drops the old, is where the rest waits.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio.transports import BaseTransport
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

UNSENT_BYTES = 32 * 1024
"""TCP_NOTSENT_LOWAT: what the kernel takes beyond what is on its way (tcp(7))."""

EXTENSION = "istros.pictures"
"""Where the scope of a WebSocket has its PictureProtocol."""

_BINARY_FRAME = 0x82
"""The last frame of a message, binary (RFC 6455 section 5.2)."""


class PictureProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own, with short queues and a straight way for pictures."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Shorten both queues."""
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        # By TLS, asyncio pauses at `high` and not above it: with 0 it would never go on (sslproto._control_app_writing).
        transport.set_write_buffer_limits(high=1 if transport.get_extra_info("sslcontext") else 0, low=0)
        held = transport.get_extra_info("socket")
        option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
        if held is not None and option is not None and held.family in (socket.AF_INET, socket.AF_INET6):
            held.setsockopt(socket.IPPROTO_TCP, option, UNSENT_BYTES)

    def handle_connect(self, event: Request) -> None:
        """Let the application find this object in the scope."""
        super().handle_connect(event)
        if self.handshake_initiated and not self.handshake_complete:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    async def send_picture(self, *parts: bytes) -> None:
        """One binary message, as soon as the one before it has left. Raises ClientDisconnected."""
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.writelines((_head(sum(map(len, parts))), *parts))


def _head(size: int) -> bytes:
    """A frame's head without a mask (RFC 6455 section 5.2)."""
    if size < 126:
        return bytes((_BINARY_FRAME, size))
    if size < 1 << 16:
        return bytes((_BINARY_FRAME, 126)) + size.to_bytes(2, "big")
    return bytes((_BINARY_FRAME, 127)) + size.to_bytes(8, "big")
