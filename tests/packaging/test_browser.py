"""The test browser is really there and can show what cameras send."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

CAMERA_TYPES = ('video/mp4; codecs="avc1.4d401f"', 'video/mp4; codecs="avc1.640028"')


@pytest.mark.browser
def test_browser_plays_what_cameras_send(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Істрос</h1>")
    assert page.inner_text("h1") == "Істрос"
    for kind in CAMERA_TYPES:
        assert page.evaluate("kind => MediaSource.isTypeSupported(kind)", kind), kind
