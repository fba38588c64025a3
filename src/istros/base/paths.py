"""Files below a folder, whatever the input says: the one way in which a path is made of words from outside."""

from __future__ import annotations

from pathlib import Path

from istros.base.errors import IstrosError

_LONGEST = 255


class PathRefused(IstrosError):
    """The name leads out of its folder, or is none."""

    code = "path-refused"


def below(root: Path, *parts: str) -> Path:
    """The file below `root` that the parts name; links in it may not lead out either. Raises PathRefused.

    Each part may hold slashes, as addresses do; none may be absolute, climb, or hold what no file's name holds.
    """
    names = [name for part in parts for name in _names(part)]
    if not names:
        raise _refused("is empty")
    base = root.resolve()
    try:
        place = base.joinpath(*names).resolve()
    except (OSError, RuntimeError, ValueError):
        raise _refused("cannot be followed") from None
    if place == base or not place.is_relative_to(base):
        raise _refused("leads out of its folder")
    return place


def _names(part: str) -> list[str]:
    if part.startswith("/") or "\\" in part:
        raise _refused("leads out of its folder")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in part):
        raise _refused("has control characters in it")
    names = part.split("/")
    if any(name in ("", ".", "..") or len(name.encode("utf-8", "surrogatepass")) > _LONGEST for name in names):
        raise _refused("leads out of its folder" if ".." in names else "is no name of a file")
    return names


def _refused(why: str) -> PathRefused:
    return PathRefused(f"The name of the file {why}.", "Name a file inside the folder.")
