"""Measure what simulated cameras, RTSP clients and the relay cost in CPU; writes docs/benchmarks/cameras.md.

    python tools/bench_cameras.py MAIN.mp4 SUB.mp4 [--cameras 30] [--seconds 15] [--windows 3]

Each part runs in a process of its own; CPU is user and system time of that process from /proc, over the wall time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from istros.base.clock import SystemClock
from istros.base.environment import real_environment
from istros.base.time import to_iso
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.recording.archive import Archive
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.sim.cameras import SimulatedCamera, serve_cameras
from istros.store import open_database
from istros.store.disk_local import LocalDisk
from istros.store.rows import StreamName
from istros.video.clip_file import read_clip
from istros.video.errors import RelayClosed
from istros.video.fanout import Fanout
from istros.video.packet import Packet, PacketFeed
from istros.video.relay import RelayServer, read_relay
from istros.video.rtsp import open_rtsp

USER, PASSWORD = "bench", "bench-mark"
CLOCK = SystemClock()
SETTLE_S = 6.0
RESULT = Path(__file__).parent.parent / "docs/benchmarks/cameras.md"


@dataclass(frozen=True, slots=True)
class Setting:
    """What every part has to know."""

    main: Path
    sub: Path
    cameras: int
    port: int
    relay: Path


# The parts, each in its own process.


async def serve(setting: Setting) -> None:
    """All simulated cameras."""
    cameras = [
        SimulatedCamera(f"C{n}", setting.main, setting.sub, user=USER, password=PASSWORD)
        for n in range(setting.cameras)
    ]
    server = await serve_cameras(cameras, "127.0.0.1", setting.port, real_environment())
    print(server.port, flush=True)
    await asyncio.Event().wait()


async def read_cameras(setting: Setting, names: tuple[StreamName, ...], relays: bool) -> None:
    """One RTSP client a stream; with `relays` their packets go to a relay as in the recorder."""
    environment = real_environment()
    fanouts: dict[StreamKey, Fanout] = {}
    opener = open_rtsp(environment)

    async def read(key: StreamKey) -> None:
        fanout = fanouts[key] = Fanout(key)
        url = f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{setting.port}/{key}"
        async for packet in opener(Stream(key, SecretUrl(url))):
            count(packet)
            if relays:
                fanout.publish(packet)

    if relays:
        await RelayServer(setting.relay, fanouts.get).start()
    await asyncio.gather(*(read(StreamKey(f"C{n}", name)) for n in range(setting.cameras) for name in names))


async def read_the_relay(setting: Setting) -> None:
    """All main streams from the relay, over one connection."""
    keys = [StreamKey(f"C{n}", "main") for n in range(setting.cameras)]
    while True:
        with suppress(RelayClosed):
            async for packet in read_relay(setting.relay, keys):
                count(packet)
        await CLOCK.sleep(0.5)


async def record(setting: Setting) -> None:
    """All main streams, recorded to a disk with hash and index as a node does it."""
    environment = real_environment()
    opener = open_rtsp(environment)

    async def counted(stream: Stream, take: Callable[[Packet], None], patience_s: Callable[[], float]) -> None:
        def both(packet: Packet) -> None:
            count(packet)
            take(packet)

        await cast(PacketFeed, opener(stream)).feed(both, patience_s)

    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/bench.sqlite3", environment.workers)
        cameras = [
            Camera(f"C{n}", Place("here", "there"), "bench", (Stream(StreamKey(f"C{n}", "main"), SecretUrl(url)),))
            for n in range(setting.cameras)
            if (url := f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{setting.port}/C{n}/main")
        ]
        policy = RecordingPolicy(free_bytes_min=0)
        archive = Archive.of(LocalDisk(Path(folder) / "disk"))
        recorder = Recorder(environment, database, archive, cameras, lambda stream: Counted(counted, stream), policy)
        await recorder.run(asyncio.Event())


class Counted:
    """A stream whose packets are counted on their way."""

    def __init__(
        self,
        feed: Callable[[Stream, Callable[[Packet], None], Callable[[], float]], Awaitable[None]],
        stream: Stream,
    ) -> None:
        self._feed = feed
        self._stream = stream

    async def feed(self, take: Callable[[Packet], None], patience_s: Callable[[], float]) -> None:
        """`PacketFeed`'s."""
        await self._feed(self._stream, take, patience_s)

    def __aiter__(self) -> Counted:
        return self

    async def __anext__(self) -> Packet:
        raise StopAsyncIteration


PACKETS = [0, 0]


def count(packet: Packet) -> None:
    """How many came, and how many RTP packets were lost; printed twice a second."""
    PACKETS[0] += 1
    PACKETS[1] += packet.lost_before
    if PACKETS[0] % 500 == 0:
        print(*PACKETS, flush=True)


PARTS = {
    "serve": serve,
    "all": lambda setting: read_cameras(setting, ("main", "sub"), relays=False),
    "main": lambda setting: read_cameras(setting, ("main",), relays=False),
    "recorder": lambda setting: read_cameras(setting, ("main",), relays=True),
    "reader": read_the_relay,
    "records": record,
}


# Measuring.


@dataclass(slots=True)
class Part:
    """A running part."""

    name: str
    process: subprocess.Popen[str]
    output: Path

    def cpu_s(self) -> float:
        """User and system seconds so far (proc(5), fields 14 and 15 of stat)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mib(self) -> float:
        """Resident memory now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def lost(self) -> str:
        """The last count of lost RTP packets."""
        words = self.output.read_text().split()
        return words[-1] if len(words) > 1 else "0"


def start(name: str, arguments: list[str], setting: Setting, folder: Path) -> Part:
    """Run a part as a process."""
    output = folder / f"{name}.txt"
    command = [sys.executable, __file__, *arguments, "--part", name, "--port", str(setting.port)]
    process = subprocess.Popen([*command, "--relay", str(setting.relay)], stdout=output.open("w"), text=True)
    return Part(name, process, output)


async def measure(parts: list[Part], seconds: float, windows: int) -> dict[str, list[float]]:
    """Cores of each part in each window."""
    await CLOCK.sleep(SETTLE_S)
    found: dict[str, list[float]] = {part.name: [] for part in parts}
    for _ in range(windows):
        began = CLOCK.elapsed()
        before = [part.cpu_s() for part in parts]
        await CLOCK.sleep(seconds)
        passed = CLOCK.elapsed() - began
        for part, cpu_s in zip(parts, before, strict=True):
            found[part.name].append((part.cpu_s() - cpu_s) / passed)
    return found


async def run(arguments: argparse.Namespace, setting: Setting, folder: Path) -> list[str]:
    """Each arrangement in turn; rows of the table."""
    given = [str(setting.main), str(setting.sub), "--cameras", str(setting.cameras)]
    rows: list[str] = []
    for title, names in (
        ("main and sub streams, one client each", ["serve", "all"]),
        ("main streams alone", ["serve", "main"]),
        ("main streams, relayed to one reader", ["serve", "recorder", "reader"]),
        ("main streams, recorded with hash and index", ["serve", "records"]),
    ):
        parts: list[Part] = []
        try:
            for name in names:
                parts.append(start(name, given, setting, folder))
                await CLOCK.sleep(2.0)
            found = await measure(parts, arguments.seconds, arguments.windows)
            rows += [row(title, part, found[part.name]) for part in parts]
        finally:
            for part in parts:
                part.process.terminate()
                part.process.wait()
    return rows


def row(title: str, part: Part, cores: list[float]) -> str:
    """A line of the table."""
    each = " / ".join(f"{core:.3f}" for core in cores)
    lost = "" if part.name == "serve" else part.lost()
    return f"| {title} | {part.name} | {statistics.median(cores):.3f} | {each} | {part.rss_mib():.0f} | {lost} |"


def about(path: Path) -> str:
    """Size, rate and bitrate of a film."""
    clip = read_clip(path)
    bits = sum(len(nal) for unit in clip.units for nal in unit.nals) * 8
    size = f"{clip.parameters.width}x{clip.parameters.height}"
    return f"{size} at {clip.fps:g} fps and {bits * clip.fps / len(clip.units) / 1e6:.2f} Mbit/s"


def report(rows: list[str], arguments: argparse.Namespace) -> str:
    """The page."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return "\n".join(
        [
            "# What simulated cameras, RTSP clients and the relay cost",
            "",
            f"Measured {to_iso(CLOCK.now())[:10]} by `tools/bench_cameras.py`: {arguments.cameras} cameras, "
            f"main {about(arguments.main)}, sub {about(arguments.sub)}, {arguments.windows} windows of "
            f"{arguments.seconds:g} s, on {model}, {os.cpu_count()} cores, Python {platform.python_version()}, load "
            f"average {os.getloadavg()[0]:.1f} from other work on the same machine. Cores are user and system seconds "
            "of one process over wall seconds.",
            "",
            "`serve` is the RTSP server; `all` and `main` are clients that drop what they get; `recorder` takes",
            "the main streams, fans them out and relays them; `reader` reads all of them from the relay; `records` is the",
            "whole recorder. A median of 0.1 core with 30 cameras is 3.3 ms a camera-second.",
            "",
            "| arrangement | process | median core | windows | RSS MiB | RTP packets lost |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def main() -> None:
    """Either a part or the whole measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("main", type=Path)
    parser.add_argument("sub", type=Path)
    parser.add_argument("--cameras", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--port", type=int, default=18_754)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--relay", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        relay = arguments.relay or Path(folder) / "relay.sock"
        setting = Setting(arguments.main, arguments.sub, arguments.cameras, arguments.port, relay)
        if arguments.part:
            with suppress(KeyboardInterrupt):
                asyncio.run(PARTS[arguments.part](setting))
            return
        page = report(asyncio.run(run(arguments, setting, Path(folder))), arguments)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
