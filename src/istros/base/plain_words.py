"""What people type: words that can be kept, shown and printed as they are."""

from __future__ import annotations

from istros.base.errors import IstrosError
from istros.base.said import say


def is_plain(text: str, most: int, layout: str = "\n") -> bool:
    """Whether a text has at most `most` letters and no control characters but those of `layout`."""
    return len(text) <= most and all(letter.isprintable() or letter in layout for letter in text)


def bounded(text: str, name: str, most: int, refused: type[IstrosError]) -> str:
    """The text, when it is plain; `name` is what it is for people. Raises `refused`."""
    if not is_plain(text, most):
        sentence = f"The {name} is too long or holds control characters."
        raise refused(say("text-too-long", sentence, what=name, most=most), f"Keep it to {most} letters.")
    return text


def one_line(text: str) -> str:
    """Words of a stranger as they may stand on a terminal: nothing in them ends the line, moves the cursor or turns the direction."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
