"""How plate texts are compared: folded, so that look-alike letters of two alphabets and readers' usual doubts are one."""

from __future__ import annotations

UNREAD = "?"
"""Stands in a read plate's text for a character that was there and could not be read."""

_LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХІЇЅQOI", "ABEKMH0PCTYX11S001")


def fold(text: str) -> str:
    """The search form of a plate: upper case, letters and digits alone, Cyrillic look-alikes to Latin, O and Q to 0, I to 1.

    The stored text is never replaced by it.
    """
    return "".join(letter for letter in text.upper() if letter.isalnum()).translate(_LOOK_ALIKES)


def fold_pattern(text: str) -> str:
    """The same of a pattern: `?` (one character) and `*` (any) keep their places."""
    folded = "".join(letter if letter in "?*" else fold(letter) for letter in text)
    while "**" in folded:
        folded = folded.replace("**", "*")
    return folded


def fold_read(text: str) -> str:
    """The same of a plate that was read, in which a character that could not be read keeps its place as `?`."""
    return UNREAD.join(fold(part) for part in text.split(UNREAD))
