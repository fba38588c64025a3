"""docs/security.md and docs/compliance.md name the test of each promise: it exists, and no promise is without one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.house.places import ROOT

PAGES = {name: ROOT / "docs" / name for name in ("security.md", "compliance.md")}
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
RULES = [f"L{number}" for number in range(1, 27)]


def rows(page: Path) -> list[list[str]]:
    """The cells of every row of every table."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]


@cache
def functions_of(name: str) -> frozenset[str]:
    path = ROOT / name
    if not path.exists():
        return frozenset()
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(each.name for each in found if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_named_test_exists(page: Path) -> None:
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    assert len(named) > 30
    assert [f"{path}::{test}" for path, test in named if test not in functions_of(path)] == []


def test_every_threat_has_a_test() -> None:
    threats = [row for row in rows(PAGES["security.md"]) if re.fullmatch(r"\|? ?[STRIDE]", row[0])]
    assert len(threats) > 40
    assert [row[1] for row in threats if not NAMED.search(row[-1])] == []


def test_every_rule_of_the_law_is_there_and_says_what_holds_it() -> None:
    table = {row[0].strip("| *"): row for row in rows(PAGES["compliance.md"]) if re.match(r"\|? ?\*?\*?L\d", row[0])}
    assert sorted(table, key=lambda rule: int(rule[1:])) == RULES
    silent = [
        rule for rule, row in table.items() if not NAMED.search(" ".join(row)) and "not there yet" not in " ".join(row)
    ]
    assert silent == []
