"""Where the node may connect to: addresses written, addresses looked up, addresses that change, addresses that redirect."""

from __future__ import annotations

import asyncio
import inspect
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.environment import real_environment
from istros.base.guarded_http import LARGEST_ANSWER, AnswerTooLarge, guarded_session
from istros.base.reach import (
    CAMERA,
    DEVICE,
    FEED,
    SERVICE,
    AddressRefused,
    check_url,
    connect,
    endpoints,
    is_ours,
    literal_of,
    why_not,
)
from istros.devices.camera import SecretUrl, Stream, StreamKey
from istros.devices.discovery import read_answer
from istros.devices.errors import DeviceFault, DeviceUnreachable
from istros.devices.onvif.address import parse_onvif_address
from istros.devices.onvif.soap import Service, SoapSession, load_descriptions
from istros.video.errors import CameraUnreachable
from istros.video.opener import open_streams

CLOUD = [
    "169.254.169.254", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.254.43518", "0xa9.254.0xA9fe",
    "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[::a9fe:a9fe]",
    "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16", "192.0.0.192", "169.254.170.2",
]  # fmt: skip
LINK_LOCAL = ["169.254.1.7", "[fe80::1]", "[fe80::1%25eth0]", "[::ffff:169.254.1.7]"]
NOWHERE = ["0.0.0.0", "0", "[::]", "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "[ff02::c]"]
LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
]
PRIVATE = ["10.0.7.7", "192.168.1.20", "172.16.4.4", "[fd12:3456::7]", "100.64.0.9"]


@pytest.mark.parametrize("host", CLOUD + LINK_LOCAL + NOWHERE)
@pytest.mark.parametrize(("reach", "scheme"), [(CAMERA, "rtsp"), (DEVICE, "http"), (SERVICE, "https"), (FEED, "https")])
def test_no_address_leads_to_a_clouds_keys_a_link_or_nowhere(host: str, reach: Any, scheme: str) -> None:
    with pytest.raises(AddressRefused, match="does not connect there"):
        check_url(f"{scheme}://{host}/x", reach)


@pytest.mark.parametrize("host", PRIVATE)
def test_cameras_stand_in_private_networks_and_feeds_do_not(host: str) -> None:
    check_url(f"rtsp://{host}:554/stream", CAMERA)
    check_url(f"https://{host}", SERVICE)
    with pytest.raises(AddressRefused, match="private network"):
        check_url(f"https://{host}/feed", FEED)


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_is_named_or_it_is_not_reached(host: str) -> None:
    check_url(f"rtsp://{host}/stream", CAMERA)
    with pytest.raises(AddressRefused, match="this machine itself"):
        check_url(f"https://{host}/feed", FEED)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://camera/", "concat:/etc/passwd|/etc/group", "subfile,,start,0,end,9,,:/etc/passwd",
        "rtsp:///no-host", "rtsp://camera:99999/", "rtsp://[::1/", "rtsp://cam era/", "rtsp://camera/\r\nHost: other",
        "rtsp://camera\\@169.254.169.254/", "javascript:alert(1)", "", "//camera/stream", "dict://camera:6379/",
    ],
)  # fmt: skip
def test_other_schemes_and_broken_addresses_are_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        check_url(url, CAMERA)
    assert url.strip("/") not in str(refusal.value) or not url.strip("/")


def test_no_account_is_in_a_refusal() -> None:
    with pytest.raises(AddressRefused) as refusal:
        check_url("http://eye:secret-42@169.254.169.254/latest", DEVICE)
    assert "secret-42" not in str(refusal.value) and "eye" not in str(refusal.value)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=80),
    st.sampled_from([CAMERA, FEED, SERVICE]),
    st.sampled_from(["", "http://", "https://[", "rtsp://"]),
)
def test_any_text_is_taken_or_refused(text: str, reach: Any, start: str) -> None:
    try:
        check_url(start + text, reach)
    except AddressRefused:
        return
    assert (start + text).lower().startswith(tuple(reach.schemes))


@settings(max_examples=200, deadline=None)
@given(st.ip_addresses())
def test_what_a_feed_may_reach_is_global(address: Any) -> None:
    if not why_not(address, 443, FEED):
        assert not (address.is_private or address.is_loopback or address.is_link_local or address.is_multicast)


# Names.


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let the name server give these answers in turn (the last again and again); which names were asked for."""
    asked: list[str] = []

    def lookup(host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if literal_of(name) is not None:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, port))]
        asked.append(name)
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in answers[min(len(asked), len(answers)) - 1]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::2"):
        answering(monkeypatch, [address])
        with pytest.raises(AddressRefused):
            asyncio.run(endpoints("camera.example", 554, CAMERA))


def test_of_several_addresses_only_the_good_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["169.254.169.254", "10.0.0.9", "127.0.0.1"])
    assert [each.host for each in asyncio.run(endpoints("camera.example", 554, CAMERA))] == ["10.0.0.9"]


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer leads inside, and is never asked for."""
    asked = answering(monkeypatch, ["10.0.0.9"], ["127.0.0.1"])
    went: list[str] = []

    async def make(host: str, port: int) -> None:
        went.append(host)

    asyncio.run(connect(make, "camera.example", 554, CAMERA))
    assert (went, asked) == (["10.0.0.9"], ["camera.example"])


def test_the_nodes_own_ports_are_never_reached(free_port: int) -> None:
    own = frozenset({free_port})
    for host in ("127.0.0.1", "localhost", "::1"):
        with pytest.raises(AddressRefused, match="own port"):
            asyncio.run(endpoints(host, free_port, CAMERA, own))
    outward = _own_address()
    if outward is not None:
        with pytest.raises(AddressRefused, match="own port"):
            asyncio.run(endpoints(outward, free_port, CAMERA, own))
    assert asyncio.run(endpoints("10.255.255.1", free_port, CAMERA, own))


def _own_address() -> str | None:
    """An address of this machine that is not loopback, where it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.1", 9))
        except OSError:
            return None
        found = str(probe.getsockname()[0])
    return found if is_ours(ipaddress.ip_address(found)) and not found.startswith("127.") else None


# The clients.


def stream(url: str) -> Stream:
    return Stream(StreamKey("IZ-07", "main"), SecretUrl(url))


async def opened(url: str, own_ports: frozenset[int] = frozenset()) -> None:
    environment = real_environment(2, own_ports)
    try:
        async for _ in open_streams(environment, connect_timeout_s=2)(stream(url)):
            pass
    finally:
        environment.workers.close()


@pytest.mark.parametrize("scheme", ["rtsp", "http", "rtmp", "https", "rtsps"])
@pytest.mark.parametrize("host", ["169.254.169.254", "0xA9FEA9FE", "rebound.example"])
def test_no_client_of_streams_connects_there(scheme: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["169.254.169.254"])
    with pytest.raises(CameraUnreachable, match="does not connect there") as refusal:
        asyncio.run(opened(f"{scheme}://eye:secret-42@{host}:8080/live"))
    assert "secret-42" not in str(refusal.value)


def test_no_client_of_streams_connects_to_the_node(free_port: int) -> None:
    for scheme in ("rtsp", "http"):
        with pytest.raises(CameraUnreachable, match="own port"):
            asyncio.run(opened(f"{scheme}://127.0.0.1:{free_port}/live", frozenset({free_port})))


Answer = Callable[[bytes], bytes]


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[tuple[int, list[bytes]]]:
    """An HTTP server that answers every request with these bytes; its port and what it was asked."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            heard.append(head)
            writer.write(answer(head))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], heard
    finally:
        listening.close()


def redirect(to: str) -> Answer:
    return lambda _: f"HTTP/1.1 307 Elsewhere\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


def with_server(answer: Answer, work: Callable[[int, list[bytes]], Awaitable[None]]) -> None:
    async def main() -> None:
        async with server(answer) as (port, heard):
            await work(port, heard)

    asyncio.run(main())


def test_a_feed_follows_no_redirect_inside() -> None:
    """The first hop is allowed for the test alone; the second is what is judged."""
    reach = type(FEED)("feed", FEED.schemes, private=True, loopback=True)

    async def look(port: int, heard: list[bytes]) -> None:
        async with guarded_session(reach, host="127.0.0.1") as session:
            with pytest.raises((AddressRefused, aiohttp.NonHttpUrlRedirectClientError)):
                await session.get(f"http://127.0.0.1:{port}/feed")
            assert len(heard) == 1

    for target in (
        "http://169.254.169.254/latest/meta-data",
        "http://2852039166/",
        "file:///etc/passwd",
        "http://elsewhere.example/",
    ):
        with_server(redirect(target), look)


def test_a_feed_reaches_nothing_by_a_name_that_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look() -> None:
        async with guarded_session(FEED) as session:
            for host in ("inside.example", "127.0.0.1", "[::1]", "localhost", "10.0.0.4"):
                with pytest.raises(AddressRefused):
                    await session.get(f"http://{host}:8700/")

    answering(monkeypatch, ["127.0.0.1"])
    asyncio.run(look())


def test_an_endless_answer_ends() -> None:
    body = b"x" * (LARGEST_ANSWER + 1)

    async def look(port: int, _: list[bytes]) -> None:
        async with guarded_session(DEVICE, host="127.0.0.1") as session:
            answer = await session.get(f"http://127.0.0.1:{port}/")
            with pytest.raises(AnswerTooLarge):
                await answer.read()

    with_server(lambda _: b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body, look)


def soap(port: int, own: frozenset[int] = frozenset()) -> SoapSession:
    address = parse_onvif_address(f"http://eye:secret-42@127.0.0.1:{port}/onvif/device_service")
    return SoapSession(address, "Camera IZ-07", 3.0, own)


async def ask(port: int, own: frozenset[int] = frozenset()) -> None:
    await load_descriptions()
    session = soap(port, own)
    try:
        await session.call(Service.DEVICE, "GetDeviceInformation")
    finally:
        await session.close()


def test_a_camera_that_redirects_gets_no_password_sent_elsewhere() -> None:
    async def look(port: int, heard: list[bytes]) -> None:
        async with server(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (_, elsewhere):
            with pytest.raises(DeviceUnreachable, match="another host"):
                await ask(port)
            assert heard and not elsewhere

    with_server(redirect("http://localhost:9/onvif"), look)
    with_server(redirect("http://169.254.169.254/latest"), look)


def test_onvif_does_not_speak_to_the_node_itself() -> None:
    async def look(port: int, heard: list[bytes]) -> None:
        with pytest.raises(DeviceUnreachable, match="own port"):
            await ask(port, frozenset({port}))
        assert heard == []

    with_server(redirect("/"), look)


LAUGHS = b"".join(
    [b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">']
    + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">'.encode() for n in range(1, 10)]
    + [b"]><s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>&a9;</s:Body></s:Envelope>"]
)
FILES = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><e>&x;</e>'
DEEP = b"<e>" * 400 + b"</e>" * 400


@pytest.mark.parametrize("document", [LAUGHS, FILES, DEEP], ids=["laughs", "files", "deep"])
def test_a_hostile_answer_of_a_camera_is_one_sentence(document: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: {len(document)}\r\n\r\n".encode()

    async def look(port: int, _: list[bytes]) -> None:
        with pytest.raises(DeviceFault, match="is not read: The XML"):
            await ask(port)

    with_server(lambda _: head + document, look)


def test_what_a_camera_shouts_leads_nowhere_bad() -> None:
    bad = [
        "http://169.254.169.254/onvif/device_service",
        "file:///etc/passwd",
        "http://[::ffff:169.254.169.254]/",
        "http://0/",
    ]
    assert read_answer(bad, []) is None
    found = read_answer([*bad, "http://10.0.7.7/onvif/device_service"], [])
    assert found is not None and found.host == "10.0.7.7"


def test_aiohttp_still_hands_every_socket_to_us() -> None:
    """The guard hangs on this parameter; without it nothing would be checked behind a name."""
    assert "socket_factory" in inspect.signature(aiohttp.TCPConnector.__init__).parameters
