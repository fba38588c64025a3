"""Simulated cameras on the loopback, with short films of a moving test pattern."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from istros.base.environment import Environment
from istros.sim.cameras import CameraServer, SimulatedCamera, serve_cameras
from istros.video.packet import Codec
from tests.video.encodes import write_clip

Serving = Callable[..., AbstractAsyncContextManager[CameraServer]]


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Annex B films of one second at 25 fps; `other` has another size."""
    folder = tmp_path_factory.mktemp("films")
    make = {
        "main": (Codec.H264, 320, 180),
        "sub": (Codec.H264, 176, 144),
        "other": (Codec.H264, 352, 288),
        "h265": (Codec.H265, 320, 180),
    }
    return {
        name: write_clip(folder / f"{name}.{codec}", codec, width=width, height=height, frames=25, fps=25, gop=5)
        for name, (codec, width, height) in make.items()
    }


@pytest.fixture
def serving(environment: Environment) -> Serving:
    """`async with serving(camera, …) as server`."""

    @asynccontextmanager
    async def serve(*cameras: SimulatedCamera, session_timeout_s: float = 60.0) -> AsyncIterator[CameraServer]:
        server = await serve_cameras(cameras, "127.0.0.1", 0, environment, session_timeout_s=session_timeout_s)
        try:
            yield server
        finally:
            await server.close()

    return serve
