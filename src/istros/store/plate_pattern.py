"""What an operator types for a plate, as a range and a LIKE pattern over the table of distinct plates."""

from __future__ import annotations

from dataclasses import dataclass

from istros.base.plate_text import fold

_LAST = "\U0010ffff"
"""Sorts after every letter, both in UTF-8 bytes and in code points."""


@dataclass(frozen=True, slots=True)
class PlatePattern:
    """`prefix` narrows the index range; `like` (None when the prefix is everything) is compared within it."""

    prefix: str
    like: str | None
    exact: bool

    @property
    def after_prefix(self) -> str:
        """The end of the range that begins with the prefix, itself not in it."""
        return self.prefix + _LAST


def literal(text: str) -> str:
    """A plate as written, in capitals, without spaces and dashes; Cyrillic stays Cyrillic."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def pattern_of(text: str, alike: bool) -> PlatePattern | None:
    """The pattern of a query text with `?` (one character) and `*` (any); None when every plate fits.

    `alike` folds the letters between the wildcards, so that A of either alphabet, O and 0, I and 1 are the same.
    """
    plain = fold if alike else literal
    letters = "".join(letter if letter in "?*" else plain(letter) for letter in text)
    while "**" in letters:
        letters = letters.replace("**", "*")
    if letters in ("", "*"):
        return None
    wild = min((letters.find(sign) for sign in "?*" if sign in letters), default=len(letters))
    prefix, rest = letters[:wild], letters[wild:]
    like = None if rest in ("", "*") else letters.replace("?", "_").replace("*", "%")
    return PlatePattern(prefix, like, exact=not rest)
