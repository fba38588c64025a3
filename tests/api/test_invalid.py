"""What is wrong with a value of a request reaches every language: a code, the field and its bound."""

from __future__ import annotations

import pytest

from tests.api.conftest import Site


@pytest.mark.parametrize(
    ("change", "said", "facts"),
    [
        ({"hours": None}, "field-wrong", {"field": "hours"}),
        ({"ground": 7}, "field-wrong", {"field": "ground"}),
        ({"ground": "x" * 301}, "field-too-long", {"field": "ground", "most": 300}),
        ({"hours": 25}, "field-too-high", {"field": "hours", "most": "24"}),
        ({"hours": 0}, "field-too-low", {"field": "hours", "least": "0"}),
    ],
)
def test_a_value_that_cannot_be_taken(
    site: Site, change: dict[str, object], said: str, facts: dict[str, object]
) -> None:
    body = {"purpose": "offence", "ground": "CCP 237", "caseRef": "4/2026", "hours": 1} | change
    answer = site.browser("investigator").http.post("/api/permits", json=body)
    told = answer.json()
    assert (answer.status_code, told["code"], told["said"], told["facts"]) == (422, "invalid-field", said, facts)
    assert f"'{facts['field']}'" in told["message"], "the sentence for logs and programs stays"


def test_a_value_that_is_missing(site: Site) -> None:
    told = site.browser("investigator").http.post("/api/permits", json={"purpose": "offence"}).json()
    assert (told["said"], sorted(told["facts"])) == ("field-missing", ["field"])
