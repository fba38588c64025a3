"""How wide plates are, in a real browser: the grid, its words in three languages, and the scale."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from istros.base.said import NOTHING
from istros.store import Transaction
from istros.store.plate_spots import ACROSS, PlateSpotRow
from istros.store.rows import StreamStateRow
from tests.api.site import Site, make_site
from tests.line.screens import keep, served, signed_in


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = make_site(tmp_path_factory.mktemp("widths"))
    site.database.write_now(lambda tx: _fill(site, tx))
    with served(site):
        yield site


def _fill(site: Site, tx: Transaction) -> None:
    """Plates of 40 px at the upper edge to 130 px at the lower one, on one half of the road."""
    now = site.environment.clock.now()
    state = StreamStateRow(
        camera_id="IZ-07", stream="main", status="live", since=now, updated=now, recording=True, codec="h264",
        width=1920, height=1080, fps=25.0, bitrate_bps=3_000_000, lost_packets=0, reconnects=0, last_keyframe=now,
        problem=NOTHING,
    )  # fmt: skip
    tx.streams.put([state])
    widths = {3: 42, 4: 55, 5: 78, 6: 101, 7: 130}
    tx.plate_spots.add(
        [
            PlateSpotRow("IZ-07", across, down, 5, 5 * px / 1920, 0, 0.0)
            for down, px in widths.items()
            for across in range(ACROSS // 2 - (down - 2), ACROSS // 2 + 2)
        ]
    )


def _point_at(grid: Locator, across: int, down: int) -> None:
    box = grid.bounding_box()
    assert box is not None
    grid.hover(position={"x": box["width"] * (across + 0.5) / 16, "y": box["height"] * (down + 0.5) / 9})


@pytest.mark.browser
def test_a_spot_says_whether_its_plates_can_be_read(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "administrator", "/cameras?camera=IZ-07")
    page.get_by_role("button", name="Plate widths").click()
    grid = page.get_by_role("img", name="Plate widths")
    expect(grid).to_have_accessible_name("Plate widths. Plates are wide enough to read at 18 of 25 known spots.")
    _point_at(grid, 8, 3)
    told = page.get_by_role("status").filter(has_text="px wide")
    expect(told).to_contain_text(
        "Plates here are 42 px wide: too few to read, 70 are needed. Zoom in or move the zone nearer."
    )
    expect(told).to_contain_text("By 5 plates read. EN 62676-4: observe.")
    _point_at(grid, 8, 7)
    expect(told).to_contain_text("Plates here are 130 px wide: enough to read.")
    expect(page.get_by_role("row", name="39 % down 42 observe no")).to_be_visible()
    expect(page.get_by_role("button", name="Set the scale")).to_have_count(0)
    keep(page, "plate-widths")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "button", "words"),
    [
        ("Українська", "Ширина номерів", "замало для зчитування"),
        ("Română", "Lățimea numerelor", "prea puțin pentru citire"),
    ],
)
def test_it_says_so_in_the_language_of_the_desk(
    site: Site, browser: Browser, language: str, button: str, words: str
) -> None:
    page = signed_in(site, browser, "traffic_engineer", "/cameras?camera=IZ-07")
    page.get_by_role("button", name=language).click()
    page.get_by_role("button", name=button).click()
    _point_at(page.get_by_role("img", name=button), 8, 3)
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible(timeout=30_000)


@pytest.mark.browser
def test_a_shift_leader_sets_the_scale_by_keys(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "shift_leader", "/cameras?camera=IZ-07")
    page.get_by_role("button", name="Plate widths").click()
    page.get_by_role("button", name="Set the scale").click()
    end = page.get_by_role("button", name="Line 2, end 2")
    end.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.get_by_label("Metres of line 1").fill("2.4")
    page.get_by_role("button", name="Keep the scale").click()
    expect(page.get_by_text("Scale set by")).to_be_visible()
    scale = site.database.read_now(lambda tx: tx.plate_spots.scale("IZ-07"))
    assert scale is not None
    assert [round(value, 3) for value in scale.marks[1]] == [0.35, 0.8, 0.7, 0.8, 1.8]
    assert scale.marks[0][4] == 2.4
    assert site.audit("cameras.scale")[-1]["actor"] == "shift_leader"
