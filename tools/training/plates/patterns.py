"""A small language for what stands on a plate, and drawing a text from it.

In a pattern `L` is a letter of the series, `D` a digit, `P` a prefix of the series (a county, a town), a lower-case letter
stands for itself, `/` begins a line, a space is a gap, `-` a printed dash, `*` a seal, sticker or coat of arms, and
`(...)` is printed smaller. "P DD LLL" is a Romanian plate, "(DD) DDD-DD LL" a Ukrainian one of 1995.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Ornament = Literal["gap", "dash", "seal"]
_NARROW_ENDS = 0.18
_ORNAMENTS: dict[str, Ornament] = {" ": "gap", "-": "dash", "*": "seal"}


@dataclass(frozen=True, slots=True)
class Character:
    """One printed character; `is_small` where it is printed at about six tenths of the height."""

    text: str
    is_small: bool = False


Line = tuple[Character | Ornament, ...]


def text_of(line: Line) -> str:
    """The characters of a line without its ornaments."""
    return "".join(item.text for item in line if isinstance(item, Character))


def drawn(rng: np.random.Generator, pattern: str, letters: str, prefixes: tuple[str, ...]) -> tuple[Line, ...]:
    """One random text of a pattern, line by line."""
    lines = tuple(_drawn_line(rng, part, letters, prefixes) for part in pattern.split("/"))
    return tuple(_with_narrow_end(rng, line) for line in lines) if rng.random() < _NARROW_ENDS else lines


def _with_narrow_end(rng: np.random.Generator, line: Line) -> Line:
    """The line with I or 1 as its first or last character: beside the plate's rim such a one is easily overlooked."""
    place = -1 if rng.random() < 0.75 else 0
    item = line[place]
    if not isinstance(item, Character):
        return line
    narrow = replace(item, text="1" if item.text.isdigit() else "I")
    return (*line[:-1], narrow) if place else (narrow, *line[1:])


def _drawn_line(rng: np.random.Generator, pattern: str, letters: str, prefixes: tuple[str, ...]) -> Line:
    items: list[Character | Ornament] = []
    is_small = False
    for sign in pattern:
        if sign in "()":
            is_small = sign == "("
        elif sign in _ORNAMENTS:
            items.append(_ORNAMENTS[sign])
        else:
            items += [Character(text, is_small) for text in _drawn_text(rng, sign, letters, prefixes)]
    return tuple(items)


def _drawn_text(rng: np.random.Generator, sign: str, letters: str, prefixes: tuple[str, ...]) -> str:
    match sign:
        case "L":
            return letters[rng.integers(len(letters))]
        case "D":
            return "0123456789"[rng.integers(10)]
        case "P":
            return prefixes[rng.integers(len(prefixes))]
        case _:
            return sign.upper()
