"""Writes what is made from another file: `python -m tools.codegen`.

The client's types come from docs/reference/openapi.json, and words of reports that screens say too from the client's.

openapi-typescript needs the compiler's programming interface, which TypeScript 7 no longer has; so it lives in
tools/codegen with a TypeScript of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tools.node import BuildProblem, find_node

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tools/codegen"
SCHEMA, TYPES = ROOT / "docs/reference/openapi.json", ROOT / "web/src/api/schema.d.ts"
WORDS = ROOT / "src/istros/reports/record_words.json"


def write_types(target: Path) -> None:
    """Write the TypeScript types of the committed schema."""
    node, program = find_node(), FOLDER / "node_modules/openapi-typescript/bin/cli.js"
    if not program.exists():
        node.install(FOLDER)
    node.run([node.program, str(program), str(SCHEMA), "--output", str(target)], FOLDER)


def record_words() -> str:
    """What the screens call acts, alarms and faults of the audit chain, by language. Titles with a gap are left out."""
    told = {}
    for language in ("en", "uk", "ro"):
        words = json.loads((ROOT / f"web/src/words/{language}.json").read_text(encoding="utf-8"))
        acts = {f"{noun}.{verb}": said for noun, verbs in words["step"].items() for verb, said in verbs.items()}
        alarms = {kind: said for kind, said in words["alarm"]["kind"].items() if "{{" not in said}
        chain = {f"said.{code}": said for code, said in words["said"].items() if code.startswith("chain-")}
        told[language] = dict(sorted((acts | alarms | chain).items()))
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    try:
        write_types(TYPES)
        WORDS.write_text(record_words(), encoding="utf-8")
        print(f"wrote {TYPES.relative_to(ROOT)} and {WORDS.relative_to(ROOT)}")
    except BuildProblem as problem:
        sys.exit(str(problem))
