"""`istros compare`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

NOTICE = (
    "For lawful testing only: you answer for the right to use these pictures. Nothing is kept, no template is written; "
    "a likeness is a suggestion that a person must check.\n"
)


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(compare)


def compare(
    one: Annotated[Path, Parameter(help="A picture of a face.")],
    other: Annotated[Path, Parameter(help="Another picture, or a folder of pictures.")],
    *,
    json_output: Annotated[bool, Parameter(name="--json", help="Print the results as JSON.")] = False,
) -> None:
    """Compare the largest face of a picture with those of another: similarity, what it means, quality, and why not."""
    from istros.recognition.compare_faces import compare_faces, sentences_of

    sys.stderr.write(NOTICE)
    result = compare_faces(one, other)
    for sentence in result.problems:
        sys.stderr.write(f"istros: {sentence}\n")
    if json_output:
        sys.stdout.write(json.dumps(result.as_json()) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in sentences_of(result))
    refused = any(each.comparison is None for each in result.others)
    sys.exit(1 if result.problems or refused or not result.others else 0)
