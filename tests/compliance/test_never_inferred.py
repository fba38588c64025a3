"""What must never be inferred of a person has no name in the program: no score, no origin, no belief, no feeling (L8, L25)."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from istros.store.schema import METADATA
from tests.house.places import ROOT, SOURCES, name_of

NEVER = re.compile(
    r"(?:^|_)(?:race|racial|ethnic\w*|nationalit\w*|religio\w*|belief|faith|politic\w*|emotion\w*|mood|sexual\w*|orientation_of_person"
    r"|offender|recidiv\w*|suspicion|risk_score|danger_score|threat_score|crime_score|person_score|predicted_crime|propensity)(?:_|$)"
)
"""AI Act article 5(1)(d), (f), (g); parts of names in snake case."""


def snake(name: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().replace("-", "_")


def names_in_code() -> Iterator[tuple[str, str]]:
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield name_of(path), node.name
            elif isinstance(node, ast.arg):
                yield name_of(path), node.arg
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield name_of(path), node.id


def names_in_interface() -> Iterator[tuple[str, str]]:
    document = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))
    for name, shape in document["components"]["schemas"].items():
        yield name, name
        for each, facts in shape.get("properties", {}).items():
            yield name, each
            yield from ((name, str(value)) for value in facts.get("enum", ()))


def names_in_database() -> Iterator[tuple[str, str]]:
    for table in METADATA.tables.values():
        yield table.name, table.name
        yield from ((table.name, column.name) for column in table.columns)


def test_nothing_that_must_not_be_inferred_has_a_name() -> None:
    for found in (names_in_code(), names_in_interface(), names_in_database()):
        listed = list(found)
        assert len(listed) > 100
        assert sorted({(place, name) for place, name in listed if NEVER.search(snake(name))}) == []


def test_the_forbidden_would_be_found() -> None:
    for name in ("ethnicity", "riskScore", "person_score", "Emotion", "religious_view", "offenderId"):
        assert NEVER.search(snake(name)), name
    for name in ("trace", "races_to_the_end_not", "embrace", "direction", "score", "terrace"):
        assert NEVER.search(snake(name)) is None or name.startswith("races"), name
