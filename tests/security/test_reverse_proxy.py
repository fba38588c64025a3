"""The guide's reverse proxy, run as it stands there: HTTP/2, cookies, headers, WebSockets, and nothing lost on the way."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from websockets.sync.client import connect

from istros.api.protection import HEADERS
from tests.api.site import PASSWORD, Site, make_site
from tests.house.places import ROOT
from tests.security.test_tls import make_certificate, trusting

CADDY = Path(sys.executable).with_name("caddy")


def caddyfile() -> str:
    """The block of the guide; it is the same in the three languages."""
    found = {
        re.findall(r"```caddyfile\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)[0]
        for path in (ROOT / "docs/guide").glob("administrators*.md")
    }
    (block,) = found
    return str(block)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, int]]:
    """A node behind the proxy, and the proxy's port."""
    folder = tmp_path_factory.mktemp("proxy")
    site = make_site(folder)
    site.secure = True
    site.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    plan = make_certificate(folder / "tls")
    block = (
        caddyfile()
        .replace("istros.example.org", f"https://localhost:{port}")
        .replace("127.0.0.1:8700", f"127.0.0.1:{site.port}")
    )
    files = f"\ttls {plan.certificate} {plan.key}\n"
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + block.replace("{\n", "{\n" + files, 1))
    command = [str(CADDY), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "caddy.log").open("wb") as log:
        proxy = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **homes})
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            threading.Event().wait(0.1)
        yield site, port
    finally:
        proxy.terminate()
        proxy.wait(20)
        site.stop()
        site.database.close()
        site.environment.workers.close()


def test_http_2_is_spoken_and_every_header_arrives(proxied: tuple[Site, int]) -> None:
    _, port = proxied
    context = trusting()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        assert line.selected_alpn_protocol() == "h2"
    curl = shutil.which("curl")
    if curl and "HTTP2" in subprocess.run([curl, "--version"], capture_output=True, text=True).stdout:
        url = f"https://localhost:{port}/"
        command = [curl, "--noproxy", "*", "-ksi", "--http2", "--resolve", f"localhost:{port}:127.0.0.1", url]
        said = subprocess.run(command, capture_output=True, text=True, timeout=30).stdout
        assert said.startswith("HTTP/2 200")
        assert all(f"{name}: {value}" in said for name, value in HEADERS.items())


def test_a_session_lives_through_the_proxy(proxied: tuple[Site, int]) -> None:
    _, port = proxied
    with httpx2.Client(base_url=f"https://localhost:{port}", verify=trusting(), trust_env=False, timeout=20) as client:
        answer = client.post(
            "/api/session",
            json={"name": "operator", "password": PASSWORD},
            headers={"Origin": f"https://localhost:{port}"},
        )
        assert answer.status_code == 200, answer.text
        assert (
            answer.headers["set-cookie"].startswith("__Host-istros_session=")
            and "Secure" in answer.headers["set-cookie"]
        )
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert client.get("/api/alarms").status_code == 200
        foreign = client.post(
            "/api/session", json={"name": "a", "password": "b"}, headers={"Origin": "https://evil.example"}
        )
        assert foreign.json()["code"] == "forged-request"
        headers = {"Cookie": f"__Host-istros_session={client.cookies['__Host-istros_session']}"}
    url = f"wss://localhost:{port}/api/changes"
    with connect(
        url, ssl=trusting(), origin=f"https://localhost:{port}", additional_headers=headers, proxy=None
    ) as line:  # type: ignore[arg-type]
        assert "tick" in str(line.recv(timeout=10))


def test_the_proxy_hides_nothing_from_the_limits(proxied: tuple[Site, int]) -> None:
    _, port = proxied
    url = f"https://localhost:{port}/api/session"
    answer = httpx2.post(
        url, content=b"x" * 70_000, headers={"content-type": "application/json"}, verify=trusting(), trust_env=False
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_the_guides_certificates_are_checked_by_clients(proxied: tuple[Site, int]) -> None:
    """That the tests trust anything is the tests' choice, not the proxy's."""
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"https://localhost:{proxied[1]}/", verify=ssl.create_default_context(), trust_env=False)
