"""The measured process: the analyser as a node runs it, behind a relay, with a stopwatch in each part."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from istros.app.analyser import NICENESS, PATIENCE_S, RELAY_RING
from istros.base.environment import real_environment
from istros.devices.camera import StreamKey
from istros.recognition.analyser import Analyser, AnalysisPolicy
from istros.recognition.detector import StreetDetector
from istros.recognition.motion import MotionGate
from istros.recognition.observation import PlateRead
from istros.recognition.picture_health import PictureHealth, PictureMeasures
from istros.recognition.plates.reader import PlateReader
from istros.recognition.tracker import Tracker
from istros.recognition.vehicle_looks import VehicleLooks
from istros.store.rows import AnalyserStateRow
from istros.video import relay
from istros.video.decode import Decoder
from istros.video.frame import Frame
from istros.video.packet import Packet
from istros.video.relay import read_relay
from tools.bench_analysis.films import filmed

T = TypeVar("T")
SAME_PLATE_S = 1.5
"""A film lasts ten seconds and more: each of its rounds is a passage of its own."""


@dataclass(slots=True)
class Stopwatch:
    """Seconds of CPU by part, over all threads, and how often each part was at work."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    times: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def wrap(self, kind: type, method: str, name: Callable[..., str]) -> None:
        """Measure a method from now on; `name` tells the part from its arguments."""
        original: Callable[..., Any] = getattr(kind, method)

        @wraps(original)
        def measured(*args: Any, **named: Any) -> Any:
            began = time.thread_time()
            try:
                return original(*args, **named)
            finally:
                with self._lock:
                    part = name(*args)
                    self.seconds[part] += time.thread_time() - began
                    self.times[part] += 1

        setattr(kind, method, measured)


class _Book:
    """Picture health as the node has it, kept by nobody."""

    def __init__(self, cameras: list[str]) -> None:
        self._healths = {camera: PictureHealth() for camera in cameras}

    def health_of(self, camera_id: str) -> PictureHealth:
        return self._healths[camera_id]

    def take(self, camera_id: str, measures: PictureMeasures) -> None:
        """Nothing is told."""


def parts() -> Stopwatch:
    """Put the stopwatch into the parts that cost."""
    watch = Stopwatch()
    watch.wrap(Decoder, "decode", lambda decoder, packet: f"decode {packet.key.name}")
    watch.wrap(MotionGate, "see", lambda *args: "motion gate")
    watch.wrap(StreetDetector, "detect", lambda *args: "street detector")
    watch.wrap(PlateReader, "read", lambda *args: "plate reader")
    watch.wrap(PictureHealth, "see", lambda *args: "picture health")
    watch.wrap(Frame, "bgr", lambda *args: "colours")
    watch.wrap(Frame, "part", lambda *args: "colours")
    watch.wrap(Tracker, "update", lambda *args: "tracks")
    watch.wrap(VehicleLooks, "see", lambda *args: "how vehicles look")
    watch.wrap(relay._ReaderSide, "data_received", lambda *args: "packets out of the relay")
    return watch


async def look(socket: Path, cameras: int, busy_share: float, warm_s: float, seconds: float) -> dict[str, Any]:
    """Analyse for so long behind a warm-up; the measures of the time after it, and every read with its time."""
    watch, reads, states = parts(), list[PlateRead](), dict[str, AnalyserStateRow]()
    stop, environment = asyncio.Event(), real_environment()
    shown = [one.camera() for one in filmed(cameras, busy_share)]

    def read_stream(keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
        return read_relay(socket, keys, ring_size=RELAY_RING, patience_s=PATIENCE_S)

    async def emit(read: PlateRead) -> None:
        reads.append(read)

    async def report(rows: list[AnalyserStateRow]) -> None:
        states.update({row.camera_id: row for row in rows})

    book, policy = _Book([camera.id for camera in shown]), AnalysisPolicy(same_plate_s=SAME_PLATE_S)
    task = asyncio.create_task(Analyser(environment, shown, read_stream, emit, report, policy, book).run(stop))
    await environment.clock.sleep(warm_s)
    before, parts_before, times_before = time.process_time(), dict(watch.seconds), watch.times.copy()
    began = environment.clock.elapsed()
    await environment.clock.sleep(seconds)
    spent, lasted = time.process_time() - before, environment.clock.elapsed() - began
    found = {
        "cpu_s": spent,
        "wall_s": lasted,
        "parts": {name: watch.seconds[name] - parts_before.get(name, 0.0) for name in watch.seconds},
        "times": {name: watch.times[name] - times_before[name] for name in watch.times},
        "states": {name: asdict(row) for name, row in states.items()},
        "peak_mb": _peak_mb(),
    }
    stop.set()
    await task
    found["reads"] = [_read(read) for read in reads]
    return found


def _read(read: PlateRead) -> dict[str, Any]:
    return {"camera": read.camera_id, "time": read.time, "text": read.best.text}


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def main() -> None:
    """`python -m tools.bench_analysis.looker RELAY CAMERAS SHARE WARM SECONDS`: one JSON object on standard output."""
    os.nice(NICENESS)
    socket, cameras, share, warm, seconds = sys.argv[1:]
    found = asyncio.run(look(Path(socket), int(cameras), float(share), float(warm), float(seconds)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
