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
    group.command(year)
    app.command(group)


Language = Annotated[Literal["en", "uk", "ro"], Parameter(help="en, uk or ro.")]
Edition = Annotated[Literal["authority", "public"], Parameter(help="With or without people and small counts.")]
Out = Annotated[Path | None, Parameter(help="The file to write; istros-PERIOD-LANGUAGE-EDITION.pdf when left out.")]
Config = Annotated[Path, Parameter(help="The node's configuration file.")]
HERE = Path("istros.toml")


def month(
    month: Annotated[str, Parameter(help="The month, as 2026-11.")], *, language: Language = "en",
    edition: Edition = "authority", out: Out = None, config: Config = HERE,
) -> None:  # fmt: skip
    """Write the data-protection officer's monthly report."""
    _write(month, language, edition, out, config)


def year(
    year: Annotated[str, Parameter(help="The year, as 2026.")], *, language: Language = "en",
    edition: Edition = "authority", out: Out = None, config: Config = HERE,
) -> None:  # fmt: skip
    """Write the data-protection officer's annual report."""
    _write(year, language, edition, out, config)


def _write(
    period: str, language: Literal["en", "uk", "ro"], edition: Literal["authority", "public"], out: Path | None,
    config: Path,
) -> None:  # fmt: skip
    from istros.app.period import write_report

    place = out or Path(f"istros-{period}-{language}-{edition}.pdf")
    write_report(load_settings(config), period, language, edition, place)
    sys.stdout.write(f"{place}\n")
