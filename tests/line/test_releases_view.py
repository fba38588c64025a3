"""Releases and the deployment profile in a real browser: two people sign what a node may do, and two release."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from istros.compliance import releases
from istros.compliance.functions import QUESTIONS
from istros.compliance.profile import in_force
from istros.events.emergency import alarm_for_emergency
from tests.api.site import Site, make_site
from tests.api.test_persons import opened
from tests.line.screens import fits, keep, post, served, signed_in


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node that has no profile yet."""
    site = make_site(tmp_path_factory.mktemp("releases"), profile=False)
    releases.on_emergency(alarm_for_emergency)
    with served(site):
        yield site


@pytest.mark.browser
def test_two_sign_what_the_node_may_do(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "administrator", "/node")
    expect(page.get_by_text("No signed profile is in force")).to_be_visible()
    expect(page.get_by_role("heading", name="It may do 6 things")).to_be_visible()
    page.get_by_role("button", name="Write a new version").click()
    form = page.get_by_role("dialog")
    form.get_by_role("checkbox", name="Pictures without masks").check()
    form.get_by_role("checkbox", name="Searching plates").uncheck()
    keep(page, "profile-form")
    form.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("It cannot be signed yet")).to_be_visible()
    expect(page.get_by_text("What for? – not answered")).to_be_visible()
    expect(page.get_by_text("No longer allows: Searching plates")).to_be_visible()
    keep(page, "profile-lacks")
    expect(page.get_by_role("button", name="Sign as Administrator")).to_have_count(0)
    page.get_by_role("button", name="Write a new version").click()
    for box in form.get_by_role("textbox").all():
        if box.input_value() == "":
            box.fill("Law 333/2003, council decision 17 of 2026")
    form.get_by_role("checkbox", name="The city is simulated").uncheck()
    form.get_by_role("button", name="Save as a new version").click()
    page.get_by_role("button", name="Sign as Administrator").click()
    expect(page.get_by_text("signed by administrator")).to_be_visible()
    waits = page.get_by_text("It waits for the signature of: Data-protection officer.")
    expect(waits).to_be_visible()
    keep(page, "profile-half-signed")
    officer = signed_in(site, browser, "protection_officer", "/node")
    officer.get_by_role("button", name="Sign as Data-protection officer").click()
    expect(officer.get_by_text("Profile 2 is in force, signed by two people.")).to_be_visible()
    keep(officer, "profile-in-force")
    profile = site.database.read_now(lambda tx: in_force(tx, site.environment.clock.now()))
    assert (profile.version, set(profile.answers)) == (2, set(QUESTIONS))
    assert [row["actor"] for row in site.audit("profile.sign")] == ["administrator", "protection_officer"]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "width", "words"),
    [
        ("English", 1600, "What this node may do today"),
        ("Українська", 1366, "Що цьому вузлу дозволено сьогодні"),
        ("Română", 390, "Ce îi este permis astăzi acestui nod"),
    ],
)
def test_everybody_reads_it_in_the_language_of_the_desk(
    site: Site, browser: Browser, language: str, width: int, words: str
) -> None:
    page = signed_in(site, browser, "patrol", "/node")
    page.get_by_role("button", name=language).click()
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.get_by_role("heading", name=words)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing runs off the side"
    keep(page, f"node-{width}")


@pytest.mark.browser
def test_what_is_hidden_is_asked_for_with_its_cameras_and_a_permit(site: Site, browser: Browser) -> None:
    police = signed_in(site, browser, "investigator", "/releases")
    police.get_by_role("button", name="Ask for a release").click()
    form = police.get_by_role("dialog")
    form.get_by_label("What for").select_option("lift-mask")
    expect(form.get_by_label("What it is about")).to_have_count(0)
    expect(form.get_by_text("Open a permit first")).to_be_visible()
    permit = {"purpose": "stolen-vehicle", "ground": "Criminal proceedings", "caseRef": "2026-0417", "hours": 4}
    post(police, site, "/api/permits", permit)
    for language, name in (("uk", "Попросити погодження"), ("ro", "Cere o aprobare"), ("en", "Ask for a release")):
        police.reload()
        police.locator(f"button[lang={language}]").first.click()
        police.get_by_role("button", name=name).first.click()
        form.locator("select[name=matter]").select_option("lift-redaction")
        fits(police, f"lift-{language}")
    form.get_by_label("What for").select_option("lift-mask")
    form.get_by_label("Reason").fill("The window is where it happened")
    form.get_by_role("button", name="Ask for a release").click()
    assert not site.audit("releases.ask"), "cameras are missing, and the form says so"
    form.get_by_label("Cameras").select_option("TL-01")
    form.get_by_role("button", name="Ask for a release").click()
    expect(police.get_by_text("exports that show what lies under privacy masks")).to_be_visible()
    fits(police, "lift-asked")
    (asked,) = site.audit("releases.ask")
    assert (asked["detail"]["scope"]["cameras"], asked["detail"]["subject"]) == (["TL-01"], asked["permit"])
    police.get_by_role("button", name="Take back").click()
    police.get_by_role("dialog").get_by_label("Why").fill("It is not needed")
    police.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(police.get_by_text("Nothing waits for an answer.")).to_be_visible()
    expect(police.get_by_text("taken back", exact=True).first).to_be_visible()
    expect(police.get_by_text("stopped", exact=True)).to_have_count(0)


@pytest.mark.browser
def test_one_asks_another_releases_and_an_emergency_is_red_until_it_is_reviewed(site: Site, browser: Browser) -> None:
    opened(site, site.browser("investigator"))
    police = signed_in(site, browser, "investigator", "/releases")
    police.get_by_role("button", name="Ask for a release").click()
    form = police.get_by_role("dialog")
    form.get_by_label("What for").select_option("watch-person")
    form.get_by_label("What it is about").select_option(label="W-7, 12026")
    form.get_by_label("Reason").fill("Missing child, 9 years")
    form.get_by_role("button", name="Ask for a release").click()
    expect(police.get_by_text("Another person, whose role allows it, answers.")).to_be_visible()
    expect(police.get_by_role("button", name="Release", exact=True)).to_have_count(0)
    leader = signed_in(site, browser, "shift_leader", "/releases")
    expect(leader.get_by_text("answer within")).to_be_visible()
    leader.get_by_role("button", name="Release", exact=True).click()
    keep(leader, "release-grant")
    leader.get_by_role("dialog").get_by_role("button", name="Release", exact=True).click()
    expect(leader.get_by_text("Nothing waits for an answer.")).to_be_visible()
    expect(leader.get_by_text("Released by")).to_be_visible()
    _emergency(site, police)
    desk = signed_in(site, browser, "operator", "/alarms")
    banner = desk.get_by_role("alert").filter(has_text="One person released something alone")
    expect(banner).not_to_contain_text("a person on the watchlist")
    told = leader.get_by_role("alert").filter(has_text="investigator released alone")
    expect(told).to_contain_text("a person on the watchlist")
    expect(desk.get_by_role("heading", name="Emergency release, to be reviewed by")).to_be_visible()
    expect(desk.get_by_role("link", name="Look at the release")).to_have_count(0)
    expect(desk.locator("main")).not_to_contain_text("investigator")
    leader.goto(leader.url.replace("/releases", "/alarms"))
    leader.get_by_role("link", name="Look at the release").click()
    expect(leader).to_have_url(re.compile("/releases$"))
    keep(desk, "emergency-desk")
    leader.get_by_role("link", name="Review").click()
    keep(leader, "emergency-review")
    leader.get_by_role("button", name="Refuse").click()
    leader.get_by_role("dialog").get_by_label("Why").fill("The child was found before")
    leader.get_by_role("dialog").get_by_role("button", name="Refuse").click()
    expect(leader.get_by_role("alert").filter(has_text="released alone")).to_have_count(0)
    expect(banner).to_have_count(0)
    for language, width in (("Українська", 1366), ("Română", 390)):
        leader.get_by_role("button", name=language).click()
        leader.set_viewport_size({"width": width, "height": 900})
        assert leader.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing runs off the side"
        keep(leader, f"releases-{width}")
        leader.set_viewport_size({"width": 1600, "height": 900})
    done = [site.audit(f"releases.{word}")[-1]["actor"] for word in ("ask", "grant", "emergency", "refuse")]
    assert done == ["investigator", "shift_leader", "investigator", "shift_leader"]


@pytest.mark.browser
def test_a_permit_is_narrowed_to_a_camera_and_a_time(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "investigator", "/playback")
    page.get_by_role("button", name="Open a permit").or_(page.get_by_role("button", name="Change")).first.click()
    form = page.get_by_role("dialog")
    form.get_by_label("Purpose").select_option("offence")
    form.get_by_label("Legal ground").fill("CPC article 93")
    form.get_by_label("Case").fill("C-31")
    form.get_by_text("Only for some cameras or some time").click()
    form.get_by_label("Cameras (none chosen: all)").select_option(["TL-01"])
    form.get_by_label("Recorded from").fill("2026-11-24 14:31")
    keep(page, "permit-reach")
    form.get_by_role("button", name="Open a permit").click()
    expect(form).to_have_count(0)
    expect(page.get_by_text("CPC article 93 · TL-01")).to_be_visible()
    rows = site.audit("permits.open")
    assert (rows[-1]["detail"]["cameras"], "from" in rows[-1]["detail"]) == (["TL-01"], True)


def _emergency(site: Site, police: Page) -> None:
    """The investigator opens a permit for a threat to life and releases alone."""
    helper = site.browser("investigator")
    helper.open_permit("threat-to-life")
    police.reload()
    police.get_by_role("button", name="Ask for a release").click()
    form = police.get_by_role("dialog")
    form.get_by_label("What for").select_option("watch-person")
    form.get_by_label("What it is about").select_option(label="W-7, 12026")
    form.get_by_label("Reason").fill("Knife, on his way to the school")
    form.get_by_role("checkbox", name="A life is in danger").check()
    expect(form.get_by_text("another person reviews it within 48 hours")).to_be_visible()
    keep(police, "release-alone")
    form.get_by_role("button", name="Release now").click()
    expect(police.get_by_role("alert").filter(has_text="investigator released alone")).to_be_visible()
