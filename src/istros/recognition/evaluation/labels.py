"""Labelled folders: `labels.csv` and its pictures or films, what kind of labels they are, and what is wrong with them."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from istros.base.errors import IstrosError

Kind = Literal["plates", "faces", "age-sex", "counts", "tracks"]
KINDS: tuple[Kind, ...] = get_args(Kind)

LABELS = "labels.csv"
LINES = "line_counts.csv"
_PLACES = ("images", "pictures", "films", "")
"""Folders below the labelled one in which its files are looked for."""

NEEDED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    "plates": (("file", "plate", "x", "y", "w", "h"),),
    "faces": (("file", "faces"), ("file", "person"), ("file", "x", "y", "w", "h")),
    "age-sex": (("file", "age"), ("file", "sex")),
    "counts": (("file", "x1", "y1", "x2", "y2", "count_a", "count_b"),),
    "tracks": (("file", "frame", "id", "x", "y", "w", "h"),),
}
"""Columns by which a kind is known: one of these sets must be there."""
_MOST = 1_000_000_000
"""The largest number that a label may hold: no picture, film or count reaches it."""
_NOT_FACES = frozenset({"plate", "id", "frame"})
"""Columns with which boxes are no faces'."""


class LabelsWrong(IstrosError):
    """A folder's labels cannot be used."""

    code = "labels"


@dataclass(frozen=True, slots=True)
class LabelTable:
    """The rows of a CSV file, each with its line number, and the folder that it labels."""

    folder: Path
    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...] = field(repr=False)
    part: str = ""
    """Which part of the folder's files the rows are about; "" for all."""

    @property
    def name(self) -> str:
        """What a report calls it: the folder, and the part where it is one."""
        return f"{self.folder.name} ({self.part})" if self.part else self.folder.name

    def kinds(self) -> list[Kind]:
        """What the columns allow to be evaluated."""
        have = set(self.columns)
        found = [kind for kind in KINDS if any(have.issuperset(columns) for columns in NEEDED[kind])]
        return [kind for kind in found if kind != "faces" or not have & _NOT_FACES]

    def wrong(self, line: int, fault: str) -> LabelsWrong:
        """The error for a cell of a line."""
        return LabelsWrong(f"{self.path}, line {line}: {fault}.", "Correct that line.")

    def number(self, line: int, row: dict[str, str], column: str, least: float = float("-inf")) -> float:
        """The number in a cell. Raises LabelsWrong."""
        try:
            value = float(row[column])
        except ValueError:
            raise self.wrong(line, f"{column} is {row[column]!r} and must be a number") from None
        if not max(least, -_MOST) <= value <= _MOST:
            bound = f"from {least:g} to {_MOST:g}" if least > -_MOST else f"between {-_MOST:g} and {_MOST:g}"
            raise self.wrong(line, f"{column} is {row[column]} and must be a number {bound}")
        return value

    def file_of(self, row: dict[str, str]) -> Path | None:
        """The picture or film of a row, or None where it is not there."""
        for place in _PLACES:
            path = self.folder / place / row["file"]
            if _is_file(path):
                return path
        return None


def _is_file(path: Path) -> bool:
    """False also for what no file can be called, such as a name of 300 letters."""
    try:
        return path.is_file()
    except OSError:
        return False


def read_table(path: Path) -> LabelTable:
    """The labels in a CSV file. Raises LabelsWrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as content:
            reader = csv.DictReader(content)
            columns = tuple(name.strip() for name in reader.fieldnames or ())
            reader.fieldnames = list(columns)
            rows = [
                (reader.line_num, {key: (value or "").strip() for key, value in row.items() if key is not None})
                for row in reader
            ]
    except FileNotFoundError:
        raise LabelsWrong(
            f"There is no {path.name} in {path.parent}.", "Name a folder with labels (docs/guide/evaluation.md)."
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no CSV table in UTF-8"
        raise LabelsWrong(f"The labels {path} cannot be read: {reason}.", "Save them as CSV in UTF-8.") from None
    if not rows:
        raise LabelsWrong(f"The labels {path} have no rows.", "Label at least one picture.")
    if "file" not in columns:
        raise LabelsWrong(f"The labels {path} have no column `file`.", "Name each row's picture in it.")
    return LabelTable(path.parent, path, columns, tuple(rows))


def tables_of(folder: Path) -> list[tuple[Kind, LabelTable]]:
    """Every kind of evaluation that a folder's tables allow. Raises LabelsWrong where there is none."""
    if not folder.is_dir():
        raise LabelsWrong(f"There is no folder {folder}.", "Name a folder with labels.")
    names = [name for name in (LABELS, LINES) if (folder / name).is_file()] or [LABELS]
    tables = [read_table(folder / name) for name in names]
    found = [(kind, table) for table in tables for kind in table.kinds()]
    if not found:
        columns = "; ".join(f"{table.path.name} has {', '.join(table.columns)}" for table in tables)
        raise LabelsWrong(f"The columns in {folder} fit no evaluation: {columns}.", _needs())
    return found


def _needs() -> str:
    ways = (f"{kind} needs {', '.join(columns)}" for kind, sets in NEEDED.items() for columns in sets)
    return f"{'; '.join(ways)}."


def evenly(items: Sequence[Path], most: int | None) -> list[Path]:
    """At most `most` of the items, evenly spread; all of them for None."""
    if most is None or most >= len(items):
        return list(items)
    return [items[position * len(items) // most] for position in range(most)]


def simulated_truth(folder: Path) -> list[Path]:
    """The documents of ground truth that the simulated city writes beside its clips (`NAME.json` by `NAME_main.mp4`)."""
    return sorted(
        path for path in folder.glob("*.json") if path.with_name(f"{path.stem}_main.mp4").is_file() and _is_truth(path)
    )


def _is_truth(path: Path) -> bool:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and {"scene", "fps", "width", "height", "vehicles"} <= document.keys()
