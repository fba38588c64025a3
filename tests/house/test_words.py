"""One word, one meaning (docs/words.md): the forbidden ones are found here, with the right one beside them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.places import ROOT, SOURCES, name_of, written_files

# In running text and on screens.
FORBIDDEN_TEXT = {
    r"licen[cs]e[ -]plates?": "plate",
    r"number[ -]plate recogni[sz]\w+": "plate reading",
    r"suspects?": "watchlist entry",
    r"persons? of interest": "watchlist entry",
    r"end[ -]users?": "operator, officer or visitor",
    r"master[ /-]slave": "main and sub",
    r"whitelists?|blacklists?": "watchlist, or allowed and refused",
}
# In names of the code: parts of identifiers, split at underscores and capitals.
FORBIDDEN_NAME_PARTS = {
    "user": "operator", "users": "operators", "alert": "alarm", "alerts": "alarms", "suspect": "watchlist entry",
    "chunk": "segment or fragment", "utils": "the noun it is about", "util": "the noun it is about",
    "helper": "the noun it is about", "helpers": "the noun it is about", "manager": "the noun it is about",
    "whitelist": "watchlist", "blacklist": "watchlist", "msg": "message", "cfg": "settings",
    "ctx": "what it is", "tmp": "what it is", "idx": "index", "cnt": "count", "cam": "camera", "cams": "cameras",
}  # fmt: skip
# Names that standards and other people's interfaces gave; each with its reason.
ALLOWED_NAMES = {
    "user_agent": "HTTP's header (RFC 9110)",
    "user_data": "a codec's field (ITU-T H.264, user_data_unregistered)",
    "userinfo": "a part of a URL (RFC 3986)",
    "is_suspect": "said of a byte, not of a person",
}
# Where `user` is the account that a camera knows, as RTSP and HTTP Digest call it (RFC 7616).
CAMERA_ACCOUNTS = ("src/istros/video/rtsp_", "src/istros/sim/cameras/", "src/istros/app/farm.py", "src/istros/devices/")
# Pages that list the forbidden words in order to forbid them.
WORD_PAGES = {"docs/words.md", "tests/house/test_words.py", "CONTRIBUTING.md", "CHANGELOG.md"}


def parts_of(name: str) -> list[str]:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().strip("_").split("_")


def names_in(path: Path) -> Iterator[tuple[int, str]]:
    """Every name that a module gives: functions, classes, arguments, variables."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def is_allowed(path: Path, name: str) -> bool:
    """Whether a standard, and not we, chose the name."""
    return name.lower() in ALLOWED_NAMES or (name == "user" and name_of(path).startswith(CAMERA_ACCOUNTS))


def test_names_in_the_code() -> None:
    wrong = [
        f"{name_of(path)}:{line} {name}: say {FORBIDDEN_NAME_PARTS[part]}"
        for path in sorted(SOURCES.rglob("*.py"))
        for line, name in names_in(path)
        for part in parts_of(name)
        if part in FORBIDDEN_NAME_PARTS and not is_allowed(path, name)
    ]
    assert not wrong, "\n".join(wrong)


def test_names_of_files() -> None:
    wrong = [
        name_of(path)
        for path in written_files(".py", ".ts", ".tsx")
        if set(parts_of(path.stem)) & {"utils", "util", "helper", "helpers", "manager", "service", "misc", "common"}
    ]
    assert not wrong


@pytest.mark.parametrize("pattern", FORBIDDEN_TEXT)
def test_running_text(pattern: str) -> None:
    forbidden = re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    wrong = [
        f"{name_of(path)}:{number} {line.strip()[:100]}"
        for path in written_files(".py", ".md", ".html")
        if name_of(path) not in WORD_PAGES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert not wrong, f"say {FORBIDDEN_TEXT[pattern]}:\n" + "\n".join(wrong)


def test_screens_say_the_right_words() -> None:
    words = json.loads((ROOT / "web/src/words/en.json").read_text(encoding="utf-8"))
    forbidden = re.compile("|".join(rf"\b(?:{p})\b" for p in [*FORBIDDEN_TEXT, "users?", "alerts?"]), re.IGNORECASE)
    wrong = [text for text in all_texts(words) if forbidden.search(text)]
    assert not wrong


def all_texts(words: object) -> Iterator[str]:
    if isinstance(words, dict):
        for value in words.values():
            yield from all_texts(value)
    elif isinstance(words, str):
        yield words
