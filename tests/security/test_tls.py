"""TLS without a proxy, patience with an end, and the headers and cookies of every answer."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.sync.client import connect

from istros.api import patience, protection
from istros.api.tls import Certificate, CertificateBroken, TlsPlan, redirect_answer, serve_redirect
from istros.base.secret_files import SecretExposed
from tests.api.site import PASSWORD, Site, make_site


def make_certificate(folder: Path, name: str = "localhost") -> TlsPlan:
    """A fresh certificate of its own authority, and its key of mode 0600."""
    folder.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + datetime.timedelta(3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name), x509.DNSName("127.0.0.1")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plan = TlsPlan(folder / "node.crt", folder / "node.key")
    plan.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plan.key.touch(0o600)
    plan.key.chmod(0o600)
    plan.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return plan


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("tls")
    site = make_site(folder)
    site.tls = make_certificate(folder / "tls")
    site.start()
    yield site
    site.stop()
    site.database.close()
    site.environment.workers.close()


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        base_url=f"https://127.0.0.1:{site.port}", verify=trusting(), trust_env=False, timeout=20
    ) as client:
        yield client


def test_a_session_by_tls_has_a_cookie_of_this_host_alone(site: Site, client: httpx2.Client) -> None:
    answer = client.post("/api/session", json={"name": "operator", "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-istros_session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()
    assert client.get("/api/session").json()["operator"]["name"] == "operator"
    headers = {"Cookie": f"__Host-istros_session={client.cookies['__Host-istros_session']}"}
    url = f"wss://127.0.0.1:{site.port}/api/changes"
    with connect(
        url, ssl=trusting(), origin=f"https://127.0.0.1:{site.port}", additional_headers=headers, proxy=None
    ) as line:  # type: ignore[arg-type]
        assert "tick" in str(line.recv(timeout=10))
    plain = {"Cookie": f"istros_session={client.cookies['__Host-istros_session']}"}
    assert httpx2.get(f"https://127.0.0.1:{site.port}/api/session", headers=plain, verify=trusting()).status_code == 401


ANSWERS = [
    ("GET", "/"), ("GET", "/wall"), ("GET", "/nothing.js"), ("GET", "/api/node"), ("GET", "/api/nothing"),
    ("GET", "/api/alarms"), ("POST", "/api/session"), ("PUT", "/api/node"), ("GET", "/..%2f..%2fetc/passwd"),
    ("HEAD", "/"), ("OPTIONS", "/api/node"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ANSWERS)
def test_every_answer_carries_every_header(site: Site, method: str, path: str) -> None:
    answer = httpx2.request(method, f"https://127.0.0.1:{site.port}{path}", verify=trusting(), trust_env=False)
    assert answer.status_code < 500
    for name, value in protection.HEADERS.items():
        assert answer.headers[name] == value, name
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "server" not in answer.headers and "x-powered-by" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy


def handshake(port: int, *, ciphers: str = "", most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> tuple[str, str]:
    context = trusting()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = most
    if ciphers:
        context.set_ciphers(ciphers)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", port), 5) as plain, context.wrap_socket(plain) as line:
        return str(line.version()), str((line.cipher() or ("",))[0])


def test_only_modern_tls_is_spoken(site: Site) -> None:
    assert handshake(site.port)[0] == "TLSv1.3"
    version, cipher = handshake(site.port, most=ssl.TLSVersion.TLSv1_2)
    assert version == "TLSv1.2" and cipher.startswith("ECDHE-") and ("GCM" in cipher or "CHACHA20" in cipher)
    for old in ("AES128-SHA:@SECLEVEL=0", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            handshake(site.port, ciphers=old, most=ssl.TLSVersion.TLSv1_2)
    with pytest.raises((ssl.SSLError, ConnectionError, ValueError)):
        handshake(site.port, ciphers="ALL:@SECLEVEL=0", most=ssl.TLSVersion.TLSv1_1)


def serial(context: ssl.SSLContext) -> bytes:
    """The certificate that a context gives, by a handshake in memory."""
    inward, outward, back = ssl.MemoryBIO(), ssl.MemoryBIO(), trusting()
    server = context.wrap_bio(inward, outward, server_side=True)
    client = back.wrap_bio(outward, inward)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.getpeercert(binary_form=True) or b""


def test_a_renewed_certificate_is_used_and_a_broken_one_is_not(tmp_path: Path) -> None:
    plan = make_certificate(tmp_path)
    certificate = Certificate(plan)
    first = serial(certificate.context)
    assert first and not certificate.renew()
    make_certificate(tmp_path)
    assert certificate.renew()
    second = serial(certificate.context)
    assert second != first
    other = make_certificate(tmp_path / "other")
    plan.key.write_bytes(other.key.read_bytes())
    assert not certificate.renew() and serial(certificate.context) == second
    plan.certificate.write_bytes(other.certificate.read_bytes())
    assert certificate.renew() and serial(certificate.context) not in (first, second)


def test_certificates_that_cannot_be_used_stop_the_start_in_a_sentence(tmp_path: Path) -> None:
    plan = make_certificate(tmp_path)
    plan.key.chmod(0o640)
    with pytest.raises(SecretExposed, match=r"certificate's key .* can be read by others"):
        Certificate(plan)
    plan.key.chmod(0o600)
    plan.key.write_bytes(make_certificate(tmp_path / "other").key.read_bytes())
    with pytest.raises(CertificateBroken, match="do not belong together"):
        Certificate(plan)
    plan.key.write_text("rubbish")
    with pytest.raises(CertificateBroken, match="damaged"):
        Certificate(plan)
    plan.key.unlink()
    with pytest.raises(CertificateBroken, match="There is no certificate's key"):
        Certificate(plan)


@pytest.mark.parametrize(
    ("head", "location"),
    [
        (b"GET /wall?x=1 HTTP/1.1\r\nHost: centre.example:80\r\n\r\n", b"https://centre.example:8443/wall?x=1"),
        (b"GET / HTTP/1.1\r\nUser-Agent: x\r\nhost: [fd00::7]\r\n\r\n", b"https://[fd00::7]:8443/"),
    ],
)
def test_the_port_without_tls_sends_browsers_to_the_other(head: bytes, location: bytes) -> None:
    answer = redirect_answer(head, 8443)
    assert answer.startswith(b"HTTP/1.1 308 ") and b"Location: " + location + b"\r\n" in answer
    assert b":8443" not in redirect_answer(head, 443)


@pytest.mark.parametrize(
    "head",
    [
        b"GET //evil.example HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", b"\x16\x03\x01\r\n\r\n",
        b"GET /\r\nSet-Cookie:x HTTP/1.1\r\nHost: a\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a@evil.example\r\n\r\n",
    ],
)  # fmt: skip
def test_the_redirect_answers_nothing_else(head: bytes) -> None:
    assert redirect_answer(head, 443).startswith(b"HTTP/1.1 400 ")


def test_the_redirect_is_a_server_that_hangs_up() -> None:
    async def look() -> bytes:
        server = await serve_redirect("127.0.0.1", 0, 8443)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"GET /x HTTP/1.1\r\nHost: centre.example\r\n\r\n")
        answer = await reader.read()
        writer.close()
        server.close()
        return answer

    assert b"Location: https://centre.example:8443/x" in asyncio.run(look())


# Patience.


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node without TLS whose patience is short."""
    site = make_site(tmp_path_factory.mktemp("hasty"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience, "HEAD_S", 1.0)
        patch.setattr(protection, "BODY_S", 1.0)
        patch.setattr(protection, "SLOWEST_BYTES_PER_S", 1e9)
        site.start()
        yield site
        site.stop()
    site.database.close()
    site.environment.workers.close()


def said(port: int, pieces: list[bytes], pause_s: float = 0.3, last_s: float = 6.0) -> tuple[bytes, float]:
    """What the server answers to pieces sent slowly, until it hangs up, and after how long."""
    began = time.monotonic()
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.settimeout(last_s)
        for piece in pieces:
            try:
                line.sendall(piece)
            except OSError:
                break
            threading.Event().wait(pause_s)
        try:
            while more := line.recv(4096):
                answer += more
        except OSError:
            pass
    return answer, time.monotonic() - began


def test_a_slow_head_is_hung_up_on(hasty: Site) -> None:
    drip = [b"GET /api/node HTTP/1.1\r\n", *(f"X-{n}: a\r\n".encode() for n in range(20))]
    answer, seconds = said(hasty.port, drip, pause_s=0.2)
    assert answer == b"" and seconds < 6
    answer, seconds = said(hasty.port, [b""], pause_s=0.0)
    assert answer == b"" and seconds < 4


def test_a_slow_head_after_an_answer_is_hung_up_on(hasty: Site) -> None:
    answer, seconds = said(
        hasty.port, [b"GET /api/node HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /api", *[b"x"] * 20], pause_s=0.2
    )
    assert answer.count(b"HTTP/1.1 200") == 1 and seconds < 8


def test_a_slow_body_is_answered_408(hasty: Site) -> None:
    head = b"POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    answer, _ = said(hasty.port, [head, *[b" "] * 8], pause_s=0.3)
    assert b"408" in answer.split(b"\r\n")[0] and b"too-slow" in answer


def test_heads_and_bodies_have_a_size(hasty: Site) -> None:
    big = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * (patience.HEAD_BYTES + 600_000) + b"\r\n\r\n"
    assert said(hasty.port, [big], 0, 3)[0].split(b" ")[1:2] in ([b"431"], [b"400"])
    length = b"POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (protection.LARGEST_REQUEST + 1)
    assert b"413" in said(hasty.port, [length], 0, 3)[0].split(b"\r\n")[0]
    pieces = [
        b"POST /api/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        *[b"4000\r\n" + b" " * 0x4000 + b"\r\n"] * 5,
    ]
    assert b"413" in said(hasty.port, pieces, 0, 3)[0].split(b"\r\n")[0]


def test_requests_that_two_servers_read_differently_are_refused(hasty: Site) -> None:
    """Smuggling: what a proxy in front and the node could take for two different requests."""
    for head in (
        b"POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
        b"GET / HTTP/1.1\r\nHost: a\r\n X: b\r\nY : c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n",
        b"POST /api/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    ):
        answer = said(hasty.port, [head], 0, 3)[0]
        assert answer.split(b" ")[1:2] in ([b"400"], [b"501"]), head
