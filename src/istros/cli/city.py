"""`istros city render` and `istros city run`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number


def register(app: App) -> None:
    """Add the command group to the command line."""
    group = App(
        name="city",
        help="The simulated city: its pictures, and whole days of it under a virtual clock.",
    )
    group.command(render)
    group.command(run)
    app.command(group)


def render(
    *,
    scene: Annotated[str, Parameter(help="Name of a scene; `list` names them all.")],
    seed: int = 1,
    seconds: Annotated[float, Parameter(help="Length; 0 is one round, which loops without a seam.")] = 0.0,
    out: Path = Path("clips"),
) -> None:
    """Render clips of a scene with their ground truth. Needs OpenGL (software rendering will do)."""
    from istros.sim.city.catalogue import scene_names

    if scene == "list":
        sys.stdout.write("\n".join(scene_names()) + "\n")
        return
    from rich.console import Console
    from rich.progress import Progress

    from istros.sim.city.render import render_scene  # loads OpenGL

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(scene, total=None)
        made = render_scene(
            scene,
            seed,
            out,
            seconds or None,
            progress=lambda done, all_: progress.update(task, completed=done, total=all_),
        )
    sys.stdout.write(f"{made.main}\n{made.sub}\n{made.truth}\n")


def run(
    *,
    seed: Annotated[str, Parameter(help="Everything by chance comes from this word.")] = "1",
    hours: Annotated[float, Parameter(help="Hours of the town's time.", validator=Number(gt=0))] = 1.0,
    cameras: Annotated[int, Parameter(validator=Number(gte=1))] = 6,
    json_output: Annotated[bool, Parameter(name="--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Run the application in the simulated town with its checkers on; exit code 1 when a promise was broken."""
    from istros.sim.town.run import TownPlan, run_town

    report = run_town(TownPlan(seed=seed, hours=hours, cameras=cameras))
    text = json.dumps(report.as_json(), indent=2) if json_output else report.in_words()
    sys.stdout.write(text + "\n")
    sys.exit(0 if not report.broken else 1)
