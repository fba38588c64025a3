"""Hours of the day and the week, by the town's clock."""

from __future__ import annotations

import pytest

from istros.base.local_time import to_local
from istros.base.time import DAY, HOUR, Time, from_iso
from istros.base.week_hours import in_week_hours, is_week_hours

MONDAY = from_iso("2026-11-23T10:00:00Z")
"""Noon by the town's clock."""


def test_the_towns_monday() -> None:
    assert to_local(MONDAY).strftime("%a %H:%M") == "Mon 12:00"


@pytest.mark.parametrize("text", ["", "07:00-19:30", "22:00-06:00", "mon", "mon,tue,sun", "fri,sat 22:00-06:00"])
def test_what_is_hours(text: str) -> None:
    assert is_week_hours(text)


@pytest.mark.parametrize(
    "text",
    ["7:00-19:00", "07:00", "24:00-01:00", "07:00-07:00", "tue,mon", "mon,mon", "mon ", " mon", "day", "mon 07:00-07:00",
     "mon,", "mon  07:00-08:00", "07:00-08:00 mon"],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert not is_week_hours(text)


def test_days_and_hours_bound_a_moment() -> None:
    tuesday = Time(MONDAY + DAY)
    assert in_week_hours("", MONDAY) and in_week_hours("mon", MONDAY) and not in_week_hours("mon", tuesday)
    assert in_week_hours("mon,tue 11:00-13:00", tuesday) and not in_week_hours("mon,tue 13:00-14:00", tuesday)
    assert in_week_hours("12:00-13:00", tuesday) and not in_week_hours("11:00-12:00", tuesday)


def test_the_hours_after_midnight_belong_to_the_day_before() -> None:
    night = "mon 22:00-06:00"
    assert in_week_hours(night, Time(MONDAY + 11 * HOUR)), "Monday 23:00"
    assert in_week_hours(night, Time(MONDAY + 17 * HOUR)), "Tuesday 05:00"
    assert not in_week_hours(night, Time(MONDAY + 18 * HOUR)), "Tuesday 06:00"
    assert not in_week_hours(night, Time(MONDAY - 7 * HOUR)), "Monday 05:00 is still Sunday's night"
    assert not in_week_hours(night, Time(MONDAY + 35 * HOUR)), "Tuesday 23:00"
