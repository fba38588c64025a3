"""Simulated cameras that speak ONVIF on the loopback, and a node's database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from istros.base.environment import Environment
from istros.devices.camera import Camera, Place
from istros.devices.onvif.address import OnvifAddress, parse_onvif_address
from istros.sim.cameras.onvif import OnvifServer, SimulatedDevice, SimulatedHead, SimulatedProfile, serve_onvif
from istros.store import Database, open_database

PASSWORD = "p&w: <'ключ'>"
"""As awkward as people choose them."""

JPEG = b"\xff\xd8\xff\xe0 a still picture"

Serving = Callable[..., AbstractAsyncContextManager[OnvifServer]]


def device(environment: Environment, path: str = "IZ-01", **facts: Any) -> SimulatedDevice:
    """A camera with two profiles and a head."""
    profiles = (SimulatedProfile("sub", "Sub", 640, 360, 10), SimulatedProfile("main", "Main", 1920, 1080, 25))
    given = {"user": "istros", "password": PASSWORD, "head": SimulatedHead(environment.clock)} | facts
    return SimulatedDevice(environment, path, 8554, profiles, still_maker=lambda: JPEG, **given)


def address(server: OnvifServer, path: str = "IZ-01", password: str = PASSWORD) -> OnvifAddress:
    """Where the camera's service is, with an account."""
    from urllib.parse import quote

    return parse_onvif_address(
        f"http://istros:{quote(password, safe='')}@127.0.0.1:{server.port}/{path}/onvif/device_service"
    )


def camera(server: OnvifServer, camera_id: str = "IZ-01", **facts: Any) -> Camera:
    """The camera as the node knows it."""
    where = address(server, camera_id, facts.pop("password", PASSWORD))
    return Camera(camera_id, Place("Harbour gate", "Izmail"), "izmail", (), onvif=where, **facts)


@pytest.fixture
def onvif_serving(environment: Environment) -> Serving:
    """`async with onvif_serving(device, …) as server`."""

    @asynccontextmanager
    async def serve(*devices: SimulatedDevice) -> AsyncIterator[OnvifServer]:
        server = await serve_onvif(devices, "127.0.0.1", 0, environment)
        try:
            yield server
        finally:
            await server.close()

    return serve


@pytest.fixture
def database(environment: Environment, tmp_path: Path) -> Iterator[Database]:
    """A node's database."""
    opened = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    yield opened
    opened.close()
