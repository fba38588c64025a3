"""A person's request in a real browser: taken in at the desk, worked on by the officer, answered; in three languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from istros.base.time import SECOND, Time
from istros.store.rows import SegmentRow, SegmentState
from tests.api.site import PASSWORD, Site, make_site
from tests.line.screens import LANGUAGES, fits, keep, served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node with ten seconds of a recording, an hour and a half ago."""
    site = make_site(tmp_path_factory.mktemp("requests"))
    start = Time(site.environment.clock.now() - 5400 * SECOND)
    row = SegmentRow(
        "s1",
        "TL-01",
        "main",
        start,
        Time(start + 10 * SECOND),
        "TL-01/main/a.mp4",
        1000,
        250,
        "video/mp4",
        SegmentState.OPEN,
    )
    site.database.write_now(lambda tx: tx.segments.add(row))
    with served(site):
        yield site


def sign_in(
    browser: Browser, site: Site, name: str, width: int = 1366, *, height: int = 768, to: str = "/requests"
) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, locale="en-GB")
    page.set_default_timeout(30_000)
    page.goto(f"http://127.0.0.1:{site.port}/")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    # By its address: the desk soon speaks the language that this person chose last.
    page.locator(f'.rail a[href="{to}"]').click(timeout=60_000)
    return page


def test_a_request_from_the_desk_to_the_answer(site: Site, browser: Browser) -> None:
    desk = sign_in(browser, site, "operator")
    expect(desk.get_by_text("worked on by the data-protection officer")).to_be_visible()
    desk.keyboard.press("n")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Марія Коваль")
    dialog.get_by_label("Address for the answer").fill("вул. Миру 1\nІзмаїл")
    dialog.get_by_label("Language of the answer").select_option("uk")
    dialog.get_by_label("What they looked like").fill("червоне пальто")
    keep(desk, "request-intake")
    dialog.get_by_role("button", name="Take in", exact=True).click()
    expect(desk.get_by_text("Taken in as R-")).to_be_visible()
    desk.close()
    page = sign_in(browser, site, "protection_officer")
    expect(page.locator(".entries li")).to_have_count(1)
    expect(page.locator(".rqs")).to_contain_text("Марія Коваль")
    expect(page.get_by_role("row", name="TL-01")).to_contain_text("10")
    expect(page.get_by_role("button", name="Decide")).to_be_disabled()
    page.get_by_role("button", name="Keep the footage").click()
    expect(page.locator(".rqs")).to_contain_text("by a hold")
    page.get_by_role("button", name="Check who it is").click()
    page.get_by_label("How the person was recognised").fill("паспорт пред’явлено")
    page.get_by_role("dialog").get_by_role("button", name="Check who it is").click()
    expect(page.locator(".rqs")).to_contain_text("паспорт пред’явлено")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_label("Decision").locator("option")).to_have_count(3)  # nothing of the police here
    expect(page.get_by_label("Legal ground")).to_have_value("Law of Ukraine 2297-VI, article 8(2)(3)")
    keep(page, "request-decide")
    page.get_by_role("dialog").get_by_role("button", name="Decide").click()
    letter = page.get_by_role("link", name="Letter of answer")
    expect(letter).to_be_visible()
    answer = page.request.get(f"http://127.0.0.1:{site.port}{letter.get_attribute('href')}")
    assert answer.body().startswith(b"%PDF")
    page.get_by_role("button", name="The answer is out").click()
    expect(page.locator(".entries li")).to_contain_text("answered")
    keep(page, "request-answered")
    page.close()


def test_a_request_for_correction_says_what_is_wrong_and_what_it_becomes(site: Site, browser: Browser) -> None:
    page = sign_in(browser, site, "protection_officer")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What is wrong")).to_have_count(0)
    dialog.get_by_label("What is asked").select_option("rectification")
    dialog.get_by_label("What is wrong").fill("The plate is noted as BH 1234 AA")
    dialog.get_by_label("What it should be").fill("It is BH 1284 AA")
    dialog.get_by_label("Name").fill("Ion Rusu")
    dialog.get_by_label("Address for the answer").fill("Tulcea")
    dialog.get_by_label("What they looked like").fill("a white van")
    fits(page, "correction-intake")
    dialog.get_by_role("button", name="Take in", exact=True).click()
    panel = page.locator(".rqs")
    expect(panel).to_contain_text("It is BH 1284 AA")
    page.get_by_role("button", name="Keep the footage").click()
    page.get_by_role("button", name="Check who it is").click()
    page.get_by_label("How the person was recognised").fill("passport shown")
    page.get_by_role("dialog").get_by_role("button", name="Check who it is").click()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_label("Legal ground")).to_have_value("Law of Ukraine 2297-VI, article 8(2)")
    corrected = page.get_by_label("What it is corrected to")
    expect(corrected).to_have_value("It is BH 1284 AA")
    page.get_by_label("Decision").select_option("part")
    page.get_by_role("dialog").get_by_label("Reasons").fill("The colour stays")
    corrected.fill("")
    page.get_by_role("dialog").get_by_role("button", name="Decide").click()
    expect(page.get_by_role("alert")).to_contain_text("A correction in part says what it is corrected to.")
    corrected.fill("BH 1284 AA")
    keep(page, "correction-decide")
    page.get_by_role("dialog").get_by_role("button", name="Decide").click()
    expect(panel).to_contain_text("What it is corrected to")
    person = panel.get_by_role("link", name="An entry of a person")
    expect(person).to_have_attribute("href", "/watchlist?kind=persons")
    expect(panel).to_contain_text("A read of a plate: look there")
    expect(panel.get_by_role("link", name="A read of a plate")).to_have_count(0)  # the officer may not search
    person.scroll_into_view_if_needed()
    expect(panel).to_contain_text("Nothing yet.")
    fits(page, "correction-decided", LANGUAGES)
    page.get_by_role("button", name="The answer is out").click()
    why = page.get_by_role("dialog").get_by_label("Nothing to change in the node, because")
    fits(page, "correction-unchanged")
    why.fill("the film shows no plate")
    page.get_by_role("dialog").get_by_role("button", name="The answer is out").click()
    expect(panel).to_contain_text("the film shows no plate")
    page.close()


@pytest.mark.parametrize(
    ("width", "language", "said"), [(1920, "en", "Access"), (1366, "uk", "Доступ"), (820, "ro", "Acces")]
)
def test_every_width_and_language(site: Site, browser: Browser, width: int, language: str, said: str) -> None:
    page = sign_in(browser, site, "protection_officer", width)
    page.evaluate("language => localStorage.setItem('istros.language', language)", language)
    site.browser("protection_officer").http.put("/api/session/language", json={"language": language})
    page.reload()
    expect(page.locator(".rqs .entries")).to_contain_text(said, timeout=30_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep(page, f"requests-{language}-{width}")
    page.close()
