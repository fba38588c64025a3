"""The recorder process: RTSP in, segments on disk, packets to the relay."""

from __future__ import annotations

import asyncio

from istros.app.found_streams import FoundStreams
from istros.app.process import run_process
from istros.app.wiring import archive_of, cameras_of, open_node_database
from istros.base.environment import real_environment
from istros.recording.keeping import Keeping, KeepingRules
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.settings import GIGABYTE, CameraSettings, RecordingSettings, Settings
from istros.video.opener import open_streams
from istros.video.relay import RelayServer

GIGABYTES_OF_ONE_DISK = 500.0
"""What recordings may fill on a node that names neither disks nor a bound."""


def run(settings: Settings, *, standby: bool = False) -> None:
    """Record until told to stop; a standby begins when the recorder that works has ended."""

    async def main(stop: asyncio.Event) -> None:
        environment = real_environment()
        database = open_node_database(settings, environment)
        cameras = cameras_of(settings)
        opener = FoundStreams(open_streams(environment), database, cameras)
        recorder = Recorder(
            environment,
            database,
            archive_of(settings),
            cameras,
            opener,
            policy_of(settings),
        )
        relay = RelayServer(settings.relay_path, recorder.fanout)
        await relay.start()
        try:
            await recorder.run(stop)
        finally:
            await relay.close()
            database.close()

    run_process("recorder", settings, main, standby=standby)


def policy_of(settings: Settings) -> RecordingPolicy:
    """How the recorder cuts and keeps, from the configuration."""
    recording = settings.recording
    gigabytes = recording.gigabytes or (None if settings.disk else GIGABYTES_OF_ONE_DISK)
    return RecordingPolicy(
        keeping=KeepingRules(keeping_of(recording), {camera.id: _own(recording, camera) for camera in settings.camera}),
        bytes_max=None if gigabytes is None else round(gigabytes * GIGABYTE),
        free_bytes_min=round(recording.free_gigabytes * GIGABYTE),
        segment_s=recording.segment_s,
        fragment_s=recording.fragment_s,
    )


def keeping_of(recording: RecordingSettings) -> Keeping:
    """How long the recordings of a camera are kept that has no rule of its own."""
    return Keeping(recording.days, max(recording.days, recording.event_days or 0))


def _own(recording: RecordingSettings, camera: CameraSettings) -> Keeping:
    days = camera.days or recording.days
    event_days = camera.event_days or recording.event_days or days
    bytes_max = None if camera.gigabytes is None else round(camera.gigabytes * GIGABYTE)
    return Keeping(days, max(days, event_days), bytes_max)
