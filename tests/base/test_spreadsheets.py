"""No cell of a table becomes a formula, however the program that opens it divides the line; and what was written comes back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as some

from istros.base.spreadsheets import as_written, harmless
from istros.events.entry_file import as_table
from istros.recording.export.papers import table

TEXTS = some.text(alphabet="=+-@'; \t\r\nab,\"", max_size=12)


@given(TEXTS)
def test_what_was_written_comes_back(text: str) -> None:
    assert as_written(harmless(text)) == text


@given(TEXTS)
def test_no_part_begins_a_formula(text: str) -> None:
    for part in harmless(text).replace("\t", ";").replace("\n", ";").split(";"):
        assert not part.startswith(("=", "+", "-", "@", "\r"))


@pytest.mark.parametrize("text", ["a;=1+1", "boy;@SUM(1)", "one\n=HYPERLINK(2)", "x;\t=3"])
def test_a_spreadsheet_that_divides_by_semicolons_finds_no_formula(text: str) -> None:
    """As those of Romania and Ukraine do with a file that commas divide."""
    for made in (
        as_table(("name", "note"), [{"name": "A", "note": text}]),
        table([{"name": "A", "note": text}]).decode(),
    ):
        cells = [cell.strip('"') for row in csv.reader(io.StringIO(made), delimiter=";") for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))], cells
