"""Drawing a camera's zones in a real browser: by mouse and by keys, undone, refused in words, agreed to by another person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from istros.base.said import say
from istros.base.time import SECOND, Time
from istros.store import Transaction
from istros.store.camera_zones import CAMERA_ZONES, CameraZonesRow
from istros.store.devices import HeldMasksRow
from istros.store.rows import StreamStateRow
from tests.api.site import Site, make_site
from tests.line.screens import fits, served, signed_in

ROAD = ((0.3, 0.4), (0.7, 0.4), (0.8, 0.9), (0.2, 0.9))
WINDOW = ((0.05, 0.1), (0.25, 0.1), (0.25, 0.5), (0.05, 0.5))
YARD = ((0.75, 0.05), (0.95, 0.05), (0.95, 0.3), (0.75, 0.3))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = make_site(tmp_path_factory.mktemp("zones"))
    with served(site):
        yield site


@pytest.fixture(autouse=True)
def drawn(site: Site) -> None:
    """A road where plates are read, a window where nothing is searched, and a yard that nobody sees."""
    now = site.environment.clock.now()
    zones = (ROAD,), (WINDOW,)

    def work(tx: Transaction) -> None:
        tx.camera_zones._connection.execute(CAMERA_ZONES.delete())
        tx.camera_zones.add(
            CameraZonesRow(site.environment.ids.new(), "IZ-07", now, "petro", False, *zones, since=now, private=(YARD,))
        )

    site.database.write_now(work)


OVER = """([above, below]) => {
  const layer = (selector) => Number(getComputedStyle(document.querySelector(`dialog ${selector}`)).zIndex);
  return layer(above) > layer(below);
}"""


def _away(tx: Transaction) -> None:
    """IZ-07 does not answer."""
    why = say("no-answer", "Camera IZ-07 does not answer.", camera="IZ-07", place="10.0.0.7:554", seconds=8)
    state = StreamStateRow("IZ-07", "main", "offline", Time(0), Time(0), False, "h264", 1, 1, 25.0, 0, 0, 0, None, why)
    tx.streams.put([state, replace(state, stream="sub")])


def seen(site: Site, row: HeldMasksRow) -> None:
    """What the process of the devices keeps of the camera's own masks."""
    site.database.write_now(lambda tx: tx.devices.put_held_masks(row))


def _held(site: Site) -> CameraZonesRow:
    row = site.database.read_now(lambda tx: tx.camera_zones.in_force("IZ-07"))
    assert row is not None
    return row


@pytest.mark.browser
def test_corners_are_moved_by_keys_and_by_mouse_and_undone(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "shift_leader", "/cameras?camera=IZ-07")
    told = "Plates are read in 1 zone. 1 zone is not looked at. 1 privacy mask: nobody sees what lies under it."
    expect(page.get_by_text(told)).to_be_visible()
    page.get_by_role("button", name="Draw the zones").click()
    corner = page.get_by_role("button", name="Plate zone 1, corner 2")
    corner.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Insert")
    expect(page.get_by_text("5 corners")).to_be_visible()
    page.keyboard.press("Control+KeyZ")
    expect(page.get_by_text("5 corners")).to_have_count(0)
    grip = page.get_by_role("button", name="Ignored zone 1, corner 3")
    box = grip.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 40, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Keep the zones").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    held = _held(site)
    assert held.plates[0][1] == (0.75, 0.4) and held.set_by == "shift_leader"
    assert held.ignored[0][2][0] > 0.3 and held.ignored[0][2][1] > 0.52
    expect(page.get_by_text("Drawn by shift_leader")).to_be_visible()


@pytest.mark.browser
def test_a_zone_that_crosses_itself_cannot_be_kept(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "shift_leader", "/cameras?camera=IZ-07")
    page.get_by_role("button", name="Draw the zones").click()
    page.get_by_role("button", name="Plate zone 1, corner 1").focus()
    for _ in range(45):
        page.keyboard.press("ArrowRight")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Plate zone 1 crosses itself: the edge after corner 2 meets the edge after corner 4.")
    expect(page.get_by_role("button", name="Keep the zones")).to_be_disabled()
    for _ in range(45):
        page.get_by_role("button", name="Undo").click()
    expect(alert).to_have_count(0)
    expect(page.get_by_role("button", name="Keep the zones")).to_be_enabled()


@pytest.mark.browser
def test_what_uncovers_a_window_waits_for_another_person(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "shift_leader", "/cameras?camera=IZ-07")
    page.get_by_role("button", name="Draw the zones").click()
    page.get_by_role("button", name="Remove: Ignored zone 1").click()
    page.get_by_role("button", name="Keep the zones").click()
    expect(page.get_by_role("alert")).to_contain_text("a second person must agree")
    page.get_by_label("Reason, needed").fill("The window was walled up")
    page.get_by_role("button", name="Keep the zones").click()
    expect(page.get_by_text("shift_leader wants less to be ignored")).to_be_visible()
    expect(page.get_by_role("button", name="Agree")).to_have_count(0)
    other = signed_in(site, browser, "administrator", "/cameras?camera=IZ-07")
    expect(other.get_by_text("Reason: The window was walled up")).to_be_visible()
    expect(other.get_by_role("button", name="Draw the zones")).to_have_count(0)
    other.get_by_role("button", name="Agree").click()
    expect(other.get_by_text("Drawn by shift_leader, agreed to by administrator")).to_be_visible()
    expect(other.get_by_text("All of the picture is looked at.")).to_be_visible()
    assert (_held(site).ignored, _held(site).agreed_by) == ((), "administrator")


@pytest.mark.browser
def test_a_privacy_mask_grows_at_once_and_goes_by_two_people(site: Site, browser: Browser) -> None:
    page = signed_in(site, browser, "shift_leader", "/cameras?camera=IZ-07")
    page.get_by_role("button", name="Draw the zones").click()
    page.get_by_role("button", name="Privacy mask", exact=True).click()
    page.get_by_role("button", name="Keep the zones").click()
    expect(page.get_by_text("2 privacy masks: nobody sees what lies under them.")).to_be_visible()
    assert len(_held(site).private) == 2
    page.get_by_role("button", name="Draw the zones").click()
    page.get_by_role("button", name="Remove: Privacy mask 1").click()
    page.get_by_label("Reason, needed").fill("The yard was built over")
    page.get_by_role("button", name="Keep the zones").click()
    expect(page.get_by_text("shift_leader wants less to be ignored or masked")).to_be_visible()
    assert len(_held(site).private) == 2
    other = signed_in(site, browser, "administrator", "/cameras?camera=IZ-07")
    other.get_by_role("button", name="Agree").click()
    expect(other.get_by_text("Drawn by shift_leader, agreed to by administrator")).to_be_visible()
    assert YARD not in _held(site).private and _held(site).agreed_by == "administrator"


@pytest.mark.browser
def test_the_camera_holds_the_masks_too_and_lets_go_of_them_by_two_people(site: Site, browser: Browser) -> None:
    seen(site, HeldMasksRow("IZ-07", 4, 4, True))
    page = signed_in(site, browser, "shift_leader", "/cameras?camera=IZ-07")
    page.get_by_role("button", name="Draw the zones").click()
    page.get_by_role("checkbox", name="The camera itself holds the privacy masks too").check()
    expect(page.get_by_text("This camera takes rectangles alone")).to_be_visible()
    page.get_by_role("button", name="Keep the zones").click()
    expect(page.get_by_text("The camera is being told to hold the masks itself.")).to_be_visible()
    assert _held(site).in_camera
    seen(site, HeldMasksRow("IZ-07", 4, 4, True, 1, 1, checked=site.environment.clock.now()))
    page.reload()
    expect(page.get_by_text("Masks held by the camera itself: 1 of 1")).to_be_visible()
    page.get_by_role("button", name="Draw the zones").click()
    page.get_by_role("checkbox", name="The camera itself holds the privacy masks too").uncheck()
    page.get_by_label("Reason, needed").fill("It covers too much")
    page.get_by_role("button", name="Keep the zones").click()
    expect(page.get_by_text("The camera itself holds no masks any more.")).to_be_visible()
    assert _held(site).in_camera, "another person must agree"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "draw", "words"),
    [
        ("English", "Draw the zones", ("Plate zone 1", "Ignored zone 1", "Privacy mask 1", "4 corners")),
        ("Українська", "Накреслити зони", ("Зона номерів 1", "Зона без аналізу 1", "Маска приватності 1", "4 кути")),
        (
            "Română",
            "Desenează zonele",
            ("Zona de numere 1", "Zona neanalizată 1", "Masca de confidențialitate 1", "4 colțuri"),
        ),
    ],
)
def test_it_is_drawn_in_the_language_of_the_desk_at_three_widths(
    site: Site, browser: Browser, language: str, draw: str, words: tuple[str, ...]
) -> None:
    problem = say("camera-masks-full", "Camera IZ-07 has no room for all masks.", camera="IZ-07", most=2)
    now = site.environment.clock.now()
    seen(site, HeldMasksRow("IZ-07", 2, 4, True, 3, 2, problem=problem, checked=Time(now + SECOND)))
    site.database.write_now(lambda tx: tx.camera_zones.add(replace(_held(site), id="z-in", since=now, in_camera=True)))
    site.database.write_now(_away)
    page = signed_in(site, browser, "shift_leader", "/cameras?camera=IZ-07")
    page.get_by_role("button", name=language).click()
    fits(page, f"zones-held-{language}")
    page.get_by_role("button", name=draw).click()
    for text in words:
        expect(page.get_by_role("dialog").get_by_text(text).first).to_be_attached()
    message = page.get_by_role("dialog").locator(".tile .mid")
    expect(message).to_contain_text("10.0.0.7")
    assert page.evaluate(OVER, [".tile .mid", ".zone-over"]), "the zones hide why there is no picture"
    fits(page, f"zones-{language}")
