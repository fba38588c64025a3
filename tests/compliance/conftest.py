"""The databases of the store's tests, and an environment whose clock is moved by hand."""

from __future__ import annotations

from random import Random

import pytest

from istros.base.environment import Environment
from istros.base.ids import Ids
from istros.base.time import SECOND, Time
from istros.base.workers import InlineWorkers
from tests.store.conftest import database as database
from tests.store.conftest import database_url as database_url


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Time:
        """Wall time."""
        return Time(round((1_795_000_000 + self.seconds) * SECOND))

    def elapsed(self) -> float:
        """Seconds moved so far."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Moves the clock."""
        self.seconds += max(0.0, seconds)


@pytest.fixture
def clock() -> HandClock:
    """The clock of `town`."""
    return HandClock()


@pytest.fixture
def town(clock: HandClock) -> Environment:
    """Clock by hand, chance from a seed, work done at once."""
    random = Random(7)
    return Environment(clock, random, Ids(clock, random), InlineWorkers())
