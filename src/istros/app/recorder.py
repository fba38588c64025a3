"""The recorder process: RTSP in, segments on disk, packets to the relay."""

from __future__ import annotations

import asyncio

from istros.app.process import run_process
from istros.app.wiring import archive_of, cameras_of, open_node_database
from istros.base.environment import real_environment
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.settings import GIGABYTE, RecordingSettings, Settings
from istros.video.relay import RelayServer
from istros.video.rtsp import open_rtsp


def run(settings: Settings, *, standby: bool = False) -> None:
    """Record until told to stop; a standby begins when the recorder that works has ended."""

    async def main(stop: asyncio.Event) -> None:
        environment = real_environment()
        database = open_node_database(settings, environment)
        opener = open_rtsp(environment)
        recorder = Recorder(
            environment,
            database,
            archive_of(settings),
            cameras_of(settings),
            opener,
            policy_of(settings.recording),
        )
        relay = RelayServer(settings.relay_path, recorder.fanout)
        await relay.start()
        try:
            await recorder.run(stop)
        finally:
            await relay.close()
            database.close()

    run_process("recorder", settings, main, standby=standby)


def policy_of(settings: RecordingSettings) -> RecordingPolicy:
    """How the recorder cuts and keeps, from the configuration."""
    return RecordingPolicy(
        days=settings.days,
        bytes_max=round(settings.gigabytes * GIGABYTE),
        free_bytes_min=round(settings.free_gigabytes * GIGABYTE),
        segment_s=settings.segment_s,
        fragment_s=settings.fragment_s,
    )
