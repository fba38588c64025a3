"""The line as people use it, in a real browser: sign in, watch, answer an alarm, look back, search a plate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.line.demo_run import DemoRun, demo_run, wait_for

CAMERAS = 4
VIDEO_TIME = "tile => { const video = tile.querySelector('video'); return video ? video.currentTime : -1 }"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRun]:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with demo_run(tmp_path_factory.mktemp("demo") / "data", port, "--cameras", str(CAMERAS)) as run:
        yield run


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def sign_in(page: Page, demo: DemoRun, name: str) -> None:
    page.goto(f"{demo.url}/")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_label("Password").fill(demo.passwords[name])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation").first).to_be_visible()


def advancing(page: Page, selector: str) -> int:
    """How many of the tiles show a picture whose time has advanced since the last look."""
    tiles = page.locator(selector)
    before = [tiles.nth(i).evaluate(VIDEO_TIME) for i in range(tiles.count())]
    page.wait_for_timeout(1500)
    after = [tiles.nth(i).evaluate(VIDEO_TIME) for i in range(tiles.count())]
    return sum(later > earlier >= 0 for earlier, later in zip(before, after, strict=True))


@pytest.mark.browser
def test_an_operator_watches_answers_and_looks_back(demo: DemoRun, page: Page) -> None:
    sign_in(page, demo, "operator")
    page.goto(f"{demo.url}/wall")
    wait_for("two tiles that play", lambda: advancing(page, "[data-tile][data-camera]") >= 2, 40)

    page.goto(f"{demo.url}/alarms")
    first = page.get_by_role("list", name="Alarm queue").get_by_role("button").first
    expect(first).to_be_visible(timeout=90_000)
    first.click()
    page.keyboard.press("KeyA")
    verdict = page.get_by_role("group", name="Verdict")
    expect(verdict).to_be_visible()
    verdict.get_by_role("button", name=re.compile("^True")).click()
    page.get_by_label("Note for the record").fill("Seen on the picture")
    page.get_by_role("button", name=re.compile("^Close the alarm")).click()
    page.get_by_role("tab", name=re.compile("^Closed")).click()
    expect(page.get_by_role("list", name="Alarm queue").get_by_text(re.compile("True")).first).to_be_visible()

    page.get_by_role("list", name="Alarm queue").get_by_role("button").first.click()
    page.get_by_role("button", name=re.compile("^Playback from")).click()
    expect(page).to_have_url(re.compile("/playback"))
    plays_back(page)


@pytest.mark.browser
def test_an_investigator_searches_a_plate_under_a_permit_and_plays_it(demo: DemoRun, page: Page) -> None:
    client = demo.sign_in("operator")
    wait_for("an alarm", lambda: client.get("/api/alarms").json(), 90)
    plate = client.get("/api/alarms").json()[0]["plate"].replace(" ", "")
    sign_in(page, demo, "investigator")
    page.goto(f"{demo.url}/plates")
    expect(page.get_by_role("search")).to_have_count(0)
    page.get_by_role("button", name="Open a permit").click()
    page.get_by_label("Purpose").select_option("stolen-vehicle")
    page.get_by_label("Legal ground").fill("Criminal proceedings of the simulated city")
    page.get_by_label("Case number").fill("SIM-1")
    page.get_by_role("dialog").get_by_role("button", name="Open a permit").click()
    page.get_by_label(re.compile("^Plate:")).fill(plate[:2] + "?" + plate[3:5] + "*")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"looked through in \d+ ms"))).to_be_visible()
    expect(page.locator("[data-read]").first).to_be_visible()
    told = page.get_by_role("region", name=re.compile("^Read on"))
    expect(told).to_contain_text(re.compile(r"How sure(very likely|likely|doubtful|a guess), [01]\.\d\d"))
    expect(told).to_contain_text(re.compile(r"Vehicle(car|van|lorry|bus|motorcycle|not known)"))
    page.get_by_role("button", name=re.compile("^Playback")).first.click()
    expect(page).to_have_url(re.compile("/playback"))
    plays_back(page)


def plays_back(page: Page) -> None:
    """The recording plays: the video's own time advances."""
    wait_for("the recording to be loaded", lambda: page.locator("video").count() > 0, 30)
    play = page.get_by_role("button", name="Play", exact=True)
    if play.count():
        play.click()
    wait_for("the recording to play", lambda: advancing(page, "figure:has(video)") >= 1, 40)


@pytest.mark.browser
def test_a_wrong_password_is_a_sentence(demo: DemoRun, page: Page, tmp_path: Path) -> None:
    page.goto(f"{demo.url}/")
    page.get_by_role("textbox", name="Name").fill("operator")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert").or_(page.get_by_text("password do not")).first).to_be_visible()
