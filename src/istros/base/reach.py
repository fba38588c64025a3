"""Where the node may connect to: every address that a person, a camera or a name server names is checked here.

A name is looked up once, the answer is checked, and the connection goes to the address that was checked: a name that
answers otherwise the second time (DNS rebinding) leads nowhere. docs/design/0036 says why each rule is there.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from istros.base.errors import IstrosError

T = TypeVar("T")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "rtmp": 1935, "postgresql": 5432}


class AddressRefused(IstrosError):
    """The node does not connect there; the message names the host and the reason, never the account."""

    code = "address-refused"


@dataclass(frozen=True, slots=True)
class Reach:
    """What one kind of address may lead to.

    `private`: the town's own network. `loopback`: this machine, where the address itself says so (never by a name that
    is looked up). `own`: the node's own ports.
    """

    name: str
    schemes: frozenset[str]
    private: bool
    loopback: bool
    own: bool = False


CAMERA = Reach("camera", frozenset({"rtsp", "rtsps", "http", "https", "rtmp"}), private=True, loopback=True)
"""Cameras stand in private networks, and relays for them may run on the same machine."""

DEVICE = Reach("ONVIF device", frozenset({"http", "https"}), private=True, loopback=True)

SERVICE = Reach(
    "service", frozenset({"postgresql", "http", "https", "nats", "tls"}), private=True, loopback=True, own=True
)
"""Databases, buckets and buses that the administrator runs for this node."""

AUTHORITY = Reach("time-stamping authority", frozenset({"http", "https"}), private=True, loopback=True)
"""Who stamps: a service of the state, or one in the town's own network."""

DIRECTORY = Reach("directory", frozenset({"http", "https"}), private=True, loopback=True)
"""Directories of organisations: https, and plain http on this machine alone (compliance.directory)."""

FEED = Reach("feed", frozenset({"http", "https"}), private=False, loopback=False)
"""What anybody may name: feeds and webhooks out in the internet, never inside."""

LOOPBACK = ipaddress.IPv4Address("127.0.0.1")

_CLOUD = "is an address at which clouds hand out keys"
_NEVER: tuple[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str], ...] = tuple(
    (ipaddress.ip_network(network), why)
    for network, why in (
        ("169.254.169.254/32", _CLOUD), ("169.254.170.0/24", _CLOUD), ("100.100.100.200/32", _CLOUD),
        ("192.0.0.192/32", _CLOUD), ("168.63.129.16/32", _CLOUD), ("fd00:ec2::/64", _CLOUD),
        ("169.254.0.0/16", "is a link-local address; give the device one of the town's network"),
        ("fe80::/10", "is a link-local address; give the device one of the town's network"),
        ("0.0.0.0/8", "is no address of a device"), ("::/128", "is no address of a device"),
        ("224.0.0.0/4", "is a multicast address"), ("ff00::/8", "is a multicast address"),
        ("240.0.0.0/4", "is a reserved address"),
    )
)  # fmt: skip
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address to connect to; `host` is an IP address as text."""

    host: str
    port: int


def check_url(url: str, reach: Reach) -> None:
    """Refuse what can be refused by looking at it: scheme, host, an address written out. Raises AddressRefused."""
    if any(letter <= " " or letter in "\\\x7f" for letter in url):
        raise AddressRefused(f"The address of the {reach.name} has blanks or control characters in it.", "Remove them.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused(f"The address of the {reach.name} cannot be understood.", "Correct it.") from None
    scheme = parts.scheme.partition("+")[0].lower()
    if scheme not in reach.schemes or not host:
        raise AddressRefused(
            f"The address of the {reach.name} does not begin with {_listed(reach.schemes)} and a host.", "Correct it."
        )
    check_host(host, port or DEFAULT_PORTS.get(scheme, 0), reach)


def check_setting(text: str, kind: str, reach: Reach, example: str) -> None:
    """ValueError, for a sentence behind a key and without the address in it, for what a setting may not hold."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is not an address; write {example}") from error
    if parts.scheme.partition("+")[0] not in reach.schemes or not parts.hostname:
        raise ValueError(f"is not {kind} address; write {example}")
    try:
        check_url(text, reach)
    except AddressRefused as refusal:
        raise ValueError(f"cannot be used: {refusal.message.rstrip('.')}") from refusal


def leads_to_own_port(url: str, reach: Reach, own_ports: Collection[int]) -> bool:
    """Whether the address, as it is written, leads to one of the node's own ports."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    if port not in own_ports or not names_itself(host):
        return False
    return bool(why_not(literal_of(host) or LOOPBACK, port, reach, own_ports, named=True))


def check_host(host: str, port: int, reach: Reach, own_ports: Collection[int] = ()) -> None:
    """Refuse a host that is an IP address, however it is written, where it may not be reached. Raises AddressRefused."""
    literal = literal_of(host)
    if literal is not None and (why := why_not(literal, port, reach, own_ports, named=True)):
        raise refused(host, why)
    if literal is None and not reach.loopback and _says_loopback(host):
        raise refused(host, "is this machine itself")


def why_not(address: Address, port: int, reach: Reach, own_ports: Collection[int] = (), *, named: bool = False) -> str:
    """Why the node does not connect to the address; empty when it may. `named`: the address stood there itself."""
    for each in _meanings(address):
        if each.is_loopback:
            if not (reach.loopback and named):
                return "is this machine itself"
        elif not each.is_global and not reach.private and not any(each in network for network, _ in _NEVER):
            return "is an address of a private network"
        for network, why in _NEVER:
            if each.version == network.version and each in network:
                return why
        if port in own_ports and not reach.own and (each.is_loopback or is_ours(each)):
            return f"is this node's own port {port}"
    return ""


def refused(host: str, why: str) -> AddressRefused:
    """The error for a host and a reason of `why_not`."""
    return AddressRefused(f"{shown(host)} {why}; Istros does not connect there.", "Correct the address.")


async def endpoints(host: str, port: int, reach: Reach, own_ports: Collection[int] = ()) -> list[Endpoint]:
    """Look the host up, and keep the addresses that may be reached. AddressRefused when none may, OSError for no host."""
    check_host(host, port, reach, own_ports)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return _allowed(host, port, found, reach, own_ports)


def endpoints_now(host: str, port: int, reach: Reach, own_ports: Collection[int] = ()) -> list[Endpoint]:
    """The same for a thread that may wait."""
    check_host(host, port, reach, own_ports)
    return _allowed(host, port, socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), reach, own_ports)


async def connect(
    make: Callable[[str, int], Awaitable[T]], host: str, port: int, reach: Reach, own_ports: Collection[int] = ()
) -> T:
    """Connect by `make(address, port)` to the first checked address that answers. AddressRefused, OSError."""
    problem: OSError = OSError("no such host")
    for endpoint in await endpoints(host, port, reach, own_ports):
        try:
            return await make(endpoint.host, endpoint.port)
        except OSError as error:
            problem = error
    raise problem


def _allowed(host: str, port: int, found: list[Any], reach: Reach, own_ports: Collection[int]) -> list[Endpoint]:
    named = names_itself(host)
    kept: dict[Endpoint, None] = {}
    reason = "has no address"
    for _, _, _, _, place in found:
        why = why_not(ipaddress.ip_address(place[0].partition("%")[0]), port, reach, own_ports, named=named)
        if why:
            reason = why
        else:
            kept[Endpoint(place[0], port)] = None
    if not kept:
        raise refused(host, reason)
    return list(kept)


def literal_of(host: str) -> Address | None:
    """The IP address that a host is, also in the forms that resolvers take (`0x7f.1`, `2130706433`); None for a name."""
    plain = host.strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(plain)
    except ValueError:
        pass
    if not plain or any(letter not in "0123456789abcdefxABCDEFX." for letter in plain) or not plain[0].isdigit():
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(plain))
    except (OSError, ValueError):
        return None


def names_itself(host: str) -> bool:
    """Whether the host is an address written out, or says that it is this machine: nothing is left to a name server."""
    return literal_of(host) is not None or _says_loopback(host)


def is_ours(address: Address) -> bool:
    """Whether the address is one of this machine's own: only then can a socket be bound to it."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def shown(host: str) -> str:
    """A host as it may stand in a sentence: printable, and no longer than a name can be."""
    return "".join(letter if letter.isprintable() else "?" for letter in host)[:253]


def _meanings(address: Address) -> list[Address]:
    """The address itself, and the IPv4 addresses that gateways and kernels would take it for."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inner: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    if address.teredo is not None:
        inner += address.teredo
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.ipv4_mapped is not None:
        return [each for each in inner if each is not None]
    return [address, *(each for each in inner if each is not None)]


def _says_loopback(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def _listed(schemes: frozenset[str]) -> str:
    return " or ".join(f"{scheme}://" for scheme in sorted(schemes))
