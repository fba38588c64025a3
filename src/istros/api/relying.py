"""Which address of the node passkeys are bound to."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from istros.api.gate import node_of
from istros.compliance.passkeys import RelyingParty


def relying_party(request: Request) -> RelyingParty | None:
    """Who asks for passkeys: the address of the settings, else `localhost`; None for any other, for nothing vouches for it.

    A host's name from the request alone would bind keys to whatever site passes requests on.
    """
    address = node_of(request).address
    if not address and urlsplit(f"//{request.headers.get('host', '')}").hostname == "localhost":
        address = f"{request.url.scheme}://{request.headers['host']}"
    host = urlsplit(address).hostname
    return RelyingParty(host, address) if host else None
