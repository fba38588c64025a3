"""`istros report`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from istros.settings import load_settings


def register(app: App) -> None:
    """Add the command group to the command line."""
    group = App(name="report", help="Reports of the node's own record, as PDF.")
    group.command(month)
    app.command(group)


def month(
    month: Annotated[str, Parameter(help="The month, as 2026-11.")],
    *,
    language: Annotated[Literal["en", "uk", "ro"], Parameter(help="en, uk or ro.")] = "en",
    edition: Annotated[Literal["authority", "public"], Parameter(help="With or without people and small counts.")] = (
        "authority"
    ),
    out: Annotated[
        Path | None, Parameter(help="The file to write; istros-MONTH-LANGUAGE-EDITION.pdf when left out.")
    ] = None,
    config: Annotated[Path, Parameter(help="The node's configuration file.")] = Path("istros.toml"),
) -> None:
    """Write the data-protection officer's monthly report."""
    from istros.app.month import write_month

    place = out or Path(f"istros-{month}-{language}-{edition}.pdf")
    write_month(load_settings(config), month, language, edition, place)
    sys.stdout.write(f"{place}\n")
