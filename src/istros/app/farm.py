"""The process of the simulated cameras, described by `DATA/cameras.json`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from istros.app.process import run_process
from istros.base.environment import real_environment
from istros.base.errors import IstrosError
from istros.settings import Settings


class NoSimulatedCameras(IstrosError):
    """The folder does not describe simulated cameras."""

    code = "no-simulated-cameras"


@dataclass(frozen=True, slots=True)
class FarmCamera:
    """One simulated camera: its id and the clips of its two streams."""

    id: str
    main: str
    sub: str


@dataclass(frozen=True, slots=True)
class FarmPlan:
    """What the simulated cameras serve, and where; kept in a file of mode 0600 because of the password."""

    port: int
    user: str
    password: str
    cameras: tuple[FarmCamera, ...]

    def url(self, camera_id: str, stream: str) -> str:
        """The RTSP address of one stream, with its credentials."""
        return f"rtsp://{self.user}:{self.password}@127.0.0.1:{self.port}/{camera_id}/{stream}"


def plan_path(data: Path) -> Path:
    """Where the plan of a data folder lies."""
    return data / "cameras.json"


def write_plan(data: Path, plan: FarmPlan) -> None:
    """Keep the plan for the process that serves it."""
    path = plan_path(data)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(asdict(plan)), encoding="utf-8")


def read_plan(data: Path) -> FarmPlan:
    """The plan of a data folder. Raises NoSimulatedCameras."""
    try:
        content = json.loads(plan_path(data).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NoSimulatedCameras(f"{data} describes no simulated cameras.", "`istros demo` makes them.") from error
    return FarmPlan(
        **{
            **content,
            "cameras": tuple(FarmCamera(**camera) for camera in content["cameras"]),
        }
    )


def run(settings: Settings) -> None:
    """Serve the simulated cameras until told to stop."""
    from istros.sim.cameras import SimulatedCamera, serve_cameras

    plan = read_plan(settings.data)
    cameras = [
        SimulatedCamera(
            camera.id,
            Path(camera.main),
            Path(camera.sub),
            user=plan.user,
            password=plan.password,
        )
        for camera in plan.cameras
    ]

    async def main(stop: asyncio.Event) -> None:
        server = await serve_cameras(cameras, "127.0.0.1", plan.port, real_environment())
        await stop.wait()
        await server.close()

    run_process("cameras", settings, main)
