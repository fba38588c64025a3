"""The plate search in a real browser: what it tells of each read, and how it is narrowed, in three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from istros.base.plate_text import fold_read
from istros.base.time import SECOND, Time
from istros.recognition.plates.grammar import BAND_SIGNS
from istros.store.rows import PlateReadRow
from tests.api.site import Site, make_site
from tests.line.screens import keep, searching, served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = make_site(tmp_path_factory.mktemp("plates"))
    rows = _reads(site.environment.clock.now())
    site.database.write_now(lambda tx: [tx.reads.add(row) for row in rows])
    with served(site):
        yield site


def _reads(now: Time) -> list[PlateReadRow]:
    """Newest first: a partial one, a Romanian lorry, a Ukrainian car, and one of whose vehicle nothing is known."""

    def made(number: int, text: str, **more: object) -> PlateReadRow:
        time = Time(now - (number + 1) * 60 * SECOND)
        row = PlateReadRow(
            id=f"read-{number}", camera_id="IZ-07", time=time, track_id=f"t{number}", text=text, folded=fold_read(text),
            country=None, confidence=0.9, alternatives=(), plate_box=(0.4, 0.6, 0.5, 0.65), vehicle_box=None,
            vehicle_class=None, frames_read=6, plate_width_px=118, first_seen=Time(time - 2 * SECOND), last_seen=time,
            crop_jpeg=_crop(text),
        )  # fmt: skip
        return replace(row, **more)  # type: ignore[arg-type]

    return [
        made(0, "BH48?1?K", confidence=0.62, alternatives=(("BH4821CK", 0.31), ("BH4871OK", 0.12)),
             vehicle_class="lorry", vehicle_colour="white", direction="away"),
        made(1, "TL10ABC", country="RO", confidence=0.97, alternatives=(("TL10A8C", 0.02),),
             vehicle_class="lorry", vehicle_colour="blue", direction="towards", heading=134.0),
        made(2, "AA1234BB", country="UA", confidence=0.86,
             vehicle_class="car", vehicle_colour="black", direction="left", heading=272.0),
        made(3, "KX77OPQ", confidence=0.41),
    ]  # fmt: skip


def _crop(text: str) -> bytes:
    picture = np.full((52, 192, 3), 205, np.uint8)
    cv2.putText(picture, text, (8, 36), cv2.FONT_HERSHEY_SIMPLEX, 0.95, (30, 30, 30), 2, cv2.LINE_AA)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def _search(page: Page) -> None:
    page.get_by_role("search").get_by_role("button").click()
    expect(page.locator("[data-read]").or_(page.get_by_text("No read fits.")).first).to_be_visible()


def _facts(page: Page) -> Locator:
    return page.get_by_role("region", name=re.compile("^Read on"))


@pytest.mark.browser
def test_a_read_is_told_in_words(site: Site, browser: Browser) -> None:
    page = searching(site, browser, "/plates")
    _search(page)
    partial = page.locator("[data-read=read-0]")
    for words in ("BH 48?1 ?K", "partial read", "0.62", "doubtful", "lorry, white", "away from the camera"):
        expect(partial).to_contain_text(words)
    expect(_facts(page)).to_contain_text("Partial read: characters 5 and 7 of 8 could not be read.")
    expect(_facts(page)).to_contain_text("doubtful, 0.62 of the characters shown")
    expect(_facts(page).get_by_role("row", name=re.compile("BH 4821 CK"))).to_contain_text("?, 2; ?, C")
    page.keyboard.press("KeyJ")
    for words in ("very likely, 0.97", "Romania", "lorry, blue", "towards the camera, south-east"):
        expect(_facts(page)).to_contain_text(words)
    page.locator("[data-read=read-3]").click()
    expect(_facts(page)).to_contain_text("a guess, 0.41")
    expect(_facts(page)).to_contain_text("No other text came up.")
    expect(_facts(page).get_by_text("not known")).to_have_count(3)


@pytest.mark.browser
def test_a_search_is_narrowed_by_country_class_and_colour(site: Site, browser: Browser) -> None:
    page = searching(site, browser, "/plates")
    expect(page.get_by_label("Country")).to_be_visible()
    offered = page.get_by_label("Country").locator("option").evaluate_all("all => all.map(one => one.value)")
    assert set(BAND_SIGNS.values()) <= set(offered)
    page.get_by_role("search").get_by_label("Vehicle").select_option("lorry")
    _search(page)
    expect(page.locator("[data-read]")).to_have_count(2)
    page.get_by_label("Country").select_option("Romania")
    _search(page)
    expect(page.locator("[data-read]")).to_have_count(1)
    expect(page.locator("[data-read]")).to_contain_text("TL 10 ABC")
    expect(page.get_by_text("every plate · Romania · lorry")).to_be_visible()
    page.get_by_label("Colour").select_option("red")
    _search(page)
    expect(page.get_by_text("reads of which it could not tell them are left out")).to_be_visible()
    detail = site.audit("plates.search")[-1]["detail"]
    assert (detail["countries"], detail["vehicles"], detail["colours"]) == (["RO"], ["lorry"], ["red"])
    page.reload()
    expect(page.get_by_label("Colour")).to_have_value("red")


@pytest.mark.browser
def test_a_corrected_plate_says_that_a_person_corrected_it_and_who(site: Site, browser: Browser) -> None:
    page = searching(site, browser, "/plates")
    _search(page)
    page.locator("[data-read=read-3]").click()
    page.get_by_role("button", name="Misread").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What the picture shows").fill("!!!")
    dialog.get_by_label("Country").select_option("Moldova")
    dialog.get_by_label("Why").fill("the picture is clear")
    dialog.get_by_role("button", name="Correct the plate").click()
    expect(dialog.get_by_role("alert")).to_contain_text("a plate has 3 to 20 letters and digits")
    dialog.get_by_label("What the picture shows").fill("KXD 770")
    dialog.get_by_role("button", name="Correct the plate").click()
    row = page.locator("[data-read=read-3]")
    for words in ("KXD 770", "Moldova", "by a person"):
        expect(row).to_contain_text(words)
    expect(row).not_to_contain_text("a guess")
    expect(_facts(page)).to_contain_text("corrected by a person: investigator")
    expect(_facts(page).get_by_role("row", name=re.compile("KX77OPQ|KX 77 OPQ"))).to_contain_text("0.41")
    keep(page, "plates-corrected")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("English", ("lorry, white", "partial read", "doubtful", "characters 5 and 7 of 8")),
        ("Українська", ("вантажівка, біла", "неповне зчитування", "сумнівно", "знаки 5 і 7 із 8")),
        ("Română", ("camion, alb", "citire parțială", "îndoielnic", "semnele 5 și 7 din 8")),
    ],
)
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_it_is_told_in_the_language_of_the_desk_on_a_desk_and_on_a_phone(
    site: Site, browser: Browser, language: str, words: tuple[str, ...], width: int, height: int
) -> None:
    page = searching(site, browser, "/plates")
    page.get_by_role("button", name=language).click()
    page.get_by_role("search").get_by_role("button").click()
    page.set_viewport_size({"width": width, "height": height})
    expect(page.locator("[data-read]")).to_have_count(4)
    for text in words:
        expect(page.get_by_text(text).first).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep(page, f"plates-{language}-{width}")
    if width < 720:
        page.locator("main > section").nth(-2).scroll_into_view_if_needed()
        keep(page, f"plates-{language}-{width}-table")
        page.locator("main > section").last.evaluate("one => one.scrollIntoView({block: 'nearest'})")
        keep(page, f"plates-{language}-{width}-read")
