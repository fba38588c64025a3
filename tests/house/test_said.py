"""Every code that the server says something by has a sentence in each language, with no gap that nothing fills."""

from __future__ import annotations

import ast
import json
from functools import cache

import pytest

from istros.events.breach_clock import BREACH_CLOCK
from istros.events.duty_alarms import TITLES
from istros.events.emergency import EMERGENCY_RELEASE
from istros.events.face_judging import FACE
from istros.events.health_alarms import _OF_THE_NODE, FAMILIES, ONE_STREAM, _single
from istros.events.raising import SOUGHT_VEHICLE
from istros.events.signal_rules import DIGITAL_INPUT, STANDARD
from tests.house.places import ROOT
from tests.house.test_languages import ENDING, GAP, PLURALS, words


@cache
def calls() -> tuple[tuple[str, str | None, frozenset[str]], ...]:
    """Each place in the server that says something by a code: where, the code if it is written out, and its facts."""
    sources = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "src/istros").rglob("*.py"))}
    return tuple(
        (f"{path.relative_to(ROOT)}:{node.lineno}", _code_of(node), frozenset(each.arg or "" for each in node.keywords))
        for path, source in sources.items()
        if "from istros.base.said import" in source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
    )


def _code_of(call: ast.Call) -> str | None:
    code = call.args[0]
    return code.value if isinstance(code, ast.Constant) and isinstance(code.value, str) else None


def test_each_code_is_written_out_where_it_is_said() -> None:
    assert [where for where, code, _ in calls() if code is None] == []
    assert {"plate-same", "released-alone"} <= {code for _, code, _ in calls()}


@pytest.mark.parametrize("language", PLURALS)
def test_each_code_has_a_sentence(language: str) -> None:
    found = {ending["key"] if (ending := ENDING.match(key)) else key for key in words(language)}
    assert [(where, code) for where, code, _ in calls() if f"said.{code}" not in found] == []


@pytest.mark.parametrize("language", PLURALS)
def test_each_gap_is_filled(language: str) -> None:
    """And a sentence with plurals has the count that chooses among them."""
    unfilled = []
    for where, code, facts in calls():
        texts = {key: text for key, text in words(language).items() if _is_of(key, f"said.{code}")}
        needed = {gap for text in texts.values() for gap in GAP.findall(text)}
        needed |= {"count"} if any(ENDING.match(key) for key in texts) else set()
        unfilled += [(where, code, gap) for gap in sorted(needed - facts)]
    assert unfilled == []


def test_each_fact_is_told() -> None:
    """A figure that no sentence names is lost; that the languages name the same is `test_languages.test_same_gaps`."""
    unused = []
    for where, code, facts in calls():
        texts = [text for key, text in words("en").items() if _is_of(key, f"said.{code}")]
        told = {gap for text in texts for gap in GAP.findall(text)} | {"count"}
        told |= {"name", "subject"} if "signal" in facts else set()  # the signal's own words name them
        unused += [(where, code, fact) for fact in sorted(facts - told)]
    assert unused == []


@pytest.mark.parametrize("language", PLURALS)
def test_each_alarm_of_the_node_has_a_title(language: str) -> None:
    found = words(language)
    single = {_single(family) for family in {*FAMILIES.values(), ONE_STREAM}} | {rule.signal for rule in STANDARD}
    single |= {DIGITAL_INPUT, SOUGHT_VEHICLE, FACE, EMERGENCY_RELEASE, BREACH_CLOCK} | {
        f"{duty}-due" for duty in TITLES
    }
    assert [kind for kind in sorted(single) if f"alarm.kind.{kind}" not in found] == []
    many = {family for family in FAMILIES.values() if family not in _OF_THE_NODE}
    assert [family for family in sorted(many) if f"alarm.family.{family}" not in found] == []
    kinds = {kind for kind in FAMILIES if kind not in _OF_THE_NODE}
    assert [kind for kind in sorted(kinds) if f"cameraHealth.kind.{kind}" not in found] == []


def test_no_sentence_is_left_over() -> None:
    said = {f"said.{code}" for _, code, _ in calls()}
    english = (ROOT / "web/src/words/en.json").read_text(encoding="utf-8")
    assert {"said." + ENDING.sub(r"\g<key>", key) for key in json.loads(english)["said"]} - said == set()


def _is_of(key: str, wanted: str) -> bool:
    ending = ENDING.match(key)
    return (ending["key"] if ending else key) == wanted
