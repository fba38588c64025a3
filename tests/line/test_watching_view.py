"""The watchlists in a real browser: a plate, a person with a face, the second person, and three languages at three widths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from istros.base.signing import SigningKey
from istros.base.time import HOUR, Time
from istros.compliance.cascade import on_undone
from istros.compliance.simulated_profile import sign_simulated
from istros.events.persons import undo_person
from istros.store import Transaction
from istros.store.people import PeopleCountRow
from istros.store.releases import Matter
from tests.api.site import Site, make_site
from tests.events.sought import portrait_of
from tests.line.screens import LANGUAGES, fits, served, signed_in
from tests.recognition.pictures import needs_models

pytestmark = [needs_models, pytest.mark.browser]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    on_undone(Matter.WATCH_PERSON, undo_person)
    site = make_site(tmp_path_factory.mktemp("watching"))

    def sign(tx: Transaction) -> None:
        people = [tx.operators.by_name(name) for name in ("administrator", "protection_officer")]
        sign_simulated(tx, site.environment, people[0], people[1], SigningKey.generate())  # type: ignore[arg-type]

    site.database.write_now(sign)
    with served(site):
        yield site


def _fill_reasons(page: Page) -> None:
    page.get_by_label("Purpose", exact=True).select_option("missing-person")
    page.get_by_label("Legal ground").fill("Report 20417")
    page.get_by_label("Case number").fill("12026-114")
    page.get_by_label("Requested by").fill("Unit 3")
    page.get_by_label("Source of the information").fill("The mother")


def _fill_plate(page: Page) -> None:
    page.get_by_role("button", name="New entry").click()
    page.get_by_label("Plate", exact=True).fill("bh ??34 ak")
    page.get_by_label("Compared").select_option("pattern")
    _fill_reasons(page)
    page.get_by_label("Whom it concerns").select_option("none")


def test_a_plate_is_sought_with_all_its_reasons(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "shift_leader", "/watchlist")
    _fill_plate(page)
    fits(page, "plate-form", LANGUAGES)
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_text("BH ??34 AK").first).to_be_visible()
    expect(page.get_by_text("as a pattern")).to_be_visible()
    fits(page, "plate-entry", LANGUAGES)
    _fill_plate(page)
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_text("You have had BH ??34 AK sought yourself")).to_be_visible()
    fits(page, "plate-goes-on", LANGUAGES)


def test_a_file_is_previewed_and_its_good_lines_imported(site: Site, browser: Browser, tmp_path: Path) -> None:
    page = signed_in(site, browser, "shift_leader", "/watchlist")
    page.get_by_role("button", name="Save the list as a file").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Recipient").select_option("own")
    with page.expect_download() as taken:
        form.get_by_role("button", name="Take the file").click()
    exported = taken.value.path().read_text(encoding="utf-8-sig")
    heading, line = exported.splitlines()[:2]
    file = tmp_path / "plates.csv"
    lines = [line.replace("BH ??34 AK", plate) for plate in ("BH ??77 AK", "A", "BH ??78 AK")]
    file.write_text("\n".join([heading, *lines[:2], lines[2].replace("pattern", "guess"), line]))
    page.get_by_role("button", name="Import").click()
    page.get_by_label("File (CSV or JSON)").set_input_files(file)
    expect(page.get_by_text("1 of 4 lines can be imported.")).to_be_visible()
    expect(page.get_by_text("Plate: it has fewer than 3 letters and digits")).to_be_visible()
    expect(page.get_by_text("this word is not known here. One of: exact, near, pattern")).to_be_visible()
    expect(page.get_by_text("Plate: You have had BH ??34 AK sought yourself")).to_be_visible()
    fits(page, "import-lines")
    page.get_by_role("button", name="Import the good line").click()
    expect(page.get_by_text("1 entry was imported.")).to_be_visible()


def test_a_person_is_entered_pictured_and_released_by_another(site: Site, browser: Browser, tmp_path: Path) -> None:
    police = signed_in(site, browser, "investigator", "/watchlist?kind=persons")
    police.get_by_role("button", name="New entry").click()
    police.get_by_label("Name of the entry").fill("W-0234")
    police.get_by_label("Authorisation").fill("Order 114")
    police.get_by_label("Description").fill("Boy, eleven, red coat")
    police.get_by_label("Objective").select_option("victim-or-missing")
    _fill_reasons(police)
    police.get_by_label("Whom it concerns").select_option("missing")
    fits(police, "person-form", LANGUAGES)
    police.get_by_role("button", name="Enter").click()
    small, good = tmp_path / "small.jpg", tmp_path / "good.jpg"
    small.write_bytes(portrait_of("w01", height=60))
    good.write_bytes(portrait_of("w01"))
    police.get_by_label("Picture", exact=True).last.set_input_files(small)
    police.get_by_role("button", name="Check and enrol").click()
    expect(police.get_by_text("and 96 are needed")).to_be_visible()
    police.get_by_label("Picture", exact=True).last.set_input_files(good)
    police.get_by_role("button", name="Check and enrol").click()
    expect(police.get_by_role("img", name="Picture of W-0234")).to_be_visible()
    police.get_by_role("button", name="Ask for release").click()
    police.get_by_label("Why it is needed").fill("A child is lost")
    police.get_by_role("button", name="Ask", exact=True).click()
    expect(police.get_by_text("waits for release").first).to_be_visible()
    leader = signed_in(site, browser, "shift_leader", "/watchlist?kind=persons")
    expect(leader.get_by_text("4 checks left")).to_be_visible()
    fits(leader, "person-release", LANGUAGES)
    for check in leader.get_by_role("checkbox").all():
        check.check()
    leader.get_by_role("button", name="Release", exact=True).click()
    expect(leader.get_by_text("released").first).to_be_visible()
    leader.get_by_role("button", name="Ask for an operation").click()
    leader.locator("select[name=persons]").select_option(index=0)
    cameras = leader.locator("form select[name=cameras]")
    cameras.select_option(["TL-01"])
    looks = cameras.evaluate("all => [...all.options].map(one => [one.value, getComputedStyle(one).fontWeight])")
    assert dict(looks)["TL-01"] == "600" != dict(looks)["IZ-07"], "what is chosen is to be seen"
    leader.get_by_label("Why it is needed").fill("A child is lost")
    leader.get_by_role("button", name="Ask", exact=True).click()
    police.reload()
    police.get_by_role("button", name="Release", exact=True).click()
    expect(police.get_by_text("Faces are compared live: TL-01")).to_be_visible()
    fits(police, "matching-runs", LANGUAGES)


def test_a_candidate_is_compared_by_two_and_people_are_told_in_numbers(site: Site, browser: Browser) -> None:
    _settled(site)
    operator = signed_in(site, browser, "operator", "/alarms")
    expect(operator.get_by_role("heading", name="Candidate for W-0300, to be checked")).to_be_visible()
    expect(operator.get_by_text("0.60, threshold 0.49")).to_be_visible()
    expect(operator.get_by_role("img", name="Face seen by TL-01")).to_be_visible()
    fits(operator, "candidate", LANGUAGES)
    operator.get_by_role("button", name="Same person").click()
    operator.get_by_label("What you compared").fill("Ears and nose")
    operator.get_by_role("button", name="Give the verdict").click()
    expect(operator.get_by_text("Yours is given.")).to_be_visible()
    leader = signed_in(site, browser, "shift_leader", "/alarms")
    expect(leader.get_by_text("it is shown after yours")).to_be_visible()
    expect(leader.get_by_text("Ears and nose")).to_have_count(0)
    leader.goto(f"http://127.0.0.1:{site.port}/passersby")
    expect(leader.get_by_role("cell", name="57", exact=True)).to_be_visible()
    expect(leader.get_by_role("cell", name="hidden", exact=True)).to_be_visible()
    fits(leader, "numbers", LANGUAGES)
    leader.get_by_role("tab", name="Face threshold").click()
    expect(leader.get_by_text("The last thirty days")).to_be_visible()


def _settled(site: Site) -> None:
    """An entry under a running operation, a candidate of it, and numbers of people."""
    from tests.api.test_faces import candidate_of

    police, leader = site.browser("investigator"), site.browser("shift_leader")
    candidate_of(site, police, leader, name="W-0300", picture=portrait_of("w02"))
    hour = Time((site.environment.clock.now() // HOUR - 1) * HOUR)
    counts = [PeopleCountRow("TL-01", hour, "", "", 57), PeopleCountRow("IZ-07", hour, "", "", 9)]
    site.database.write_now(lambda tx: tx.people.count(counts))
