"""The recorder process: RTSP in, segments on disk, packets to the relay.

It runs for months beside everything else, so it carries only what it needs: no parser of settings, no command line. The
configuration is read by `app.lean_recorder`, which hands a `RecorderPlan` over and becomes this program.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from istros.app.clearances import FollowedClearances
from istros.app.found_streams import FoundStreams
from istros.app.logs import configure_logs, redact
from istros.app.process import run_process
from istros.base.environment import real_environment
from istros.base.errors import IstrosError
from istros.base.workers import ThreadWorkers
from istros.compliance.assessments import Clearance, Use
from istros.devices.camera import Camera
from istros.recording.archive import Archive, NamedDisk
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.store import open_database
from istros.video.opener import open_streams
from istros.video.relay import RelayServer

UPKEEP_THREADS = 4
"""Copies to the second tier at once; deleting and looking at disks share them."""


CACHE_KIB = 2_048
"""Of the database: a recorder writes at the end of each stream and looks nothing up."""


@dataclass(frozen=True, slots=True)
class RecorderPlan:
    """What the configuration says to a recorder. Cameras and database carry their passwords: it never reaches a disk."""

    data: Path
    database_url: str
    relay_path: Path
    cameras: tuple[Camera, ...]
    disks: tuple[NamedDisk, ...]
    policy: RecordingPolicy
    own_ports: frozenset[int] = frozenset()


def record(plan: RecorderPlan, *, standby: bool) -> None:
    """Record until told to stop; a standby begins when the recorder that works has ended."""

    async def main(stop: asyncio.Event) -> None:
        environment = real_environment(own_ports=plan.own_ports)
        database = open_database(plan.database_url, environment.workers, CACHE_KIB)
        cameras = plan.cameras
        opener = FoundStreams(open_streams(environment), database, cameras)
        upkeep = ThreadWorkers(UPKEEP_THREADS, "upkeep")
        recorder = Recorder(environment, database, Archive(plan.disks), cameras, opener, plan.policy, upkeep)
        clearances = FollowedClearances(environment, database, cameras, lambda held: recorder.admit(admitted(held)))
        await clearances.take_over()  # before the first session: what is not assessed is never opened
        relay = RelayServer(plan.relay_path, recorder.fanout)
        await relay.start()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(clearances.run(stop))
                group.create_task(recorder.run(stop))
        finally:
            await relay.close()
            upkeep.close()
            database.close()

    run_process("recorder", plan.data, main, standby=standby)


def admitted(held: Mapping[str, Clearance]) -> dict[str, bool]:
    """The cameras that film, and whether they may hear."""
    return {camera: Use.SOUND in clearance.uses for camera, clearance in held.items() if clearance.films}


def main() -> None:
    """Take the plan from the file descriptor that the first argument names, and record."""
    configure_logs(as_json=not sys.stderr.isatty())
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        plan: RecorderPlan = pickle.load(file)
    try:
        record(plan, standby="standby" in sys.argv)
    except IstrosError as error:
        sys.stderr.write(f"istros: {redact(str(error))}\n")
        sys.exit(2)


if __name__ == "__main__":
    # Under its real name, or the plan's classes would not be the ones that were packed.
    from istros.app.recorder import main as start

    start()
