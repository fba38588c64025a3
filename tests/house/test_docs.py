"""The docs are tested: their links, their commands, the schema beside them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.places import ROOT, name_of, written_files
from tools import codegen

PAGES = written_files(".md")
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
COMMAND = re.compile(r"(?:\./istros|(?<![\w./-])istros) (?P<words>[a-z][a-z-]+(?: [a-z][a-z-]+)?)")
RECIPE = re.compile(r"(?<![\w-])just (?P<recipe>[a-z]+)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
LAUNCHER = {"test", "setup"}


def code_of(page: Path) -> str:
    return "\n".join(CODE.findall(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [link["target"].split("#")[0] for link in LINK.finditer(page.read_text(encoding="utf-8"))]
    near = [target for target in targets if target and not re.match(r"[a-z]+:", target)]
    assert [target for target in near if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if "docs/design/" in name_of(page)], ids=name_of)
def test_design_pages_say_how_current_they_are(page: Path) -> None:
    assert re.search(r"^Status: \*\*(current|draft|replaced)", page.read_text(encoding="utf-8"), re.MULTILINE)


def test_recipes_exist() -> None:
    listed = subprocess.run(
        [str(Path(sys.executable).with_name("just")), "--summary"], cwd=ROOT, capture_output=True, text=True
    )
    recipes = set(listed.stdout.split())
    assert recipes, listed.stderr
    named = {(name_of(page), found["recipe"]) for page in PAGES for found in RECIPE.finditer(code_of(page))}
    assert {(page, recipe) for page, recipe in named if recipe not in recipes} == set()


def test_commands_exist() -> None:
    from istros.cli import app  # the command line loads late, so that the other tests run without it

    named = {(name_of(page), found["words"]) for page in PAGES for found in COMMAND.finditer(code_of(page))}
    known = commands_of(app)
    assert {(page, words) for page, words in named if words.split()[0] not in known | LAUNCHER} == set()


def commands_of(app: object) -> set[str]:
    return {name for name in app if not name.startswith("-")}  # type: ignore[attr-defined]


def test_schema_is_current() -> None:
    from istros.api.schema_file import schema_text

    committed = (ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8")
    assert committed == schema_text(), "run `just api` and commit what it writes"


def test_types_of_the_client_are_current(tmp_path: Path) -> None:
    codegen.write_types(tmp_path / "schema.d.ts")
    assert codegen.TYPES.read_text(encoding="utf-8") == (tmp_path / "schema.d.ts").read_text(encoding="utf-8"), (
        "run `just api`"
    )
