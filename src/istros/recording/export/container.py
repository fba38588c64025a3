"""A package as it comes to somebody: a folder, or the ZIP that `package.pack` wrote."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from istros.base.errors import IstrosError
from istros.recording.export.package import write_zip

_READ_BYTES = 1 << 20
_SMALL = 1 << 16
_LOCAL_HEADER_BYTES = 30
_BROKEN = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError)


class PackageUnreadable(IstrosError):
    """What was given is no package, or cannot be read at all."""

    code = "package-unreadable"


class Container(Protocol):
    """The files of a package."""

    def names(self) -> list[str]:
        """Paths of all files, as often as they are there."""
        ...

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes. PackageUnreadable when they cannot be read."""
        ...

    def opened(self, name: str) -> BinaryIO:
        """A file to read from any place, without unpacking it. PackageUnreadable."""
        ...

    def is_as_packed(self) -> bool:
        """Whether every byte around the files is as the node wrote it."""
        ...


def open_container(path: Path) -> Container:
    """The package at that path. PackageUnreadable."""
    if path.is_dir():
        return FolderContainer(path)
    try:
        return ZipContainer(path)
    except FileNotFoundError:
        raise PackageUnreadable(f"There is no {path}.", "Give the path of a package, a folder or a ZIP.") from None
    except _BROKEN:
        raise PackageUnreadable(
            f"{path.name} is no ZIP, or its directory is damaged.", "Copy the package again from where it came from."
        ) from None


class FolderContainer:
    """An unpacked package."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Every file below the folder; links and the like count as files, and are not read."""
        paths = (path for path in self._folder.rglob("*") if path.is_symlink() or not path.is_dir())
        return sorted(path.relative_to(self._folder).as_posix() for path in paths)

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes."""
        try:
            with self.opened(name) as file:
                while piece := file.read(_READ_BYTES):
                    yield piece
        except OSError as error:
            raise PackageUnreadable(f"{name} cannot be read: {error.strerror}.") from None

    def opened(self, name: str) -> BinaryIO:
        """The file itself, when it is a plain one."""
        path = self._folder / name
        if path.is_symlink() or not path.is_file() or self._folder.resolve() not in path.resolve().parents:
            raise PackageUnreadable(f"{name} is no plain file of the package.")
        try:
            return path.open("rb")
        except OSError as error:
            raise PackageUnreadable(f"{name} cannot be read: {error.strerror}.") from None

    def is_as_packed(self) -> bool:
        """A folder has nothing around its files."""
        return True


class ZipContainer:
    """A package in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = zipfile.ZipFile(path)

    def names(self) -> list[str]:
        """Every entry, double ones twice."""
        return [entry.filename for entry in self._zip.infolist()]

    def pieces(self, name: str) -> Iterator[bytes]:
        """An entry's bytes; a wrong checksum is left to the caller's own. What is compressed is not unpacked: no node packs so,
        and a few bytes could become any number of them."""
        try:
            if self._zip.getinfo(name).compress_type != zipfile.ZIP_STORED:
                raise PackageUnreadable(f"{name} is not packed as a node packs.")
            with self._zip.open(name) as file:
                while piece := file.read(_READ_BYTES):
                    yield piece
        except (*_BROKEN, KeyError):
            raise PackageUnreadable(f"{name} is damaged: its bytes are not those that were packed.") from None

    def opened(self, name: str) -> BinaryIO:
        """A window on the entry, which a node never compresses."""
        try:
            entry = self._zip.getinfo(name)
            # The central directory does not tell where the bytes begin: the local header does (APPNOTE 4.3.7).
            with self._path.open("rb") as file:
                file.seek(entry.header_offset)
                kind, names, more = struct.unpack("<4s22xHH", file.read(_LOCAL_HEADER_BYTES))
        except (*_BROKEN, KeyError, struct.error):
            raise PackageUnreadable(f"{name} is damaged: its bytes are not those that were packed.") from None
        if kind != b"PK\x03\x04" or entry.compress_type != zipfile.ZIP_STORED:
            raise PackageUnreadable(f"{name} is not packed as a node packs.")
        start = entry.header_offset + _LOCAL_HEADER_BYTES + names + more
        return io.BufferedReader(_Window(self._path.open("rb"), start, entry.file_size), _SMALL)

    def is_as_packed(self) -> bool:
        """Pack the entries again and compare every byte: dates, rights and lengths in the ZIP's own headers too."""
        with self._path.open("rb") as file:
            comparison = _Comparison(file)
            try:
                write_zip(
                    comparison,
                    ((entry.filename, self.pieces(entry.filename), entry.file_size) for entry in self._zip.infolist()),
                )
            except (*_BROKEN, PackageUnreadable):
                return False
            return comparison.is_same()


class _Window(io.RawIOBase):
    """Bytes `start` to `start + size` of a file, as a file of their own."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._place = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = max(0, offset + (0, self._place, self._size)[whence])
        return self._place

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: max(0, self._size - self._place)]
        self._file.seek(self._start + self._place)
        data = self._file.read(len(view))
        view[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Comparison(io.RawIOBase):
    """A file that compares what is written with what is there. Heads are written twice, so small pieces wait."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._place = self._end = 0
        self._waiting: dict[int, bytes] = {}
        self._same = True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = offset + (0, self._place, self._end)[whence]
        return self._place

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        if len(piece) < _SMALL:
            self._waiting[self._place] = piece
        else:
            self._compare(self._place, piece)
        self._place += len(piece)
        self._end = max(self._end, self._place)
        return len(piece)

    def is_same(self) -> bool:
        """Whether all that was written is what the file holds, to its end."""
        for place, piece in self._waiting.items():
            self._compare(place, piece)
        self._file.seek(0, io.SEEK_END)
        return self._same and self._file.tell() == self._end

    def _compare(self, place: int, piece: bytes) -> None:
        self._file.seek(place)
        self._same = self._same and self._file.read(len(piece)) == piece
