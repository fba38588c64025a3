"""Assessments of simulated cameras, for nodes that tests start."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from istros.app.data_folder import prepare_data_folder
from istros.app.wiring import open_node_database
from istros.base.environment import Environment, real_environment
from istros.compliance.simulated_assessments import assess_simulated
from istros.settings import load_settings
from istros.store import Database
from istros.store.rows import OperatorRow

ADMINISTRATOR = OperatorRow("o-admin", "taras", "Taras", "izmail", "administrator", "")
OFFICER = OperatorRow("o-officer", "ioana", "Ioana", "izmail", "protection_officer", "")


def assess(database: Database, environment: Environment, cameras: Iterable[str]) -> None:
    """Let these cameras film."""
    database.write_now(lambda tx: assess_simulated(tx, environment, cameras, ADMINISTRATOR, OFFICER))


def assess_node(config: Path) -> None:
    """Let all cameras of a configuration film, before its node is started."""
    settings, environment = load_settings(config), real_environment(workers=1)
    prepare_data_folder(settings.data)
    database = open_node_database(settings, environment)
    try:
        assess(database, environment, [camera.id for camera in settings.camera])
    finally:
        database.close()
        environment.workers.close()
