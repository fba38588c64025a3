"""Where a key of a TOML text stands."""

from __future__ import annotations

import re


class KeyLines:
    """Which line of a TOML text a key stands on; tomllib itself does not tell."""

    _HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\"-]+)\s*\]")
    _KEY = re.compile(r"^\s*([\w\"-]+)\s*=")

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[int | str, ...], int] = {(): 1}
        table: tuple[int | str, ...] = ()
        counts: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if header := self._HEADER.match(line):
                table = self._table(header, counts)
                self._lines.setdefault(table, number)
            elif key := self._KEY.match(line):
                self._lines.setdefault((*table, key.group(1).strip('"')), number)

    @staticmethod
    def _table(header: re.Match[str], counts: dict[str, int]) -> tuple[int | str, ...]:
        name = header.group(2).strip('"')
        if header.group(1) == "[":
            return tuple(name.split("."))
        counts[name] = counts.get(name, -1) + 1
        return (name, counts[name])

    def of(self, place: tuple[int | str, ...]) -> int:
        """The line of the key, or of the nearest thing around it that is in the file."""
        while place not in self._lines:
            place = place[:-1]
        return self._lines[place]
