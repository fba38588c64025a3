"""RTP and RTCP of one media track by UDP: two ports of ours, packets of the camera alone (RFC 3550 section 11)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress

from istros.video.rtsp_connection import ReceiveBuffer

RECEIVE_BYTES = 4 << 20
"""What the kernel is asked to hold for us: a second of a large stream. It may give less (net.core.rmem_max)."""

_ATTEMPTS = 50
_AT_ONCE = 64
"""Packets taken from one socket before the others have their turn."""


class UdpPair:
    """An even port for RTP and the next one for RTCP, on our address towards the camera.

    What comes from another address than the camera's is dropped and counted in `strange`.
    """

    def __init__(self, shared: ReceiveBuffer, local_host: str, camera_host: str) -> None:
        self._shared = shared
        self._camera = _plain(camera_host)
        self._camera_host = camera_host
        self._rtp, self._rtcp = bind_pair(local_host)
        self._ports: tuple[int, int] | None = None
        self._takers: tuple[Callable[[memoryview], None], Callable[[memoryview], None]] | None = None
        self._after: Callable[[], None] = lambda: None
        self.strange = 0

    @property
    def ports(self) -> tuple[int, int]:
        """Ours, for the `client_port` of SETUP."""
        return self._rtp.getsockname()[1], self._rtcp.getsockname()[1]

    def send_to(self, rtp_port: int, rtcp_port: int) -> None:
        """The camera's ports, as its answer names them (`server_port`)."""
        self._ports = rtp_port, rtcp_port

    def listen(
        self, rtp: Callable[[memoryview], None], rtcp: Callable[[memoryview], None], after: Callable[[], None]
    ) -> None:
        """Give packets to `rtp` and `rtcp`, and call `after` when there are none left for now."""
        self._takers, self._after = (rtp, rtcp), after
        loop = asyncio.get_running_loop()
        loop.add_reader(self._rtp, self._read, self._rtp, rtp)
        loop.add_reader(self._rtcp, self._read, self._rtcp, rtcp)

    def open_way(self, rtp: bytes, rtcp: bytes) -> None:
        """Send a packet from each port, so that firewalls between let the camera's through."""
        if self._ports is not None:
            for end, port, data in ((self._rtp, self._ports[0], rtp), (self._rtcp, self._ports[1], rtcp)):
                # A full buffer or a camera that has just gone: the next report tries again.
                with suppress(OSError):
                    end.sendto(data, (self._camera_host, port))

    def _read(self, end: socket.socket, take: Callable[[memoryview], None]) -> None:
        view = self._shared.view
        for _ in range(_AT_ONCE):
            try:
                size, sender = end.recvfrom_into(view)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                # Port unreachable, told for something we sent: the session's silence will show it.
                continue
            if sender[0] == self._camera_host or _plain(sender[0]) == self._camera:
                take(view[:size])
            else:
                self.strange += 1
        self._after()

    def close(self) -> None:
        """Give the ports back."""
        for end in (self._rtp, self._rtcp):
            if self._takers is not None and end.fileno() >= 0:
                with suppress(RuntimeError):
                    asyncio.get_running_loop().remove_reader(end)
            end.close()


def _plain(host: str) -> str:
    """An address without its scope and without the clothes of IPv4 in IPv6."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def bind_pair(host: str) -> tuple[socket.socket, socket.socket]:
    """An even port and the next one on that address. OSError when there are no two neighbouring ports left."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    problem: OSError = OSError("no two neighbouring UDP ports are free")
    for _ in range(_ATTEMPTS):
        first, second = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        try:
            first.bind((host, 0))
            port = first.getsockname()[1]
            if port % 2:
                raise OSError("an odd port")
            second.bind((host, port + 1))
        except OSError as error:
            problem = error
            first.close()
            second.close()
            continue
        for end in (first, second):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        return first, second
    raise problem
