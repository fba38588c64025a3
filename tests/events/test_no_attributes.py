"""Rule L8: no alarm can come of an age, a sex or any other attribute of a person."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from pydantic import ValidationError

import istros.events
from istros.settings import SignalRuleSettings

PACKAGE = Path(istros.events.__file__).parent
FORBIDDEN = {"age", "sex", "age_sex", "AgeSex", "age_low", "age_high", "gender", "race", "religion", "emotion"}


def test_nothing_that_raises_alarms_knows_an_attribute() -> None:
    found = [
        f"{path.name}:{node.lineno} {name}"
        for path in sorted(PACKAGE.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _names(node)
        if name in FORBIDDEN
    ]
    assert found == []


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []


@pytest.mark.parametrize("word", ["age", "sex", "age_band"])
def test_a_rule_cannot_name_one(word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        SignalRuleSettings.model_validate({"signal": "motion", word: "30-44"})
