"""What the browser tests of single screens share: a node with the built client, somebody signed in, pictures of the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import APIResponse, Browser, Page

from istros.api.client_files import packaged_client
from tests.api.site import PASSWORD, Site

PICTURES = os.environ.get("ISTROS_PICTURES", "")
"""A folder to keep pictures of the pages in, to be looked at; empty: none are kept."""

SIZES = ((1920, 1080), (1366, 768), (390, 844))
LANGUAGES = ("uk", "ro", "en")
"""English last: what a test does after looking, it does in English."""

CUT_CLOCK = """[...document.querySelectorAll(".strip .what > .pl, .strip .what > .sla")].some((mark) =>
    mark.getBoundingClientRect().right > mark.parentElement.getBoundingClientRect().right + 0.5)"""
"""Of the alarm strip only words may be shortened: never a plate, never how long there is to answer."""


def lay_client(site: Site) -> None:
    """The built client instead of the stub, before the site serves."""
    shutil.rmtree(site.folder / "web")
    shutil.copytree(packaged_client(), site.folder / "web")


@contextmanager
def served(site: Site) -> Iterator[Site]:
    """The site with the built client, serving until the block ends; then it is closed."""
    lay_client(site)
    site.start()
    try:
        yield site
    finally:
        site.stop()
        site.database.close()
        site.environment.workers.close()


def address(site: Site) -> str:
    """Where the browser finds the site."""
    return f"http://127.0.0.1:{site.port}"


def signed_in(site: Site, browser: Browser, name: str, path: str, width: int = 1366, height: int = 768) -> Page:
    """The page at `path` for somebody whose session is open already."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(30_000)
    assert context.request.post(f"{address(site)}/api/session", data={"name": name, "password": PASSWORD}).ok
    page.goto(f"{address(site)}{path}")
    return page


def post(page: Page, site: Site, path: str, body: dict[str, object]) -> APIResponse:
    """What the page's person sends without a form of the screen; it must be taken."""
    token = page.context.request.get(f"{address(site)}/api/session").json()["csrfToken"]
    answer = page.context.request.post(f"{address(site)}{path}", data=body, headers={"x-csrf-token": token})
    assert answer.ok, answer.text()
    return answer


def searching(site: Site, browser: Browser, path: str) -> Page:
    """The page at `path` for an investigator under a permit for a stolen vehicle."""
    page = signed_in(site, browser, "investigator", "/")
    permit = {"purpose": "stolen-vehicle", "ground": "Criminal proceedings", "caseRef": "2026-0417", "hours": 4}
    post(page, site, "/api/permits", permit)
    page.goto(f"{address(site)}{path}")
    return page


def keep(page: Page, name: str) -> None:
    """A picture of the page as it is, where pictures are asked for."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def fits(page: Page, name: str, languages: Sequence[str] = ()) -> None:
    """Nothing runs out of the page at any width, in its language or in each of `languages`; pictures are kept."""
    for language in languages:
        page.locator(f"button[lang={language}]").first.click()
        _fits(page, f"{name}-{language}")
    if not languages:
        _fits(page, name)


def _fits(page: Page, name: str) -> None:
    before = page.viewport_size
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(250)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide at {width}"
        assert not page.evaluate(CUT_CLOCK), f"the plate or clock of the waiting alarm is cut at {width} in {name}"
        keep(page, f"{name}-{width}")
    if before is not None:
        page.set_viewport_size(before)
