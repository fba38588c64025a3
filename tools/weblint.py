"""Checks the web client: its types with TypeScript, its rules with oxlint. `python -m tools.weblint`."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.node import BuildProblem, find_node

ROOT = Path(__file__).resolve().parent.parent
WEB, LINTER = ROOT / "web", ROOT / "tools/weblint"


def check_types() -> None:
    """Type-check the client's sources."""
    node = find_node()
    if not (WEB / "node_modules/typescript").exists():
        node.install(WEB)
    node.run([node.program, str(WEB / "node_modules/typescript/bin/tsc"), "--noEmit"], WEB)


def check_rules() -> None:
    """Lint the client's sources; not `npm ci`, for oxlint's packages of other platforms are not in every registry."""
    node, program = find_node(), LINTER / "node_modules/oxlint/bin/oxlint"
    if not program.exists():
        node.run([*node.npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"], LINTER)
    node.run([node.program, str(program), "--deny-warnings", "--config", ".oxlintrc.json", "src"], WEB)


if __name__ == "__main__":
    try:
        check_types()
        check_rules()
    except BuildProblem as problem:
        sys.exit(str(problem))
