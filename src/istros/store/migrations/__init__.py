"""Brings the tables of a database to this version of Istros, one process at a time."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from istros.store.errors import DatabaseNewer


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings; the scripts are found in the installed package."""
    config = Config()
    config.set_main_option("script_location", "istros.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection) -> None:
    """Upgrade to the newest version inside the caller's transaction, which must hold the database's migration lock.

    `DatabaseNewer` when the tables come from a newer Istros.
    """
    script = ScriptDirectory.from_config(configuration())
    current = MigrationContext.configure(connection).get_current_revision()
    if current == script.get_current_head():
        return
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise DatabaseNewer(
            f"The database is at version {current}, which this Istros does not know.",
            "Start the newer Istros that wrote it, or restore the copy made before the upgrade.",
        )
    command.upgrade(configuration(connection), "head")
