"""What the record and the timeline name has words in each language: an officer reads no code of the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from istros.settings import HealthKind
from tests.house.places import ROOT
from tests.house.test_languages import words

WRITES_THE_RECORD = ("api", "app", "cli", "compliance", "devices", "events", "recording", "reports")
ACT = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*")
FILES = re.compile(r".*\.(cedar|csv|html|id|js|json|key|mp4|jpg|onnx|pdf|pem|pid|sig|sock|toml|tsr|typ|wsdl|xml|zip)")
NO_ACTS = {"websocket.disconnect"}
BY_WORD = {
    "assessment": ("write", "approve", "refuse"),
    "holds": ("place", "review", "ask-release", "release", "refuse-release"),
    "profile": ("draft", "sign", "enter", "withdraw"),
}
"""Acts that the program puts together from two words."""

OF_THE_NODE = {"recorder-silent", "audit-unsigned", "audit-unstamped", "anchors-late"}
"""States of no camera: they stand on no timeline."""


def acts_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ACT.fullmatch(node.value):
            yield node.value


def acts() -> set[str]:
    """Every act that the program may write into the audit log, as far as its text tells."""
    found = {f"{noun}.{verb}" for noun, verbs in BY_WORD.items() for verb in verbs}
    for package in WRITES_THE_RECORD:
        for path in (ROOT / "src/istros" / package).rglob("*.py"):
            found.update(each for each in acts_in(path) if not FILES.fullmatch(each) and not each.startswith("istros."))
    return found - NO_ACTS


def test_every_act_on_the_record_has_words() -> None:
    assert len(found := acts()) > 150
    assert sorted(act for act in found if f"step.{act}" not in words("en")) == []


def test_every_state_of_a_camera_has_words_on_the_timeline() -> None:
    kinds = set(get_args(HealthKind)) - OF_THE_NODE
    assert sorted(kind for kind in kinds if f"playback.signal.{kind}" not in words("en")) == []
