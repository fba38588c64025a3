"""`istros evaluate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

EvaluationKind = Literal["plates", "faces", "age-sex", "counts", "tracks"]


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(evaluate)


def evaluate(
    folder: Annotated[Path, Parameter(help="A folder with labels (docs/guide/evaluation.md).")],
    *,
    kind: Annotated[tuple[EvaluationKind, ...], Parameter(help="What to evaluate; all that the labels allow.")] = (),
    out: Annotated[
        Path | None, Parameter(help="A folder for the reports: JSON, Markdown and a sheet of failures.")
    ] = None,
    only: Annotated[
        tuple[str, ...],
        Parameter(help="Only files whose name fits: a pattern such as day_1_*; may stand several times."),
    ] = (),
    numbers: Annotated[
        str | None, Parameter(help="Only files whose last number lies in these spans, such as 560-720,1257-1613.")
    ] = None,
    limit: Annotated[
        int | None, Parameter(help="At most so many pictures, evenly spread.", validator=Number(gte=1))
    ] = None,
    detector: Annotated[Path | None, Parameter(help="The card of another detector (docs/design/0027).")] = None,
    fps: Annotated[
        float, Parameter(help="Frames of a film that are looked at a second.", validator=Number(gt=0, lte=60))
    ] = 8.0,
    false_matches: Annotated[
        tuple[float, ...],
        Parameter(
            help="Rates of false matches for which a threshold of faces is wanted.", validator=Number(gt=0, lt=1)
        ),
    ] = (0.01, 0.001),
    json_output: Annotated[bool, Parameter(name="--json", help="Print the reports as JSON.")] = False,
) -> None:
    """Compare recognition with a labelled folder; exit code 1 when some of its files could not be used."""
    from rich.console import Console
    from rich.progress import Progress

    from istros.app.evaluation import EvaluationWishes, evaluate_folder
    from istros.recognition.evaluation.parts import Part
    from istros.recognition.evaluation.report import make_folder

    part = Part.said(only, numbers)
    if out is not None:
        make_folder(out)
    console = Console(stderr=True)
    reports = []
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Evaluating", total=None)
        wishes = EvaluationWishes(
            kinds=kind,
            part=part,
            limit=limit,
            detector=detector,
            fps=fps,
            false_matches=false_matches,
            progress=lambda name, done, total: bar.update(task, description=name, completed=done, total=total),
        )
        for report in evaluate_folder(folder, wishes):
            reports.append(report)
            if out is not None:
                report.write(out)
    if json_output:
        sys.stdout.write(json.dumps([report.as_json() for report in reports], ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(report.as_markdown() for report in reports))
    if out is not None:
        sys.stderr.write(f"Written to {out}\n")
    sys.exit(1 if any(report.problems for report in reports) else 0)
