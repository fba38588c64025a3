"""From which address a request really comes: a reverse proxy is believed only where the settings name it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Literal

from starlette.datastructures import Headers

ProxyHeader = Literal["x-forwarded-for", "forwarded"]


class TrustedProxies:
    """The reverse proxies of the settings, and the one header in which they say who asks.

    Only one header counts: a proxy that writes the one passes the other on as the visitor sent it. Anybody else's header
    is not looked at.
    """

    def __init__(self, networks: Sequence[str] = (), header: ProxyHeader = "x-forwarded-for") -> None:
        self._networks = [ipaddress.ip_network(network) for network in networks]
        self._header = header

    def origin(self, peer: str, headers: Headers) -> str:
        """The address of who asks: the last one that a trusted proxy names and that is no trusted proxy itself."""
        if not self._trusts(peer):
            return peer
        origin = peer
        for hop in reversed(self._hops(headers)):
            address = _address(hop)
            if address is None:
                break  # what stands further left comes from who knows whom
            origin = address
            if not self._trusts(address):
                break
        return origin

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def _hops(self, headers: Headers) -> list[str]:
        elements = [part.strip() for part in ",".join(headers.getlist(self._header)).split(",") if part.strip()]
        return elements if self._header == "x-forwarded-for" else [_for_of(element) for element in elements]


def _for_of(element: str) -> str:
    """What `for=` says in one element of `Forwarded` (RFC 7239 section 4), without its quotes."""
    pairs = (pair.partition("=") for pair in element.split(";"))
    return next((value.strip().strip('"') for name, _, value in pairs if name.strip().lower() == "for"), "")


def _address(hop: str) -> str | None:
    """The address without port and brackets; None where it is none (`unknown`, `_hidden`)."""
    host = hop[1:].split("]", 1)[0] if hop.startswith("[") else hop
    if host.count(":") == 1:
        host = host.split(":", 1)[0]
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if parsed.version == 6 else None
    return str(mapped or parsed)
