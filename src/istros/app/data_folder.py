"""The folder of everything that a node writes (docs/design/0001, "Files")."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from istros.base.errors import IstrosError


class DataFolderError(IstrosError):
    """The data folder cannot be used."""

    code = "data-folder"


NODE_UMASK = 0o077
"""What a node writes is for its own account alone."""


def _make(folder: Path, *, for_group: bool) -> None:
    """The folder without rights for others; a group may be let at data and recordings, for backups, by who runs the node."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mode = stat.S_IMODE(folder.stat().st_mode)
    allowed = mode & (0o770 if for_group else 0o700)
    if mode != allowed:
        folder.chmod(allowed)


def prepare_data_folder(data: Path) -> None:
    """Make the folders of docs/design/0001, for the node's own account alone, as everything this process writes from now on.

    Raises DataFolderError.
    """
    os.umask(NODE_UMASK)
    try:
        for name in ("", "run", "recordings", "keys", "exports"):
            _make(data / name, for_group=name in ("", "recordings"))
        for path in (*data.glob("istros.sqlite3*"), *(data / "keys").glob("*.pub")):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o077)
        probe = data / "run" / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise DataFolderError(
            f"The data folder {data} cannot be written: {error.strerror}.",
            "Choose another with `data = …` in the configuration, or correct its rights or its disk.",
        ) from error
