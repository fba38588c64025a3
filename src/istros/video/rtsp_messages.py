"""RTSP 1.0 requests and answers as text (RFC 2326), and the addresses of tracks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from istros.devices.camera import SecretUrl

DEFAULT_PORT = 554


@dataclass(frozen=True, slots=True)
class Address:
    """An RTSP URL taken apart: where to connect, what to ask for (without credentials), and who asks."""

    host: str
    port: int
    request: str
    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; header names in lower case, with every value that a name came with."""

    status: int
    reason: str
    headers: dict[str, list[str]]
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value, or an empty text."""
        return self.headers.get(name, [""])[0]


def parse_address(url: SecretUrl) -> Address:
    """ValueError, without the address in it, when it is no `rtsp://` URL."""
    parts = urlsplit(url.reveal())
    try:
        port = parts.port or DEFAULT_PORT
    except ValueError:
        raise ValueError("the port of the address is no number from 1 to 65535") from None
    if parts.scheme != "rtsp" or not parts.hostname:
        raise ValueError("the address does not begin with rtsp:// and a host")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = host if parts.port is None else f"{host}:{port}"
    request = urlunsplit(("rtsp", place, parts.path, parts.query, ""))
    return Address(parts.hostname, port, request, unquote(parts.username or ""), unquote(parts.password or ""))


def format_request(method: str, url: str, number: int, headers: dict[str, str]) -> bytes:
    """The bytes of a request without a body."""
    lines = [f"{method} {url} RTSP/1.0", f"CSeq: {number}", "User-Agent: Istros"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def parse_response(head: str) -> Response | None:
    """An answer's head without the empty line; None when it is none (cameras may send requests, too)."""
    first, *lines = head.split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("RTSP/") or not (words[1].isascii() and words[1].isdigit()):
        return None
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, separator, value = line.partition(":")
        if separator:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    return Response(int(words[1]), words[2] if len(words) > 2 else "", headers)


def body_length(head: str) -> int:
    """`Content-Length` of a message's head; 0 without one."""
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-length" and value.strip().isdecimal():
            return int(value)
    return 0


_TIMEOUT = re.compile(r"timeout\s*=\s*(\d{1,6})", re.IGNORECASE)
_SHORTEST_TIMEOUT_S = 2.0


def parse_session(header: str, known: str) -> tuple[str, float | None]:
    """(identity, timeout in seconds where it is told) of a `Session` header; without one what is `known` stays."""
    identity, _, rest = header.partition(";")
    timeout = _TIMEOUT.search(rest)
    return identity.strip() or known, max(_SHORTEST_TIMEOUT_S, float(timeout[1])) if timeout else None


def resolve_base(url: str, *offered: str) -> str:
    """What the tracks' addresses are joined to: the first header that is an RTSP address, else what we asked for."""
    return next((base for base in offered if base.lower().startswith(("rtsp://", "rtsps://"))), url)


def resolve_control(base: str, control: str) -> str:
    """The address of a track or of the whole session (RFC 2326 appendix C.1.1).

    Joined as cameras expect it, by a slash behind the base even when that has a query, not as RFC 3986 would.
    """
    if control in ("", "*"):
        return base
    if control.lower().startswith(("rtsp://", "rtsps://")):
        return control
    return f"{base}{control}" if base.endswith("/") else f"{base}/{control}"
