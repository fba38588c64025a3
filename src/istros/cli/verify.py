"""`istros verify`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console
from rich.text import Text

from istros.base.plain_words import one_line

if TYPE_CHECKING:
    from istros.recording.export.verify import Verdict


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(verify)


def verify(
    package: Annotated[
        Path,
        Parameter(help="The exported package (a ZIP, or the folder that it was unpacked to), or a file of anchors."),
    ],
    *,
    key: Annotated[str, Parameter(help="The node's key: its fingerprint, or a file with its public key.")] = "",
    json_output: Annotated[bool, Parameter(name="--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check an exported package, or a file of anchors, without a node or a network; exit code 1 when something is wrong."""
    if _is_anchors(package):
        _verify_anchors(package, key, json_output)
    from istros.recording.export.verify import sentences, verify_package

    console = Console(stderr=True)
    with console.status("Verifying", spinner="line") as status:
        verdict = verify_package(package, key, progress=lambda text: status.update(Text(one_line(text))))
    sys.stdout.write(_json(verdict) if json_output else "".join(f"{sentence}\n" for sentence in sentences(verdict)))
    sys.exit(0 if verdict.ok else 1)


def _is_anchors(path: Path) -> bool:
    from istros.compliance.anchors import is_anchors

    if not path.is_file():
        return False
    with path.open("rb") as opened:
        return is_anchors(opened.read(1 << 20))


def _verify_anchors(path: Path, key: str, json_output: bool) -> None:
    from istros.app.anchors import verify_anchors

    report = verify_anchors(path, key)
    facts = {
        "ok": report.ok, "node": report.node, "heads": report.heads, "stamps": report.stamps,
        "stampsUnchecked": report.unchecked, "keys": list(report.keys), "findings": [str(finding) for finding in report.findings],
        "newest": None if report.newest is None else report.newest.facts(),
    }  # fmt: skip
    lines = [f"{one_line(str(finding))}\n" for finding in report.findings]
    said = f"{report.heads} signed heads of {report.node} with {report.stamps} time stamps"
    if report.unchecked:
        said += f" (whose {report.unchecked} of them are was NOT checked: no authority's certificate is at hand)"
    verdict = "They hold together" if report.ok else "They do not hold"
    whose = f"; signed with {', '.join(report.keys)}: ask the node whether that is its key" if not key else ""
    words = "".join(lines) + one_line(f"{said}. {verdict}{whose}.") + "\n"
    sys.stdout.write(_as_json(facts) if json_output else words)
    sys.exit(0 if report.ok else 1)


def _json(verdict: Verdict) -> str:
    from istros.base.time import to_iso

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
        "acts": verdict.acts,
        "claims": verdict.claims,
        "stamps": [
            {
                "authority": stamp.authority,
                "time": to_iso(stamp.time),
                "roots": list(stamp.roots),
                "policy": stamp.policy,
            }
            for stamp in verdict.stamps
        ],
        "export": manifest.get("export"),
        "order": manifest.get("order"),
    }
    return _as_json(facts)


def _as_json(facts: dict[str, Any]) -> str:
    """Readable in every language, and without letters that a terminal would obey."""
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text) + "\n"
