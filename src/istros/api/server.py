"""The HTTP server in the current event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn

from istros.api.application import make_application
from istros.api.live_socket import PictureProtocol
from istros.api.node import Node
from istros.api.patience import CONNECTIONS_MOST, HEAD_BYTES, PatientProtocol
from istros.api.tls import Certificate, TlsPlan, serve_redirect
from istros.base.errors import IstrosError

KEPT_S = 5
"""How long a connection without a request is kept."""

BACKLOG = 1024

GRACE_S = 2
"""Seconds that open requests and WebSockets get to end when the server stops."""


class PortTaken(IstrosError):
    """The address cannot be listened on."""

    code = "port-taken"


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the process has them, and tells by `stop`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


async def serve_api(
    node: Node,
    host: str,
    port: int,
    stop: asyncio.Event,
    on_listening: Callable[[int], None] | None = None,
    tls: TlsPlan | None = None,
) -> None:
    """Serve until `stop` is set, then end within GRACE_S even with WebSockets open.

    `on_listening` is told the port (the real one where 0 was asked for). Raises PortTaken, CertificateBroken, SecretExposed.
    """
    certificate = None if tls is None else Certificate(tls)
    config = uvicorn.Config(
        make_application(node), host=host, port=port, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=GRACE_S, ws=PictureProtocol, ws_max_size=4096, ws_per_message_deflate=False, lifespan="on",
        proxy_headers=False, http=PatientProtocol, h11_max_incomplete_event_size=HEAD_BYTES, limit_concurrency=CONNECTIONS_MOST,
        timeout_keep_alive=KEPT_S,
        ssl_context_factory=None if certificate is None else lambda _, __: certificate.context,
    )  # fmt: skip
    server = _Server(config)
    listener = _bind(host, port)
    beside = await _beside(node, host, listener, certificate, tls)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    stopping = asyncio.ensure_future(stop.wait())
    if on_listening is not None:
        on_listening(listener.getsockname()[1])
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        server.should_exit = True
        await serving
        listener.close()
        await beside.aclose()


async def _beside(
    node: Node, host: str, listener: socket.socket, certificate: Certificate | None, tls: TlsPlan | None
) -> contextlib.AsyncExitStack:
    """What runs beside a server with TLS: the look at the certificate's files, and the redirect. PortTaken."""
    stack = contextlib.AsyncExitStack()
    if certificate is None or tls is None:
        return stack
    watching = asyncio.create_task(certificate.watch(node.environment.clock), name="certificate")
    stack.callback(watching.cancel)
    if tls.redirect_port is not None:
        try:
            redirect = await serve_redirect(host, tls.redirect_port, listener.getsockname()[1])
        except OSError as error:
            watching.cancel()
            listener.close()
            raise PortTaken(
                f"Port {tls.redirect_port} of {host} cannot be listened on: {error.strerror}.",
                "Choose another for server.tls.redirect_port, or leave it out.",
            ) from error
        stack.callback(redirect.close)
    return stack


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Port {port} of {host} cannot be listened on: {error.strerror}.",
            "Choose another with --port, or end the program that holds it.",
        ) from error
    listener.listen(BACKLOG)  # From now on the kernel keeps who comes, until the server has started.
    listener.setblocking(False)
    return listener
