"""A folder of this computer as a disk."""

from __future__ import annotations

import errno
import os
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from threading import Lock

from istros.base.errors import IstrosError

_OPEN_FILES = 128
"""Descriptors kept open between appends: two streams of 60 cameras and a few more."""

_PARTIAL = ".partial"
"""Ends the name of a file that is being written whole; a kill may leave one, and the next attempt takes its place."""

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class PathLeavesRoot(IstrosError):
    """A path is absolute, climbs with `..` or is empty."""

    code = "path-leaves-root"


def inside(path: str) -> str:
    """The path, when it stays below its root. PathLeavesRoot."""
    pure = PurePosixPath(path)
    if not pure.parts or pure.is_absolute() or ".." in pure.parts or "\0" in path:
        raise PathLeavesRoot(f"The path '{path}' leaves the recordings folder.", "Use a path below it.")
    return str(pure)


class _OpenFile:
    """A descriptor with the lock that keeps its users apart; `gone` once it was let go."""

    __slots__ = ("descriptor", "gone", "lock")

    def __init__(self) -> None:
        self.descriptor = -1
        self.lock = Lock()
        self.gone = False


class LocalDisk:
    """Implements `store.disk.Disk` below one folder; safe to use from several threads.

    Files that are appended to keep their descriptor for a while, so that a fragment costs one `write`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: OrderedDict[str, _OpenFile] = OrderedDict()
        self._nameless: set[str] = set()
        """Files made here whose folder is not on disk yet; they stay here when their descriptor is let go."""
        self._lock = Lock()

    def __reduce__(self) -> tuple[type[LocalDisk], tuple[Path]]:
        """Handed to another process it is the same folder, with nothing open."""
        return LocalDisk, (self._root,)

    def append(self, path: str, data: bytes) -> None:
        """Add to the end in one write. After an OSError (full, read-only) the file is as long as before."""
        with self._held(path) as file:
            descriptor = self._opened(file, path)
            written = os.write(descriptor, data)
            if written < len(data):
                os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """Make the file beside its place, sync it, then give it its name: whole, or not at all."""
        place = self._place(path)
        partial = place.with_name(f".{place.name}{_PARTIAL}")
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(partial, "wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fdatasync(file.fileno())
            os.replace(partial, place)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        self._sync_folders(place.parent)

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes of a file; shorter at its end. FileNotFoundError when it is not there."""
        with open(self._place(path), "rb", buffering=0) as file:
            return os.pread(file.fileno(), length if length is not None else os.fstat(file.fileno()).st_size, offset)

    def size(self, path: str) -> int | None:
        """Length in bytes, or None when the file is not there."""
        try:
            return os.stat(self._place(path)).st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def truncate(self, path: str, size: int) -> None:
        """Cut the file off after `size` bytes. FileNotFoundError when it is not there."""
        os.truncate(self._place(path), size)

    def sync(self, path: str) -> None:
        """Return when the bytes, and the name of a file made here, are safe against a power cut.

        Others may append meanwhile. FileNotFoundError when it is not there.
        """
        with self._held(path) as file:
            descriptor = os.dup(self._opened(file, path, make=False))
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        if path in self._nameless:
            self._sync_folders(self._place(path).parent)
            self._nameless.discard(path)

    def remove(self, path: str) -> None:
        """Delete the file and the folders that it leaves empty; silent when it is not there."""
        place = self._place(path)
        self._let_go(path)
        self._nameless.discard(path)
        place.unlink(missing_ok=True)
        for folder in place.parents:
            if folder == self._root:
                break
            try:
                folder.rmdir()
            except OSError:
                break

    def walk(self, prefix: str = "") -> Iterator[str]:
        """Every file below the folder `prefix`, in order of path as text."""
        folder = self._root if not prefix else self._place(prefix)
        yield from self._below(folder, prefix.rstrip("/") + "/" if prefix else "")

    def free_bytes(self) -> int:
        """Bytes that an ordinary program can still write on the file system of the root."""
        state = os.statvfs(self._root if self._root.exists() else self._root.parent)
        return state.f_bavail * state.f_frsize

    def total_bytes(self) -> int:
        """Bytes of the file system of the root."""
        state = os.statvfs(self._root if self._root.exists() else self._root.parent)
        return state.f_blocks * state.f_frsize

    def close(self) -> None:
        """Let every descriptor go."""
        for path in list(self._files):
            self._let_go(path)

    def _place(self, path: str) -> Path:
        return self._root / inside(path)

    def _below(self, folder: Path, prefix: str) -> Iterator[str]:
        try:
            entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in os.scandir(folder)]
        except (FileNotFoundError, NotADirectoryError):
            return
        # A folder sorts as its name with the slash, so that the whole walk is in the order of the paths' text.
        for name, is_folder in sorted(entries, key=lambda entry: entry[0] + "/" if entry[1] else entry[0]):
            if is_folder:
                yield from self._below(folder / name, f"{prefix}{name}/")
            elif not name.endswith(_PARTIAL):
                yield prefix + name

    @contextmanager
    def _held(self, path: str) -> Iterator[_OpenFile]:
        """The file's entry with its lock held; the longest unused entry makes room."""
        while True:
            with self._lock:
                file = self._files.setdefault(path, _OpenFile())
                self._files.move_to_end(path)
                oldest = next(iter(self._files)) if len(self._files) > _OPEN_FILES else None
            if oldest is not None:
                self._let_go(oldest)
            with file.lock:
                if not file.gone:
                    yield file
                    return

    def _let_go(self, path: str) -> None:
        with self._lock:
            file = self._files.pop(path, None)
        if file is not None:
            with file.lock:
                file.gone = True
                if file.descriptor >= 0:
                    os.close(file.descriptor)

    def _opened(self, file: _OpenFile, path: str, make: bool = True) -> int:
        """The descriptor, opened when needed; the file's lock is held."""
        if file.descriptor < 0:
            place = self._place(path)
            if make and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                self._nameless.add(path)
            file.descriptor = os.open(place, _FLAGS | (os.O_CREAT if make else 0), 0o640)
        return file.descriptor

    def _sync_folders(self, folder: Path) -> None:
        """A new name is safe only with its folder on disk, and a new folder only with the one above it."""
        while True:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if folder == self._root or folder.parent == folder:
                return
            folder = folder.parent
