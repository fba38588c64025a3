"""What was found is followed from look to look, and hidden where it was, is and goes."""

from __future__ import annotations

import pytest

from istros.base.time import SECOND, Time
from istros.recording.export.covering import DrawnField, FieldKey, Followed, FoundBox, Look, moments

LOOK_US = 120_000


def box(x: float, y: float = 0.5, kind: str = "plate") -> FoundBox:
    return FoundBox(kind, x, y, x + 0.06, y + 0.02)  # type: ignore[arg-type]


def hides(followed: Followed, time: int, x: float, y: float = 0.5) -> bool:
    """Whether the middle of the box at `x` is hidden."""
    return any(b.left <= x + 0.03 <= b.right and b.top <= y + 0.01 <= b.bottom for b in followed.at(Time(time)))


def test_what_moves_is_hidden_between_two_looks() -> None:
    looks = [Look(Time(number * LOOK_US), (box(0.1 + 0.05 * number),)) for number in range(5)]
    followed = Followed(looks)
    for step in range(4 * 12):
        assert hides(followed, step * 10_000, 0.1 + 0.05 * step / 12), step


def test_a_fast_plate_that_comes_near_is_one_thing() -> None:
    """Four heights of the plate from one look to the next, as at 50 km/h five metres before the camera."""
    looks = [Look(Time(number * LOOK_US), (box(0.4, 0.1 + 0.09 * number),)) for number in range(6)]
    followed = Followed(looks)
    for step in range(5 * 12):
        assert hides(followed, step * 10_000, 0.4, 0.1 + 0.09 * step / 12), step


def test_a_box_stays_before_it_is_found_and_after_it_is_lost() -> None:
    looks = [Look(Time(SECOND), ()), Look(Time(2 * SECOND), (box(0.5),)), Look(Time(3 * SECOND), ())]
    followed = Followed(looks)
    assert hides(followed, 1_400_000, 0.5) and hides(followed, 2_600_000, 0.5)
    assert not hides(followed, 1_200_000, 0.5) and not hides(followed, 2_800_000, 0.5)


def test_a_thing_lost_for_a_second_is_bridged_and_moves_evenly() -> None:
    looks = [Look(Time(0), (box(0.2),)), Look(Time(SECOND), (box(0.25),))]
    assert hides(Followed(looks), 500_000, 0.225)


def test_heads_and_plates_are_not_mixed_up() -> None:
    looks = [Look(Time(0), (box(0.2),)), Look(Time(LOOK_US), (box(0.2, kind="head"),))]
    kinds = {b.kind for b in Followed(looks).at(Time(LOOK_US // 2))}
    assert kinds == {"plate", "head"}


def test_what_is_lost_in_the_middle_is_listed_and_what_leaves_is_not() -> None:
    def seen(x: float, last: int) -> list[Look]:
        return [Look(Time(n * LOOK_US), (box(x + 0.01 * n),) if n <= last else ()) for n in range(20)]

    assert Followed(seen(0.4, 5)).lost() == [Time(5 * LOOK_US)]
    assert Followed(seen(0.85, 6)).lost() == []
    assert Followed(seen(0.4, 19)).lost() == []


def test_a_part_of_the_film_asks_only_what_matters() -> None:
    looks = [Look(Time(n * SECOND * 5), (box(0.1 * n),)) for n in range(8)]
    part = Followed(looks).within(Time(9 * SECOND), Time(11 * SECOND))
    assert len(part._things) == 1 and part.at(Time(10 * SECOND)) == Followed(looks).at(Time(10 * SECOND))


def test_moments_leave_out_what_follows_closely() -> None:
    assert moments([Time(0), Time(10), Time(3 * SECOND)]) == [Time(0), Time(3 * SECOND)]


@pytest.mark.parametrize(("time", "left"), [(-5, 0.1), (0, 0.1), (5, 0.2), (10, 0.3), (15, 0.3), (20, None)])
def test_a_drawn_field_moves_evenly_between_its_keys(time: int, left: float | None) -> None:
    def square(x: float) -> tuple[tuple[float, float], ...]:
        return ((x, 0.1), (x + 0.1, 0.1), (x + 0.1, 0.2))

    field = DrawnField(
        "IZ-07", (FieldKey(Time(0), square(0.1)), FieldKey(Time(10), square(0.3)), FieldKey(Time(20), ()))
    )
    points = field.at(Time(time))
    assert (points[0][0] if points else None) == (None if left is None else pytest.approx(left))
