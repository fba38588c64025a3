"""What is said comes back as it was, and what an earlier version wrote is a sentence still."""

from __future__ import annotations

import pytest

from istros.base.errors import IstrosError
from istros.base.said import NOTHING, Said, from_facts, say, unpacked


@pytest.mark.parametrize(
    "said", [NOTHING, say("a-code", "Камера IZ-07.", camera="IZ-07", count=3), say("b", "No facts.")]
)
def test_packed_and_unpacked(said: Said) -> None:
    assert unpacked(said.packed()) == said


@pytest.mark.parametrize("text", ["", "Camera IZ-07 sends nothing.", "{curly}", '{"other": 1}'])
def test_a_text_of_an_earlier_version_is_the_sentence(text: str) -> None:
    assert unpacked(text) == Said(text)


def test_what_a_record_keeps_in_another_form_is_left_out() -> None:
    assert from_facts("Why.", None, None) == Said("Why.")
    assert from_facts("Why.", "a-code", ["no", "facts"]) == Said("Why.", "a-code")


def test_an_error_says_message_and_remedy() -> None:
    error = IstrosError(say("a-code", "It is off.", camera="IZ-07"), "Switch it on.")
    assert (error.message, str(error)) == ("It is off.", "It is off. Switch it on.")
    assert error.said == Said("It is off. Switch it on.", "a-code", (("camera", "IZ-07"),))
    assert IstrosError("It is off.").said == Said("It is off.")
