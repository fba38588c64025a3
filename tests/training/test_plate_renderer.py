"""The plate renderer: every series can be drawn, the same generator gives the same plate, and the text is really on it."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PIL", reason="the renderer draws with Pillow, which the group `render` brings")

from tools.training.plates.drawing import draw_plate, draw_series
from tools.training.plates.patterns import drawn, text_of
from tools.training.plates.series import CYRILLIC, SERIES
from tools.training.plates.strokes import STROKES, drawn_by_strokes
from tools.training.plates.wear import in_holder, worn

SIGNS = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" + CYRILLIC)


@pytest.mark.parametrize("series", SERIES, ids=lambda series: f"{series.country} {series.kind}")
def test_every_series_is_drawn_with_its_text(series) -> None:
    for seed in range(4):
        plate = draw_series(np.random.default_rng(seed), series)
        assert plate.picture.shape == (*plate.mask.shape, 3)
        assert plate.corners[2].tolist() == [plate.picture.shape[1], plate.picture.shape[0]]
        assert all(line and set(line) <= SIGNS for line in plate.lines)
        # Lettering stands out from the ground in every line: some column changes strongly from row to row.
        grey = plate.picture.max(axis=2).astype(int) - plate.picture.min(axis=2) // 2
        bands = np.array_split(grey, len(plate.lines))
        assert all(np.abs(np.diff(band, axis=1)).max() > 40 for band in bands)


def test_the_same_generator_draws_the_same_plate() -> None:
    first, again, other = (draw_plate(np.random.default_rng(seed)) for seed in (11, 11, 12))
    assert (first.lines, first.kind) == (again.lines, again.kind)
    assert np.array_equal(first.picture, again.picture)
    assert first.lines != other.lines


def test_a_pattern_says_where_letters_digits_and_lines_are() -> None:
    rng = np.random.default_rng(3)
    (first, second) = drawn(rng, "P DD/(t) L-L", "X", ("TL",))
    assert text_of(first)[:2] == "TL" and text_of(first)[2:].isdigit()
    assert text_of(second) == "TXX" and "dash" in second


def test_letters_by_strokes_differ() -> None:
    masks = {text: drawn_by_strokes(text, STROKES[16]) for text in "0OB8EFЖЦЧ"}
    assert np.array_equal(masks["0"], masks["O"])  # drawn alike on purpose: most plate fonts do
    assert masks["E"].shape == masks["F"].shape and not np.array_equal(masks["E"], masks["F"])
    assert drawn_by_strokes("ß", STROKES[16]) is None


def test_wear_keeps_the_size_and_a_holder_keeps_the_corners() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        plate = draw_plate(rng)
        assert worn(rng, plate.picture).shape == plate.picture.shape
        held = in_holder(rng, plate)
        left, top = (int(value) for value in held.corners[0])
        right, bottom = (int(value) for value in held.corners[2])
        inner = held.picture[top:bottom, left:right]
        assert np.array_equal(inner[plate.mask > 0], plate.picture[plate.mask > 0])
