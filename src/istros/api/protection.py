"""What guards every answer: headers against misuse by other sites, a limit on size, and no word about failures."""

from __future__ import annotations

import asyncio
import json
import re

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from istros.base.ids import Ids

LARGEST_REQUEST = 64 * 1024
"""Bytes; no request of the client comes near it, but for those below."""

LARGER = (
    (re.compile(r"/api/(watchlist|persons)/file"), 1_100_000),
    (re.compile(r"/api/(persons|face-searches)/[^/]+/face"), 6_000_000),
)
"""Files that are sent: a list of entries, and a picture of a face."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
"""Own scripts and styles alone; `blob:` because Media Source Extensions play through such addresses (CSP level 3)."""

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

BODY_S = 20.0
SLOWEST_BYTES_PER_S = 50_000
"""The body of a request may take BODY_S, and as long as the largest of its kind takes on a line of this speed."""

log = structlog.get_logger("istros.api")


class _TooLarge(HTTPException):
    """The body passed LARGEST_REQUEST; FastAPI lets no other kind than HTTPException out of its reading of a body."""

    def __init__(self, most: int) -> None:
        super().__init__(413, f"The request is larger than {most // 1024} KiB.")


def most_bytes_of(path: str) -> int:
    """How large a request to a path may be."""
    return next((most for pattern, most in LARGER if pattern.fullmatch(path)), LARGEST_REQUEST)


class _TooSlow(HTTPException):
    """The body did not come in time."""

    def __init__(self) -> None:
        super().__init__(408, "The request came too slowly.")


class _Unkeepable(HTTPException):
    """The request holds letters that no database keeps: NUL, and halves of pairs."""

    def __init__(self) -> None:
        super().__init__(422, "The request holds letters that cannot be kept (NUL, or half of a surrogate pair).")


_UNKEEPABLE = re.compile(
    rb"(?<!\\)(?:\\\\)*(?:\\u0000"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
"""In JSON, where they come as escapes; PostgreSQL refuses NUL in a text, and neither database can be given half a pair."""


class Protection:
    """ASGI middleware round the whole application."""

    def __init__(self, application: ASGIApp, ids: Ids | None = None, strict_transport: bool = False) -> None:
        self._application = application
        self._ids = ids
        self._strict_transport = strict_transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP requests through the guards; WebSockets are guarded by the gate."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._strict_transport)
        try:
            exchange.check_announced_size()
            exchange.check_address()
            await self._application(scope, exchange.receive, exchange.send)
        except _TooLarge as error:
            await exchange.answer(413, "too-large", error.detail, "Send less at once.")
        except _Unkeepable as error:
            await exchange.answer(422, "invalid-letters", error.detail, "Remove them.")
        except _TooSlow as error:
            await exchange.answer(408, "too-slow", error.detail, "Send it again.")
        except Exception:
            number = self._ids.new() if self._ids else "unknown"
            log.exception("request failed", failure=number, method=scope["method"], path=scope["path"])
            message = f"The node failed to answer; its log tells why under {number}."
            await exchange.answer(500, "failure", message, "Try again; tell the administrator the number.")
        finally:
            exchange.log()


class _Exchange:
    """One request and its answer, seen on their way through."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, strict_transport: bool) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._strict_transport = strict_transport
        self._received = 0
        self._most = most_bytes_of(scope["path"])
        self._whole = False
        self._is_json = "json" in Headers(scope=scope).get("content-type", "json")
        self._body = b""
        self._body_until = asyncio.get_running_loop().time() + BODY_S + self._most / SLOWEST_BYTES_PER_S
        self._started = False
        self._status = 0

    def check_announced_size(self) -> None:
        """Refuse before reading what says itself that it is too large."""
        length = Headers(scope=self._scope).get("content-length", "0")
        if not length.isdigit() or int(length) > self._most:
            raise _TooLarge(self._most)

    def check_address(self) -> None:
        """Refuse NUL in the path and the query."""
        if "\0" in self._scope["path"] or b"%00" in self._scope["query_string"]:
            raise _Unkeepable

    async def receive(self) -> Message:
        """Count the body's bytes and seconds."""
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._body_until):
                message = await self._receive()
        except TimeoutError:
            raise _TooSlow from None
        self._whole = not message.get("more_body", False)
        if self._is_json:
            self._body += message.get("body", b"")
            if self._whole and _UNKEEPABLE.search(self._body):
                raise _Unkeepable
        self._received += len(message.get("body", b""))
        if self._received > self._most:
            raise _TooLarge(self._most)
        return message

    async def send(self, message: Message) -> None:
        """Add the headers to the answer."""
        if message["type"] == "http.response.start":
            self._started = True
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self._scope["path"].startswith("/api/"):
                headers.setdefault("cache-control", "no-store")
            if self._strict_transport:
                headers.setdefault("strict-transport-security", "max-age=31536000")
        await self._send(message)

    def log(self) -> None:
        """One line: the route's pattern instead of the address, so that no permit, query or plate reaches the log."""
        method, route = self._scope["method"], self._scope.get("route")
        quiet = method in ("GET", "HEAD") and self._status < 400
        write = log.debug if quiet else log.info
        write("request", method=method, route=getattr(route, "path", "-"), status=self._status)

    async def answer(self, status: int, code: str, message: str, remedy: str) -> None:
        """Answer with a problem, unless an answer has begun: then it can only be cut off."""
        if self._started:
            raise ConnectionAbortedError(code)
        body = json.dumps({"code": code, "message": message, "remedy": remedy}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
