"""Functions fit a screen and files stay readable: a ratchet, so that what was short stays short (rule 9).

`sizes.json` names today's exceptions with their size. They may shrink and must then be written down smaller; nothing new
comes in.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from tools.measure import FILE_LINES_MAX, FUNCTION_LINES_MAX, file_lines, files, functions

EXCEPTIONS = json.loads((Path(__file__).parent / "sizes.json").read_text(encoding="utf-8"))
FUNCTION_MEDIAN_MAX, FUNCTION_P90_MAX = 10, 35


def against_the_ratchet(found: dict[str, int], known: dict[str, int]) -> list[str]:
    grown = [f"{name} has {size} lines" for name, size in found.items() if size > known.get(name, 0)]
    shrunk = [
        f"{name} is down to {found.get(name, 0)}: say so in sizes.json"
        for name in known
        if found.get(name, 0) < known[name]
    ]
    return grown + shrunk


def test_functions_fit_a_screen() -> None:
    long = {item.place: item.lines for path in files() for item in functions(path) if item.lines > FUNCTION_LINES_MAX}
    assert not against_the_ratchet(long, EXCEPTIONS["functions"])


def test_files_stay_readable() -> None:
    long = {path.name: file_lines(path) for path in files() if file_lines(path) > FILE_LINES_MAX}
    assert not against_the_ratchet(long, EXCEPTIONS["files"])


def test_most_functions_are_short() -> None:
    sizes = sorted(item.lines for path in files() for item in functions(path))
    assert statistics.median(sizes) <= FUNCTION_MEDIAN_MAX
    assert sizes[int(len(sizes) * 0.9)] <= FUNCTION_P90_MAX


def test_every_function_says_what_it_returns() -> None:
    assert not [item.place for path in files() for item in functions(path) if not item.is_typed]
