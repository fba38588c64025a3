"""Formats, the reading of characters, and two-line plates, without any model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from istros.recognition.plates.grammar import country_of, is_home, says_a_word, weight_of
from istros.recognition.plates.reading import interpret, is_plausible
from istros.recognition.plates.stacks import stacks_of
from istros.recognition.plates.text_box import TextBox
from istros.recognition.plates.text_recogniser import SYMBOLS, ReadCharacter


def _characters(text: str, confidence: float = 0.95, **doubts: str) -> tuple[ReadCharacter, ...]:
    """Characters with the same confidence; `doubts` maps p0, p1, ... to what the net also thought of (at 0.3)."""
    return tuple(
        ReadCharacter(
            letter, 0.6 if f"p{i}" in doubts else confidence, ((doubts[f"p{i}"], 0.3),) if f"p{i}" in doubts else ()
        )
        for i, letter in enumerate(text)
    )


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("AE1234KB", "UA"),
        ("10922BX", "UA"),
        ("B123ABC", "RO"),
        ("TL05XYZ", "RO"),
        ("SB014882", "RO"),
        ("CB1234AB", "UA"),
        ("WR7781AF", None),
        ("KAB123", None),
        ("1ABC234", None),
        ("5B53451", "CZ"),
    ],
)
def test_a_country_is_named_only_where_the_format_says_so(text: str, country: str | None) -> None:
    if text == "1ABC234":
        assert country_of(text) in {"BE", None}
    else:
        assert country_of(text) == country


def test_home_formats_weigh_more() -> None:
    assert weight_of("AE1234KB") > weight_of("RK776AI") > weight_of("XX") == 0
    assert is_home("TL05XYZ")
    assert not is_home("QQ05XYZ")


def test_the_reading_keeps_what_the_net_is_sure_of() -> None:
    reading = interpret(_characters("XYZ99Q", 0.999))
    assert reading is not None
    assert reading.text == "XYZ99Q"


def test_a_format_tips_the_scales_of_a_doubt() -> None:
    reading = interpret(_characters("AE1Z34KB", p3="2"))
    assert reading is not None
    assert reading.text == "AE1234KB"
    assert "AE1Z34KB" in [text for text, _ in reading.alternatives]


def test_o_and_0_are_no_doubt_where_a_format_says_which_it_is() -> None:
    characters = (*_characters("AX5772B", 0.97), ReadCharacter("0", 0.95, (("O", 0.05),)))
    reading = interpret(characters)
    assert reading is not None
    assert reading.text == "AX5772BO"
    assert reading.confidence > 0.8


def test_a_format_never_invents_a_character() -> None:
    reading = interpret(_characters("AE1Z34KB", 0.9999))
    assert reading is not None
    assert reading.text == "AE1Z34KB"


def test_the_sign_in_the_band_is_left_out() -> None:
    reading = interpret((ReadCharacter("B", 0.7), *_characters("8AAK880")))
    assert reading is not None
    assert (reading.text, reading.country) == ("8AAK880", "BE")


@given(some.lists(some.tuples(some.sampled_from(SYMBOLS), some.floats(0.01, 1.0)), max_size=14))
def test_every_reading_is_plausible_and_made_of_what_was_read(drawn: list[tuple[str, float]]) -> None:
    reading = interpret(tuple(ReadCharacter(letter, confidence) for letter, confidence in drawn))
    if reading is not None:
        assert is_plausible(reading.text)
        assert 0 < reading.confidence < 1
        assert len(reading.characters) == len(reading.text)
        twins = str.maketrans("OI", "01")
        assert reading.text.translate(twins) in "".join(letter for letter, _ in drawn).translate(twins)


def _line(x: float, y: float, width: float, height: float = 30, angle: float = 0) -> TextBox:
    return TextBox(x, y, width, height, angle, 0.9)


def test_lines_that_stand_on_each_other_are_joined_from_the_top() -> None:
    upper, lower, far = _line(100, 50, 120), _line(102, 76, 60), _line(100, 300, 120)
    assert [stack.lines for stack in stacks_of([lower, far, upper])] == [(upper, lower)]


def test_three_lines_are_one_plate_too() -> None:
    lines = [_line(100, 50 + 26 * number, 90) for number in range(3)]
    assert tuple(lines) in [stack.lines for stack in stacks_of(lines)]


def test_neighbours_and_different_sizes_are_not_joined() -> None:
    assert stacks_of([_line(100, 50, 120), _line(260, 52, 120)]) == []
    assert stacks_of([_line(100, 50, 120, height=60), _line(100, 90, 60, height=20)]) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [("BUS120", True), ("SALE50", True), ("MAX35T", True), ("TAXI838", True), ("B123BUS", False), ("AE1234KB", False)],
)
def test_words_of_signs_are_doubted_unless_a_home_format_knows_its_letters(text: str, word: bool) -> None:
    assert says_a_word(text) is word
