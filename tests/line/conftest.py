"""What every test of screens does: it leaves no page open behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

# A busy machine draws a page in more than Playwright's five seconds; a test that is right ends no later for it.
expect.set_options(timeout=15_000)


@pytest.fixture(autouse=True)
def no_page_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what the test opened: a page that nobody looks at goes on asking its node and drawing."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()
