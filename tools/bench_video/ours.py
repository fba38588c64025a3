"""The processes of Istros under measurement: the real recorder, and the real watcher of motion."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.bench_video.cameras import address, camera_id
from tools.bench_video.processes import Group

HEAD = """data = "data"
[recording]
gigabytes = 60
free_gigabytes = 1
[node]
simulated = true
"""


def write_configuration(folder: Path, port: int, count: int, streams: tuple[str, ...], more: str = "") -> Path:
    """A configuration for `count` cameras with these streams."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "istros.toml"
    path.write_text(HEAD + more + "".join(_camera(port, number, streams) for number in range(count)), encoding="utf-8")
    return path


def _camera(port: int, number: int, streams: tuple[str, ...]) -> str:
    addresses = "".join(f'{stream} = "{address(port, number, stream)}"\n' for stream in streams)
    return f'[[camera]]\nid = "{camera_id(number)}"\nname = "Bench"\ntown = "Izmail"\nowner = "Bench"\n{addresses}'


def start(name: str, part: str, configuration: Path) -> Group:
    """One process of the node, as `istros serve --only` starts it."""
    group = Group(name)
    command = [sys.executable, "-m", "istros", "serve", "--config", str(configuration), "--only", part]
    group.start(command, configuration.parent / f"{part}.log")
    return group


def recorded(configuration: Path, number: int) -> list[Path]:
    """The main stream's files of one camera, oldest first."""
    return sorted((configuration.parent / "data/recordings" / camera_id(number) / "main").rglob("*.mp4"))
