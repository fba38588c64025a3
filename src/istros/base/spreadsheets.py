"""Cells of tables for spreadsheets: none is taken for a formula (OWASP, CSV injection)."""

from __future__ import annotations

import re

_BEGINS = re.compile(r"(^|[;\n\t])(?=[=+\-@\t\r'])")
"""Where a program may see a cell begin with a formula: where this one begins, and behind a semicolon, a tab or a line's end.

In Romania and Ukraine spreadsheets divide by semicolons, also what is quoted for commas.
"""

_QUOTED = re.compile(r"(^|[;\n\t])'(?=[=+\-@\t\r'])")


def harmless(text: str) -> str:
    """The text with an apostrophe before each place at which a formula could begin; `as_written` takes them away."""
    return _BEGINS.sub(r"\1'", text)


def as_written(cell: str) -> str:
    """What `harmless` was given."""
    return _QUOTED.sub(r"\1", cell)
