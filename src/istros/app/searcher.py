"""The searcher process: faces in recordings, one released search at a time, at the lowest priority of the node."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from istros.app.process import run_process
from istros.app.wiring import archive_of, cameras_of, face_keys, open_node_database
from istros.base.environment import Environment, real_environment
from istros.events.face_search import next_search
from istros.events.repeating import repeat
from istros.recording.playback import Playback
from istros.settings import Settings
from istros.store import Database

if TYPE_CHECKING:
    from istros.recognition.face_film import FilmEyes

NICE = 15
"""Below the exporter (10) and the analyser (5): what happens now comes before what has happened."""

PERIOD_S = 2.0


def run(settings: Settings) -> None:
    """Search until told to stop."""

    async def main(stop: asyncio.Event) -> None:
        os.nice(NICE)
        environment = real_environment(workers=2)
        database = open_node_database(settings, environment)
        try:
            await _wait_for_one(environment, database, stop)
            if not stop.is_set():
                # Nets and OpenCV take 100 MB: a node that never searches never loads them.
                from istros.app.face_searcher import FaceSearcher

                read = Playback(database, archive_of(settings)).read
                keys = face_keys(settings, environment)
                searcher = FaceSearcher(
                    environment, database, cameras_of(settings), read, keys, lambda: open_eyes(settings)
                )
                await searcher.run(stop)
        finally:
            database.close()

    run_process("searcher", settings.data, main)


def open_eyes(settings: Settings) -> FilmEyes:
    """Load the nets that a search looks with: the analyser's own."""
    from istros.recognition.face_film import FilmEyes
    from istros.recognition.faces.detector import FaceDetector
    from istros.recognition.faces.embedder import FaceEmbedder
    from istros.recognition.own_detector import detector_of

    detector = detector_of(settings.analysis.detector, settings.analysis.runtime)
    return FilmEyes(detector, FaceDetector(), FaceEmbedder())


async def _wait_for_one(environment: Environment, database: Database, stop: asyncio.Event) -> None:
    found = asyncio.Event()

    async def step() -> bool:
        if await database.read(lambda tx: next_search(tx, environment.clock.now())) is not None:
            found.set()
        return False

    looking = asyncio.create_task(repeat(environment, found, PERIOD_S, "searcher", step))
    ended = asyncio.create_task(stop.wait())
    await asyncio.wait({looking, ended}, return_when=asyncio.FIRST_COMPLETED)
    for task in (looking, ended):
        task.cancel()
    await asyncio.gather(looking, ended, return_exceptions=True)
