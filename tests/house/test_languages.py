"""The three languages say the same things, in every plural that each of them has (Unicode CLDR)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from istros.compliance.purposes import PURPOSES
from tests.house.places import ROOT
from tools import codegen

PLURALS = {"en": {"one", "other"}, "uk": {"one", "few", "many", "other"}, "ro": {"one", "few", "other"}}
ENDING = re.compile(r"^(?P<key>.+)_(?P<plural>zero|one|two|few|many|other)$")
GAP = re.compile(r"\{\{\s*-?\s*(\w+)")
ASKED = re.compile(r'\bt\(\s*(["`])([\w.-]*)(\$?)')


def words(language: str) -> dict[str, str]:
    loaded = json.loads((ROOT / f"web/src/words/{language}.json").read_text(encoding="utf-8"))
    return dict(flat(loaded, ""))


def flat(tree: dict[str, object], before: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", str(value)


def plurals(language: str) -> dict[str, set[str]]:
    """The plural categories of each counted text."""
    found: dict[str, set[str]] = {}
    for key in words(language):
        if ending := ENDING.match(key):
            found.setdefault(ending["key"], set()).add(ending["plural"])
    return found


def keys(language: str) -> set[str]:
    return {ending["key"] if (ending := ENDING.match(key)) else key for key in words(language)}


@pytest.mark.parametrize("language", ["uk", "ro"])
def test_same_keys(language: str) -> None:
    assert keys(language) == keys("en")


@pytest.mark.parametrize("language", PLURALS)
def test_every_plural_is_there(language: str) -> None:
    assert {key: found for key, found in plurals(language).items() if found != PLURALS[language]} == {}


@pytest.mark.parametrize("language", PLURALS)
def test_no_text_is_empty(language: str) -> None:
    assert [key for key, text in words(language).items() if not text.strip()] == []


@pytest.mark.parametrize("language", ["uk", "ro"])
def test_same_gaps(language: str) -> None:
    """A text names the same figures in each language; counted texts may leave the number out in `one`."""
    english, other = words("en"), words(language)
    differ = [key for key in english.keys() & other.keys() if not ENDING.match(key)]
    assert [key for key in differ if set(GAP.findall(english[key])) != set(GAP.findall(other[key]))] == []


def asked() -> Iterator[tuple[str, str, bool]]:
    """File, key and whether it is whole, of each word that the client asks for: t("whole"), t(`beginning.${rest}`)."""
    for file in sorted((ROOT / "web/src").rglob("*.ts*")):
        for quote, key, gap in ASKED.findall(file.read_text(encoding="utf-8")):
            if quote == '"' or key:
                yield file.name, key, not gap


def test_the_screens_ask_for_words_that_are_there() -> None:
    known = keys("en")
    absent = [
        f"{file}: {key}"
        for file, key, whole in asked()
        if not (key in known if whole else any(one.startswith(key) for one in known))
    ]
    assert absent == [], "i18next shows the key itself where it has no word"


def test_reports_and_packages_call_acts_and_purposes_as_the_screens_do() -> None:
    assert codegen.PURPOSES.read_text(encoding="utf-8") == codegen.purpose_words(), "run python -m tools.codegen"
    assert all(set(of_language) == set(PURPOSES) for of_language in json.loads(codegen.purpose_words()).values())
    assert codegen.WORDS.read_text(encoding="utf-8") == codegen.record_words(), "run python -m tools.codegen"
