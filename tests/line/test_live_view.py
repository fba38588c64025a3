"""Seeing live in a real browser, by the client's own player: three ways, one picture, no black, never an old queue."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from istros.base.clock import SystemClock
from istros.base.time import Time
from istros.devices.camera import StreamKey
from istros.video.clip_file import Clip, read_clip
from istros.video.packet import MEDIA_RATE, Packet
from tests.api.site import KEYS, PASSWORD, Site, make_site
from tests.line.demo_run import wait_for
from tests.line.screens import served
from tools.live_bench.film import write_film

PROBE = Path(__file__).parents[2] / "tools/live_bench/probe.js"
NO_WEBCODECS = "delete window.VideoDecoder;\n"
NO_WEBRTC = "delete window.RTCPeerConnection;\n"
LOSSY = """
const get = Storage.prototype.getItem;
Storage.prototype.getItem = function (key) {
  return key.startsWith("istros.desk.") ? JSON.stringify({ line: "lossy" }) : get.call(this, key);
};
"""


@dataclass
class Cameras:
    """Sends films in a circle in real time until told to stop; `hold` stops every camera at a keyframe's group's end."""

    site: Site
    films: dict[StreamKey, Clip]
    stop: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)
    last: dict[StreamKey, int] = field(default_factory=dict)

    def run(self) -> None:
        clock = SystemClock()
        began = clock.elapsed()
        sent = dict.fromkeys(self.films, 0)
        while not self.stop.wait(0.004):
            for key, clip in self.films.items():
                while not self.held.is_set() and sent[key] <= (clock.elapsed() - began) * clip.fps:
                    self._send(key, clip, sent[key], clock.now())
                    sent[key] += 1

    def _send(self, key: StreamKey, clip: Clip, number: int, now: Time) -> None:
        unit = clip.units[number % len(clip.units)]
        data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals)
        media = round(number * MEDIA_RATE / clip.fps)
        packet = Packet(key, clip.parameters, media, now, unit.is_key, data)
        self.last[key] = number % len(clip.units)
        self.site.loop.call_soon_threadsafe(self.site.relay.fanouts[key].publish, packet)


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cameras]:
    folder = tmp_path_factory.mktemp("live")
    main = read_clip(write_film(folder / "main.mp4", 1280, 720, 25, 16, 1.6))
    sub = read_clip(write_film(folder / "sub.mp4", 640, 360, 10, 16, 0.4))
    site = make_site(folder)
    with served(site):
        sending = Cameras(site, {KEYS[0]: main, KEYS[1]: sub, KEYS[2]: main})
        thread = threading.Thread(target=sending.run, daemon=True)
        thread.start()
        yield sending
        sending.stop.set()
        thread.join()


def open_page(browser: Browser, port: int, script: str = "") -> tuple[BrowserContext, Page]:
    """A signed-in page with the probe in it."""
    context = browser.new_context(viewport={"width": 1000, "height": 640}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(30_000)
    credentials = {"name": "operator", "password": PASSWORD}
    assert context.request.post(f"http://127.0.0.1:{port}/api/session", data=credentials).ok
    page.add_init_script(script + PROBE.read_text(encoding="utf-8"))
    return context, page


def numbers(page: Page) -> list[int]:
    found: list[int] = page.evaluate("istrosProbe.taken.map(each => each[1])")
    return found


def shows(page: Page) -> str:
    """What shows the large picture."""
    return str(page.evaluate("document.querySelector('.large > .tile .pics > :not(.none)')?.tagName ?? ''"))


SCRIPTS = {"packets": ("", "CANVAS"), "mse": (NO_WEBCODECS, "VIDEO"), "webrtc": (LOSSY, "VIDEO")}


@pytest.mark.browser
def test_three_ways_show_the_same_picture(cameras: Cameras, browser: Browser) -> None:
    pages = {}
    for way, (script, element) in SCRIPTS.items():
        context, page = open_page(browser, cameras.site.port, script)
        pages[way] = (context, page)
        page.goto(f"http://127.0.0.1:{cameras.site.port}/wall?camera=IZ-07")
        wait_for(f"pictures by {way}", lambda page=page: len(numbers(page)) > 20, 30)
        assert shows(page) == element
        seen = numbers(page)[-10:]
        assert len(set(seen)) == 10, f"{way} shows new pictures: {seen}"
    assert pages["webrtc"][1].get_by_text("WebRTC").count() == 1
    try:
        cameras.held.set()
        last = cameras.last[KEYS[0]]
        # MSE plays up to its last picture; WebRTC may keep the last one back until another comes.
        for way, least in (("packets", last), ("mse", last), ("webrtc", last - 2)):
            page = pages[way][1]
            wait_for(f"the last picture by {way}", lambda page=page, least=least: numbers(page)[-1] >= least, 10)
        wait_for("the age on the tile", lambda: pages["packets"][1].get_by_text("old").count(), 10)
        pixels = {way: pages[way][1].evaluate(PIXELS) for way in ("packets", "mse")}
    finally:
        cameras.held.clear()
        for context, _ in pages.values():
            context.close()
    difference = sum(abs(one - other) for one, other in zip(*pixels.values(), strict=True)) / len(pixels["mse"])
    assert len(pixels["mse"]) == 64 * 36
    assert max(pixels["mse"]) - min(pixels["mse"]) > 100, "it is a picture"
    assert difference < 3, f"the two ways differ by {difference:.1f} of 255"


PIXELS = """(() => {
  const shown = document.querySelector('.large > .tile .pics > :not(.none)');
  const canvas = new OffscreenCanvas(64, 36);
  const context = canvas.getContext('2d');
  context.drawImage(shown, 0, 0, 64, 36);
  const data = context.getImageData(0, 0, 64, 36).data;
  return Array.from({ length: 64 * 36 }, (_, at) => data[at * 4]);
})()"""


@pytest.mark.browser
def test_enlarging_goes_from_sub_to_main_and_back_without_a_black_flash(cameras: Cameras, browser: Browser) -> None:
    context, page = open_page(browser, cameras.site.port)
    page.goto(f"http://127.0.0.1:{cameras.site.port}/wall")
    tile = page.locator("[data-tile='0'][data-camera='IZ-07']")
    wait_for("the tile to play", lambda: tile.locator(".pics > :not(.none)").count(), 30)
    tile.focus()
    page.evaluate(WATCH_FOR_BLACK)
    page.keyboard.press("Enter")
    wait_for("the main stream", lambda: shows(page) == "CANVAS", 20)
    page.keyboard.press("Escape")
    page.wait_for_timeout(600)
    looked, black = page.evaluate("[istrosBlack.looked, istrosBlack.black]")
    assert looked > 10
    assert black == [], f"without a picture: {black}"
    opened = page.evaluate("istrosProbe.opened.map(each => each.url.split('/api/live/')[1])")
    assert opened.count("IZ-07/main?as=packets") == 1
    context.close()


WATCH_FOR_BLACK = """(() => {
  const seen = (window.istrosBlack = { looked: 0, black: [] });
  const look = () => {
    const box = document.querySelector("[data-camera='IZ-07'] .pics");
    const there = box?.querySelector(":scope > :not(.none)");
    const size = there ? (there.videoWidth ?? there.width) : 0;
    seen.looked += 1;
    if (box && (!size || box.classList.contains("none"))) seen.black.push([seen.looked, box.className, box.innerHTML]);
    requestAnimationFrame(look);
  };
  look();
})()"""


class BadLine:
    """A TCP line to the node that lets only so many bytes a second through to the browser."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.bytes_per_s: float | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Less room than a real router has: what waits shall wait at the server.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket()
            far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
            far.connect(("127.0.0.1", self._to))
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, slow: bool) -> None:
        try:
            while data := one.recv(8192):
                if slow and self.bytes_per_s:
                    threading.Event().wait(len(data) / self.bytes_per_s)
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            end.close()


@pytest.mark.browser
def test_a_bad_line_shows_the_newest_and_its_age(cameras: Cameras, browser: Browser) -> None:
    line = BadLine(cameras.site.port)
    context, page = open_page(browser, line.port, NO_WEBCODECS + NO_WEBRTC)
    page.goto(f"http://127.0.0.1:{line.port}/wall?camera=IZ-07")
    wait_for("pictures", lambda: len(numbers(page)) > 20, 30)
    clip = cameras.films[KEYS[0]]
    rate = sum(len(nal) for unit in clip.units for nal in unit.nals) / (len(clip.units) / clip.fps)

    def behind() -> float:
        """Seconds from the newest picture sent to the newest shown."""
        shown = numbers(page)[-1]
        return ((cameras.last[KEYS[0]] - shown) % len(clip.units)) / clip.fps

    line.bytes_per_s = rate / 2
    worst = 0.0
    aged = False
    for _ in range(40):
        page.wait_for_timeout(250)
        worst = max(worst, behind())
        aged = aged or page.locator(".large > .tile").get_by_text("old").count() > 0
    # A group of pictures lasts two seconds, and half the line takes two more for its first half.
    assert worst < 7, f"the picture was {worst:.1f} s old on a line of {line.bytes_per_s / 1000:.0f} kB/s"
    assert aged, "its age is told"
    line.bytes_per_s = None
    wait_for("the newest picture again", lambda: behind() < 1.0, 15)
    context.close()
    line.close()
