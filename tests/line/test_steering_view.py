"""Steering in a real browser, down to the head of a simulated camera: keys, pointer, wheel, places, and letting go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.site import PASSWORD
from tests.api.test_ptz import Town
from tests.line.demo_run import wait_for
from tests.line.screens import lay_client


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = Town(tmp_path_factory.mktemp("steering"))
    lay_client(town.site)
    town.start()
    yield town
    town.stop()


def enlarged(town: Town, browser: Browser, name: str = "operator") -> Page:
    """The enlarged picture of the camera with a head, for an operator of that name."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(30_000)
    address = f"http://127.0.0.1:{town.site.port}"
    assert context.request.post(f"{address}/api/session", data={"name": name, "password": PASSWORD}).ok
    page.goto(f"{address}/wall?camera=IZ-07")
    expect(page.get_by_role("button", name="PTZ mode")).to_be_enabled()
    return page


def looks(town: Town) -> tuple[float, float, float]:
    """Where the head looks now."""
    place = town.head.position
    return place.pan, place.tilt, place.zoom


def rests(town: Town) -> bool:
    """Whether no axis turns."""
    return not town.head.is_moving


@pytest.mark.browser
def test_a_hand_steers_and_letting_go_stops(town: Town, browser: Browser) -> None:
    page = enlarged(town, browser)
    expect(page.get_by_text("Nobody steers")).to_be_visible()
    page.keyboard.press("KeyP")
    expect(page.get_by_text("You steer")).to_be_visible()

    began = looks(town)
    page.keyboard.down("ArrowRight")
    wait_for("the head to turn right", lambda: looks(town)[0] > began[0] + 0.05, 10)
    page.keyboard.up("ArrowRight")
    wait_for("the head to rest when the key is let go", lambda: rests(town), 5)

    surface = page.locator(".steer")
    box = surface.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    began = looks(town)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - box["width"] / 4, y - box["height"] / 4, steps=4)
    wait_for("the head to turn left and up", lambda: looks(town)[0] < began[0] and looks(town)[1] > began[1], 10)
    page.mouse.up()
    wait_for("the head to rest when the pointer is let go", lambda: rests(town), 5)

    began = looks(town)
    page.mouse.wheel(0, -120)
    wait_for("the head to zoom in", lambda: looks(town)[2] > began[2], 10)
    wait_for("the head to rest after the wheel", lambda: rests(town), 5)

    page.keyboard.press("Digit1")
    wait_for("the head at the first place", lambda: looks(town) == pytest.approx((0.5, 0.1, 0.2), abs=0.01), 10)

    page.keyboard.down("ArrowLeft")
    wait_for("the head to turn", lambda: not rests(town), 10)
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    wait_for("the head to rest when the window is left", lambda: rests(town), 5)
    page.keyboard.up("ArrowLeft")

    page.keyboard.press("Escape")
    expect(page.get_by_text("Nobody steers")).to_be_visible()
    assert page.locator(".steer").count() == 0
    assert page.locator(".large").count() == 1, "Escape leaves the mode first, the picture second"
    page.context.close()


@pytest.mark.browser
def test_another_hand_is_named_and_a_leader_takes_over(town: Town, browser: Browser) -> None:
    first = enlarged(town, browser)
    first.keyboard.press("KeyP")
    expect(first.get_by_text("You steer")).to_be_visible()
    leader = enlarged_while_held(town, browser)
    expect(leader.get_by_text("PTZ Operator,")).to_be_visible()
    expect(leader.get_by_role("button", name="PTZ mode")).to_be_disabled()
    leader.get_by_role("button", name="Take over").click()
    leader.get_by_role("button", name="Take it from them now").click()
    expect(leader.get_by_text("You steer")).to_be_visible()
    expect(first.get_by_text("PTZ Shift_Leader,")).to_be_visible()
    assert first.locator(".steer").count() == 0
    first.context.close()
    leader.keyboard.press("KeyP")
    expect(leader.get_by_text("Nobody steers")).to_be_visible()
    leader.context.close()


def enlarged_while_held(town: Town, browser: Browser) -> Page:
    """The shift leader's page while somebody else steers."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    page = context.new_page()
    address = f"http://127.0.0.1:{town.site.port}"
    credentials = {"name": "shift_leader", "password": PASSWORD}
    assert context.request.post(f"{address}/api/session", data=credentials).ok
    page.goto(f"{address}/wall?camera=IZ-07")
    return page


@pytest.mark.browser
def test_a_closed_page_leaves_no_camera_turning(town: Town, browser: Browser) -> None:
    page = enlarged(town, browser)
    page.keyboard.press("KeyP")
    expect(page.get_by_text("You steer")).to_be_visible()
    page.keyboard.down("ArrowLeft")
    wait_for("the head to turn", lambda: not rests(town), 10)
    page.context.close()
    wait_for("the head to rest", lambda: rests(town), 10)
