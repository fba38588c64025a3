"""Words that people type: what is kept, and the sentence about what is not."""

from __future__ import annotations

import pytest

from istros.base.errors import IstrosError
from istros.base.plain_words import bounded, is_plain


@pytest.mark.parametrize(
    ("text", "layout", "plain"),
    [
        ("", "\n", True), ("Ордер 114, ș", "\n", True), ("one\ntwo", "\n", True), ("one\ntwo", "", False),
        ("one\ttwo", "\n", False), ("one\ttwo", "\n\t", True), ("bell\a", "\n\t", False), ("x" * 10, "\n", True),
        ("x" * 11, "\n", False),
    ],
)  # fmt: skip
def test_plain_words(text: str, layout: str, plain: bool) -> None:
    assert is_plain(text, 10 if text.startswith("x") else 40, layout) is plain


def test_what_cannot_be_kept_is_named() -> None:
    assert bounded("a reason", "reason", 10, IstrosError) == "a reason"
    with pytest.raises(IstrosError, match="The reason is too long") as refused:
        bounded("x" * 11, "reason", 10, IstrosError)
    assert refused.value.remedy == "Keep it to 10 letters."
