"""`istros demo`: a node with simulated cameras, its operators and a watchlist, ready in one command."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from istros.app import farm, node
from istros.app.data_folder import prepare_data_folder
from istros.app.demo_cameras import DemoCamera, city_cameras, film_cameras
from istros.app.demo_people import prepare_people
from istros.app.process import refuse_if_running
from istros.base.environment import real_environment
from istros.base.errors import IstrosError
from istros.settings import load_settings

CAMERAS_BY_DEFAULT = 6


class PortTaken(IstrosError):
    """Something else listens on the demo's port."""

    code = "port-taken"


@dataclass(frozen=True, slots=True)
class DemoWishes:
    """What the command line asked for; `cameras` 0 means as many as fit."""

    port: int
    data: Path
    cameras: int
    films: tuple[Path, ...]
    watch: tuple[str, ...]


def run_demo(wishes: DemoWishes) -> None:
    """Prepare the data folder, print how to sign in, and run until Ctrl-C."""
    _require_free_port(wishes.port)
    data = wishes.data.resolve()
    prepare_data_folder(data)
    # A demo that runs there keeps its configuration and its passwords.
    refuse_if_running(data, "supervisor")
    cameras = _cameras(wishes, data)
    config = _write_files(wishes, data, cameras)
    settings = load_settings(config)
    watched = wishes.watch or tuple(plate for camera in cameras for plate in camera.sought)
    passwords = asyncio.run(prepare_people(settings, real_environment(), watched))
    _say(f"\nOpen http://127.0.0.1:{wishes.port}/ and sign in (these passwords are shown this once):\n")
    for name, role, password in passwords:
        _say(f"  {name:<13} {password:<16} {role}")
    _say(f"\nSought plates: {', '.join(watched) or 'none; add one on the screen Watchlist'}")
    _say(f"{len(cameras)} cameras, data in {data}. Ctrl-C ends the demo.\n")
    node.run_node(settings, config, (node.child("cameras", config),))


def _cameras(wishes: DemoWishes, data: Path) -> list[DemoCamera]:
    if wishes.films:
        films = wishes.films[: wishes.cameras or None]
        return film_cameras(films, data / "clips", _say)
    return city_cameras(wishes.cameras or CAMERAS_BY_DEFAULT)


def _write_files(wishes: DemoWishes, data: Path, cameras: list[DemoCamera]) -> Path:
    plan = farm.FarmPlan(
        port=_free_port(),
        onvif_port=_free_port(),
        user="istros",
        password=secrets.token_urlsafe(12),
        cameras=tuple(_farm_camera(camera) for camera in cameras),
    )
    farm.write_plan(data, plan)
    config = data / "istros.toml"
    config.touch(mode=0o600)
    config.chmod(0o600)
    config.write_text(_configuration(wishes.port, plan, cameras, simulated=not wishes.films), encoding="utf-8")
    return config


def _farm_camera(camera: DemoCamera) -> farm.FarmCamera:
    return farm.FarmCamera(camera.id, str(camera.main), str(camera.sub), onvif=camera.onvif)


def _configuration(port: int, plan: farm.FarmPlan, cameras: list[DemoCamera], *, simulated: bool) -> str:
    head = f"""# Written by `istros demo` at every start.
data = "."

[node]
name = "Izmail and Tulcea"
organisation = "Joint centre of the simulated city"
town = "Izmail"
simulated = {str(simulated).lower()}

[server]
port = {port}

[sign_in]
# The people of the demo are made up, and their passwords printed: no second factor.
second_factor = []

[recording]
days = 0.1
gigabytes = 20
free_gigabytes = 1
"""
    return head + "".join(_camera_part(plan, camera) for camera in cameras)


def _camera_part(plan: farm.FarmPlan, camera: DemoCamera) -> str:
    onvif = f"onvif = {_quoted(plan.onvif_url(camera.id))}\n" if camera.onvif else ""
    return f"""
[[camera]]
id = {_quoted(camera.id)}
name = {_quoted(camera.name)}
town = {_quoted(camera.town)}
owner = {_quoted(camera.owner)}
plates = {str(camera.reads_plates).lower()}
main = {_quoted(plan.url(camera.id, "main"))}
sub = {_quoted(plan.url(camera.id, "sub"))}
fps_main = {camera.fps_main}
fps_sub = {camera.fps_sub}
{onvif}"""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON text is a TOML basic string


def _require_free_port(port: int) -> None:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError as error:
        raise PortTaken(
            f"Port {port} of this machine is taken ({error.strerror}).",
            "Choose another: istros demo --port 8701.",
        ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
