"""Looking for cameras: over multicast in network namespaces of their own, and what the administrator gets to see."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest

from istros.devices.camera import Camera, Place
from istros.devices.discovery import FoundDevice, is_configured, read_answer
from istros.devices.onvif.address import parse_onvif_address

CAMERA = """
import asyncio
from istros.base.environment import real_environment
from istros.sim.cameras.onvif import SimulatedDevice, SimulatedHead, SimulatedProfile, serve_onvif
from istros.sim.cameras.onvif.announcing import Announcement

async def main():
    environment = real_environment()
    profiles = (SimulatedProfile("main", "Main", 1920, 1080, 25), SimulatedProfile("sub", "Sub", 640, 360, 10))
    device = SimulatedDevice(environment, "Harbour", 8554, profiles, "istros", "secret", SimulatedHead(environment.clock))
    server = await serve_onvif([device], "10.77.3.2", 8080, environment)
    announcement = Announcement(device, server.address("Harbour"))
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, input)
    announcement.close()
    await server.close()

asyncio.run(main())
"""


def run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


@pytest.fixture
def two_hosts() -> Iterator[tuple[str, str]]:
    """Two network namespaces with a cable between them."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and the program `ip`")
    camera, node = f"istros-cam-{os.getpid()}", f"istros-node-{os.getpid()}"
    try:
        run("ip", "netns", "add", camera)
        run("ip", "netns", "add", node)
        run("ip", "link", "add", "ivc0", "netns", camera, "type", "veth", "peer", "name", "ivc1", "netns", node)
        for name, end, address in ((camera, "ivc0", "10.77.3.2/24"), (node, "ivc1", "10.77.3.1/24")):
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "addr", "add", address, "dev", end)
            run("ip", "-n", name, "link", "set", end, "up")
            run("ip", "-n", name, "route", "add", "default", "dev", end)
    except subprocess.CalledProcessError as problem:
        for name in (camera, node):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        pytest.skip(f"network namespaces cannot be made here: {problem.stderr.decode().strip()}")
    yield camera, node
    for name in (camera, node):
        subprocess.run(["ip", "netns", "del", name], capture_output=True)


def istros(namespace: str, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = ["ip", "netns", "exec", namespace, sys.executable, "-m", "istros", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, input=given)


def test_a_camera_on_the_other_end_of_a_cable_is_found_and_probed(two_hosts: tuple[str, str]) -> None:
    there, here = two_hosts
    command = ["ip", "netns", "exec", there, sys.executable, "-c", CAMERA]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            found = istros(here, "cameras", "find", "--json", "--seconds", "4")
            assert found.returncode == 0, found.stderr
            url = "http://10.77.3.2:8080/Harbour/onvif/device_service"
            assert json.loads(found.stdout) == [
                {"url": url, "name": "Harbour", "hardware": "Simulated camera", "camera": ""}
            ]
            asked = istros(here, "cameras", "probe", url.replace("http://", "http://istros@"), given="secret\n")
            assert asked.returncode == 0, asked.stderr
            assert "H264 1920x1080, 25 fps: rtsp://10.77.3.2:8554/Harbour/main (main)" in asked.stdout
            assert "It can be steered." in asked.stdout and "secret" not in asked.stdout
            wrong = istros(here, "cameras", "probe", url.replace("http://", "http://istros@"), given="wrong\n")
            assert wrong.returncode == 2 and "refused the account or the password" in wrong.stderr
        finally:
            process.stdin.write("\n")
            process.stdin.flush()
    nobody = istros(here, "cameras", "find", "--seconds", "1")
    assert nobody.returncode == 0 and "No camera answered" in nobody.stdout


def test_what_a_camera_says_of_itself_is_read() -> None:
    scopes: list[object] = [
        "onvif://www.onvif.org/name/AXIS%20P1375", "onvif://www.onvif.org/hardware/P1375",
        "onvif://www.onvif.org/location/city/Tulcea", "onvif://www.onvif.org/Profile/Streaming",
        "onvif://www.onvif.org/Profile/G", "rubbish", "",
    ]  # fmt: skip
    found = read_answer(["http://[fe80::1]/onvif/device_service", "http://10.0.0.5/onvif/device_service"], scopes)
    assert found is not None
    assert (found.name, found.hardware, found.place) == ("AXIS P1375", "P1375", "Tulcea")
    assert found.profiles == ("G", "Streaming")
    assert read_answer(["nonsense", "ftp://10.0.0.5"], scopes) is None
    assert read_answer([], []) is None


def test_the_lines_to_paste_are_a_configuration() -> None:
    device = FoundDevice("http://10.0.0.5:81/onvif/device_service", "10.0.0.5", 'Eye "\\\n1', "", "", ())
    (camera,) = tomllib.loads(device.lines(7))["camera"]
    assert camera["id"] == "NEW-07"
    assert camera["onvif"] == "http://ACCOUNT:PASSWORD@10.0.0.5:81/onvif/device_service"
    assert camera["name"] == "Eye 1"


def test_known_cameras_are_told_from_new_ones() -> None:
    where = parse_onvif_address("http://a:b@10.0.0.5/onvif/device_service")
    known = (Camera("IZ-01", Place("Harbour", "Izmail"), "izmail", (), onvif=where),)
    for url, camera_id in (("http://10.0.0.5:8080/x", "IZ-01"), ("http://10.0.0.6/onvif/device_service", "")):
        found = read_answer([url], [])
        assert found is not None and is_configured(found, known) == camera_id


@pytest.mark.parametrize("address", ["rtsp://10.0.0.5/x", "http://10.0.0.5:99999999/", ""])
def test_an_address_that_is_none_is_a_sentence(address: str) -> None:
    command = [sys.executable, "-m", "istros", "cameras", "probe", address]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 2 and "The address cannot be used" in answer.stderr
    assert "Traceback" not in answer.stderr
