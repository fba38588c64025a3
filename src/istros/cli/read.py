"""`istros read plates` and `istros read faces`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import App, Parameter

from istros.base.errors import IstrosError

FACES_NOTICE = (
    "For lawful testing only: you answer for the right to use these pictures. Ages and sexes are estimates for counts and "
    "descriptions; nothing may be decided on them. No template is made or kept.\n"
)


class NothingToRead(IstrosError):
    """No file was named."""

    code = "nothing-to-read"


def register(app: App) -> None:
    """Add the command group to the command line."""
    group = App(name="read", help="Read plates and faces from pictures and films, without a node.")
    group.command(plates)
    group.command(faces)
    app.command(group)


def plates(
    *paths: Annotated[Path, Parameter(help="Pictures, films, or folders of them.")],
    csv: Annotated[Path, Parameter(help="The table to write.")],
    json_output: Annotated[bool, Parameter(name="--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write every plate read to a table: file, frame, text, country, confidence, xmin, ymin, xmax, ymax (pixels)."""
    from istros.recognition.read_files import read_plates

    summary = _read(paths, csv, read_plates)
    _tell(summary.problems, summary.as_json(), f"{summary.files} files, {summary.reads} plates read", csv, json_output)


def faces(
    *paths: Annotated[Path, Parameter(help="Pictures, films, or folders of them.")],
    csv: Annotated[Path, Parameter(help="The table to write.")],
    json_output: Annotated[bool, Parameter(name="--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write every face to a table: file, frame, xmin, ymin, xmax, ymax (pixels), confidence, quality, age_low,
    age_high, sex, sex_confidence. A film gives one row a face that goes through it: its best frame."""
    from istros.recognition.read_faces import read_faces

    sys.stderr.write(FACES_NOTICE)
    summary = _read(paths, csv, read_faces)
    _tell(summary.problems, summary.as_json(), f"{summary.files} files, {summary.faces} faces", csv, json_output)


Result = TypeVar("Result")


def _read(paths: tuple[Path, ...], csv: Path, read: Callable[..., Result]) -> Result:
    """Read with a bar of progress."""
    if not paths:
        raise NothingToRead("There is nothing to read.", "Name pictures, films or folders of them.")
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Reading", total=None)
        return read(paths, csv, progress=lambda done, total: progress.update(task, completed=done, total=total))


def _tell(problems: tuple[str, ...], as_json: dict[str, object], said: str, csv: Path, json_output: bool) -> None:
    """Print what was read and what could not be, and leave with the exit code that says so."""
    for sentence in problems:
        sys.stderr.write(f"istros: {sentence}\n")
    sys.stdout.write(json.dumps(as_json) + "\n" if json_output else f"{said}, written to {csv}\n")
    sys.exit(1 if problems else 0)
