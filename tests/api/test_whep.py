"""WebRTC through the gate: a real peer gets pictures, the session's end closes it, and nothing outside is asked."""

from __future__ import annotations

import asyncio
import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from istros.api import whep
from istros.api.gate import Caller
from istros.video.packet import Packet
from istros.video.webrtc import addresses_for, annex_b, without_names
from tests.api.site import KEYS, Browser, Site, make_site
from tests.video.packets import packets_of

PATH = "/api/live/IZ-07/main/whep"
SDP = {"content-type": "application/sdp"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node of this file's own: its cameras go on sending, and other files count every picture."""
    site = make_site(tmp_path_factory.mktemp("whep"))
    site.start()
    yield site
    site.stop()
    site.database.close()
    site.environment.workers.close()


@contextmanager
def camera_sends(site: Site, key_number: int = 0) -> Iterator[None]:
    """A camera that sends until the block ends, ten pictures a second in half the time."""
    stop = threading.Event()
    packets = packets_of(key=KEYS[key_number], frames=400, gop=5)

    def send() -> None:
        for packet in packets:
            site.loop.call_soon_threadsafe(site.relay.fanouts[packet.key].publish, packet)
            if stop.wait(0.05):
                return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Peer:
    """A browser's side of WebRTC."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.sizes: list[tuple[int, int]] = []
        self.enough = asyncio.Event()
        self.over = asyncio.Event()
        self.connection.addTransceiver("video", "recvonly")

        @self.connection.on("track")
        def _(track: object) -> None:
            self._reading = asyncio.ensure_future(self._read(track))

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def take(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def _read(self, track: object) -> None:
        try:
            while True:
                frame = await track.recv()  # type: ignore[attr-defined]
                self.sizes.append((frame.width, frame.height))
                if len(self.sizes) >= 5:
                    self.enough.set()
        except Exception:
            self.over.set()


def watch(site: Site, browser: Browser, end: str) -> tuple[Peer, str, str]:
    """See five pictures by WebRTC, then end the view from the given side; the peer, the answer, the view's address."""

    async def scenario() -> tuple[Peer, str, str]:
        peer = Peer()
        offer = await peer.offer()
        answer = await asyncio.to_thread(lambda: browser.http.post(PATH, content=offer, headers=SDP))
        assert answer.status_code == 201, answer.text
        await peer.take(answer.text)
        async with asyncio.timeout(20):
            await peer.enough.wait()
        location = answer.headers["location"]
        if end == "delete":
            assert (await asyncio.to_thread(browser.http.delete, location)).status_code == 204
        else:
            assert (await asyncio.to_thread(browser.http.delete, "/api/session")).status_code == 204
        async with asyncio.timeout(20):
            await peer.over.wait()
        await peer.connection.close()
        return peer, answer.text, location

    with camera_sends(site):
        return asyncio.run(scenario())


@pytest.mark.parametrize("end", ["delete", "session"])
def test_a_peer_sees_h264_until_the_view_ends(site: Site, end: str) -> None:
    browser = site.browser("operator")
    peer, answer, location = watch(site, browser, end)
    assert set(peer.sizes) == {(176, 144)}
    assert "H264/90000" in answer
    assert "VP8" not in answer
    assert location.startswith(f"{PATH}/")
    rows = site.audit("live.view")
    while rows[-1]["detail"]["step"] != "end":
        rows = site.audit("live.view")
    assert [row["detail"] for row in rows[-2:]] == [{"step": "begin", "by": "webrtc"}, {"step": "end"}]
    if end == "delete":
        assert browser.http.delete(location).status_code == 404


def test_what_is_no_offer_is_refused_and_the_view_ends_on_the_record(site: Site) -> None:
    browser = site.browser("operator")
    assert browser.http.post(PATH, content=b"v=0\r\n").json()["code"] == "whep-offer"
    assert browser.http.post(PATH, content=b"<html>", headers=SDP).json()["code"] == "whep-offer"
    missing = browser.http.post("/api/live/NO-01/main/whep", content=b"v=0\r\n", headers=SDP)
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    with camera_sends(site):
        answer = browser.http.post(PATH, content=b"v=0\r\nrubbish\r\n", headers=SDP)
    assert (answer.status_code, answer.json()["code"]) == (422, "whep-offer")
    assert [row["detail"]["step"] for row in site.audit("live.view")[-2:]] == ["begin", "end"]


def test_a_stream_that_sends_nothing_is_not_offered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("istros.video.webrtc.PICTURE_WITHIN_S", 0.3)
    answer = site.browser("operator").http.post("/api/live/TL-01/main/whep", content=b"v=0\r\n", headers=SDP)
    assert (answer.status_code, answer.json()["code"]) == (409, "whep-no-pictures")


def test_only_so_many_views_are_open(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whep.WhepViews, "_require_room", functools.partialmethod(no_room))
    answer = site.browser("operator").http.post(PATH, content=b"v=0\r\n", headers=SDP)
    assert (answer.status_code, answer.json()["code"]) == (503, "whep-busy")


REQUIRE_ROOM = whep.WhepViews._require_room


def no_room(views: whep.WhepViews, caller: Caller) -> None:
    """The real look, on a server that may show none."""
    REQUIRE_ROOM(replace(views, most=0), caller)


def test_a_view_is_not_changed_and_belongs_to_its_session(site: Site) -> None:
    browser = site.browser("operator")
    answer = browser.http.patch(f"{PATH}/any")
    assert (answer.status_code, answer.headers["allow"], answer.json()["code"]) == (405, "DELETE", "whep-patch")
    assert browser.http.delete(f"{PATH}/any").status_code == 404


def test_names_of_the_viewers_network_are_not_asked_for() -> None:
    named, numbered = "a=candidate:1 1 udp 1 abc-1.local 50000 typ host", "a=candidate:2 1 udp 1 10.0.0.2 5 typ host"
    offer = "\r\n".join(("v=0", named, numbered, "a=end-of-candidates", ""))
    assert without_names(offer) == "\r\n".join(("v=0", numbered, ""))


def test_a_viewer_is_told_the_address_that_it_came_to() -> None:
    assert addresses_for("10.1.2.3", ["10.1.2.3", "192.168.0.7"]) == ["10.1.2.3"]
    assert addresses_for("127.0.0.1", ["10.1.2.3"]) == ["127.0.0.1", "10.1.2.3"]


def test_annex_b_keeps_every_unit() -> None:
    packet: Packet = packets_of(frames=1)[0]
    made = annex_b(packet.data)
    assert len(made) == len(packet.data)
    assert made.startswith(b"\x00\x00\x00\x01")


def test_webrtc_is_loaded_with_its_first_viewer_only() -> None:
    code = "import sys, istros.api.application; sys.exit('aiortc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
