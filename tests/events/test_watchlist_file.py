"""Watchlist entries as files: what goes out comes in again, and each bad line is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from istros.base.environment import Environment
from istros.base.time import DAY, Time, to_iso
from istros.events.errors import ImportRefused
from istros.events.record import Author
from istros.events.watchlist_file import COLUMNS, as_csv, as_json, import_lines, lines_of
from istros.store import Database
from tests.events.city import START, entry_of, hand_environment

OFFICER = Author("officer", "10.0.0.5")
CAMERAS = {"IZ-07", "TL-01"}
GOOD = {
    "plate": "BH1234AK", "manner": "near", "purpose": "offence", "ground": "Art. 40", "case": "12026",
    "priority": "high", "category": "none", "requester": "Unit 3", "handling": "H0", "handling_note": "",
    "provenance": "report", "cameras": "IZ-07;TL-01", "hours": "", "expires": to_iso(Time(START + DAY)),
    "review": to_iso(Time(START + DAY)),
}  # fmt: skip


def csv_of(*records: dict[str, str]) -> str:
    return "\r\n".join([",".join(COLUMNS), *(",".join(record[name] for name in COLUMNS) for record in records)])


def test_what_is_exported_can_be_imported(database: Database, still: Environment) -> None:
    lines = lines_of(still, "csv", csv_of(GOOD, GOOD | {"plate": "BH??34*", "manner": "pattern"}), "police", CAMERAS)
    database.write_now(lambda tx: import_lines(tx, still, OFFICER, lines, "d", whole=True))
    rows = database.read_now(lambda tx: tx.watchlist.all(10))
    assert [row.cameras for row in rows] == [("IZ-07", "TL-01")] * 2
    for format, text in (("csv", as_csv(rows)), ("json", as_json(rows))):
        again = lines_of(still, format, text, "police", CAMERAS)
        assert [line.asked for line in again] == [line.asked for line in reversed(lines)] or {
            line.plate for line in again
        } == {line.plate for line in lines}
        assert all(line.problem is None for line in again)


def test_each_bad_line_is_named_with_its_field(still: Environment) -> None:
    bad = [{"plate": "A"}, {"purpose": "curiosity"}, {"expires": "tomorrow"}, {"cameras": "XX-99"}, {"ground": ""}]
    lines = lines_of(still, "csv", csv_of(GOOD, *(GOOD | each for each in bad)), "police", CAMERAS)
    assert lines[0].asked is not None
    assert [line.problem.field for line in lines[1:] if line.problem] == [
        "plate", "purpose", "expires", "cameras", "ground",
    ]  # fmt: skip
    assert [line.number for line in lines] == [2, 3, 4, 5, 6, 7]


def test_a_bad_line_stops_the_whole_or_is_left_out(database: Database, still: Environment) -> None:
    lines = lines_of(still, "csv", csv_of(GOOD, GOOD | {"plate": "A"}), "police", CAMERAS)
    with pytest.raises(ImportRefused, match="1 of 2 lines"):
        database.write_now(lambda tx: import_lines(tx, still, OFFICER, lines, "d", whole=True))
    assert database.read_now(lambda tx: tx.watchlist.all(10)) == []
    database.write_now(lambda tx: import_lines(tx, still, OFFICER, lines, "d", whole=False))
    assert len(database.read_now(lambda tx: tx.watchlist.all(10))) == 1
    (row,) = [row for row in database.read_now(lambda tx: tx.audit.page(limit=9)) if row.action == "watchlist.import"]
    assert json.loads(row.detail) == {"lines": 2, "written": 1, "left_out": 1, "sha256": "d"}


@pytest.mark.parametrize(
    ("format", "text", "said"),
    [
        ("csv", "plate,ground\nBH1234AK,x", "no column"),
        ("csv", "", "no column"),
        ("json", "{}", "no list"),
        ("json", "[1]", "no list"),
        ("json", "[" * 100_000, "no JSON"),
        ("csv", csv_of(*[GOOD] * 1001), "more than 1000"),
        ("json", '"' + "x" * 1_000_001 + '"', "larger than"),
    ],
)
def test_what_is_no_file_of_entries_is_refused(still: Environment, format: str, text: str, said: str) -> None:
    with pytest.raises(ImportRefused, match=said):
        lines_of(still, format, text, "police", CAMERAS)


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'quoted"])
def test_no_field_is_a_formula(value: str) -> None:
    from dataclasses import replace

    environment, _ = hand_environment()
    row = replace(entry_of("BH1234AK", START, entry_id="e1"), ground=value, requester="r", provenance="p",
                  review=START)  # fmt: skip
    text = as_csv([row])
    assert not any(field.lstrip('"').startswith(("=", "+", "-", "@", "\t")) for field in text.split(","))
    (line,) = lines_of(environment, "csv", text, "police", CAMERAS)
    assert line.asked is not None
    assert line.asked.reasons.ground == value.strip()


@given(some.text(max_size=300), some.sampled_from(["csv", "json"]))
def test_no_text_breaks_the_reader(text: str, format: str) -> None:
    environment, _ = hand_environment()
    heading = ",".join(COLUMNS) + "\n" if format == "csv" else ""
    try:
        lines = lines_of(environment, format, heading + text, "police", CAMERAS)
    except ImportRefused:
        return
    assert all((line.asked is None) != (line.problem is None) for line in lines)
