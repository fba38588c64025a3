"""What every test may ask for."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from istros.base.environment import Environment, real_environment
from tools import browser as chromium
from tools.node import BuildProblem

pytest_plugins = ["tests.postgres", "tests.fresh_databases"]


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium that plays H.264, for the tests of one file.

    Not for the whole run: while Playwright is open, no other test in this process can start an event loop.
    """
    try:
        program = chromium.find()
    except BuildProblem as problem:
        pytest.skip(f"no Chromium on this machine: {problem}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=chromium.arguments(program), env=chromium.environment(program)
        )
        yield started
        started.close()
