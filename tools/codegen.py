"""Writes what is made from another file: `python -m tools.codegen`.

The client's types come from docs/reference/openapi.json, and words of reports that screens say too from the client's.

openapi-typescript needs the compiler's programming interface, which TypeScript 7 no longer has; so it lives in
tools/codegen with a TypeScript of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.node import BuildProblem, find_node

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tools/codegen"
SCHEMA, TYPES = ROOT / "docs/reference/openapi.json", ROOT / "web/src/api/schema.d.ts"
WORDS = ROOT / "src/istros/reports/record_words.json"
PURPOSES = ROOT / "src/istros/compliance/purpose_words.json"


def write_types(target: Path) -> None:
    """Write the TypeScript types of the committed schema."""
    node, program = find_node(), FOLDER / "node_modules/openapi-typescript/bin/cli.js"
    if not program.exists():
        node.install(FOLDER)
    node.run([node.program, str(program), str(SCHEMA), "--output", str(target)], FOLDER)


def purpose_words() -> str:
    """What the screens call the purposes of permits, by language: for all that goes on paper or into a package."""
    return _as_json({language: words["purpose"] for language, words in _client_words()})


def record_words() -> str:
    """What the screens call acts, alarms, faults of the audit chain and times of keeping, by language. Titles with a gap are left out."""
    told = {}
    for language, words in _client_words():
        acts = {f"{noun}.{verb}": said for noun, verbs in words["step"].items() for verb, said in verbs.items()}
        alarms = {kind: said for kind, said in words["alarm"]["kind"].items() if "{{" not in said}
        chain = {f"said.{code}": said for code, said in words["said"].items() if code.startswith("chain-")}
        kept = {f"kept-{unit}": said for unit, said in words["kept"].items()}
        told[language] = dict(sorted((acts | alarms | chain | kept).items()))
    return _as_json(told)


def _client_words() -> Iterator[tuple[str, dict[str, Any]]]:
    for language in ("en", "uk", "ro"):
        yield language, json.loads((ROOT / f"web/src/words/{language}.json").read_text(encoding="utf-8"))


def _as_json(words: object) -> str:
    return json.dumps(words, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    try:
        write_types(TYPES)
        WORDS.write_text(record_words(), encoding="utf-8")
        PURPOSES.write_text(purpose_words(), encoding="utf-8")
        print("wrote", ", ".join(str(file.relative_to(ROOT)) for file in (TYPES, WORDS, PURPOSES)))
    except BuildProblem as problem:
        sys.exit(str(problem))
