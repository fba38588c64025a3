"""Zones that a person draws hold in what looks at the cameras without a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from istros.app.zones import DrawnZones
from istros.base.environment import Environment
from istros.devices.camera import Camera, Place, Zone
from istros.recognition.motion import MotionGate
from istros.recognition.zones import PictureZones
from istros.store import open_database
from istros.store.camera_zones import CameraZonesRow

LEFT: Zone = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
CAMERAS = [Camera(name, Place("Gate", "Izmail"), "izmail", ()) for name in ("IZ-01", "IZ-02")]


def test_only_changes_are_handed_on_once(environment: Environment, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'zones.db'}", environment.workers)
    handed: list[dict[str, PictureZones]] = []
    drawn = DrawnZones(environment, database, CAMERAS, [lambda zones: handed.append(dict(zones))])
    now = environment.clock.now()
    row = CameraZonesRow("z1", "IZ-02", now, "olena", False, (), (LEFT,), since=now)

    async def run() -> None:
        await drawn.take_over()
        database.write_now(lambda tx: tx.camera_zones.add(row))
        await drawn.take_over()
        await drawn.take_over()

    asyncio.run(run())
    assert handed == [{"IZ-02": PictureZones(ignored=(LEFT,))}]
    database.close()


def test_what_is_ignored_from_now_on_moves_no_more() -> None:
    """The left half flickers: that is motion until it is ignored, and the change itself is no second scene."""
    gate = MotionGate()
    dark, light = np.full((90, 160), 90, np.uint8), np.full((90, 160), 90, np.uint8)
    light[:, :80] = 200
    gate.see(dark)
    assert gate.see(light).moved
    gate.use(PictureZones(ignored=(LEFT,)))
    first = gate.see(dark)
    assert first.moved and not first.cut
    assert not gate.see(light).moved
