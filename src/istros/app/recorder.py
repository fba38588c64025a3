"""The recorder process: RTSP in, segments on disk, packets to the relay."""

from __future__ import annotations

import asyncio

from istros.app.found_streams import FoundStreams
from istros.app.process import run_process
from istros.app.wiring import archive_of, cameras_of, open_node_database, policy_of
from istros.base.environment import real_environment
from istros.base.workers import ThreadWorkers
from istros.recording.recorder import Recorder
from istros.settings import Settings
from istros.video.opener import open_streams
from istros.video.relay import RelayServer

UPKEEP_THREADS = 4
"""Copies to the second tier at once; deleting and looking at disks share them."""


def run(settings: Settings, *, standby: bool = False) -> None:
    """Record until told to stop; a standby begins when the recorder that works has ended."""

    async def main(stop: asyncio.Event) -> None:
        environment = real_environment()
        database = open_node_database(settings, environment)
        cameras = cameras_of(settings)
        opener = FoundStreams(open_streams(environment), database, cameras)
        upkeep = ThreadWorkers(UPKEEP_THREADS, "upkeep")
        recorder = Recorder(
            environment,
            database,
            archive_of(settings),
            cameras,
            opener,
            policy_of(settings),
            upkeep,
        )
        relay = RelayServer(settings.relay_path, recorder.fanout)
        await relay.start()
        try:
            await recorder.run(stop)
        finally:
            await relay.close()
            upkeep.close()
            database.close()

    run_process("recorder", settings, main, standby=standby)
