"""A breach in a real browser: told at the desk, worked on by the officer, closed by the leader; in three languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from istros.base.time import HOUR, Time
from istros.compliance.breaches import BreachFacts, Law, Opening, open_breach
from tests.api.site import Site, make_site
from tests.line.screens import keep, served
from tests.line.test_requests_view import sign_in


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node with a breach that is known since 50 hours."""
    site = make_site(tmp_path_factory.mktemp("breaches"))
    known = Time(site.environment.clock.now() - 50 * HOUR)
    facts = BreachFacts("Роздрук лежав у коридорі.", ("seen",), ("plates",), ("IZ-07",), 3)
    told = Opening(Law.UA, known, facts)
    site.database.write_now(lambda tx: open_breach(tx, site.environment, "operator", told, origin="here"))
    with served(site):
        yield site


def test_a_breach_from_the_desk_to_its_closing(site: Site, browser: Browser) -> None:
    desk = sign_in(browser, site, "operator", to="/breaches")
    expect(desk.get_by_text("Something went wrong with people’s data?")).to_be_visible()
    expect(desk.locator(".banners [role=timer]")).to_have_count(0)  # the hours are the officer's and the leader's
    desk.keyboard.press("n")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("What happened", exact=True).fill("A clip lay on a shared drive.")
    dialog.get_by_label("recordings").check()
    keep(desk, "breach-tell")
    dialog.get_by_role("button", name="Tell it").click()
    expect(desk.get_by_text("Taken down as B-")).to_be_visible()
    desk.close()
    page = sign_in(browser, site, "protection_officer", to="/breaches")
    expect(page.locator(".entries li")).to_have_count(2)
    expect(page.locator(".banner.red")).to_contain_text("left to report")
    page.locator(".entries li", has_text="shared drive").click()
    expect(page.get_by_role("button", name="It is reported")).to_be_disabled()
    page.get_by_role("button", name="Assess").click()
    page.get_by_label("Reason").fill("Faces can be recognised.")
    keep(page, "breach-assess")
    page.get_by_role("dialog").get_by_role("button", name="Assess").click()
    expect(page.locator(".rqs")).to_contain_text("Faces can be recognised.")
    draft = page.get_by_role("link", name="To ANSPDCP", exact=True)
    answer = page.request.get(f"http://127.0.0.1:{site.port}{draft.get_attribute('href')}")
    assert answer.body().startswith(b"%PDF")
    page.get_by_role("button", name="It is reported").click()
    page.get_by_label("Reference of the authority").fill("A-17")
    page.get_by_role("dialog").get_by_role("button", name="It is reported").click()
    expect(page.locator(".rqs")).to_contain_text("A-17")
    expect(page.locator(".banners [role=timer]")).to_have_count(1)  # the other one runs on
    keep(page, "breach-reported")
    expect(
        page.get_by_text("You assessed or reported it: another officer or the shift leader closes it.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Close", exact=True)).to_be_disabled()
    page.close()
    leader = sign_in(browser, site, "shift_leader", to="/breaches")
    leader.locator(".entries li", has_text="shared drive").click()
    leader.get_by_role("button", name="Close", exact=True).click()
    leader.get_by_label("What you found").fill("The drive is closed.")
    leader.get_by_role("dialog").get_by_role("button", name="Close", exact=True).last.click()
    expect(leader.locator(".rqs")).to_contain_text("The drive is closed.")
    leader.close()


@pytest.mark.parametrize(
    ("width", "height", "language", "said"),
    [(1920, 1080, "en", "left to report"), (1366, 768, "uk", "залишилося"), (390, 844, "ro", "mai sunt")],
)
def test_every_width_and_language(
    site: Site, browser: Browser, width: int, height: int, language: str, said: str
) -> None:
    page = sign_in(browser, site, "protection_officer", width, height=height, to="/breaches")
    page.evaluate("language => localStorage.setItem('istros.language', language)", language)
    site.browser("protection_officer").http.put("/api/session/language", json={"language": language})
    page.reload()
    expect(page.locator(".rqs .entries")).to_contain_text(said, timeout=30_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep(page, f"breaches-{language}-{width}")
    page.close()
