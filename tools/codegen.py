"""Writes the client's types from docs/reference/openapi.json: `python -m tools.codegen`.

openapi-typescript needs the compiler's programming interface, which TypeScript 7 no longer has; so it lives in
tools/codegen with a TypeScript of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.node import BuildProblem, find_node

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tools/codegen"
SCHEMA, TYPES = ROOT / "docs/reference/openapi.json", ROOT / "web/src/api/schema.d.ts"


def write_types(target: Path) -> None:
    """Write the TypeScript types of the committed schema."""
    node, program = find_node(), FOLDER / "node_modules/openapi-typescript/bin/cli.js"
    if not program.exists():
        node.install(FOLDER)
    node.run([node.program, str(program), str(SCHEMA), "--output", str(target)], FOLDER)


if __name__ == "__main__":
    try:
        write_types(TYPES)
        print(f"wrote {TYPES.relative_to(ROOT)}")
    except BuildProblem as problem:
        sys.exit(str(problem))
