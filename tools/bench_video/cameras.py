"""The measured cameras, in a process of their own: `python -m tools.bench_video.cameras PORT COUNT` until it is ended."""

from __future__ import annotations

import asyncio
import sys

from istros.base.environment import real_environment
from istros.sim.cameras import SimulatedCamera, serve_cameras
from tools.bench_video.clips import main_film, sub_film


def camera_id(number: int) -> str:
    """The name of a measured camera, e.g. `C03`."""
    return f"C{number:02d}"


def address(port: int, number: int, stream: str) -> str:
    """Where its stream is served; these cameras ask for no password."""
    return f"rtsp://127.0.0.1:{port}/{camera_id(number)}/{stream}"


async def _serve(port: int, count: int) -> None:
    films = main_film(), sub_film()
    cameras = [SimulatedCamera(camera_id(number), *films) for number in range(count)]
    await serve_cameras(cameras, "127.0.0.1", port, real_environment())
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
