"""Recording alone: thirty main streams into files, by Istros and by its peers in the same minutes."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.bench_video import ours, peers, zoneminder
from tools.bench_video.clips import main_film
from tools.bench_video.processes import Group
from tools.bench_video.seams import Seams, look

SETTLE_S = 25.0
LOOKED_AT = (3, 17)
"""The cameras whose files are read back picture by picture."""


@dataclass(slots=True)
class Cost:
    """What one recorder cost in each window: milliseconds of CPU for each second of each camera."""

    name: str
    ms_per_camera_second: list[float] = field(default_factory=list)
    pss_mb: float = 0.0
    rss_mb: float = 0.0
    seams: list[str] = field(default_factory=list)

    @property
    def median_ms(self) -> float:
        """The middle window."""
        return round(statistics.median(self.ms_per_camera_second), 2)


@dataclass(slots=True)
class Contender:
    """A recorder at work, and where its files of a camera lie."""

    group: Group
    files: Callable[[int], list[Path]]
    finish: Callable[[], None] = lambda: None


def measure(folder: Path, port: int, cameras: int, windows: int, seconds: float, names: Sequence[str]) -> list[Cost]:
    """All contenders in the same windows; those that are not installed are left out by the caller."""
    contenders = _start(folder, port, cameras, names)
    try:
        time.sleep(SETTLE_S)
        costs = run_windows([each.group for each in contenders], cameras, windows, seconds)
    finally:
        for each in contenders:
            each.group.end()
            each.finish()
    for cost, contender in zip(costs, contenders, strict=True):
        cost.seams = [str(_seams(contender, number)) for number in LOOKED_AT if number < cameras]
    return costs


def run_windows(groups: Sequence[Group], cameras: int, windows: int, seconds: float) -> list[Cost]:
    """Measure groups that already run."""
    costs = [Cost(group.name) for group in groups]
    for _ in range(windows):
        before, began = [group.cpu_s() for group in groups], time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - began
        for group, cost, cpu_s in zip(groups, costs, before, strict=True):
            if group.running() < len(group.processes):
                raise RuntimeError(f"{group.name}: {len(group.processes) - group.running()} processes have ended")
            cost.ms_per_camera_second.append(round((group.cpu_s() - cpu_s) * 1000 / passed / cameras, 3))
    for group, cost in zip(groups, costs, strict=True):
        cost.pss_mb, cost.rss_mb = round(group.pss_mb(), 1), round(group.rss_mb(), 1)
    return costs


def _start(folder: Path, port: int, cameras: int, names: Sequence[str]) -> list[Contender]:
    started: list[Contender] = []
    for name in names:
        target = folder / name
        if name == "ours":
            configuration = ours.write_configuration(target, port, cameras, ("main",))
            started.append(Contender(ours.start("ours", "recorder", configuration), _ours(configuration)))
        elif name == "zoneminder":
            node = zoneminder.start(target, port, cameras)
            started.append(Contender(node.group, node.files, node.finish))
        else:
            group = {"ffmpeg": peers.start_ffmpeg, "pyav": peers.start_pyav}.get(name)
            running = group(target, port, cameras) if group else peers.start_motion(target, port, cameras, 2)
            started.append(Contender(running, _numbered(target)))
    return started


def _ours(configuration: Path) -> Callable[[int], list[Path]]:
    return lambda number: ours.recorded(configuration, number)


def _numbered(folder: Path) -> Callable[[int], list[Path]]:
    return lambda number: (
        sorted((folder / f"C{number:02d}").glob("*.mp4")) + sorted((folder / f"C{number:02d}").glob("*.mkv"))
    )


def _seams(contender: Contender, number: int) -> Seams:
    return look(main_film(), contender.files(number))


def clear(folder: Path) -> None:
    """Remove everything that was recorded."""
    shutil.rmtree(folder, ignore_errors=True)


def as_json(costs: Sequence[Cost]) -> list[dict[str, object]]:
    """For the report."""
    return [{**asdict(cost), "median_ms": cost.median_ms} for cost in costs]
