"""A real database and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from istros.base.environment import Environment
from istros.store import Database, open_database
from tests.events.city import HandClock, hand_environment


@pytest.fixture
def hand() -> tuple[Environment, HandClock]:
    """Environment and clock."""
    return hand_environment()


@pytest.fixture
def clock(hand: tuple[Environment, HandClock]) -> HandClock:
    """The clock that the test moves."""
    return hand[1]


@pytest.fixture
def still(hand: tuple[Environment, HandClock]) -> Environment:
    """The environment of that clock."""
    return hand[0]


@pytest.fixture
def database(still: Environment, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database in a file."""
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", still.workers)
    yield database
    database.close()
