"""A part of a labelled set, named by its files: by a pattern of their names, by the last number in them, or by both.

So that a claim about a part (the drives that a net never saw, one camera's pictures) has a command that repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Self

from istros.recognition.evaluation.labels import LabelsWrong, LabelTable

_SPAN = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_LAST_NUMBER = re.compile(r"(\d{1,18})\D*$")


@dataclass(frozen=True, slots=True)
class Part:
    """Files whose name fits one of the patterns (`*`, `?`, `[...]`; none: every name) and whose last number lies in one of
    the spans (both ends included; none: every number)."""

    patterns: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def said(cls, patterns: Sequence[str], numbers: str | None) -> Self:
        """From words such as "day_1_*" and "560-720,1257-1613". Raises LabelsWrong."""
        return cls(tuple(patterns), _spans(numbers) if numbers is not None else ())

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.patterns and not self.spans

    def has(self, file: str) -> bool:
        """Whether the part has this file, by its name without folders."""
        name = PurePath(file).name
        if self.patterns and not any(fnmatchcase(name, pattern) for pattern in self.patterns):
            return False
        number = _LAST_NUMBER.search(PurePath(name).stem)
        return not self.spans or (number is not None and any(low <= int(number[1]) <= high for low, high in self.spans))

    def __str__(self) -> str:
        """As it was said."""
        spans = (f"{low}-{high}" if high != low else str(low) for low, high in self.spans)
        return " ".join(part for part in (", ".join(self.patterns), ",".join(spans)) if part)

    def of(self, table: LabelTable) -> LabelTable:
        """The rows of a table that belong to the part. Raises LabelsWrong when there is none."""
        if self.is_all:
            return table
        rows = tuple((line, row) for line, row in table.rows if self.has(row["file"]))
        if not rows:
            raise self._empty(table.folder)
        return replace(table, rows=rows, part=str(self))

    def of_files(self, folder: Path, files: Sequence[Path]) -> list[Path]:
        """The files of a folder that belong to the part. Raises LabelsWrong when there is none."""
        chosen = [file for file in files if self.has(file.name)]
        if not chosen:
            raise self._empty(folder)
        return chosen

    def _empty(self, folder: Path) -> LabelsWrong:
        return LabelsWrong(
            f"No labelled file in {folder} belongs to the part {self}.",
            "--only goes by the file's name, --numbers by the last number in it.",
        )


def _spans(numbers: str) -> tuple[tuple[int, int], ...]:
    spans = []
    for word in numbers.split(","):
        said = _SPAN.fullmatch(word.strip())
        low, high = (int(said[1]), int(said[2] or said[1])) if said else (1, 0)
        if low > high:
            raise LabelsWrong(
                f"{word.strip()[:40]!r} is no span of numbers.", "Write --numbers as 560-720,1257-1613 or 4,8,15."
            )
        spans.append((low, high))
    return tuple(spans)
