"""What an operator types for a plate, as a range and a LIKE pattern over the table of distinct plates."""

from __future__ import annotations

from dataclasses import dataclass

from istros.base.plate_text import UNREAD, fold

LEAST_PART = 4
"""Characters of the shortest text that counts as a part of a plate."""

_LAST = "\U0010ffff"
"""Sorts after every letter, both in UTF-8 bytes and in code points."""


@dataclass(frozen=True, slots=True)
class PlatePattern:
    """`prefix` narrows the index range; `like` (None when the prefix is everything) is compared within it."""

    prefix: str
    like: str | None
    exact: bool
    letters: str
    """The query as it is compared, with its wildcards."""

    @property
    def after_prefix(self) -> str:
        """The end of the range that begins with the prefix, itself not in it."""
        return self.prefix + _LAST

    @property
    def glob(self) -> str:
        """For SQLite's GLOB over plates of which a character could not be read: `?` there stands for any."""
        return "".join(letter if letter in "?*" else f"[{letter}{UNREAD}]" for letter in self.letters)

    @property
    def regex(self) -> str:
        """The same as a regular expression of PostgreSQL."""
        signs = {"?": ".", "*": ".*"}
        return "^" + "".join(signs.get(letter, f"[{letter}{UNREAD}]") for letter in self.letters) + "$"

    def parts(self) -> list[str]:
        """What a reader can have seen of the plate: its runs of `LEAST_PART` characters and more; none with wildcards."""
        if any(sign in self.letters for sign in "?*"):
            return []
        count = len(self.letters)
        sizes = range(LEAST_PART, count)
        return sorted({self.letters[at : at + size] for size in sizes for at in range(count - size + 1)})


def literal(text: str) -> str:
    """A plate as written, in capitals, without spaces and dashes; Cyrillic stays Cyrillic, and `?` what was not read."""
    return "".join(letter for letter in text.upper() if letter.isalnum() or letter == UNREAD)


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
    return PlatePattern(prefix, like, not rest, letters)
