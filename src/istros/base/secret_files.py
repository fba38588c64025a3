"""Secrets in files: made for this account alone, and never read from a file that others can read.

A secret of the configuration may stand elsewhere: `{ file = "…" }`, `{ credential = "…" }` (systemd's `LoadCredential=`) or
`{ environment = "…" }` in the place of its text.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from istros.base.errors import IstrosError
from istros.base.paths import PathRefused, below

OTHERS = 0o077
"""Rights of group and others; none of them may be set."""

CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what `LoadCredential=` names (systemd.exec(5))."""

_LARGEST = 64 * 1024
SOURCES = frozenset({"file", "credential", "environment"})


class SecretExposed(IstrosError):
    """A file with a secret can be read or changed by others, or belongs to somebody else."""

    code = "secret-exposed"


class SecretMissing(IstrosError):
    """There is no secret where one should be."""

    code = "secret-missing"


class SourceBroken(IstrosError):
    """A place of the configuration says where its secret stands, and there is none; the message begins with the key."""

    code = "secret-missing"


def require_private(path: Path, what: str) -> None:
    """Raises SecretExposed, with the command that mends it, unless the account (or root) alone can read the file."""
    _require(path, what, path.stat())


def read_secret(path: Path, what: str) -> bytes:
    """The file's content. `what` names it in messages, e.g. "signing key". SecretExposed, SecretMissing."""
    try:
        with path.open("rb") as file:
            _require(path, what, os.fstat(file.fileno()))
            return file.read(_LARGEST)
    except OSError as error:
        raise SecretMissing(f"The {what} {path} cannot be read: {error.strerror}.", "Check the file.") from error


def make_secret(path: Path, content: bytes) -> None:
    """A new file of mode 0600, whole and on the disk. FileExistsError where there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_secret_once(place: Path, content: bytes) -> None:
    """Written whole beside, then given its name unless another process was quicker; folders are made for the account alone."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = place.parent / f".{place.name}.{os.getpid()}"
    beside.unlink(missing_ok=True)
    make_secret(beside, content)
    with suppress(FileExistsError):
        os.link(beside, place)
    beside.unlink()
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in the folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_source(value: object) -> bool:
    """Whether a value of the configuration says where a secret stands, instead of being one."""
    return isinstance(value, Mapping) and len(value) == 1 and not SOURCES.isdisjoint(value)


def from_source(source: Mapping[str, object], folder: Path) -> str:
    """The secret, without the line's end; relative files are meant from `folder`. SecretExposed, SecretMissing."""
    ((kind, name),) = source.items()
    if not isinstance(name, str) or not name:
        raise SecretMissing(f"A secret's {kind} has no name.", "Name it in quotes.")
    if kind == "environment":
        return _from_environment(name)
    path = _credential(name) if kind == "credential" else folder / name
    try:
        return read_secret(path, "secret").decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise SecretMissing(f"The secret {path} is no text.", "Write the address or password into it.") from None


def with_secrets(content: Any, folder: Path, place: str = "") -> Any:
    """Parsed TOML with every secret that stands elsewhere put in its place. SourceBroken, naming the key."""
    if is_source(content):
        try:
            return from_source(content, folder)
        except IstrosError as error:
            raise SourceBroken(f"{place}: {error.message}", error.remedy) from error
    if isinstance(content, dict):
        return {key: with_secrets(value, folder, f"{place}.{key}".strip(".")) for key, value in content.items()}
    if isinstance(content, list):
        return [with_secrets(value, folder, f"{place}.{number}") for number, value in enumerate(content, 1)]
    return content


def _from_environment(name: str) -> str:
    found = os.environ.get(name, "")
    if not found:
        raise SecretMissing(f"The environment has no {name}.", "Set it for the service, or name a file instead.")
    return found


def _credential(name: str) -> Path:
    folder = os.environ.get(CREDENTIALS, "")
    if not folder:
        raise SecretMissing(
            f"systemd gives this service no credentials, so there is no '{name}'.", "Add LoadCredential= to the unit."
        )
    try:
        return below(Path(folder), name)
    except PathRefused as refusal:
        raise SecretMissing(f"'{name}' names no credential.", refusal.remedy) from None


def _require(path: Path, what: str, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise SecretMissing(f"The {what} {path} is no file.", "Name a file.")
    if os.geteuid() and state.st_uid not in (0, os.geteuid()):
        raise SecretExposed(f"The {what} {path} belongs to another account.", f"Run: chown {os.geteuid()} {path}")
    if state.st_mode & OTHERS:
        mode = stat.S_IMODE(state.st_mode)
        raise SecretExposed(f"The {what} {path} can be read by others (mode {mode:04o}).", f"Run: chmod 600 {path}")
