"""The HTTP protocol of the server: who sends a request's head too slowly is hung up on (slowloris), and connections end."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""How long a head may take from the connection's beginning, or from its first byte on a connection that is kept."""

HEAD_BYTES = 32 * 1024
CONNECTIONS_MOST = 2000
"""Open connections and requests; further ones get 503 at once. A desk has about twenty."""


class PatientProtocol(H11Protocol):
    """uvicorn's own, with an end to its patience."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait."""
        super().connection_made(transport)
        self._late = self.loop.call_later(HEAD_S, self._hang_up)

    def data_received(self, data: bytes) -> None:
        """Wait on while the head is not whole; stop waiting when it is."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._late = self._late or self.loop.call_later(HEAD_S, self._hang_up)
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _hang_up(self) -> None:
        self._late = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()
