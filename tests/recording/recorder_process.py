"""A recorder in a process of its own, for tests that kill it: `python recorder_process.py FOLDER`."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from istros.base.environment import real_environment
from istros.recording.archive import Archive
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.store import open_database
from istros.store.disk_local import LocalDisk
from tests.recording.streams import camera, steady


async def main(folder: Path) -> None:
    environment = real_environment(2)
    database = open_database(f"sqlite:///{folder}/index.sqlite3", environment.workers)
    policy = RecordingPolicy(segment_s=1.0, fragment_s=0.2, free_bytes_min=0)
    cameras = [camera("IZ-07", "main", "sub"), camera("TL-01")]
    opener = steady(environment.clock, fps=50, keyframe_every=20)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    recorder = Recorder(environment, database, Archive.of(LocalDisk(folder / "recordings")), cameras, opener, policy)
    await recorder.run(stop)
    database.close()
    environment.workers.close()


asyncio.run(main(Path(sys.argv[1])))
