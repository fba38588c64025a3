"""A disk in memory, with the faults of real ones: it can be full, and it can lose power."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from random import Random


class MemoryDisk:
    """Implements `store.disk.Disk`. `capacity_bytes` bounds what it holds."""

    def __init__(self, capacity_bytes: int = 1 << 40) -> None:
        self.capacity_bytes = capacity_bytes
        self._files: dict[str, bytearray] = {}
        self._safe: dict[str, int] = {}
        self._used = 0
        self._is_off = False

    def append(self, path: str, data: bytes) -> None:
        """Add to the end of a file; OSError ENOSPC when it does not fit."""
        self._answer(path)
        if self._used + len(data) > self.capacity_bytes:
            raise OSError(errno.ENOSPC, "no space left on the simulated disk", path)
        self._files.setdefault(path, bytearray()).extend(data)
        self._used += len(data)

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """Make the file whole, or not at all."""
        data = b"".join(pieces)
        self.remove(path)
        self.append(path, data)
        self.sync(path)

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes of a file."""
        content = self._file(path)
        return bytes(content[offset:] if length is None else content[offset : offset + length])

    def size(self, path: str) -> int | None:
        """Length in bytes, or None."""
        return len(self._files[path]) if path in self._files else None

    def truncate(self, path: str, size: int) -> None:
        """Cut the file off."""
        content = self._file(path)
        self._used -= max(0, len(content) - size)
        del content[size:]

    def sync(self, path: str) -> None:
        """From now on a power cut keeps the file as it is."""
        self._answer(path)
        self._safe[path] = len(self._file(path))

    def remove(self, path: str) -> None:
        """Delete the file."""
        self._used -= len(self._files.pop(path, b""))
        self._safe.pop(path, None)

    def walk(self, prefix: str = "") -> Iterator[str]:
        """Every file below `prefix`, in order of path."""
        return iter(sorted(path for path in self._files if path.startswith(prefix)))

    def free_bytes(self) -> int:
        """Bytes that still fit."""
        return self.capacity_bytes - self._used

    def total_bytes(self) -> int:
        """What it holds in all."""
        return self.capacity_bytes

    def cut_power(self, chance: Random | None = None) -> None:
        """Lose what was never synced: each file falls back to its last safe length, and is off until `power_on`.

        With `chance`, some of what was on its way came through: each file is torn at a place of its own behind that.
        """
        for path in list(self._files):
            safe = self._safe.get(path, 0)
            kept = safe if chance is None or chance.random() < 0.6 else chance.randint(safe, len(self._files[path]))
            self.truncate(path, kept)
            if not self._files[path]:
                self.remove(path)
        self._is_off = True

    def power_on(self) -> None:
        """Answer again."""
        self._is_off = False

    def _answer(self, path: str) -> None:
        if self._is_off:
            raise OSError(errno.EIO, "the simulated disk has no power", path)

    def _file(self, path: str) -> bytearray:
        try:
            return self._files[path]
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, "no such file on the simulated disk", path) from None
