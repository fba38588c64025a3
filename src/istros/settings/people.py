"""Where people reach the node, and what they prove there."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from istros.settings.part import Part


def _web_address(value: str) -> str:
    """`https://host[:port]`, or plain http on this machine alone. ValueError when it is neither."""
    parts = urlsplit(value)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or parts.username or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
        raise ValueError("is no https address; write https://centre.example")
    return value.rstrip("/")


class TlsSettings(Part):
    """The files of a certificate (PEM, the certificate with its chain), for a node without a reverse proxy."""

    certificate: Path
    key: Path
    redirect_port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """A port without TLS that sends browsers to the one with it."""


class ServerSettings(Part):
    """Where the screens are served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8700
    secure_cookies: bool = False
    """True when a reverse proxy serves the node by TLS: the session cookie then never travels in the clear."""
    tls: TlsSettings | None = None
    address: str = ""
    """How people reach the node, e.g. `https://centre.izmail.example`; passkeys and directories need it."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies that tell who asks; nobody else's word for it is taken."""
    proxy_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """The header in which they tell it."""

    @field_validator("address")
    @classmethod
    def _is_reachable(cls, value: str) -> str:
        return value and _web_address(value)

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ip_network(network)
            except ValueError as error:
                raise ValueError(f"'{network}' is no address and no network; write 10.0.0.5 or 10.0.0.0/24") from error
        return value


RoleName = Literal[
    "operator", "shift_leader", "investigator", "patrol", "traffic_engineer", "protection_officer", "administrator",
]  # fmt: skip
"""The roles of `compliance.access`; a test compares the two."""


class DirectorySettings(Part):
    """An organisation's own directory (OpenID Connect), by which its people sign in."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    name: str
    """What the button of the sign-in page says."""
    issuer: str
    client_id: str
    client_secret: Path | None = None
    """A file with the secret, mode 0600; None: PKCE alone."""
    organisation: str
    groups_claim: str = "groups"
    roles: dict[str, RoleName]
    """The role of each group; the first that fits counts. Nobody without one of these groups gets in."""
    language: Literal["uk", "ro", "en"] = "en"

    @field_validator("issuer")
    @classmethod
    def _is_an_issuer(cls, value: str) -> str:
        _web_address(value)
        return value


class SignInSettings(Part):
    """What people prove when they sign in."""

    second_factor: tuple[RoleName, ...] = ("administrator", "protection_officer", "investigator", "shift_leader")
    """The roles that need a one-time code or a passkey beside their password."""
