"""A camera that nobody here wrote: `ipycam` from PyPI, with its known defects."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import imageio_ffmpeg
import pytest

from istros.app.probing import probe_camera
from istros.base.environment import Environment
from istros.devices.errors import DeviceError, DeviceRefusedPassword
from istros.devices.facts import Velocity
from istros.devices.onvif.address import OnvifAddress, parse_onvif_address
from istros.devices.onvif.device import OnvifDevice
from istros.devices.onvif.head import OnvifHead

PROGRAM = """
import sys, time, numpy, ipycam
settings = ipycam.CameraConfig.load(sys.argv[1])
settings.local_ip = "127.0.0.1"
camera = ipycam.IPCamera(settings)
camera.start()
while True:
    camera.stream(numpy.full((180, 320, 3), int(time.time() * 50) % 255, numpy.uint8))
    time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnvifAddress]:
    folder = tmp_path_factory.mktemp("ipycam")
    ports = [_port() for _ in range(3)]
    (folder / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    settings = {
        "name": "Foreign", "onvif_port": ports[0], "rtsp_port": ports[1], "web_port": ports[2], "main_width": 320,
        "main_height": 180, "main_fps": 10, "sub_width": 160, "sub_height": 90, "sub_fps": 10,
        "username": "admin", "password": "foreign pass",
    }  # fmt: skip
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    log = (folder / "log").open("w")
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder / "settings.json")], cwd=folder, env=environment, stdout=log,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield parse_onvif_address(f"http://admin:foreign%20pass@127.0.0.1:{ports[0]}")
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def met(environment: Environment, address: OnvifAddress) -> OnvifDevice:
    """Connected, as soon as it listens."""
    for attempt in range(100):
        device = OnvifDevice(environment, address, "Camera F-01")
        try:
            await device.connect()
            return device
        except DeviceError:
            await device.close()
            if attempt == 99:
                raise
            await asyncio.sleep(0.2)
    raise AssertionError


def test_its_streams_are_found(environment: Environment, foreign: OnvifAddress) -> None:
    async def run() -> None:
        device = await met(environment, foreign)
        await device.close()
        found = await probe_camera(foreign, foreign.password)
        assert found.who.manufacturer and found.who.model
        assert [(each.width, each.height) for each in found.profiles] == [(320, 180), (160, 90)]
        assert all(each.url.startswith("rtsp://127.0.0.1:") for each in found.profiles)
        assert found.clock is not None and abs(found.clock.seconds) < 2
        assert "foreign pass" not in found.words()

    asyncio.run(run())


def test_a_wrong_password_is_said(environment: Environment, foreign: OnvifAddress) -> None:
    async def run() -> None:
        await (await met(environment, foreign)).close()
        with pytest.raises(DeviceRefusedPassword, match="refused the account or the password"):
            await probe_camera(foreign, "wrong")

    asyncio.run(run())


def test_its_head_obeys_although_it_cannot_tell_where_it_looks(environment: Environment, foreign: OnvifAddress) -> None:
    async def run() -> None:
        device = await met(environment, foreign)
        profile = (await device.profiles())[0]
        head = OnvifHead(device, profile.token)
        await head.move(Velocity(pan=0.5))
        await head.stop()
        await head.go_home()
        facts = await head.facts()
        assert isinstance(facts.presets, tuple)
        await device.close()

    asyncio.run(run())
