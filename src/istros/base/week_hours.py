"""Hours of the day and of the week by the town's clock, as an entry or an operation names them.

`HH:MM-HH:MM`, `mon,fri`, or both: `mon,fri 22:00-06:00`. Over midnight where the second time is earlier; the hours after
midnight belong to the day on which they began. An empty text is always.
"""

from __future__ import annotations

import re

from istros.base.local_time import to_local
from istros.base.time import Time

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = "(?:" + "|".join(DAYS) + ")"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_SPAN = f"{_CLOCK}-{_CLOCK}"
PATTERN = f"^(?:{_DAY}(?:,{_DAY})*(?: {_SPAN})?|{_SPAN})?$"
"""The form; that days stand once and in order, and that times differ, `is_week_hours` asks besides."""


def is_week_hours(text: str) -> bool:
    """Whether the text names hours, each day once and in the order of the week, or is empty."""
    if not text:
        return True
    if re.fullmatch(PATTERN, text) is None:
        return False
    days, clock = _parts(text)
    return days == tuple(day for day in DAYS if day in days) and (not clock or clock[:5] != clock[6:])


def in_week_hours(text: str, time: Time) -> bool:
    """Whether a moment lies in them."""
    if not text:
        return True
    days, clock = _parts(text)
    local = to_local(time)
    today, yesterday = DAYS[local.weekday()] in days, DAYS[local.weekday() - 1] in days
    if not clock:
        return today
    begins, ends, at = clock[:5], clock[6:], local.strftime("%H:%M")
    if begins < ends:
        return today and begins <= at < ends
    return (today and at >= begins) or (yesterday and at < ends)


def _parts(text: str) -> tuple[tuple[str, ...], str]:
    """(days, clock); no days named: all of them, no clock: an empty text."""
    if text[0].isdigit():
        return DAYS, text
    days, _, clock = text.partition(" ")
    return tuple(days.split(",")), clock
