"""Simulated cameras by UDP: one pair of ports sends to every client that asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from istros.sim.cameras.stream import SimulatedStream
from istros.video.rtsp_udp import bind_pair

_LARGEST_REPORT = 1 << 16


class UdpPorts:
    """The cameras' own ports. What clients send there (receiver reports) goes to the stream that they play."""

    def __init__(self, host: str) -> None:
        self._ends = bind_pair(host)
        self.players: dict[tuple[str, int], SimulatedStream] = {}
        """By the address that a client's reports come from."""
        asyncio.get_running_loop().add_reader(self._ends[1], self._read)

    @property
    def ports(self) -> tuple[int, int]:
        """For `server_port`."""
        return self._ends[0].getsockname()[1], self._ends[1].getsockname()[1]

    def send(self, data: bytes, is_report: bool, address: tuple[str, int]) -> None:
        """Send at once; what the network does not take is lost, as with any camera."""
        with suppress(OSError):
            self._ends[is_report].sendto(data, address)

    def _read(self) -> None:
        with suppress(OSError):
            data, sender = self._ends[1].recvfrom(_LARGEST_REPORT)
            stream = self.players.get(sender[:2])
            if stream is not None:
                stream.heard(data)

    def close(self) -> None:
        """Give the ports back."""
        asyncio.get_running_loop().remove_reader(self._ends[1])
        for end in self._ends:
            end.close()


class UdpListener:
    """One client: takes interleaved packets apart and sends each to the port that was set up for its channel."""

    def __init__(self, ports: UdpPorts, host: str, hang_up: Callable[[], None]) -> None:
        self._ports = ports
        self._host = host
        self.hang_up = hang_up
        self._clients: dict[int, int] = {}

    def set_up(self, channel: int, rtp_port: int, rtcp_port: int) -> None:
        """Packets of `channel` go to `rtp_port`, the reports on the next channel to `rtcp_port`."""
        self._clients[channel], self._clients[channel + 1] = rtp_port, rtcp_port

    def plays(self, stream: SimulatedStream) -> None:
        """Its reports belong to this stream."""
        for channel, port in self._clients.items():
            if channel % 2:
                self._ports.players[self._host, port] = stream

    def leave(self) -> None:
        """The client has gone."""
        for port in self._clients.values():
            self._ports.players.pop((self._host, port), None)

    def send(self, data: bytes) -> None:
        """`Listener`'s."""
        position = 0
        while position < len(data):
            channel = data[position + 1]
            following = position + 4 + int.from_bytes(data[position + 2 : position + 4], "big")
            port = self._clients.get(channel)
            if port is not None:
                self._ports.send(data[position + 4 : following], channel % 2 == 1, (self._host, port))
            position = following

    def send_sound(self, data: bytes) -> None:
        """`Listener`'s: without a port for it, nothing is sent."""
        self.send(data)
