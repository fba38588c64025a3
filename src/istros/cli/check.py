"""`istros check`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from istros.settings import load_settings

if TYPE_CHECKING:
    from istros.app.checking import NodeReport


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(check)


def check(
    *,
    config: Annotated[Path, Parameter(help="The node's configuration file.")] = Path("istros.toml"),
    repair: Annotated[bool, Parameter(help="Mend what can be mended.")] = False,
    json_output: Annotated[bool, Parameter(name="--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Compare recordings, index and audit chain; exit code 1 when something is wrong and was not mended."""
    from istros.app.checking import check_node

    settings = load_settings(config)
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("Checking", spinner="line") as status:
        report = asyncio.run(check_node(settings, repair=repair, progress=lambda text: status.update(text)))
    sys.stdout.write(json.dumps(report.as_json(), indent=2) + "\n" if json_output else _words(report))
    sys.exit(0 if report.ok else 1)


def _words(report: NodeReport) -> str:
    lines = [f"{finding}\n" for finding in report.findings]
    verdict = "All agree." if report.ok else "Not everything agrees; `istros check --repair` mends what can be mended."
    counts = f"{report.segments} segments under {report.heads} signed heads, {report.unsigned} not signed yet"
    return "".join(lines) + f"{counts}; {report.audit_rows} audit rows. {verdict}\n"
