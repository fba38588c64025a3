"""Plate reads and the search over them, against a plain search in Python."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.plate_text import fold
from istros.base.time import Span
from istros.base.workers import InlineWorkers
from istros.store import Database, open_database
from istros.store.plate_pattern import pattern_of
from istros.store.rows import PlateQuery
from tests.store.rows_made import alarm, at, read

ALL = Span(at(0), at(100_000))


def found(database: Database, text: str, alike: bool = False, **more: object) -> list[str]:
    query = replace(PlateQuery(text, alike, ALL), **more)  # type: ignore[arg-type]
    return [row.id for row in database.read_now(lambda tx: tx.reads.search(query))[0]]


def fill(database: Database, *texts: str) -> None:
    database.write_now(lambda tx: [tx.reads.add(read(number, text)) for number, text in enumerate(texts)])


def test_a_read_is_stored_once_and_whole(database: Database) -> None:
    row = read(1, crop=b"jpeg")
    assert database.write_now(lambda tx: tx.reads.add(row))
    assert not database.write_now(lambda tx: tx.reads.add(row))
    assert database.read_now(lambda tx: tx.reads.get("r1")) == replace(row, crop_jpeg=b"")
    assert database.read_now(lambda tx: (tx.reads.crop("r1"), tx.reads.crop("r2"))) == (b"jpeg", None)


def test_reads_are_judged_oldest_first_and_once(database: Database) -> None:
    fill(database, "A1", "B2", "C3")
    first = database.write_now(lambda tx: tx.reads.unjudged(2))
    assert [row.id for row in first] == ["r0", "r1"]
    database.write_now(lambda tx: tx.reads.mark_judged([row.id for row in first], at(9)))
    assert [row.id for row in database.read_now(lambda tx: tx.reads.unjudged(9))] == ["r2"]
    assert [row.id for row in database.read_now(lambda tx: tx.reads.newest(2))] == ["r2", "r1"]


def test_wildcards(database: Database) -> None:
    fill(database, "BH1234AA", "BH1234AB", "TL10ABC", "BH99AA", "ВН1234АА")
    assert found(database, "") == ["r4", "r3", "r2", "r1", "r0"]
    assert found(database, "bh 1234-aa") == ["r0"]
    assert found(database, "BH1234A?") == ["r1", "r0"]
    assert found(database, "BH*AA") == ["r3", "r0"]
    assert found(database, "*AA") == ["r3", "r0"]
    assert found(database, "?L1?*") == ["r2"]
    assert found(database, "BH?AA") == []
    assert found(database, "100%") == [] and found(database, "B_1234AA") == []


def test_the_folded_form_joins_two_alphabets(database: Database) -> None:
    fill(database, "BH1234AA", "ВН1234АА", "BHI234AA", "BO7777OB")
    assert found(database, "BH1234AA", alike=True) == ["r2", "r1", "r0"]
    assert found(database, "ВН12*", alike=True) == ["r2", "r1", "r0"]
    assert found(database, "ВН12*") == ["r1"]
    assert found(database, "B07777?B", alike=True) == ["r3"]


def test_country_class_and_colour_narrow_a_search_and_unknown_ones_do_not_fit(database: Database) -> None:
    looks = (("UA", "car", "white"), ("RO", "lorry", "white"), ("RO", "car", None), (None, None, None))
    rows = [
        replace(read(number, f"BH123{number}AA"), country=country, vehicle_class=kind, vehicle_colour=colour)
        for number, (country, kind, colour) in enumerate(looks)
    ]
    database.write_now(lambda tx: [tx.reads.add(row) for row in rows])
    assert found(database, "", countries=("RO",)) == ["r2", "r1"]
    assert found(database, "BH*", countries=("RO",), colours=("white",)) == ["r1"]
    assert found(database, "", classes=("car", "lorry")) == ["r2", "r1", "r0"]
    assert found(database, "BH1230AA", colours=("white",)) == ["r0"]
    assert found(database, "BH1230AA", classes=("bus",)) == []
    query = PlateQuery("", False, ALL, countries=("RO",))
    assert database.read_now(lambda tx: tx.reads.search(query))[1] == 4


def test_a_character_that_could_not_be_read_may_be_any(database: Database) -> None:
    fill(database, "AB12?4", "AB1234", "AB1294", "AB1??4", "XB12?4")
    assert found(database, "AB1234") == ["r3", "r1", "r0"]
    assert found(database, "AB1234", alike=True) == ["r3", "r1", "r0"]
    assert found(database, "AВI234", alike=True) == ["r3", "r1", "r0"]
    assert found(database, "AB12?4") == ["r3", "r2", "r1", "r0"]
    assert found(database, "?B?234") == ["r4", "r3", "r1", "r0"]
    assert found(database, "*234") == ["r4", "r3", "r1", "r0"]
    assert found(database, "AB12345") == []
    texts = database.read_now(lambda tx: [row.text for row in tx.reads.newest(9)])
    assert "AB12?4" in texts


def test_parts_of_the_plate_are_found_where_they_are_asked_for(database: Database) -> None:
    fill(database, "1234CD", "AB12", "AB1234CD", "B1?34C", "AB1", "9234CD", "34CD12")
    assert found(database, "AB1234CD") == ["r2"]
    assert found(database, "AB1234CD", parts=True) == ["r2", "r1", "r0"]
    assert found(database, "ав 1234 cd", alike=True, parts=True) == ["r2", "r1", "r0"]
    assert found(database, "AB12*", parts=True) == ["r2", "r1"]


def test_unread_characters_are_looked_for_by_their_own_index(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/one.sqlite3", InlineWorkers())
    fill(database, "AB12?4")
    database.close()
    with sqlite3.connect(tmp_path / "one.sqlite3") as raw:
        asked = "SELECT id FROM plate WHERE instr(folded, '?') > 0 AND folded GLOB 'A*'"
        assert "plate_unread" in str(raw.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall())


def test_camera_span_and_limit(database: Database) -> None:
    rows = [read(number, camera="A" if number % 2 else "B") for number in range(10)]
    database.write_now(lambda tx: [tx.reads.add(row) for row in rows])
    assert found(database, "BH*", limit=3) == ["r9", "r8", "r7"]
    assert found(database, "BH*", cameras=("A",), limit=2) == ["r9", "r7"]
    query = PlateQuery("BH1234AA", False, Span(at(2), at(5)))
    assert database.read_now(lambda tx: tx.reads.search(query))[1] == 3
    assert [row.id for row in database.read_now(lambda tx: tx.reads.between("A", Span(at(2), at(6))))] == ["r3", "r5"]


def test_a_pattern_that_fits_many_plates_walks_by_time(database: Database) -> None:
    texts = [f"BH{number:04d}AA" for number in range(450)]
    fill(database, *texts)
    assert found(database, "BH*AA", limit=3) == ["r449", "r448", "r447"]
    assert found(database, "BH004?AA", limit=99) == [f"r{number}" for number in range(49, 39, -1)]


def test_old_reads_go_with_their_crops_and_plates(database: Database) -> None:
    rows = [read(1, "OLD1", crop=b"x"), read(2, "BOTH"), read(50, "BOTH"), read(51, "NEW1", crop=b"y")]
    database.write_now(lambda tx: [tx.reads.add(row) for row in rows])
    assert database.write_now(lambda tx: tx.reads.remove_before(at(50))) == 2
    assert found(database, "") == ["r51", "r50"]
    assert database.read_now(lambda tx: (tx.reads.crop("r1"), tx.reads.crop("r51"))) == (None, b"y")
    assert found(database, "OLD*") == []
    assert database.write_now(lambda tx: tx.reads.add(read(60, "OLD1")))


def test_a_read_that_an_alarm_stands_on_stays(database: Database) -> None:
    database.write_now(lambda tx: [tx.reads.add(row) for row in (read(1, "KEPT", crop=b"x"), read(2, "GONE"))])
    database.write_now(lambda tx: tx.alarms.add(replace(alarm(1), observation_id="r1")))
    assert database.write_now(lambda tx: tx.reads.remove_before(at(50))) == 1
    assert found(database, "") == ["r1"]
    assert database.read_now(lambda tx: tx.reads.crop("r1")) == b"x"


LETTERS = st.text("AB0O1IВ", min_size=1, max_size=5)
PATTERNS = st.text("AB0O1IВ?*", max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(LETTERS, max_size=12), PATTERNS, st.booleans())
def test_search_finds_what_a_plain_search_finds(texts: list[str], pattern: str, alike: bool) -> None:
    database = open_database("sqlite://", InlineWorkers())
    fill(database, *texts)
    form = fold if alike else str
    wanted = "".join(sign if sign in "?*" else form(sign) for sign in pattern) or "*"
    expected = [f"r{number}" for number, text in enumerate(texts) if fnmatchcase(form(text), wanted)]
    assert found(database, pattern, alike) == expected[::-1]
    database.close()


def test_patterns_narrow_the_index_range() -> None:
    pattern = pattern_of("bh 12?4*", alike=False)
    assert pattern is not None
    assert (pattern.prefix, pattern.like, pattern.exact) == ("BH12", "BH12_4%", False)
    assert pattern_of("**", alike=True) is None
