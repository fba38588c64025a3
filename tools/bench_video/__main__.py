"""`python -m tools.bench_video`: runs the parts that are asked for and writes docs/benchmarks/video.md and video.json."""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tools.bench_video import looking, peers, recording, report, together, zoneminder
from tools.bench_video.clips import main_film, sub_film
from tools.bench_video.processes import Group

PARTS = ("record", "look", "together")
LOOKED_AT = 12
"""Cameras that motion and Istros look at at once without filling two cores."""
PEERS = ("ffmpeg", "pyav", "motion", "zoneminder")


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=30)
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--minutes", type=float, default=10.0, help="of everything at once")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--folder", type=Path, help="where everything is recorded; 12 GB for the whole run")
    arguments = parser.parse_args()
    main_film(), sub_film()
    with tempfile.TemporaryDirectory(prefix="istros-bench-", dir=arguments.folder) as folder:
        found: dict[str, object] = {}
        port = _free_port()
        farm = _start_cameras(Path(folder), port, arguments.cameras)
        try:
            if "record" in arguments.parts:
                found["record"] = _record(Path(folder), port, arguments)
            if "look" in arguments.parts:
                found["look"] = _look(Path(folder), port, arguments)
            if "together" in arguments.parts:
                found["together"] = together.measure(Path(folder) / "all", port, arguments.cameras, arguments.minutes)
        finally:
            farm.end()
    report.write(found, arguments.cameras)
    return 0


def _record(folder: Path, port: int, arguments: argparse.Namespace) -> dict[str, object]:
    asked = [name for name in arguments.peers.split(",") if name]
    left_out = {name: peers.missing(name) or (zoneminder.missing() if name == "zoneminder" else "") for name in asked}
    names = ["ours", *(name for name in asked if not left_out[name])]
    costs = recording.measure(folder / "record", port, arguments.cameras, arguments.windows, arguments.seconds, names)
    recording.clear(folder / "record")
    return {
        "costs": recording.as_json(costs),
        "left_out": {name: why for name, why in left_out.items() if why},
        "windows": arguments.windows,
        "seconds": arguments.seconds,
    }


def _look(folder: Path, port: int, arguments: argparse.Namespace) -> dict[str, object]:
    if why := peers.missing("motion"):
        return {"left_out": {"motion": why}}
    cameras = min(arguments.cameras, LOOKED_AT)
    costs = looking.measure(folder / "look", port, cameras, arguments.windows, arguments.seconds)
    recording.clear(folder / "look")
    return {
        "costs": recording.as_json(costs),
        "cameras": cameras,
        "windows": arguments.windows,
        "seconds": arguments.seconds,
    }


def _start_cameras(folder: Path, port: int, count: int) -> Group:
    group = Group("cameras")
    group.start([sys.executable, "-m", "tools.bench_video.cameras", str(port), str(count)], folder / "cameras.log")
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return group
        time.sleep(0.1)
    raise RuntimeError(f"the cameras did not start; see {folder}/cameras.log")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
