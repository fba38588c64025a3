"""Where bytes are kept; paths are relative with `/` and may not leave the root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol


class Disk(Protocol):
    """A place for files. Every method blocks: call it through the Environment's workers."""

    def append(self, path: str, data: bytes) -> None:
        """Add to the end of a file in one write, making it and its folders when they are missing."""
        ...

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """Make the file of these pieces, whole and safe against a power cut, or not at all; replaces one that is there."""
        ...

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes of a file; shorter at its end. FileNotFoundError when it is not there."""
        ...

    def size(self, path: str) -> int | None:
        """Length in bytes, or None when the file is not there."""
        ...

    def truncate(self, path: str, size: int) -> None:
        """Cut the file off after `size` bytes."""
        ...

    def sync(self, path: str) -> None:
        """Return when the file's bytes are safe against a power cut."""
        ...

    def remove(self, path: str) -> None:
        """Delete the file (and folders that it leaves empty); silent when it is not there."""
        ...

    def walk(self, prefix: str = "") -> Iterator[str]:
        """Every file below `prefix`, in order of path."""
        ...

    def free_bytes(self) -> int:
        """Bytes that can still be written."""
        ...

    def total_bytes(self) -> int:
        """Bytes that the disk holds in all; -1 when it cannot tell."""
        ...
