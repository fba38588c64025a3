"""HTTP to addresses that were not chosen by us: checked at every hop and again at the socket, and answers have a size.

Apart from `reach` because aiohttp costs 20 MB, which a recorder does not need.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection
from typing import Any

import aiohttp

from istros.base.reach import AddressRefused, Reach, check_url, names_itself, refused, why_not

LARGEST_ANSWER = 4 << 20
"""Bytes, unpacked; a camera's list of 300 places is 100 kB."""

REDIRECTS = 3


class LeftHost(AddressRefused):
    """A redirect leads to another host than the one that was asked."""


class AnswerTooLarge(aiohttp.ClientPayloadError):
    """The answer is longer than any that is wanted."""


class _Bounded(aiohttp.ClientResponse):
    """Reads no more than LARGEST_ANSWER, however it is packed."""

    async def read(self) -> bytes:
        """The body. AnswerTooLarge."""
        if self._body is None:
            pieces: list[bytes] = []
            length = 0
            async for piece in self.content.iter_any():
                length += len(piece)
                if length > LARGEST_ANSWER:
                    self.close()
                    raise AnswerTooLarge(f"the answer is larger than {LARGEST_ANSWER >> 20} MiB")
                pieces.append(piece)
            self._body = b"".join(pieces)
        return self._body


def guarded_session(
    reach: Reach,
    own_ports: Collection[int] = (),
    *,
    host: str = "",
    connect_s: float = 8.0,
    tls: ssl.SSLContext | bool = True,
    middlewares: tuple[aiohttp.ClientMiddlewareType, ...] = (),
) -> aiohttp.ClientSession:
    """A session that connects where `reach` allows. With `host` it speaks to that host alone, whatever a redirect says.

    Requests raise AddressRefused beside aiohttp's own errors. Nothing is taken from the environment (no proxy, no .netrc).
    """

    async def at_each_hop(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        if host and (request.url.host or "") != host:
            raise LeftHost(
                f"{host} sends us to another host.", "Write the address of that host into the configuration."
            )
        check_url(str(request.url.with_user(None)), reach)
        return await handler(request)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=tls, limit=4, force_close=True, socket_factory=_sockets(reach, own_ports, host),
        ),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_s),
        middlewares=(*middlewares, at_each_hop), response_class=_Bounded, read_bufsize=1 << 16, trust_env=False,
        max_line_size=8190, max_field_size=8190,
    )  # fmt: skip


def _sockets(reach: Reach, own_ports: Collection[int], host: str) -> Callable[[Any], socket.socket]:
    """What opens each socket: the last moment at which the address is known, behind every name and redirect."""
    named = names_itself(host)

    def open_socket(found: Any) -> socket.socket:
        family, kind, protocol, _, place = found
        address = ipaddress.ip_address(place[0].partition("%")[0])
        if why := why_not(address, place[1], reach, own_ports, named=named):
            raise refused(host or place[0], why)
        return socket.socket(family, kind, protocol)

    return open_socket
