"""The search of vehicles in a real browser: narrowed, page after page, with the recorded picture, in three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from istros.base.plate_text import fold_read
from istros.base.time import SECOND, Time
from istros.store import Transaction
from istros.store.disk_local import LocalDisk
from istros.store.rows import PlateReadRow, SegmentRow, SegmentState
from istros.store.vehicles import VehicleRow
from tests.api.site import Site, make_site
from tests.line.screens import fits, searching, served
from tests.video.packets import packets_of
from tests.video.test_stills import FRAMES, segment_of

BOX = (0.25, 0.3, 0.6, 0.8)
MANY = 130
"""More than a page holds."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = make_site(tmp_path_factory.mktemp("vehicles"))
    site.database.write_now(lambda tx: _fill(tx, site))
    with served(site):
        yield site


def _fill(tx: Transaction, site: Site) -> None:
    """Newest first: a red lorry in a recorded picture with its plate, a car of unknown colour, and many buses."""
    now = site.environment.clock.now()
    tx.vehicles.add(
        [
            _passage(
                now, 0, vehicle_class="lorry", colour="red", direction="towards", heading=134.0, camera_id="TL-01"
            ),
            _passage(now, 1, colour=None, direction=None, heading=None),
            *(_passage(now, number, vehicle_class="bus", colour="yellow") for number in range(2, MANY)),
        ]
    )
    first = _passage(now, 0)
    tx.reads.add(
        PlateReadRow(
            id="read-0", camera_id="TL-01", time=first.last_seen, track_id=first.track_id, text="BH4821CK",
            folded=fold_read("BH4821CK"), country="UA", confidence=0.93, alternatives=(), plate_box=BOX,
            vehicle_box=BOX, vehicle_class="lorry", frames_read=4, plate_width_px=110, first_seen=first.first_seen,
            last_seen=first.last_seen,
        )
    )  # fmt: skip
    data = segment_of(packets_of())
    LocalDisk(site.folder / "recordings").append("TL-01/main/vehicle.mp4", data)
    start = Time((first.box_time or first.last_seen) - SECOND)
    tx.segments.add(
        SegmentRow(
            id="seen", camera_id="TL-01", stream="main", start=start, end=Time(start + 2 * SECOND),
            path="TL-01/main/vehicle.mp4", size_bytes=len(data), frames=FRAMES, mime='video/mp4; codecs="avc1.42c00b"',
            state=SegmentState.OPEN,
        )
    )  # fmt: skip


def _passage(now: Time, number: int, **more: object) -> VehicleRow:
    end = Time(now - (number + 1) * 10 * SECOND)
    row = VehicleRow(
        id=f"v-{number}", camera_id="IZ-07", track_id=f"t{number}", first_seen=Time(end - 6 * SECOND), last_seen=end,
        vehicle_class="car", class_confidence=0.92, colour="white", direction="away", heading=None, stood_s=0.0,
        box=BOX, box_time=Time(end - SECOND),
    )  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]


def _search(page: Page) -> None:
    page.get_by_role("search").get_by_role("button").click()
    expect(page.locator("[data-passage]").or_(page.get_by_text("No vehicle fits.")).first).to_be_visible()


@pytest.mark.browser
def test_a_vehicle_is_told_in_words_with_its_picture_and_the_way_to_its_plate(site: Site, browser: Browser) -> None:
    page = searching(site, browser, "/vehicles")
    expect(page.get_by_text("Nothing searched yet.")).to_be_visible()
    _search(page)
    panel = page.get_by_role("region", name=re.compile("^Passed TL-01"))
    for words in ("lorry, red", "towards the camera, south-east", "92 %", "BH 4821 CK"):
        expect(panel).to_contain_text(words)
    picture = panel.get_by_role("img", name=re.compile("^lorry, red before TL-01"))
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("one => one.naturalWidth") > 0
    assert "still-made" in [row["detail"].get("what") for row in site.audit("playback.view")]
    page.keyboard.press("KeyJ")
    panel = page.get_by_role("region", name=re.compile("^Passed IZ-07"))
    for words in ("colour not known", "No plate of it was read.", "Nothing was recorded of this moment"):
        expect(panel).to_contain_text(words)
    page.keyboard.press("Shift+KeyJ")
    page.get_by_role("link", name=re.compile("BH 4821 CK")).click()
    expect(page.locator("[data-read=read-0]")).to_have_attribute("aria-selected", "true")


@pytest.mark.browser
def test_a_search_is_narrowed_and_goes_on_page_after_page(site: Site, browser: Browser) -> None:
    page = searching(site, browser, "/vehicles")
    page.get_by_role("search").get_by_label("Vehicle").select_option("bus")
    page.get_by_label("Colour").select_option("yellow")
    _search(page)
    expect(page.locator("[data-passage]")).to_have_count(100)
    expect(page.get_by_text("there are earlier ones")).to_be_visible()
    expect(page.get_by_text(f"{MANY} vehicles looked through")).to_be_visible()
    page.get_by_role("button", name="Show earlier ones").click()
    expect(page.locator("[data-passage]")).to_have_count(MANY - 2)
    expect(page.get_by_text("there are earlier ones")).to_have_count(0)
    detail = site.audit("vehicles.search")[-1]["detail"]
    assert (detail["vehicles"], detail["colours"], detail["after"]) == (["bus"], ["yellow"], "v-101")
    page.get_by_role("search").get_by_label("Plate").select_option("with")
    _search(page)
    expect(page.get_by_text("vehicles of which it could not tell them are left out")).to_be_visible()
    page.reload()
    expect(page.get_by_role("search").get_by_label("Plate")).to_have_value("with")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("English", ("lorry, red", "yellow", "Show earlier ones", "south-east")),
        ("Українська", ("вантажівка, червона", "жовтий", "Показати раніші", "на південний схід")),
        ("Română", ("camion, roșu", "galben", "Arată-le pe cele anterioare", "spre sud-est")),
    ],
)
def test_it_is_told_in_the_language_of_the_desk_at_three_widths(
    site: Site, browser: Browser, language: str, words: tuple[str, ...]
) -> None:
    page = searching(site, browser, "/vehicles")
    page.get_by_role("button", name=language).click()
    page.get_by_role("search").get_by_role("button").click()
    expect(page.locator("[data-passage]")).to_have_count(100)
    for text in words:
        expect(page.get_by_text(text).first).to_be_attached()
    fits(page, f"vehicles-{language}")
