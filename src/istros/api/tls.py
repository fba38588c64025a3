"""TLS without a proxy: the certificate's files, read again when they change, and the port that sends people to it."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from istros.base.clock import Clock
from istros.base.errors import IstrosError
from istros.base.secret_files import require_private

RELOAD_S = 30.0
"""How often the files are looked at: a renewed certificate is in use within a minute, without a gap."""

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption alone; TLS 1.3 has nothing else."""

_HEAD_BYTES, _HEAD_S = 8192, 5.0
_REQUEST = re.compile(rb"^[A-Z]{1,10} (/[!-~]{0,2000}) HTTP/1\.[01]\r\n")
_HOST = re.compile(rb"\r\n[Hh][Oo][Ss][Tt]: *([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?\r\n")

log = structlog.get_logger("istros.api")


class CertificateBroken(IstrosError):
    """The certificate or its key cannot be used."""

    code = "certificate"


@dataclass(frozen=True, slots=True)
class TlsPlan:
    """The files (PEM; the certificate with its chain), and a port without TLS that only sends people to the other."""

    certificate: Path
    key: Path
    redirect_port: int | None = None


class Certificate:
    """The context that new connections are given; `watch` renews it. Raises CertificateBroken, SecretExposed."""

    def __init__(self, plan: TlsPlan) -> None:
        self._plan = plan
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_ciphers(CIPHERS)
        self.context.set_alpn_protocols(["http/1.1"])
        self.context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
        self._seen = self._state()
        self._load()

    def _state(self) -> tuple[tuple[int, int], ...]:
        files = [path.stat() for path in (self._plan.certificate, self._plan.key) if path.exists()]
        return tuple((file.st_mtime_ns, file.st_ino) for file in files)

    def _load(self) -> None:
        plan = self._plan
        for path, what in ((plan.certificate, "certificate"), (plan.key, "certificate's key")):
            if not path.is_file():
                raise CertificateBroken(f"There is no {what} {path}.", "Correct server.tls in the configuration.")
        require_private(plan.key, "certificate's key")
        try:
            # A trial first: a context whose loading fails half-way would be left without either.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(plan.certificate, plan.key, password="")
            self.context.load_cert_chain(plan.certificate, plan.key, password="")
        except (OSError, ValueError) as error:
            why = "they do not belong together" if "MISMATCH" in str(error).upper() else "one of them is damaged"
            raise CertificateBroken(
                f"The certificate {plan.certificate} and its key {plan.key} cannot be used: {why}.",
                "Both are PEM files, the key without a password.",
            ) from error

    def renew(self) -> bool:
        """Read the files again if they changed; what cannot be used is logged, and the old ones stay."""
        state = self._state()
        if state == self._seen:
            return False
        self._seen = state
        try:
            self._load()
        except IstrosError as error:
            log.error("the new certificate is not used", problem=str(error))
            return False
        log.info("the certificate was renewed")
        return True

    async def watch(self, clock: Clock) -> None:
        """Look every RELOAD_S, for ever."""
        while True:
            await clock.sleep(RELOAD_S)
            self.renew()


async def serve_redirect(host: str, port: int, to_port: int) -> asyncio.Server:
    """A port that answers every request with the same address by https, and takes nothing."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(redirect_answer(head, to_port))
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, host, port, limit=_HEAD_BYTES)


def redirect_answer(head: bytes, to_port: int) -> bytes:
    """308 to https on the host that was asked for; 400 for what is no request of a browser."""
    asked, host = _REQUEST.match(head), _HOST.search(head)
    if asked is None or host is None:
        return b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    port = b"" if to_port == 443 else b":%d" % to_port
    place = b"https://" + host[1] + port + asked[1]
    return (
        b"HTTP/1.1 308 Permanent Redirect\r\nLocation: " + place + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
