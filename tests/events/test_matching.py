"""Matching: what is exact, what is near, and what is neither."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as some

from istros.base.plate_text import fold, fold_pattern
from istros.base.said import Said
from istros.base.time import HOUR, Time
from istros.events.matching import letters_apart, match_entry, match_read
from istros.store.rows import PlateReadRow, WatchlistEntryRow

NOW = Time(1_790_000_000_000_000)
PLATE_LETTERS = "АВЕКМНОРСТУХІABEKMHOPCTYXI0123456789"

plates = some.text(PLATE_LETTERS, min_size=5, max_size=9)


def read_of(text: str, confidence: float = 0.9, alternatives: tuple[tuple[str, float], ...] = ()) -> PlateReadRow:
    return PlateReadRow(
        id="read-1", camera_id="IZ-07", time=NOW, track_id="7", text=text, folded=fold(text), country=None,
        confidence=confidence, alternatives=alternatives, plate_box=(0.1, 0.1, 0.2, 0.2), vehicle_box=None,
        vehicle_class=None, frames_read=3, plate_width_px=120, first_seen=NOW, last_seen=NOW,
    )  # fmt: skip


def entry_of(plate: str, near: bool = True, entry_id: str = "entry-1") -> WatchlistEntryRow:
    return WatchlistEntryRow(
        id=entry_id, plate=plate, folded=fold(plate), purpose="stolen-vehicle", ground="KPK 40", case_ref="12026",
        owner="police", priority="high", manner="near" if near else "exact", created=NOW, created_by="officer",
        expires=Time(NOW + HOUR),
    )  # fmt: skip


def kind_of(read: PlateReadRow, entry: WatchlistEntryRow) -> str | None:
    match = match_entry(read, entry)
    return match.kind if match else None


def test_same_plate_in_either_alphabet_is_exact() -> None:
    assert kind_of(read_of("ВН1234АК"), entry_of("BH 1234 AK", near=False)) == "exact"
    assert kind_of(read_of("TL01ABC"), entry_of("tl-01-abc", near=False)) == "exact"


def test_one_letter_off_is_near_only_where_allowed() -> None:
    assert kind_of(read_of("BH1234AK"), entry_of("BH1235AK")) == "near"
    assert kind_of(read_of("BH1234AK"), entry_of("BH1235AK", near=False)) is None
    assert kind_of(read_of("BH1234AK"), entry_of("BH1245AK")) is None


def test_what_a_person_wrote_is_taken_for_no_other_plate() -> None:
    corrected = replace(read_of("BH1234AK", 0.5, (("BH1235AK", 0.4),)), corrected=NOW, corrected_by="olena")
    assert kind_of(corrected, entry_of("BH1235AK")) is None
    assert kind_of(corrected, entry_of("BH1234AK")) == "exact"


def test_a_missing_letter_at_the_edge_is_near() -> None:
    assert kind_of(read_of("H1234AK"), entry_of("BH1234AK")) == "near"


def test_short_texts_are_never_near() -> None:
    assert kind_of(read_of("B12K"), entry_of("B12KX")) is None
    assert kind_of(read_of("B12KX"), entry_of("B12K")) is None
    assert kind_of(read_of("B12K"), entry_of("B12K")) == "exact"


def test_empty_texts_match_nothing() -> None:
    assert kind_of(read_of(""), entry_of("")) is None
    assert kind_of(read_of("BH1234AK"), entry_of("-")) is None


def test_an_alternative_counts_by_its_share_of_the_confidence() -> None:
    sure = read_of("TL99XYZ", 0.8, (("BH1234AK", 0.2),))
    doubtful = read_of("TL99XYZ", 0.8, (("BH1234AK", 0.19),))
    assert kind_of(sure, entry_of("BH1234AK")) == "near"
    assert kind_of(sure, entry_of("BH1234AK", near=False)) is None
    assert kind_of(doubtful, entry_of("BH1234AK")) is None


def test_where_one_entry_fits_exactly_near_ones_are_left_out() -> None:
    exact, near = entry_of("BH1234AK", entry_id="exact"), entry_of("BH1235AK", entry_id="near")
    assert [match.entry.id for match in match_read(read_of("BH1234AK"), [near, exact])] == ["exact"]


def test_best_match_comes_first() -> None:
    read = read_of("BH1234AK", 0.6, (("BH1236AK", 0.5),))
    one_off, alternative = entry_of("BH1235AK", entry_id="a"), entry_of("BH1236AK", entry_id="b")
    assert [match.entry.id for match in match_read(read, [one_off, alternative])] == ["b", "a"]


def test_the_reason_names_both_plates() -> None:
    match = match_entry(read_of("BH1234AK"), entry_of("BH1235AK"))
    assert match is not None
    assert match.why == Said(
        "The plate read, BH1234AK, is one letter off the plate sought, BH1235AK.", "plate-letter-off",
        (("read", "BH1234AK"), ("sought", "BH1235AK")),
    )  # fmt: skip


@given(plates, plates)
def test_matching_is_symmetric(one: str, other: str) -> None:
    assert kind_of(read_of(one), entry_of(other)) == kind_of(read_of(other), entry_of(one))


@given(plates)
def test_a_plate_matches_itself_however_it_is_written(text: str) -> None:
    spaced = " ".join(text.lower())
    assert kind_of(read_of(spaced), entry_of(text, near=False)) == "exact"


@given(plates, some.data())
def test_one_changed_letter_is_never_worse_than_near(text: str, data: some.DataObject) -> None:
    place = data.draw(some.integers(0, len(text) - 1))
    letter = data.draw(some.sampled_from(PLATE_LETTERS))
    changed = text[:place] + letter + text[place + 1 :]
    expected = "exact" if fold(changed) == fold(text) else "near"
    assert kind_of(read_of(changed), entry_of(text)) == expected


@given(plates, plates)
def test_letters_apart_agrees_with_the_matrix(one: str, other: str) -> None:
    assert letters_apart(one, other) == min(_distance(one, other), 2)


@given(plates, plates)
def test_without_leave_nothing_but_the_folded_plate_matches(one: str, other: str) -> None:
    read = replace(read_of(one), alternatives=((other, 0.9),))
    assert (kind_of(read, entry_of(other, near=False)) == "exact") == (fold(one) == fold(other))


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (letter != against))
    return row[-1]


def test_a_letter_that_could_not_be_read_is_near_and_two_are_nothing() -> None:
    assert kind_of(read_of("BH12?4AK"), entry_of("BH 1234 AK")) == "near"
    assert kind_of(read_of("ВН12?4АК"), entry_of("BH 1234 AK")) == "near"
    assert kind_of(read_of("BH12?4AK"), entry_of("BH 1234 AK", near=False)) is None
    assert kind_of(read_of("BH1??4AK"), entry_of("BH 1234 AK")) is None
    assert kind_of(read_of("BH12?5AK"), entry_of("BH 1234 AK")) is None
    assert kind_of(read_of("BH12?AK"), entry_of("BH 1234 AK")) is None


def pattern_of(plate: str) -> WatchlistEntryRow:
    return replace(entry_of(plate, entry_id="pattern"), manner="pattern", folded=fold_pattern(plate))


def test_a_pattern_fits_what_its_signs_leave_open() -> None:
    assert kind_of(read_of("BH1234AK"), pattern_of("вн??34*")) == "pattern"
    assert kind_of(read_of("BH1234"), pattern_of("BH??34*")) == "pattern"
    assert kind_of(read_of("BH1234AK"), pattern_of("BH?34*")) is None
    assert kind_of(read_of("XBH1234AK"), pattern_of("BH??34*")) is None
    assert kind_of(read_of("BH1?34AK"), pattern_of("BH1034*")) == "pattern", "one character may be unread"
    assert kind_of(read_of("BH1??4AK"), pattern_of("BH1034*")) is None, "two are too much doubt"


def test_a_pattern_stays_beside_an_exact_match() -> None:
    entries = [entry_of("BH1234AK", entry_id="exact"), entry_of("BH1235AK", entry_id="near"), pattern_of("BH*AK")]
    assert [match.entry.id for match in match_read(read_of("BH1234AK"), entries)] == ["exact", "pattern"]
