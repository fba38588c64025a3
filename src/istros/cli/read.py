"""`istros read plates`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from istros.base.errors import IstrosError


class NothingToRead(IstrosError):
    """No file was named."""

    code = "nothing-to-read"


def register(app: App) -> None:
    """Add the command group to the command line."""
    group = App(name="read", help="Read plates from pictures and films, without a node.")
    group.command(plates)
    app.command(group)


def plates(
    *paths: Annotated[Path, Parameter(help="Pictures, films, or folders of them.")],
    csv: Annotated[Path, Parameter(help="The table to write.")],
    json_output: Annotated[bool, Parameter(name="--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write every plate read to a table: file, frame, text, country, confidence, xmin, ymin, xmax, ymax (pixels)."""
    if not paths:
        raise NothingToRead("There is nothing to read.", "Name pictures, films or folders of them.")
    from rich.console import Console
    from rich.progress import Progress

    from istros.recognition.read_files import read_plates

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Reading", total=None)
        summary = read_plates(
            paths,
            csv,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    for sentence in summary.problems:
        sys.stderr.write(f"istros: {sentence}\n")
    if json_output:
        sys.stdout.write(json.dumps(summary.as_json()) + "\n")
    else:
        sys.stdout.write(f"{summary.files} files, {summary.reads} plates read, written to {csv}\n")
    sys.exit(1 if summary.problems else 0)
