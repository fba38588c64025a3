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
    from istros.compliance.anchors import Anchors


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(check)


def check(
    *,
    config: Annotated[Path, Parameter(help="The node's configuration file.")] = Path("istros.toml"),
    repair: Annotated[bool, Parameter(help="Mend what can be mended.")] = False,
    anchors: Annotated[
        Path | None,
        Parameter(help="A file of this node's own anchors, as a partner kept it, to hold the audit chain against."),
    ] = None,
    breach: Annotated[
        bool, Parameter(help="When the audit chain does not hold: tell a data breach, whose 72 hours begin now.")
    ] = False,
    json_output: Annotated[bool, Parameter(name="--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Compare recordings, index and audit chain; exit code 1 when something is wrong and was not mended."""
    from istros.app.checking import check_node, tell_breach

    settings = load_settings(config)
    kept = None if anchors is None else _read_anchors(anchors)
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("Checking", spinner="line") as status:
        report = asyncio.run(
            check_node(settings, repair=repair, progress=lambda text: status.update(text), anchors=kept)
        )
    sys.stdout.write(json.dumps(report.as_json(), indent=2) + "\n" if json_output else _words(report))
    if breach and not report.audit_ok:
        sys.stderr.write(f"Data breach {tell_breach(settings, report)} is told: the data-protection officer sees it.\n")
    sys.exit(0 if report.ok else 1)


def _read_anchors(file: Path) -> Anchors:
    from istros.app.anchors import read_bytes
    from istros.compliance.anchors import read

    return read(read_bytes(file))


def _words(report: NodeReport) -> str:
    lines = [f"{finding}\n" for finding in report.findings]
    verdict = "All agree." if report.ok else "Not everything agrees; `istros check --repair` mends what can be mended."
    counts = f"{report.segments} segments under {report.heads} signed heads, {report.unsigned} not signed yet"
    audit = f"{report.audit_rows} audit rows, signed up to row {report.audit_signed_to} by {report.audit_heads} heads"
    stamped = f" with {report.audit_stamps} time stamps" if report.audit_stamps else ""
    if report.audit_stamps_unchecked:
        stamped += (
            f" (whose {report.audit_stamps_unchecked} of them are was NOT checked: no [[stamp]] names the authority)"
        )
    kept = "" if report.anchors is None else f", held against {report.anchors} anchors"
    return "".join(lines) + f"{counts}; {audit}{stamped}{kept}. {verdict}\n"
