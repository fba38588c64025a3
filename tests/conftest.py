"""What every test may ask for."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from istros.base.environment import Environment, real_environment

pytest_plugins = ["tests.postgres"]


@pytest.fixture
def free_port() -> int:
    """A TCP port on the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def environment() -> Iterator[Environment]:
    """The computer's own clock, entropy and two threads."""
    real = real_environment(workers=2)
    yield real
    real.workers.close()
