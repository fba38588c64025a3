"""The process of the simulated cameras, described by `DATA/cameras.json`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from istros.app.process import run_process
from istros.base.environment import Environment, real_environment
from istros.base.errors import IstrosError
from istros.settings import Settings
from istros.store.rows import StreamName

if TYPE_CHECKING:
    from istros.sim.cameras import CameraServer
    from istros.sim.cameras.onvif import MaskPainter, OnvifServer, ReplayServer, SimulatedDevice

STREAMS: tuple[StreamName, ...] = ("main", "sub")


class NoSimulatedCameras(IstrosError):
    """The folder does not describe simulated cameras."""

    code = "no-simulated-cameras"


@dataclass(frozen=True, slots=True)
class FarmCamera:
    """One simulated camera: its id and the clips of its two streams."""

    id: str
    main: str
    sub: str
    onvif: bool = False
    """Whether it speaks ONVIF too: a head that can be steered, events, a clock."""


@dataclass(frozen=True, slots=True)
class FarmPlan:
    """What the simulated cameras serve, and where; kept in a file of mode 0600 because of the password."""

    port: int
    user: str
    password: str
    cameras: tuple[FarmCamera, ...]
    onvif_port: int = 0

    def onvif_url(self, camera_id: str) -> str:
        """The ONVIF address of one camera, with its credentials."""
        return f"http://{self.user}:{self.password}@127.0.0.1:{self.onvif_port}/{camera_id}/onvif/device_service"

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
        environment = real_environment()
        server = await serve_cameras(cameras, "127.0.0.1", plan.port, environment)
        onvif, replay, tasks = await _serve_onvif(plan, server, environment)
        await stop.wait()
        for task in tasks:
            task.cancel()
        await replay.close()
        await onvif.close()
        await server.close()

    run_process("cameras", settings.data, main)


async def _serve_onvif(
    plan: FarmPlan, server: CameraServer, environment: Environment
) -> tuple[OnvifServer, ReplayServer, list[asyncio.Task[None]]]:
    from istros.sim.cameras.onvif import ReplayServer, happen, serve_onvif

    devices = {camera.id: _device(plan, camera, server, environment) for camera in plan.cameras if camera.onvif}
    onvif = await serve_onvif(list(devices.values()), "127.0.0.1", plan.onvif_port, environment)
    replay = ReplayServer(list(devices.values()), environment)
    await replay.start("127.0.0.1", 0)
    works = [happen(device) for device in devices.values()]
    works += [_painter(devices[camera.id], camera, server).run() for camera in plan.cameras if camera.onvif]
    return onvif, replay, [asyncio.create_task(work) for work in works]


def _painter(device: SimulatedDevice, camera: FarmCamera, server: CameraServer) -> MaskPainter:
    from istros.sim.cameras.onvif import MaskPainter, PaintedStream, SimulatedMasks

    def of(name: StreamName, path: str) -> PaintedStream:
        stream = server.stream(f"{camera.id}/{name}")
        return PaintedStream(stream, Path(path), stream.film)

    device.masks = masks = SimulatedMasks()
    return MaskPainter(device, masks, (of("main", camera.main), of("sub", camera.sub)))


def _device(plan: FarmPlan, camera: FarmCamera, server: CameraServer, environment: Environment) -> SimulatedDevice:
    from istros.sim.cameras.onvif import Card, Position, SimulatedDevice, SimulatedHead, profile_of, still_of

    head = SimulatedHead(environment.clock)
    head.presets |= {
        "preset-1": ("Whole place", Position()),
        "preset-2": ("Entrance", Position(-0.4, 0.1, 0.3)),
        "preset-3": ("Crossing", Position(0.5, -0.2, 0.6)),
    }
    profiles = tuple(profile_of(name, server.stream(f"{camera.id}/{name}").film) for name in STREAMS)
    device = SimulatedDevice(
        environment,
        camera.id,
        plan.port,
        profiles,
        user=plan.user,
        password=plan.password,
        head=head,
        still_maker=partial(still_of, Path(camera.main)),
    )
    device.card = card = Card(device.now)
    server.stream(f"{camera.id}/main").on_frame = card.keep
    return device
