"""Brings the tables of a database to this version of Istros, one process at a time.

Alembic is loaded only where there is something to do: it takes 9 MB, which every process of a node would keep.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from istros.store.errors import DatabaseNewer

if TYPE_CHECKING:
    from alembic.config import Config

_VERSIONS = Path(__file__).parent / "versions"


def newest_version() -> str:
    """The version that this Istros brings a database to, e.g. `0004`: the last of the files `vNNNN_NAME.py`."""
    return max(path.name[1:5] for path in _VERSIONS.glob("v[0-9]*.py"))


def current_version(connection: Connection) -> str | None:
    """The version of a database's tables; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings; the scripts are found in the installed package."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "istros.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection) -> None:
    """Upgrade to the newest version inside the caller's transaction, which must hold the database's migration lock.

    `DatabaseNewer` when the tables come from a newer Istros.
    """
    current = current_version(connection)
    if current == newest_version():
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(configuration())
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise DatabaseNewer(
            f"The database is at version {current}, which this Istros does not know.",
            "Start the newer Istros that wrote it, or restore the copy made before the upgrade.",
        )
    command.upgrade(configuration(connection), "head")
