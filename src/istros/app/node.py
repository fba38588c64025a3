"""The whole node on one machine: its processes under one supervisor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from istros.app.process import run_process
from istros.app.supervisor import Child, Supervisor
from istros.base.environment import real_environment
from istros.settings import Settings


def run_node(settings: Settings, config: Path, more: Sequence[Child] = ()) -> None:
    """Run until told to stop. `more` are children beside the node's own, started first."""
    children = (*more, *_children(settings, config))

    async def main(stop: asyncio.Event) -> None:
        await Supervisor(real_environment(), children).run(stop)

    run_process("supervisor", settings.data, main)


def _children(settings: Settings, config: Path) -> tuple[Child, ...]:
    names = ["recorder", "analyser", "searcher", "server"] if settings.analysis.enabled else ["recorder", "server"]
    names += ["devices"] if any(camera.onvif is not None for camera in settings.camera) else []
    # Two recorders, one of which waits with everything loaded: a killed one is replaced at once, not after its start.
    standby = Child("recorder standby", (*child("recorder", config).arguments, "--standby"))
    first = Child("recorder", standby.arguments)
    if settings.export.enabled:
        names.append("exporter")
    return (first, standby, *(child(name, config) for name in names[1:]))


def child(name: str, config: Path) -> Child:
    """The child that runs one part of the node."""
    return Child(name, ("-m", "istros", "serve", "--config", str(config), "--only", name))
