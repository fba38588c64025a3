"""The organisations' directories of the configuration; apart from `wiring`, for only the server needs what they cost."""

from __future__ import annotations

from pathlib import Path

from istros.base.environment import Environment
from istros.base.sealing import SealingKey
from istros.compliance.directory import Directory, DirectoryClient
from istros.settings import DirectorySettings, Settings, SettingsError


def directories_of(settings: Settings, environment: Environment, key: SealingKey) -> dict[str, DirectoryClient]:
    """The organisations' directories, by id. Raises SettingsError when a secret's file cannot be read by us alone."""
    if settings.directory and not settings.server.address:
        raise SettingsError("A directory needs the node's own address.", "Write server.address in the configuration.")
    found = (_directory(each) for each in settings.directory)
    return {each.id: DirectoryClient(environment, key, each, settings.server.address) for each in found}


def _directory(settings: DirectorySettings) -> Directory:
    secret = "" if settings.client_secret is None else _secret_of(settings.client_secret)
    return Directory(
        settings.id, settings.name, settings.issuer, settings.client_id, secret, settings.organisation,
        settings.groups_claim, tuple(settings.roles.items()), settings.language,
    )  # fmt: skip


def _secret_of(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} can be read by others.", f"Run chmod 600 {path}.")
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", "Check the file and its rights.") from error
