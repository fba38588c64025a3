"""Measure live pictures: from the camera's packet to the glass of a real browser, and what a viewer costs.

    python tools/bench_live.py [--first] [--seconds 20] [--only mse,webcodecs,webrtc,wall,viewers]

Sixteen simulated cameras send films whose pictures carry their number; the moment of each send is noted. They are
recorded, relayed and served by the node's own processes; Chromium shows them with the node's own client, and a probe
reads the numbers back from what it shows. Writes docs/benchmarks/live.md and docs/benchmarks/live.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page, sync_playwright

from istros.base.clock import SystemClock
from istros.base.time import to_iso
from tools import browser as chromium
from tools.live_bench.film import write_film
from tools.live_bench.rig import Films, Rig, running, session

CLOCK = SystemClock()
RESULT = Path(__file__).resolve().parent.parent / "docs/benchmarks"
PROBE = Path(__file__).resolve().parent / "live_bench/probe.js"
SETTLE_MS = 3000
FIRST_PICTURES = 7
NO_WEBCODECS = "delete window.VideoDecoder;"
LOSSY = """
const get = Storage.prototype.getItem;
Storage.prototype.getItem = function (key) {
  return key.startsWith("istros.desk.") ? JSON.stringify({ line: "lossy" }) : get.call(this, key);
};
"""
"""The operator's choice of WebRTC."""

PRIORITY = -15
FIRST: dict[str, Path] = {}
"""The browser's program where it must go first."""

Figures = dict[str, Any]


@contextmanager
def page_of(rig: Rig, script: str = "", name: str = "operator") -> Iterator[Page]:
    """A page of the node's client, signed in, with the probe in it."""
    program = chromium.find()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=FIRST.get("browser", program),
            args=chromium.arguments(program),
            env=chromium.environment(program),
        )
        try:
            context = started.new_context(viewport={"width": 1920, "height": 1080})
            page = context.new_page()
            answer = context.request.post(
                f"{rig.url}/api/session", data={"name": name, "password": rig.passwords[name]}
            )
            assert answer.ok, answer.text()
            page.add_init_script(script + PROBE.read_text(encoding="utf-8"))
            yield page
        finally:
            started.close()


def go_first(folder: Path) -> None:
    """Let this measurement go before other work of a busy machine, as if it had the machine to itself.

    Linux weighs sessions before processes (sched(7), autogroup), and the browser begins a session of its own.
    """
    os.setsid()
    Path("/proc/self/autogroup").write_text(f"{PRIORITY}\n")
    script = folder / "browser"
    script.write_text(f'#!/bin/sh\necho {PRIORITY} > /proc/self/autogroup\nexec "{chromium.find()}" "$@"\n')
    script.chmod(0o700)
    FIRST["browser"] = script


def latencies(rig: Rig, page: Page, stream: str, seconds: float) -> dict[str, list[float]]:
    """For each camera the milliseconds from send to glass of every picture that was read."""
    page.evaluate("istrosProbe.taken.length = 0; istrosProbe.unreadable = 0")
    page.wait_for_timeout(seconds * 1000)
    taken = page.evaluate("istrosProbe.taken")
    sends = rig.sends()
    found: dict[str, list[float]] = {}
    for camera, number, at in taken:
        before = [sent for sent in sends.get((f"{camera}/{stream}", number), ()) if sent <= at]
        if before:
            found.setdefault(camera, []).append(at - before[-1])
    return found


def quantiles(values: list[float]) -> Figures:
    """Median, 95th percentile and count."""
    ordered = sorted(values)
    if not ordered:
        return {"p50_ms": None, "p95_ms": None, "pictures": 0}
    return {
        "p50_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
        "pictures": len(ordered),
    }


def until(page: Page, condition: str) -> None:
    """Wait for a condition in the page. Not by `wait_for_function`: the page's own policy forbids what that does."""
    end = CLOCK.elapsed() + 60
    while not page.evaluate(condition):
        if CLOCK.elapsed() > end:
            raise SystemExit(f"waited a minute in vain for {condition}")
        page.wait_for_timeout(100)


def first_picture_ms(page: Page, url: str) -> float:
    """From opening the WebSocket of the main stream to its first picture on the glass."""
    page.goto("about:blank")
    page.goto(url)
    until(page, "istrosProbe.opened.length > 0 && istrosProbe.taken.length > 0")
    opened = page.evaluate("istrosProbe.opened.map(each => each.at)")
    taken = page.evaluate("istrosProbe.taken[0][2]")
    return float(taken - max(at for at in opened if at < taken))


def single(rig: Rig, seconds: float, script: str) -> Figures:
    """The enlarged view of one main stream."""
    url = f"{rig.url}/wall?camera=B-01"
    with page_of(rig, script) as page:
        firsts = [first_picture_ms(page, url) for _ in range(FIRST_PICTURES)]
        page.wait_for_timeout(SETTLE_MS)
        found = latencies(rig, page, "main", seconds)
        shows = page.evaluate(
            "document.querySelector('.large .tile canvas[data-live]') ? 'webcodecs' "
            ": document.querySelector('.large .tile video').srcObject ? 'webrtc' : 'mse'"
        )
    return {
        "shown_by": shows,
        **quantiles(found.get("B-01", [])),
        "seconds": seconds,
        "first_picture_ms": round(statistics.median(firsts)),
        "first_picture_ms_max": round(max(firsts)),
    }


def wall(rig: Rig, seconds: float) -> Figures:
    """Sixteen tiles of sub streams at once."""
    with page_of(rig) as page:
        page.goto(f"{rig.url}/wall")
        until(page, "new Set(istrosProbe.taken.map(each => each[0])).size === 16")
        page.wait_for_timeout(SETTLE_MS)
        found = latencies(rig, page, "sub", seconds)
    every = [value for values in found.values() for value in values]
    counts = [len(found.get(f"B-{number:02d}", [])) for number in range(1, 17)]
    return {
        **quantiles(every),
        "tiles": 16,
        "tiles_advancing": sum(count > seconds for count in counts),
        "pictures_per_tile_s_min": round(min(counts) / seconds, 2),
        "pictures_per_tile_s": round(statistics.median(counts) / seconds, 2),
        "seconds": seconds,
    }


def viewers(rig: Rig, seconds: float) -> Figures:
    """What viewers of one main stream cost the server, without a browser."""
    cookies = [f"istros_session={session(rig).cookies['istros_session']}" for _ in range(2)]
    found: Figures = {}
    idle = server_core(rig, seconds)
    found["idle_core"] = round(idle, 4)
    for count in (1, 16, 64):
        command = [sys.executable, "-m", "tools.live_bench.viewers", rig.url, "/api/live/B-01/main"]
        process = subprocess.Popen([*command, *cookies, str(count)], stdout=subprocess.PIPE, text=True, bufsize=1)
        try:
            asyncio.run(CLOCK.sleep(3.0))
            core = server_core(rig, seconds)
        finally:
            process.terminate()
            printed = process.communicate()[0].split()
        per_s = (int(printed[-1]) - int(printed[2])) / (len(printed) - 3)
        found[str(count)] = {
            "core": round(core, 4),
            "core_per_viewer": round((core - idle) / count, 5),
            "pictures_per_viewer_s": round(per_s / count, 1),
            "server_rss_mib": round(rig.rss_mib("server")),
        }
    return found


def server_core(rig: Rig, seconds: float) -> float:
    """Cores of the server over some seconds."""
    began, before = CLOCK.elapsed(), rig.cpu_s("server")
    asyncio.run(CLOCK.sleep(seconds))
    return (rig.cpu_s("server") - before) / (CLOCK.elapsed() - began)


PARTS: dict[int, dict[str, Callable[[Rig, float], Figures]]] = {
    1: {
        "mse": lambda rig, seconds: single(rig, seconds, NO_WEBCODECS),
        "webcodecs": lambda rig, seconds: single(rig, seconds, ""),
        "webrtc": lambda rig, seconds: single(rig, seconds, LOSSY),
    },
    16: {
        "mse_beside_five": lambda rig, seconds: single(rig, seconds, NO_WEBCODECS),
        "webcodecs_beside_five": lambda rig, seconds: single(rig, seconds, ""),
        "wall": wall,
        "viewers": viewers,
    },
}
"""By the number of cameras of the node: alone on the screen, or with five tiles beside it as on a wall of sixteen."""

NAMES = tuple(name for parts in PARTS.values() for name in parts)


def measure(seconds: float = 20.0, only: tuple[str, ...] = NAMES, *, first: bool = False) -> Figures:
    """Every part; the figures under the part's name. `first`: before the other work of a busy machine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if first:
            go_first(folder)
        films = Films(
            write_film(folder / "main.mp4", 1920, 1080, 25, 10, 4.0),
            write_film(folder / "sub.mp4", 640, 360, 10, 10, 0.5),
        )
        bits = {each.stem: round(each.stat().st_size * 8 / 10 / 1e6, 2) for each in (films.main, films.sub)}
        figures: Figures = {
            "measured": to_iso(CLOCK.now()),
            "machine": machine(),
            "first": first,
            "load_average_before": round(os.getloadavg()[0], 1),
            "main_mbit_s": bits["main"],
            "sub_mbit_s": bits["sub"],
        }
        for cameras, parts in PARTS.items():
            chosen = {name: part for name, part in parts.items() if name in only}
            if not chosen:
                continue
            (folder / str(cameras)).mkdir()
            with running(folder / str(cameras), replace(films, cameras=cameras)) as rig:
                for name, part in chosen.items():
                    figures[name] = part(rig, seconds)
                    print(name, json.dumps(figures[name]), flush=True)
        figures["load_average_after"] = round(os.getloadavg()[0], 1)
    return figures


VIEWS = {
    "mse": "one main stream by MSE, alone on the screen",
    "webcodecs": "one main stream by WebCodecs, alone on the screen",
    "webrtc": "one main stream by WebRTC, alone on the screen",
    "mse_beside_five": "the same by MSE, five sub streams beside it",
    "webcodecs_beside_five": "the same by WebCodecs, five sub streams beside it",
    "wall": "sixteen sub streams (10 pictures a second) by MSE",
}


def report(figures: Figures) -> str:
    """The page."""
    how = " before the other work of the machine" if figures["first"] else ""
    lines = [
        "# Live pictures: from the camera's packet to the glass",
        "",
        f"Measured {figures['measured'][:10]} by `tools/bench_live.py`{how} on {figures['machine']}, load average "
        f"{figures['load_average_before']} before and {figures['load_average_after']} after. Sixteen simulated cameras, "
        f"main 1920x1080 at 25 pictures a second and {figures['main_mbit_s']} Mbit/s, sub 640x360 at 10 and "
        f"{figures['sub_mbit_s']} Mbit/s, a keyframe every two seconds; the node's own recorder, relay, server and "
        "client, all on the loopback; Chromium without a window, decoding and drawing by the processor.",
        "",
        "Each picture carries its number in black and white blocks. The camera notes when it sends a number; a probe in "
        "the page reads it back from what is shown: for a video at the time at which the browser expects the picture on "
        "the glass (`expectedDisplayTime`), for a canvas at the refresh after the drawing. First picture: from opening "
        "the line to the first picture on the glass.",
        "",
        "| view | median ms | 95 % ms | pictures read | first picture ms (worst) |",
        "|---|---|---|---|---|",
    ]
    for name, text in VIEWS.items():
        if found := figures.get(name):
            first = (
                f"{found['first_picture_ms']} ({found['first_picture_ms_max']})" if "first_picture_ms" in found else ""
            )
            lines.append(f"| {text} | {found['p50_ms']} | {found['p95_ms']} | {found['pictures']} | {first} |")
    if "mse_beside_five" in figures:
        lines += ["", "Beside five the first picture waits for six decoders that begin at once on two cores, while the page "
                  "itself is being loaded; enlarged from the wall, the tile's own picture is shown meanwhile."]  # fmt: skip
    if wall_found := figures.get("wall"):
        lines += ["", f"Of the sixteen tiles {wall_found['tiles_advancing']} advanced, the slowest at "
                  f"{wall_found['pictures_per_tile_s_min']} pictures a second."]  # fmt: skip
    if found := figures.get("viewers"):
        lines += ["", "What viewers of one main stream cost the server (MSE, without a browser), beyond its idle "
                  f"{found['idle_core']} core:", "", "| viewers | core | core a viewer | pictures a viewer and second |",
                  "|---|---|---|---|"]  # fmt: skip
        for count in ("1", "16", "64"):
            each = found[count]
            lines.append(f"| {count} | {each['core']} | {each['core_per_viewer']} | {each['pictures_per_viewer_s']} |")
        lines += ["", "The first viewer pays for reading and muxing the stream."]
    return "\n".join([*lines, ""])


def machine() -> str:
    """Processor, cores and Python."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--only", default=",".join(NAMES))
    parser.add_argument("--first", action="store_true", help="go before other work of a busy machine (root)")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    figures = measure(arguments.seconds, tuple(arguments.only.split(",")), first=arguments.first)
    if not arguments.dry:
        (RESULT / "live.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        (RESULT / "live.md").write_text(report(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
