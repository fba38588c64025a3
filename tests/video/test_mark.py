"""The mark in a picture can be read, lies in its corner alone, and is written in letters that it has."""

from __future__ import annotations

import av
import numpy as np
import pytest

from istros.base.time import SECOND, Time
from istros.video.mark import mark_text, marked

MOMENT = Time(1_795_000_000 * SECOND + 123_456)


def grey(width: int, height: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((height, width, 3), 128, np.uint8), format="rgb24")


def luma(frame: av.VideoFrame) -> np.ndarray:  # type: ignore[type-arg]
    return frame.to_ndarray(format="gray").astype(int)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("login", "written"),
    [
        ("olena.koval", "olena.koval"), ("\u043e\u043b\u0435\u043d\u0430.\u044f\u0449\u0443\u043a", "olena.iashchuk"),
        ("\u0219tefan_\u021b\u00e2ru", "stefan_taru"), ("\u5f20\u4f1f", "??"),
    ],
)  # fmt: skip
def test_names_are_written_in_latin(login: str, written: str) -> None:
    assert mark_text(login, "P-2026-0001", MOMENT) == f"{written} P-2026-0001 2026-11-18 11:06:40Z"


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (640, 360), (176, 144), (64, 48)])
def test_it_lies_in_the_lower_left_corner_and_leaves_the_rest(width: int, height: int) -> None:
    plain = grey(width, height).reformat(format="yuv420p")
    before, after = luma(plain), luma(marked(plain, mark_text("olena.koval", "P-2026-0001", MOMENT)))
    rows, columns = np.nonzero(before != after)
    assert len(rows) > 100 and columns.min() < 12, "it begins at the left"
    assert height <= 48 or rows.min() > height * 3 // 4
    assert luma(plain).std() == 0, "the frame itself stays as it is"


def test_a_picture_smaller_than_a_letter_stays_as_it_is() -> None:
    assert (luma(marked(grey(4, 4), "olena")) == luma(grey(4, 4))).all()


def test_no_two_letters_look_alike() -> None:
    signs = [chr(code) for code in range(0x21, 0x7F)]
    assert len({luma(marked(grey(64, 48), sign)).tobytes() for sign in signs}) == len(signs)
