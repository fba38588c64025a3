"""CSV tables that the commands write: what cannot be written is said of the table, never of what was being read."""

from __future__ import annotations

import csv
import errno
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from istros.base.errors import IstrosError


class TableNotWritten(IstrosError):
    """The table cannot be written."""

    code = "table-not-written"


class CsvTable:
    """A table that is open for writing; its errors are `TableNotWritten`."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._writer = csv.writer(file)

    def write(self, cells: Iterable[object]) -> None:
        """Add a row. Raises TableNotWritten."""
        try:
            self._writer.writerow(cells)
        except OSError as error:
            raise _refusal(self._path, error) from None


@contextmanager
def opened_table(path: Path, columns: Sequence[str]) -> Iterator[CsvTable]:
    """A new table with its heading; raises TableNotWritten, also where the disk takes no more at the end."""
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise _refusal(path, error) from None
    try:
        table = CsvTable(path, file)
        table.write(columns)
        yield table
    except BaseException:
        _close(file)
        raise
    try:
        file.close()
    except OSError as error:
        raise _refusal(path, error) from None


def _close(file: TextIO) -> None:
    """After an error: what is still in memory may not fit either, and that is known already."""
    try:
        file.close()
    except OSError:
        return


def _refusal(path: Path, error: OSError) -> TableNotWritten:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TableNotWritten(
            f"The table {path} cannot be written: the disk is full ({path.resolve().parent}).",
            "Make room there, or name a file on another disk; what was read before may be incomplete in the table.",
        )
    return TableNotWritten(f"The table {path} cannot be written: {error.strerror}.", "Name another file.")
