"""A new camera in a real browser: it does not film, one person writes its assessment, another approves it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from istros.compliance import assessment_drafts
from istros.compliance.assessed_view import note_confirmed_view
from istros.store import Transaction
from istros.store.analysis_pauses import AnalysisPauseRow
from tests.api.site import Site, make_site
from tests.assessed import OFFICER
from tests.line.screens import LANGUAGES, fits, served, signed_in


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node whose camera IZ-07 has nothing in force."""
    site = make_site(tmp_path_factory.mktemp("assessments"))
    site.database.write_now(lambda tx: assessment_drafts.withdraw(tx, site.environment, OFFICER, "IZ-07", "anew"))
    with served(site):
        yield site


def test_a_camera_films_once_one_wrote_and_another_approved(site: Site, browser: Browser) -> None:
    administrator = signed_in(site, browser, "administrator", "/cameras?camera=IZ-07")
    expect(administrator.get_by_role("alert")).to_contain_text("Does not film.")
    fits(administrator, "missing")
    administrator.get_by_role("button", name="Write").click()
    form = administrator.get_by_role("dialog")
    form.get_by_label("Purpose").fill("Safety of the harbour")
    form.get_by_label("What it looks at").fill("The gate and the road before it")
    form.get_by_label("Read plates").check()
    form.get_by_label("Text of the sign, Ukrainian").fill("Ведеться відеоспостереження")
    form.get_by_label("Where the sign hangs").fill("On both posts")
    form.get_by_label("Why no part of the picture is hidden").fill("No windows")
    form.get_by_label("Reference of the impact assessment").fill("DPIA 7/2026")
    fits(administrator, "form")
    form.get_by_role("button", name="Keep this version").click()
    expect(administrator.get_by_text("Date of the impact assessment: is not filled in")).to_be_visible()
    fits(administrator, "unfinished")
    administrator.get_by_role("button", name="Write a new version").click()
    form.get_by_label("Date of the impact assessment").fill("2026-10-01 12:00")
    form.get_by_role("button", name="Keep this version").click()
    expect(administrator.get_by_text("the data-protection officer approves it or sends it back").first).to_be_visible()

    officer = signed_in(site, browser, "protection_officer", "/oversight?tab=assessments")
    fits(officer, "list")
    officer.get_by_role("link", name="IZ-07").click()
    officer.get_by_role("button", name="Approve version").click()
    expect(officer.get_by_text("Assessed.")).to_be_visible()
    expect(officer.get_by_text("Describe and count vehicles.")).to_be_visible()
    fits(officer, "approved")
    assert site.audit("assessment.approve")[-1]["actor"] == "protection_officer"


def test_a_camera_that_looks_elsewhere_than_was_assessed_needs_a_look(site: Site, browser: Browser) -> None:
    site.database.write_now(lambda tx: note_confirmed_view(tx, site.environment, "IZ-07"))
    page = signed_in(site, browser, "administrator", "/cameras?camera=IZ-07")
    note = page.get_by_role("alert").filter(has_text="Needs a look.")
    expect(note).to_contain_text("another view was confirmed than was assessed")
    expect(note).to_contain_text("Next: the administrator writes a new version.")
    fits(page, "elsewhere", LANGUAGES)
    officer = signed_in(site, browser, "protection_officer", "/oversight?tab=assessments")
    expect(officer.get_by_text("Needs a look.")).to_be_visible()
    fits(officer, "elsewhere-list")


def test_a_camera_that_was_moved_says_why_nothing_is_looked_for(site: Site, browser: Browser) -> None:
    now = site.environment.clock.now()

    def moved(tx: Transaction) -> None:
        tx.pauses.put(AnalysisPauseRow("TL-01", "moved", now, now))

    site.database.write_now(moved)
    page = signed_in(site, browser, "shift_leader", "/cameras?camera=TL-01")
    expect(page.get_by_role("status").get_by_text("the camera looks elsewhere")).to_be_visible()
    expect(page.get_by_text("Moved: analysis paused").first).to_be_visible()
    fits(page, "moved")


@pytest.mark.parametrize("language", ["uk", "ro"])
def test_the_page_speaks_every_language(site: Site, browser: Browser, language: str) -> None:
    page = signed_in(site, browser, "administrator", "/cameras?camera=IZ-07")
    token = page.evaluate("async () => (await (await fetch('/api/session')).json()).csrfToken")
    answer = page.context.request.put(
        f"http://127.0.0.1:{site.port}/api/session/language", data={"language": language},
        headers={"x-csrf-token": token},
    )  # fmt: skip
    assert answer.ok, answer.text()
    page.reload()
    heading = {"uk": "Оцінка камери", "ro": "Evaluarea camerei"}[language]
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    fits(page, f"page-{language}")
    page.get_by_role("button", name={"uk": "Написати", "ro": "Scrie"}[language]).first.click()
    fits(page, f"form-{language}")
