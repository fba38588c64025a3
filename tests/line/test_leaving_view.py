"""What leaves the node in a real browser: the ground is chosen with the order, and the officer sees what left."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.api.site import Site, make_site
from tests.api.test_watchlist import sought
from tests.line.screens import LANGUAGES, fits, post, served, signed_in


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = make_site(tmp_path_factory.mktemp("leaving"))
    with served(site):
        yield site


@pytest.mark.browser
def test_the_list_leaves_for_a_named_recipient_and_the_officer_sees_it(site: Site, browser: Browser) -> None:
    sought(site, "BH 5701 AA")
    leader = signed_in(site, browser, "shift_leader", "/watchlist")
    leader.get_by_role("button", name="Save the list as a file").click()
    form = leader.get_by_role("dialog")
    take = form.get_by_role("button", name="Take the file")
    expect(take).to_be_disabled()
    form.get_by_label("Recipient").select_option("police")
    form.get_by_label("Country").select_option("RO")
    form.get_by_label("Name of the office or person").fill("Police of Tulcea")
    expect(form.get_by_label("Ground")).to_contain_text("Treaty or law, to a state that protects enough")
    grounds = form.get_by_label("Ground").locator("option").all_inner_texts()
    assert "Treaty or law, to a state that protects enough" in grounds and "Own case" not in grounds
    form.get_by_label("Ground").select_option("ua-29-3")
    expect(form.get_by_text("Law of Ukraine 2297-VI, article 29(3)")).to_be_visible()
    expect(take).to_be_disabled()
    form.get_by_label("Paper behind it").fill("Agreement 3/2026")
    fits(leader, "leaving-form")
    with leader.expect_download() as taken:
        take.click()
    assert taken.value.suggested_filename == "watchlist.csv"
    officer = signed_in(site, browser, "protection_officer", "/oversight?tab=left")
    row = officer.get_by_role("table", name="What left").get_by_role("row").nth(1)
    expect(row).to_contain_text("Police of Tulcea")
    expect(row).to_contain_text("article 29(3)")
    expect(officer.get_by_text("Agreement 3/2026")).to_be_visible()
    with officer.expect_download() as record:
        officer.get_by_role("link", name="Record for the authority (PDF)").click()
    assert record.value.path().read_bytes().startswith(b"%PDF")
    fits(officer, "leaving-list", LANGUAGES)


@pytest.mark.browser
def test_an_order_asks_in_every_language_to_whom_it_goes(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "investigator", "/exports")
    body = {"purpose": "offence", "ground": "Art. 40", "caseRef": "C-17", "hours": 1}
    post(page, site, "/api/permits", body)
    page.reload()
    for language, order, refused in (
        ("uk", "Замовити", "Власна справа"), ("ro", "Comandă", "Dosar propriu"), ("en", "Order", "Own case")
    ):  # fmt: skip
        page.locator(f"button[lang={language}]").first.click()
        expect(page.get_by_role("button", name=re.compile(r"\bN$"))).to_be_enabled()
        page.keyboard.press("n")
        form = page.get_by_role("dialog")
        expect(form.get_by_role("button", name=order, exact=True)).to_be_disabled()
        form.locator("select").first.select_option("own")
        expect(form.get_by_text(refused)).to_be_attached()
        fits(page, f"leaving-order-{language}")
        form.locator(".pf button[type=button]").first.click()


@pytest.mark.browser
def test_an_entry_that_was_never_right_is_told_to_who_got_it(site: Site, browser: Browser) -> None:
    """After the list has left (the first test here): the leader closes the entry as wrong, the officer writes and notes."""
    leader = signed_in(site, browser, "shift_leader", "/watchlist")
    leader.get_by_role("button", name="Close the entry").click()
    form = leader.get_by_role("dialog")
    form.get_by_label("Reason").fill("the owner had sold it")
    form.get_by_text("It was never right").click()
    form.get_by_role("button", name="Close the entry").click()
    expect(form).to_be_hidden()
    officer = signed_in(site, browser, "protection_officer", "/oversight?tab=corrections")
    row = officer.get_by_role("table", name="Wrong data").get_by_role("row").nth(1)
    expect(row).to_contain_text("Police of Tulcea")
    expect(row).to_contain_text("not sent yet")
    expect(officer.get_by_text("the owner had sold it")).to_be_visible()
    with officer.expect_download() as letter:
        officer.get_by_role("link", name="Letter (PDF)").click()
    assert letter.value.path().read_bytes().startswith(b"%PDF")
    fits(officer, "corrections", LANGUAGES)
    officer.get_by_role("button", name="It was sent").click()
    expect(row).to_contain_text("sent, not confirmed")
    officer.get_by_role("button", name="Confirmed").click()
    officer.get_by_label("Who confirmed it, and how").fill("Ms Popa, by telephone")
    officer.get_by_role("dialog").get_by_role("button", name="Confirmed").click()
    expect(row).to_contain_text("confirmed")
    expect(officer.get_by_text("the owner had sold it")).to_be_hidden()


@pytest.mark.browser
def test_pictures_are_released_for_the_recipient_that_is_named(site: Site, browser: Browser) -> None:
    """Whoever releases them sees to whom they go and on what ground; then the form holds that recipient."""
    police = signed_in(site, browser, "investigator", "/watchlist?kind=persons")
    police.get_by_role("button", name="Save the list as a file").click()
    form = police.get_by_role("dialog")
    ask = form.get_by_role("button", name="Ask for release")
    expect(ask).to_be_disabled()
    form.get_by_label("Recipient").select_option("police")
    form.get_by_label("Country").select_option("RO")
    form.get_by_label("Name of the office or person").fill("Police of Tulcea")
    form.get_by_label("Ground").select_option("ua-29-3")
    form.get_by_label("Paper behind it").fill("Agreement 3/2026")
    fits(police, "leaving-pictures")
    ask.click()
    reason = police.get_by_role("dialog").last
    reason.get_by_label("Why it is needed").fill("They look for the same person.")
    reason.get_by_role("button", name="Ask", exact=True).click()
    expect(form.get_by_text("A second person has not released it yet.")).to_be_visible()
    leader = signed_in(site, browser, "shift_leader", "/releases")
    told = leader.get_by_text("Police of Tulcea (RO), Police, Treaty or law, to a state that protects enough")
    expect(told).to_contain_text("Agreement 3/2026")
    fits(leader, "leaving-pictures-release", LANGUAGES)
    leader.get_by_role("button", name="Release", exact=True).click()
    leader.get_by_role("dialog").get_by_role("button", name="Release", exact=True).click()
    police.reload()
    police.get_by_role("button", name="Save the list as a file").click()
    expect(form.get_by_label("Name of the office or person")).to_have_value("Police of Tulcea")
    form.get_by_label("ZIP: the open entries of your organisation with their pictures").check()
    form.get_by_label("Paper behind it").fill("Another paper")
    form.get_by_role("button", name="Take the file").click()
    expect(form.get_by_role("alert")).to_contain_text("is for another recipient, or on another ground or paper")
