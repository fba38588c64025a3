"""Where a device's ONVIF service is, and who asks there."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

DEFAULT_PATH = "/onvif/device_service"


@dataclass(frozen=True, slots=True)
class OnvifAddress:
    """An ONVIF address taken apart; the account never shows."""

    scheme: str
    host: str
    port: int
    path: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """The address without the account."""
        return urlunsplit((self.scheme, self.place, self.path, "", ""))

    @property
    def place(self) -> str:
        """HOST:PORT."""
        return f"{bracketed(self.host)}:{self.port}"

    def here(self, advertised: str) -> str:
        """An address that the device names, bound to the host that was configured: a camera must not send us elsewhere.

        The port is the device's own where it names our host, else the configured one (a camera behind a router).
        """
        parts = urlsplit(advertised.strip())
        place = self.place
        if parts.hostname == self.host:
            place = f"{bracketed(self.host)}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        scheme = parts.scheme if parts.scheme in ("http", "https") else self.scheme
        return urlunsplit((scheme, place, parts.path, parts.query, ""))

    def stream_here(self, advertised: str) -> str:
        """A stream's address on the configured host, without an account; the device's port. ValueError for nonsense."""
        parts = urlsplit(advertised.strip())
        if parts.scheme != "rtsp" or not parts.hostname:
            raise ValueError("it is no RTSP address")
        return urlunsplit(("rtsp", f"{bracketed(self.host)}:{parts.port or 554}", parts.path, parts.query, ""))


def parse_onvif_address(text: str) -> OnvifAddress:
    """ValueError, without the address in it, when it is no http:// or https:// URL. The path has a default."""
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        raise ValueError("the port of the address is no number from 1 to 65535") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it does not begin with http:// or https:// and a host")
    path = parts.path if parts.path not in ("", "/") else DEFAULT_PATH
    port = port or (443 if parts.scheme == "https" else 80)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return OnvifAddress(parts.scheme, parts.hostname, port, path, user, password)


def bracketed(host: str) -> str:
    """IPv6 addresses in URLs stand in brackets."""
    return f"[{host}]" if ":" in host else host
