"""The words of the screens that reports and letters need too: acts, alarms, purposes, and what is wrong with the audit chain.

`record_words.json` is made from the client's words (tools.codegen), so that paper and screens say the same.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

from istros.base.said import Fact, Said
from istros.base.time import from_iso
from istros.reports.contact_sheet import local_text

_GAP = re.compile(r"\{\{(\w+)\}\}")
_MOMENTS = frozenset({"time", "start", "end"})


@cache
def record_words() -> dict[str, dict[str, str]]:
    """The words by language and key."""
    found: dict[str, dict[str, str]] = json.loads(files("istros.reports").joinpath("record_words.json").read_bytes())
    return found


def told_in(language: str, said: Said) -> str:
    """The sentence in that language, with local times; in English where there are no words for its code."""
    words = record_words().get(language, {}).get(f"said.{said.code}")
    return said.text if words is None else filled(words, **{name: _shown(name, fact) for name, fact in said.facts})


def filled(words: str, **facts: Fact) -> str:
    """The words with the facts in their gaps, which the client writes as {{name}}."""
    return _GAP.sub(lambda gap: str(facts[gap[1]]), words)


def _shown(name: str, fact: Fact) -> str:
    return local_text(from_iso(str(fact)), fraction=False) if name in _MOMENTS else str(fact)
