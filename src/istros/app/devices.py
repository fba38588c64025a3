"""The process of the devices: ONVIF conversations with every camera that has them, and orders from the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from istros.app.cards import DeviceCard
from istros.app.process import run_process
from istros.app.wiring import archive_of, cameras_of, open_node_database, own_ports, policy_of
from istros.base.environment import Environment, real_environment
from istros.base.said import say
from istros.devices.camera import Camera, StreamKey
from istros.devices.control import ControlServer
from istros.devices.errors import NotOffered
from istros.devices.onvif.soap import load_descriptions
from istros.devices.watch import DeviceWatch
from istros.recording.archive import Archive
from istros.recording.backfill import BackFill, CardSource
from istros.settings import Settings
from istros.store import Database

log = structlog.get_logger("istros.devices")


def run(settings: Settings) -> None:
    """Speak to the devices until told to stop."""

    async def main(stop: asyncio.Event) -> None:
        environment = real_environment(own_ports=own_ports(settings))
        database = open_node_database(settings, environment)
        try:
            await load_descriptions()
            await watch_devices(environment, database, cameras_of(settings), settings, stop, archive_of(settings))
        finally:
            database.close()

    run_process("devices", settings.data, main)


async def watch_devices(
    environment: Environment,
    database: Database,
    cameras: tuple[Camera, ...],
    settings: Settings,
    stop: asyncio.Event,
    archive: Archive | None = None,
) -> None:
    """One task a camera; no error crosses from one to another. With an `archive`, holes are filled from the cards."""
    watches = {c.id: DeviceWatch(environment, database, c) for c in cameras if c.onvif is not None}

    async def obey(order: Mapping[str, Any]) -> Mapping[str, Any]:
        camera_id = str(order.get("camera", ""))
        if camera_id not in watches:
            told = say("device-no-onvif", f"Camera {camera_id} has no ONVIF address.", camera=camera_id)
            raise NotOffered(told, "Write `onvif = …` into the configuration.")
        return await watches[camera_id].obey(str(order.get("do", "")), order)

    control = ControlServer(settings.devices_path, obey)
    await control.start()
    tasks = [asyncio.create_task(_forever(environment, id, watch.run)) for id, watch in watches.items()]
    if archive is not None and settings.edge.enabled:
        back_fill = BackFill(
            environment, database, archive, policy_of(settings),
            _cards(environment, watches, settings.edge.megabits),
            {camera.id: camera.is_here for camera in cameras}, settings.edge.hours,
        )  # fmt: skip
        tasks.append(asyncio.create_task(_forever(environment, "back-fill", back_fill.run)))
    try:
        await stop.wait()
    finally:
        await control.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _cards(
    environment: Environment, watches: Mapping[str, DeviceWatch], megabits: float
) -> dict[StreamKey, CardSource]:
    """The card of each camera whose main stream is recorded."""
    return {
        StreamKey(id, "main"): DeviceCard(environment, watch, megabits * 1_000_000 / 8)
        for id, watch in watches.items()
        if watch.camera.stream("main") is not None
    }


async def _forever(environment: Environment, camera_id: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception("device-failed", camera=camera_id)
            await environment.clock.sleep(5.0)
