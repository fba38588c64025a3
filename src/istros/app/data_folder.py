"""The folder of everything that a node writes (docs/design/0001, "Files")."""

from __future__ import annotations

from pathlib import Path

from istros.base.errors import IstrosError


class DataFolderError(IstrosError):
    """The data folder cannot be used."""

    code = "data-folder"


def prepare_data_folder(data: Path) -> None:
    """Make the folders of docs/design/0001, for the node's own account alone. Raises DataFolderError."""
    try:
        for folder in (data, data / "run", data / "recordings", data / "keys", data / "exports"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / "run" / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise DataFolderError(
            f"The data folder {data} cannot be written: {error.strerror}.",
            "Choose another with `data = …` in the configuration, or correct its rights or its disk.",
        ) from error
