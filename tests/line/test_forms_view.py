"""Forms in a real browser: what was typed is not dropped by Escape, a breach begins from an alarm, a form opens in sight."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from istros.events.raising import new_alarm
from istros.events.record import Author, record
from istros.store import Transaction
from tests.api.site import Site, make_site
from tests.line.screens import fits, keep, served, signed_in

LANGUAGES = ("uk", "ro", "en")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node whose camera reports tampering."""
    site = make_site(tmp_path_factory.mktemp("forms"))
    now = site.environment.clock.now()
    alarm = new_alarm(site.environment, "tamper", "high", "TL-01", now, "Camera reports tampering", "tamper:TL-01")

    def fill(tx: Transaction) -> None:
        tx.alarms.add(replace(alarm, facts=json.dumps({"cameras": ["TL-01"]})))
        for late in (0, 75):
            record(tx, site.environment, Author("istros", ""), "alarm.escalate", alarm.id, {"late_s": late})

    site.database.write_now(fill)
    with served(site):
        yield site


def test_a_breach_begins_from_an_alarm_by_a_key_and_escape_asks_before_it_drops_what_was_typed(
    site: Site, browser: Browser
) -> None:
    page = signed_in(site, browser, "operator", "/alarms")
    expect(page.get_by_role("button", name="Tell a data breach")).to_be_visible()
    expect(page.get_by_text("1:15 late")).to_be_visible()
    expect(page.get_by_text("0:00 late")).to_have_count(0)
    fits(page, "alarm-tamper", LANGUAGES)
    page.keyboard.press("b")
    dialog = page.locator("dialog[open]")
    what = dialog.get_by_label("What happened", exact=True)
    expect(what).to_have_value(re.compile("^Camera reports tampering, TL-01, .*[0-9]:[0-9]{2}$"))
    expect(dialog.locator("select[name=law]")).to_have_value("ua")  # the law that this node works by
    expect(dialog.locator("select[name=camera]")).to_have_values(["TL-01"])
    keep(page, "breach-from-alarm")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)  # nothing was typed, so nothing is asked

    page.keyboard.press("b")
    page.keyboard.press("End")
    page.keyboard.type(" The cabinet is open.")
    asked = page.get_by_role("alertdialog")
    for _ in range(2):
        page.keyboard.press("Escape")
        expect(asked.get_by_role("button", name="Go on writing")).to_be_focused()
        page.keyboard.press("Escape")  # and a slip of the same finger goes back to the form
        expect(asked).to_have_count(0)
        expect(what).to_be_focused()
    page.keyboard.press("Escape")
    fits(page, "form-unsaved")
    asked.get_by_role("button", name="Throw it away").click()
    expect(dialog).to_have_count(0)

    page.keyboard.press("b")
    expect(what).not_to_have_value(re.compile("cabinet"))
    dialog.get_by_role("button", name="Tell it").click()
    expect(page.get_by_role("status").filter(has_text="Taken down as B-")).to_be_visible()
    (told,) = [row for row in site.audit("breaches.opened") if row["actor"] == "operator"]
    assert told["detail"]["from"] == "alarm" and told["detail"]["law"] == "ua"
    page.close()


def test_a_search_of_the_command_line_closes_without_a_question(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "operator", "/alarms")
    page.keyboard.press("Control+k")
    page.keyboard.type("wall")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.close()


def test_the_form_for_a_person_opens_above_the_list_on_a_telephone(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "shift_leader", "/watchlist?kind=persons", 390, 844)
    page.get_by_role("button", name="New entry").click()
    form, entries = page.locator("section.writing"), page.locator("#list-heading")
    expect(form.locator("input").first).to_be_in_viewport()
    above, below = form.bounding_box(), entries.bounding_box()
    assert above is not None and below is not None and above["y"] < below["y"]
    keep(page, "person-form-390")
    page.close()
