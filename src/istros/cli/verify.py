"""`istros verify`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from rich.console import Console

if TYPE_CHECKING:
    from istros.recording.export.verify import Verdict


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(verify)


def verify(
    package: Annotated[Path, Parameter(help="The exported package: a ZIP, or the folder that it was unpacked to.")],
    *,
    key: Annotated[str, Parameter(help="The node's key: its fingerprint, or a file with its public key.")] = "",
    json_output: Annotated[bool, Parameter(name="--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check an exported package, without a node or a network; exit code 1 when anything in it is not as it was."""
    from istros.recording.export.verify import sentences, verify_package

    console = Console(stderr=True)
    with console.status("Verifying", spinner="line") as status:
        verdict = verify_package(package, key, progress=lambda text: status.update(text))
    sys.stdout.write(_json(verdict) if json_output else "".join(f"{sentence}\n" for sentence in sentences(verdict)))
    sys.exit(0 if verdict.ok else 1)


def _json(verdict: Verdict) -> str:
    manifest = verdict.manifest or {}
    facts = {
        "ok": verdict.ok,
        "findings": [
            {"code": finding.code, "subject": finding.subject, "sentence": finding.sentence}
            for finding in verdict.findings
        ],
        "key": verdict.key,
        "pinned": verdict.pinned,
        "files": verdict.files,
        "bytes": verdict.bytes_hashed,
        "segments": verdict.segments,
        "proven": verdict.proven,
        "export": manifest.get("export"),
        "order": manifest.get("order"),
    }
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
