"""Where no plate was ever found, few tries are made; where some were, all are."""

from __future__ import annotations

from istros.recognition.luck import Luck


def _tried(luck: Luck, vehicles: int, width: float) -> int:
    return sum(luck.is_worth_a_try(f"v{number}", width) for number in range(vehicles))


def test_a_crossroads_whose_plates_are_too_small_is_mostly_left_alone() -> None:
    luck = Luck()
    for _ in range(20):
        luck.learn(200, False)
    assert luck.is_poor(200)
    assert _tried(luck, 40, 200) == 10
    assert luck.is_worth_a_try("v0", 200) and luck.is_worth_a_try("v0", 200)


def test_a_street_where_plates_are_found_is_tried_always_and_luck_comes_back() -> None:
    luck = Luck()
    for number in range(60):
        luck.learn(300, number % 3 == 0)
        luck.learn(180, False)
    assert (luck.is_poor(300), luck.is_poor(180)) == (False, True)
    assert _tried(luck, 10, 300) == 10
    for _ in range(20):
        luck.learn(180, True)
    assert not luck.is_poor(180)


def test_what_is_remembered_of_vehicles_is_bounded() -> None:
    luck = Luck()
    for _ in range(20):
        luck.learn(200, False)
    _tried(luck, 5000, 200)
    assert len(luck._drawn) <= 200
