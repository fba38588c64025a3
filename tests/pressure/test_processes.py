"""Processes that are killed or stand still while others record: the whole node, as the supervisor runs it."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from istros.app.checking import check_node
from istros.settings import load_settings
from tests.assessed import assess_node
from tests.pressure.site import tell

CAMERAS = 3
KILLS = 30 if os.environ.get("ISTROS_PRESSURE") == "full" else 5
"""Five minutes in full (`just pressure`); less in the usual run, where it is one test of many."""
KILL_EVERY_S = 10.0


@contextmanager
def node(folder: Path, free_port: int, analysis: str) -> Iterator[Path]:
    """Cameras, and a node on them; yields the node's data folder."""
    films = "from pathlib import Path; from istros.sim.clips import clips; f = clips()[0]"
    serve = (
        f"import asyncio; {films}; from istros.base.environment import real_environment as e; "
        "from istros.sim.cameras import SimulatedCamera as C, serve_cameras as s; "
        f"cs = [C(f'P-{{n:02d}}', f.sub_path, f.sub_path) for n in range({CAMERAS})]\n"
        f"async def main():\n    server = await s(cs, '127.0.0.1', 0, e())\n    print(server.port, flush=True)\n"
        "    await asyncio.Event().wait()\nasyncio.run(main())"
    )
    cameras = subprocess.Popen([sys.executable, "-c", serve], stdout=subprocess.PIPE, text=True)
    assert cameras.stdout is not None
    port = int(cameras.stdout.readline())
    config = folder / "istros.toml"
    parts = [
        f'[[camera]]\nid = "P-{n:02d}"\nname = "P"\ntown = "Izmail"\nowner = "City"\nanalysis = "{analysis}"\n'
        f'main = "rtsp://127.0.0.1:{port}/P-{n:02d}/main"\n'
        for n in range(CAMERAS)
    ]
    head = f"[server]\nport = {free_port}\n[recording]\nfree_gigabytes = 0\n[analysis]\nenabled = {str(analysis != 'off').lower()}\n"
    config.write_text(head + "".join(parts), encoding="utf-8")
    assess_node(config)
    log = (folder / "node.log").open("wb")
    running = subprocess.Popen(
        [sys.executable, "-m", "istros", "serve", "--config", str(config)], stderr=log, stdout=log
    )
    try:
        yield folder / "data"
    finally:
        running.terminate()
        running.wait(60)
        cameras.terminate()
        cameras.wait(20)
        log.close()


def pid_of(data: Path, name: str) -> int:
    """The process that holds that work now, as its pid file says; waits for it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError):
            return int((data / "run" / f"{name}.pid").read_text())
        time.sleep(0.05)
    raise AssertionError(f"no {name} runs")


def wait_for_segments(data: Path, count: int) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if len(list((data / "recordings").rglob("*.mp4"))) >= count * CAMERAS:
            return
        time.sleep(0.2)
    raise AssertionError("nothing is recorded: " + (data.parent / "node.log").read_text()[-2000:])


def spans(data: Path) -> dict[str, list[tuple[int, int]]]:
    """(start, end) of each camera's segments, in order."""
    found: dict[str, list[tuple[int, int]]] = {}
    with closing(sqlite3.connect(data / "istros.sqlite3")) as index:
        for camera, start, end in index.execute(
            'SELECT camera_id, start, "end" FROM segment ORDER BY camera_id, start'
        ):
            found.setdefault(camera, []).append((start, end))
    return found


def agrees(config: Path) -> None:
    report = asyncio.run(check_node(load_settings(config), repair=False, progress=lambda text: None))
    assert report.findings == () and report.ok


@pytest.mark.slow
def test_a_recorder_killed_every_ten_seconds(tmp_path: Path, free_port: int) -> None:
    with node(tmp_path, free_port, "off") as data:
        wait_for_segments(data, 1)
        time.sleep(5)
        for _ in range(KILLS):
            os.kill(pid_of(data, "recorder"), signal.SIGKILL)
            time.sleep(KILL_EVERY_S)
    holes = [(later[0] - sooner[1]) / 1e6 for each in spans(data).values() for sooner, later in pairwise(each)]
    recorded = sum(end - start for each in spans(data).values() for start, end in each) / 1e6
    whole = sum(each[-1][1] - each[0][0] for each in spans(data).values()) / 1e6
    tell(
        "killed every 10 s",
        kills=KILLS,
        longest_hole_s=round(max(holes), 2),
        recorded_percent=round(100 * recorded / whole, 1),
        segments=sum(map(len, spans(data).values())),
    )
    agrees(tmp_path / "istros.toml")
    assert min(holes) >= 0
    assert recorded / whole > 0.5


def test_an_analyser_that_stands_still_or_dies_costs_no_recorded_picture(tmp_path: Path, free_port: int) -> None:
    with node(tmp_path, free_port, "motion") as data:
        wait_for_segments(data, 2)
        stopped = pid_of(data, "analyser")
        os.kill(stopped, signal.SIGSTOP)
        wait_for_segments(data, 4)
        os.kill(stopped, signal.SIGKILL)
        wait_for_segments(data, 5)
        back = pid_of(data, "analyser")
    holes = [later[0] - sooner[1] for each in spans(data).values() for sooner, later in pairwise(each)]
    with closing(sqlite3.connect(data / "istros.sqlite3")) as index:
        lost = index.execute("SELECT sum(lost_packets) FROM stream_state").fetchone()[0]
    tell("stalled analyser", longest_hole_us=max(holes), rtp_packets_lost=lost, is_back=back != stopped)
    assert max(holes) == min(holes) == 0
    assert lost == 0
    agrees(tmp_path / "istros.toml")
