"""A node of its own with one simulated camera, that of the square with a longer lens: its film, its people, its processes.

The demo's square shows faces some 40 pixels high, too small to be compared. Here a part of the same film is enlarged to
twice its size, as a lens of twice the focal length would show it (less what enlarging blurs): a man who does not exist
walks up to the camera, and his face grows to some 120 pixels. Everything behind the camera is the product's own: RTSP,
recorder, analyser with its nets, server, exporter.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import httpx2
import numpy as np

from istros.app.demo_people import prepare_people
from istros.app.farm import FarmCamera, FarmPlan, write_plan
from istros.base.environment import real_environment
from istros.settings import Settings, load_settings
from istros.sim.clips import FOLDER
from istros.video.files import frames_of
from tests.line.demo_run import wait_for
from tests.recognition.simulated_faces import NAME

CAMERA = "TL-01"
WALKER, PICTURED = "w03", 75
"""Who walks up to the camera, and the frame that his picture is taken from: an odd one, which the film leaves out."""

_LEFT, _TOP, _WIDTH, _HEIGHT = 1120, 490, 800, 450
"""The part of the picture that the longer lens sees, pixels of the square's film."""
_TIMES, _EACH = 2, 2
"""How much it is enlarged, and of how many frames one is kept: 12.5 a second."""
_FRAMES = 120
"""Frames of the square that are filmed: until he has passed. Then the film begins again."""


def film_the_square(folder: Path) -> tuple[Path, Path]:
    """The square through the longer lens: its main and its small stream."""
    rate = Fraction(25, _EACH)
    sizes = {"main": (_WIDTH * _TIMES, _HEIGHT * _TIMES), "sub": (640, 360)}
    paths = {name: folder / f"square-{name}.mp4" for name in sizes}
    films = {name: av.open(str(path), "w") for name, path in paths.items()}
    streams = {}
    for name, (width, height) in sizes.items():
        stream = films[name].add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {
            "preset": "veryfast", "profile": "main", "crf": "20",
            "x264-params": "keyint=12:min-keyint=12:scenecut=0:bframes=0",
        }  # fmt: skip
        streams[name] = stream
    for item in frames_of(FOLDER / f"{NAME}_main.mp4"):
        if item.number >= _FRAMES:
            break
        if item.number % _EACH:
            continue
        part = item.frame.bgr()[_TOP : _TOP + _HEIGHT, _LEFT : _LEFT + _WIDTH]
        for name, stream in streams.items():
            how = cv2.INTER_CUBIC if name == "main" else cv2.INTER_AREA
            picture = np.asarray(cv2.resize(part, sizes[name], interpolation=how), np.uint8)
            films[name].mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
    for name, stream in streams.items():
        films[name].mux(stream.encode(None))
        films[name].close()
    return paths["main"], paths["sub"]


@dataclass(frozen=True, slots=True)
class SquareNode:
    """The node while it runs."""

    url: str
    data: Path
    config: Path
    settings: Settings
    passwords: dict[str, str]


@contextlib.contextmanager
def square_node(folder: Path, port: int, camera_port: int) -> Iterator[SquareNode]:
    """Start camera and node, wait until it records, and end both cleanly."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    main, sub = film_the_square(folder)
    plan = FarmPlan(camera_port, "istros", "made-up-for-a-test", (FarmCamera(CAMERA, str(main), str(sub)),))
    write_plan(data, plan)
    config = folder / "istros.toml"
    config.touch(mode=0o600)
    config.write_text(_configuration(data, port, plan), encoding="utf-8")
    settings = load_settings(config)
    people = asyncio.run(prepare_people(settings, real_environment(), ()))
    node = SquareNode(
        f"http://127.0.0.1:{port}", data, config, settings, {name: password for name, _, password in people}
    )
    with contextlib.ExitStack() as running:
        running.enter_context(_process(config, folder / "camera.log", "--only", "cameras"))
        running.enter_context(_process(config, folder / "node.log"))
        wait_for("the node to answer", lambda: httpx2.get(f"{node.url}/api/health", timeout=20).status_code == 200, 90)
        yield node


@contextlib.contextmanager
def _process(config: Path, log: Path, *arguments: str) -> Iterator[None]:
    command = [sys.executable, "-m", "istros", "serve", "--config", str(config), *arguments]
    with log.open("w", encoding="utf-8") as words:
        process = subprocess.Popen(command, stdout=words, stderr=words, start_new_session=True)
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    assert process.returncode == 0, f"{arguments} ended with {process.returncode}\n{log.read_text()[-3000:]}"


def _configuration(data: Path, port: int, plan: FarmPlan) -> str:
    return f"""
data = "{data}"

[node]
name = "Izmail and Tulcea"
organisation = "Joint centre of the simulated city"
town = "Tulcea"
simulated = true

[server]
port = {port}

[sign_in]
second_factor = []

[recording]
days = 0.1
gigabytes = 2
free_gigabytes = 0

[export]
free_gigabytes = 0

[[camera]]
id = "{CAMERA}"
name = "Square, at the kiosk"
town = "Tulcea"
owner = "Tulcea municipality"
main = "{plan.url(CAMERA, "main")}"
sub = "{plan.url(CAMERA, "sub")}"
fps_main = 12.5
fps_sub = 12.5
face_zone = [[[0, 0], [1, 0], [1, 1], [0, 1]]]
"""
