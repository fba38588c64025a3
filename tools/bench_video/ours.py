"""The processes of Istros under measurement: the real recorder, and the real watcher of motion."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.bench_video.cameras import address, camera_id
from tools.bench_video.processes import Group

PREPARE = """
import sys
from pathlib import Path
from istros.app.data_folder import prepare_data_folder
from istros.app.wiring import open_node_database
from istros.base.environment import real_environment
from istros.settings import load_settings
settings = load_settings(Path(sys.argv[1]))
prepare_data_folder(settings.data)
open_node_database(settings, real_environment()).close()
"""

HEAD = """data = "data"
[recording]
gigabytes = 60
free_gigabytes = 1
[node]
simulated = true
"""


def write_configuration(
    folder: Path, port: int, count: int, streams: tuple[str, ...], analysis: str = "off", full: int = 0
) -> Path:
    """A configuration for `count` cameras with these streams; the first `full` are searched for vehicles and plates."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "istros.toml"
    parts = [_camera(port, n, streams, "full" if n < full else analysis) for n in range(count)]
    path.write_text(HEAD + "".join(parts), encoding="utf-8")
    return path


def _camera(port: int, number: int, streams: tuple[str, ...], analysis: str) -> str:
    addresses = "".join(f'{stream} = "{address(port, number, stream)}"\n' for stream in streams)
    plates = "plates = true\n" if analysis == "full" else ""
    head = f'[[camera]]\nid = "{camera_id(number)}"\nname = "Bench"\ntown = "Izmail"\nowner = "Bench"\n'
    return f'{head}analysis = "{analysis}"\n{plates}{addresses}'


def start(name: str, part: str, configuration: Path) -> Group:
    """One process of the node, as `istros serve --only` starts it. The database is there already, as at any restart."""
    subprocess.run([sys.executable, "-c", PREPARE, str(configuration)], check=True)
    group = Group(name)
    start_beside(group, part, configuration)
    return group


def start_beside(group: Group, part: str, configuration: Path) -> None:
    """One more process of the node, counted with the others of the group."""
    command = [sys.executable, "-m", "istros", "serve", "--config", str(configuration), "--only", part]
    group.start(command, configuration.parent / f"{part}.log")


def recorded(configuration: Path, number: int) -> list[Path]:
    """The main stream's files of one camera, oldest first."""
    return sorted((configuration.parent / "data/recordings" / camera_id(number) / "main").rglob("*.mp4"))
