"""What an evaluation found, as JSON for programs, Markdown for people, and a sheet of what went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

from istros.base.errors import IstrosError
from istros.recognition.evaluation.shares import Share
from istros.recognition.evaluation.sheet import Tile, sheet_jpeg

Cell = Share | float | int | str | None


class ReportNotWritten(IstrosError):
    """The report cannot be written."""

    code = "report-not-written"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns, with a sentence that says what they are."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def as_markdown(self) -> str:
        """The table, its title a heading."""
        head = f"| {' | '.join(self.columns)} |\n|{'---|' * len(self.columns)}\n"
        body = "".join(f"| {' | '.join(_text(cell) for cell in row)} |\n" for row in self.rows)
        note = f"{self.note}\n\n" if self.note else ""
        return f"## {self.title}\n{note}{head}{body}"

    def as_json(self) -> dict[str, object]:
        """The table with each row as a mapping from column to cell."""
        rows = [dict(zip(self.columns, map(_value, row), strict=True)) for row in self.rows]
        return {"title": self.title, "note": self.note, "rows": rows}


@dataclass(frozen=True, slots=True)
class Weights:
    """What was measured: a model as the node's record names it, its file, and the file's SHA-256.

    Of a detector of one's own the file is its card, which names the hash of its weights.
    """

    model: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Report:
    """One evaluation of one folder."""

    kind: str
    folder: str
    tables: tuple[Table, ...]
    items: tuple[Mapping[str, Cell], ...] = ()
    """What was found for each label, in the order of the labels: for JSON alone."""
    problems: tuple[str, ...] = ()
    """One sentence for each file that could not be used; it counts as not found."""
    failures: tuple[Tile, ...] = field(default=(), repr=False)
    weights: tuple[Weights, ...] = ()
    """Of each model that looked; whoever approves a change of models holds them against those that run (rule L23)."""

    def as_json(self) -> dict[str, object]:
        """Everything but the pictures."""
        return {
            "kind": self.kind,
            "folder": self.folder,
            "weights": [asdict(each) for each in self.weights],
            "tables": [table.as_json() for table in self.tables],
            "problems": list(self.problems),
            "items": [{key: _value(cell) for key, cell in item.items()} for item in self.items],
        }

    def as_markdown(self) -> str:
        """Tables and problems; shares carry their 95 % confidence interval (Wilson)."""
        parts = [f"# {self.kind.capitalize()}: {self.folder}\n", *(table.as_markdown() for table in self.tables)]
        if self.weights:
            lines = (f"- {each.model}: {each.file}, SHA-256 `{each.sha256}`\n" for each in self.weights)
            parts.append("## Weights that were measured\n" + "".join(lines))
        if self.problems:
            parts.append("## Could not be used\n" + "".join(f"- {problem}\n" for problem in self.problems))
        return "\n".join(parts)

    def write(self, out: Path) -> list[Path]:
        """Write KIND.json, KIND.md and, where something failed, KIND-failures.jpg into a folder; the files written."""
        contents: dict[str, bytes] = {
            f"{self.kind}.json": (json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n").encode(),
            f"{self.kind}.md": self.as_markdown().encode(),
        }
        if self.failures:
            contents[f"{self.kind}-failures.jpg"] = sheet_jpeg(f"{self.folder}: {self.kind}", self.failures)
        make_folder(out)
        try:
            for name, content in contents.items():
                (out / name).write_bytes(content)
        except OSError as error:
            raise _not_written(out, error) from None
        return [out / name for name in contents]


def make_folder(out: Path) -> None:
    """Make the folder for the reports; ask before a long evaluation. Raises ReportNotWritten."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise _not_written(out, error) from None


def _not_written(out: Path, error: OSError) -> ReportNotWritten:
    return ReportNotWritten(
        f"The report cannot be written into {out}: {error.strerror}.", "Name another folder with --out."
    )


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.3g}" if abs(cell) < 100 else f"{cell:.0f}"
    return str(cell).replace("|", "\\|")


def _value(cell: Cell) -> object:
    if isinstance(cell, Share):
        return cell.as_json()
    return round(cell, 5) if isinstance(cell, float) else cell
