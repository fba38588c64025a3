"""What the server says to people: a stable code with figures for the reader's own language, beside an English sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

Fact = str | int


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in English, and what another language needs to say the same: `web/src/words` has it under `said`.

    Without a code there is only the sentence: rows of earlier versions have none.
    """

    text: str
    code: str = ""
    facts: tuple[tuple[str, Fact], ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return bool(self.text)

    def packed(self) -> str:
        """As JSON text; the empty text where nothing is said."""
        told = {"code": self.code, "facts": dict(self.facts), "text": self.text}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")) if self else ""


NOTHING = Said("")


def say(code: str, text: str, **facts: Fact) -> Said:
    """`code` and the names of the facts are written out where this is called: a test reads them there."""
    return Said(text, code, tuple(facts.items()))


def unpacked(stored: str) -> Said:
    """What `Said.packed` made; any other text is a sentence of an earlier version."""
    if not stored.startswith('{"code":'):
        return Said(stored)
    told = json.loads(stored)
    return Said(told["text"], told["code"], tuple(told["facts"].items()))


def from_facts(text: str, code: object, facts: object) -> Said:
    """From a record that keeps the three side by side; what is missing or of another form is left out."""
    if not isinstance(code, str):
        return Said(text)
    return Said(text, code, tuple(facts.items()) if isinstance(facts, Mapping) else ())
