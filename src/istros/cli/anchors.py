"""`istros anchors`: signed heads of the audit chain, for the partner organisation to keep."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from istros.settings import load_settings

Config = Annotated[Path, Parameter(help="The node's configuration file.")]


def register(app: App) -> None:
    """Add the command group to the command line."""
    group = App(name="anchors", help="Signed heads of the audit chain: given to the partner, taken from him.")
    group.command(export)
    group.command(keep)
    app.command(group)


def export(
    out: Annotated[Path, Parameter(help="The file to write.")],
    *,
    days: Annotated[float, Parameter(help="How far back.", validator=Number(gt=0, lte=3650))] = 31,
    config: Config = Path("istros.toml"),
) -> None:
    """Write this node's signed heads to a file, for a partner to keep."""
    from istros.app.anchors import export_anchors

    count = export_anchors(load_settings(config), out, days)
    sys.stdout.write(
        f"{count} signed heads in {out}. Give it to the partner; `istros check --anchors` takes it back.\n"
    )


def keep(
    file: Annotated[Path, Parameter(help="The partner's file.")],
    *,
    partner: Annotated[str, Parameter(help="Whose it is, always by the same name.")],
    config: Config = Path("istros.toml"),
) -> None:
    """Check and keep a partner's anchors; those that contradict earlier ones are refused."""
    from istros.app.anchors import keep_anchors

    count = keep_anchors(load_settings(config), file, partner)
    sys.stdout.write(f"{count} new signed heads of {partner} kept.\n")
