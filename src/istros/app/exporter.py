"""The exporter process: what was ordered into packages, at the lowest priority of the node."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from istros.app.checking import authorities_of
from istros.app.exports import claim_key_of, exports_folder, signing_key_of
from istros.app.process import run_process
from istros.app.redaction import open_finder
from istros.app.wiring import archive_of, cameras_of, open_node_database
from istros.base.environment import real_environment
from istros.base.signing import public_keys
from istros.recording.chain import KEY_NAME
from istros.recording.export.claims import Claims
from istros.recording.export.exporter import Exporter, ExportPolicy, Sources
from istros.recording.export.manifest import NodeFacts
from istros.recording.playback import Playback
from istros.settings import GIGABYTE, Settings

NICE = 10
"""Recording, analysing and the screens come first."""


def run(settings: Settings) -> None:
    """Export until told to stop."""

    async def main(stop: asyncio.Event) -> None:
        os.nice(NICE)
        environment = real_environment(workers=2 * settings.export.at_once + 2)
        _keep_temporary_files_in(exports_folder(settings) / "temporary")
        database = open_node_database(settings, environment)
        archive, cameras = archive_of(settings), cameras_of(settings)
        node = settings.node
        facts = NodeFacts(node.name, node.organisation, node.town, node.simulated)
        sources = Sources(
            cameras=cameras,
            archive=archive,
            read=Playback(database, archive, cameras).read,
            node=facts,
            key=signing_key_of(settings),
            keys=public_keys(settings.data / "keys", KEY_NAME),
            finder=open_finder,
            authorities=authorities_of(settings),
            claims=Claims(claim_key_of(settings, environment.clock.now()), facts.as_json()),
        )
        policy = ExportPolicy(
            settings.export.kept_days, round(settings.export.free_gigabytes * GIGABYTE), settings.export.at_once
        )
        try:
            await Exporter(environment, database, sources, exports_folder(settings), policy).run(stop)
        finally:
            database.close()

    run_process("exporter", settings.data, main)


def _keep_temporary_files_in(folder: Path) -> None:
    """The C2PA library puts the copy of a long film where TMPDIR says: among the node's data, not in everybody's /tmp."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["TMPDIR"] = str(folder)
