"""Formats, the reading of characters, and two readers' agreement, without any model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from istros.recognition.plates.grammar import country_of, is_home, says_a_word, weight_of
from istros.recognition.plates.plate_recogniser import CropText
from istros.recognition.plates.reading import PLATE, Reading, interpret, is_plausible
from istros.recognition.plates.text_recogniser import SYMBOLS, ReadCharacter
from istros.recognition.plates.weighing import agreed, first_reading


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


def test_our_reader_is_believed_about_what_belongs_to_the_text() -> None:
    band = (ReadCharacter("B", 0.97), *_characters("8AAK880", 0.97))
    by_line, by_plate = interpret(band), interpret(band, PLATE)
    assert by_line is not None
    assert by_plate is not None
    assert (by_line.text, by_plate.text) == ("8AAK880", "B8AAK880")


@pytest.mark.parametrize("sure", [0.6, 0.9, 0.99])
def test_a_reading_is_as_sure_as_its_reader_and_its_format(sure: float) -> None:
    home = first_reading(CropText(_characters("AE1234KB"), (("UA", 0.9),), sure), 0.8)
    odd = first_reading(CropText(_characters("A1E2K3B4"), (("UA", 0.9),), sure), 0.8)
    faint = first_reading(CropText(_characters("AE1234KB"), (("UA", 0.9),), sure), 0.3)
    assert home is not None
    assert odd is not None
    assert faint is not None
    assert home.text == "AE1234KB"
    assert home.confidence > odd.confidence
    assert home.confidence > faint.confidence
    assert -0.05 < home.confidence - sure < 0.35


def test_a_part_of_a_plate_from_here_is_doubted_although_it_has_a_shape_from_afar() -> None:
    part = first_reading(CropText(_characters("TR95XM"), (("RO", 0.9),), 0.97), 0.9)
    portugal = first_reading(CropText(_characters("TR95XM"), (("PT", 0.9),), 0.97), 0.9)
    whole = first_reading(CropText(_characters("TR95XMI"), (("RO", 0.9),), 0.97), 0.9)
    assert part is not None
    assert portugal is not None
    assert whole is not None
    assert (part.country, portugal.country, whole.country) == (None, "PT", "RO")
    assert part.confidence < 0.8 < portugal.confidence < whole.confidence


def test_the_recognisers_country_counts_where_the_format_leaves_it_open() -> None:
    moldova = first_reading(CropText(_characters("KAB123"), (("MD", 0.9), ("HU", 0.1)), 0.9), 0.8)
    doubtful = first_reading(CropText(_characters("KAB123"), (("MD", 0.4), ("HU", 0.3)), 0.9), 0.8)
    against = first_reading(CropText(_characters("AE1234KB"), (("DE", 0.9),), 0.9), 0.8)
    assert moldova is not None
    assert doubtful is not None
    assert against is not None
    assert (moldova.country, doubtful.country, against.country) == ("MD", None, "UA")


@pytest.mark.parametrize(
    ("text", "word"),
    [("BUS120", True), ("SALE50", True), ("MAX35T", True), ("TAXI838", True), ("B123BUS", False), ("AE1234KB", False)],
)
def test_words_of_signs_are_doubted_unless_a_home_format_knows_its_letters(text: str, word: bool) -> None:
    assert says_a_word(text) is word


def _reading(text: str, confidence: float) -> Reading:
    return Reading(text, (0.9,) * len(text), None, confidence)


def test_two_readers_who_agree_are_surer_and_two_who_do_not_are_not_sure() -> None:
    both = agreed(_reading("AE1234KB", 0.75), _reading("AE1234KB", 0.6))
    alike = agreed(_reading("AE1234KO", 0.75), _reading("AE1234K0", 0.6))
    apart = agreed(_reading("AE1234KB", 0.15), _reading("AE1284KB", 0.95))
    ours = agreed(_reading("AE1234KB", 0.75), _reading("AE1284KB", 0.9))
    faint = agreed(_reading("AE1234KB", 0.15), _reading("AE1234KB", 0.97))
    assert faint is not None and 0.2 < faint.confidence < 0.5, (
        "the calibrated reader's doubt counts, not the other's word"
    )
    assert both is not None
    assert alike is not None
    assert apart is not None
    assert ours is not None
    assert both.confidence > 0.8
    assert alike.text == "AE1234KO"
    assert alike.confidence > 0.8
    assert apart.text == "AE1284KB"
    assert apart.confidence < 0.8
    assert apart.alternatives[0][0] == "AE1234KB"
    assert ours.text == "AE1234KB"
    assert ours.confidence < 0.8


def test_the_whole_text_counts_more_than_a_part_of_it() -> None:
    whole = agreed(_reading("TR95XM", 0.79), _reading("TR95XMI", 0.85))
    assert whole is not None
    assert whole.text == "TR95XMI"
    assert whole.confidence < 0.8


def test_the_second_reader_has_no_say_on_cyrillic_letters() -> None:
    assert agreed(_reading("T5682ЩX", 0.5), _reading("T5682WX", 0.9)) == _reading("T5682ЩX", 0.5)


def test_one_reader_alone_is_doubted() -> None:
    alone = agreed(None, _reading("AE1234KB", 0.9))
    assert alone is not None
    assert 0.5 < alone.confidence < 0.8
    assert agreed(None, None) is None
