"""The towns' local time: Eastern European Time with its summer time (Directive 2000/84/EC; Ukraine keeps the same days).

Europe/Kyiv and Europe/Bucharest show the same clock. Written out, because a computer without a time zone database must
print the right hour too.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from istros.base.time import Time, from_datetime, to_datetime

WINTER = timezone(timedelta(hours=2), "EET")
SUMMER = timezone(timedelta(hours=3), "EEST")


def to_local(time: Time) -> datetime:
    """The moment by the clock on the town hall, with its zone."""
    moment = to_datetime(time)
    return moment.astimezone(SUMMER if _is_summer(moment) else WINTER)


def _is_summer(moment: datetime) -> bool:
    """From the last Sunday of March to that of October, both at 01:00 UTC."""
    return _last_sunday(moment.year, 3) <= moment < _last_sunday(moment.year, 10)


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def local_moment(clock: datetime) -> Time:
    """The moment at which the clock on the town hall shows this; of an hour that it shows twice, the first."""
    summer = from_datetime(clock.replace(tzinfo=SUMMER))
    return summer if to_local(summer).replace(tzinfo=None) == clock else from_datetime(clock.replace(tzinfo=WINTER))
