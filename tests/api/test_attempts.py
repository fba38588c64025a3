"""The moving window of attempts."""

from __future__ import annotations

from istros.api.attempts import Attempts
from istros.base.time import Time


class HandClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> Time:
        return Time(round(self.seconds * 1_000_000))

    def elapsed(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_the_window_moves() -> None:
    clock = HandClock()
    attempts = Attempts(clock, most=2, seconds=60)
    assert [attempts.wait_s("olena"), attempts.wait_s("olena")] == [0, 0]
    assert attempts.wait_s("olena") == 60
    assert attempts.wait_s("ion") == 0
    clock.seconds += 59
    assert attempts.wait_s("olena") == 1
    clock.seconds += 1
    assert attempts.wait_s("olena") == 0


def test_a_success_begins_anew() -> None:
    attempts = Attempts(HandClock(), most=1, seconds=60)
    attempts.wait_s("olena")
    attempts.forget("olena")
    assert attempts.wait_s("olena") == 0


def test_a_flood_of_names_is_bounded() -> None:
    attempts = Attempts(HandClock(), most=1, seconds=60, keys=100)
    for number in range(1000):
        attempts.wait_s(f"name-{number}")
    assert len(attempts) == 100
    assert attempts.wait_s("name-999") == 60
    assert attempts.wait_s("name-1") == 0
