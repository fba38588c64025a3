"""The node under test: cameras that note when they send, a real recorder, a real server, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from istros.app.demo_people import prepare_people
from istros.base.clock import SystemClock
from istros.base.environment import real_environment
from istros.settings import load_settings
from istros.sim.cameras import SimulatedCamera, serve_cameras
from istros.sim.cameras.server import CameraServer

CLOCK = SystemClock()
USER, PASSWORD = "bench", "bench-mark"


@dataclass(slots=True)
class Rig:
    """A running node; `sends` are the lines `STREAM NUMBER MICROSECONDS` of what left the cameras."""

    url: str
    data: Path
    passwords: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]]
    sends_path: Path

    def cpu_s(self, name: str) -> float:
        """User and system seconds of a process so far (proc(5))."""
        fields = Path(f"/proc/{self.processes[name].pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mib(self, name: str) -> float:
        """Resident memory now."""
        pages = int(Path(f"/proc/{self.processes[name].pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def sends(self) -> dict[tuple[str, int], list[float]]:
        """When each numbered picture of each stream left the camera, in ms since 1970."""
        found: dict[tuple[str, int], list[float]] = {}
        for line in self.sends_path.read_text().splitlines():
            words = line.split()
            if len(words) == 3:
                found.setdefault((words[0], int(words[1])), []).append(int(words[2]) / 1000)
        return found


@dataclass(frozen=True, slots=True)
class Films:
    """What the cameras show."""

    main: Path
    sub: Path
    cameras: int = 16
    lost_share: float = field(default=0.0)


async def serve(port: int, films: Films, log: Path) -> None:
    """The cameras' process: every send is noted before it is made."""
    cameras = [
        SimulatedCamera(f"B-{number + 1:02d}", films.main, films.sub, user=USER, password=PASSWORD)
        for number in range(films.cameras)
    ]
    server = await serve_cameras(cameras, "127.0.0.1", port, real_environment())
    with log.open("w", buffering=1) as out:
        for camera in cameras:
            for name in ("main", "sub"):
                _note_sends(server, f"{camera.path}/{name}", out)
        await asyncio.Event().wait()


def _note_sends(server: CameraServer, path: str, out: Any) -> None:
    stream: Any = server.stream(path)
    numbers = {id(unit): number for number, unit in enumerate(stream.film.units)}
    send = stream._send

    def noted(unit: Any, timestamp: int, now: Any) -> None:
        out.write(f"{path} {numbers[id(unit)]} {CLOCK.now()}\n")
        send(unit, timestamp, now)

    stream._send = noted


@contextmanager
def running(folder: Path, films: Films) -> Iterator[Rig]:
    """Start cameras, recorder and server; end them in the other order."""
    camera_port, port = free_port(), free_port()
    config = folder / "istros.toml"
    config.write_text(_configuration(port, camera_port, films.cameras), encoding="utf-8")
    settings = load_settings(config)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    people = asyncio.run(prepare_people(settings, real_environment(), ()))
    passwords = {name: password for name, _, password in people}
    sends = folder / "sends.txt"
    serve_part = [sys.executable, "-m", "istros", "serve", "--config", str(config), "--only"]
    commands = {
        "cameras": [
            *(sys.executable, "-m", "tools.live_bench.cameras", str(camera_port)),
            *(str(films.main), str(films.sub), str(films.cameras), str(sends)),
        ],
        "recorder": [*serve_part, "recorder"],
        "server": [*serve_part, "server"],
    }
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as log:
                processes[name] = subprocess.Popen(command, stdout=log, stderr=log)
        rig = Rig(f"http://127.0.0.1:{port}", folder / "data", passwords, processes, sends)
        _wait(partial(_all_live, rig, films.cameras), 60)
        yield rig
    finally:
        for process in reversed(processes.values()):
            process.send_signal(signal.SIGINT)
        for process in processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def session(rig: Rig, name: str = "operator") -> httpx2.Client:
    """A signed-in client."""
    client = httpx2.Client(base_url=rig.url, timeout=20, trust_env=False)
    answer = client.post("/api/session", json={"name": name, "password": rig.passwords[name]})
    answer.raise_for_status()
    client.headers["X-CSRF-Token"] = answer.json()["csrfToken"]
    return client


def _all_live(rig: Rig, cameras: int) -> bool:
    states = session(rig).get("/api/cameras").json()
    live = [stream["status"] for camera in states for stream in camera["streams"]].count("live")
    return live == 2 * cameras


def _wait(look: Any, seconds: float) -> None:
    end = CLOCK.elapsed() + seconds
    while CLOCK.elapsed() < end:
        try:
            if look():
                return
        except (httpx2.HTTPError, json.JSONDecodeError):
            pass
        asyncio.run(CLOCK.sleep(0.5))
    raise SystemExit(f"the node was not ready within {seconds:g} s")


def free_port() -> int:
    """A TCP port on the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _configuration(port: int, camera_port: int, cameras: int) -> str:
    head = f"""data = "data"
[node]
name = "Bench"
organisation = "Bench"
town = "Izmail"
simulated = true
[server]
port = {port}
[analysis]
enabled = false
[recording]
days = 1
gigabytes = 5
free_gigabytes = 0.5
"""
    parts = []
    for number in range(1, cameras + 1):
        address = f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{camera_port}/B-{number:02d}"
        parts.append(
            f'[[camera]]\nid = "B-{number:02d}"\nname = "Bench {number}"\ntown = "Izmail"\nowner = "Bench"\n'
            f'main = "{address}/main"\nsub = "{address}/sub"\nfps_main = 25\nfps_sub = 10\n'
        )
    return head + "".join(parts)
