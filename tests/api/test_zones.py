"""The zones of a camera over HTTP: who may draw them, who must agree, and what the record says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from istros.base.said import say
from istros.base.time import Time
from istros.store import Transaction
from istros.store.camera_zones import CAMERA_ZONES
from istros.store.devices import HeldMasksRow
from tests.api.site import Browser, Site

SQUARE = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]]
SMALLER = [[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7]]
PATH = "/api/cameras/IZ-07/zones"


@pytest.fixture
def clean(site: Site) -> Iterator[None]:
    """Nothing drawn on IZ-07, before and after."""

    def work(tx: Transaction) -> None:
        tx.camera_zones._connection.execute(CAMERA_ZONES.delete())

    site.database.write_now(work)
    yield
    site.database.write_now(work)


def put(browser: Browser, **change: Any) -> Any:
    zones = {kind: change.pop(kind, []) for kind in ("plates", "ignored", "private")}
    return browser.http.put(PATH, json={"zones": zones, **change})


def test_everybody_sees_the_zones_and_those_who_set_cameras_up_draw_them(site: Site, clean: None) -> None:
    told = site.browser("traffic_engineer").get(PATH).json()
    assert (told["fromFile"], told["zones"], told["waiting"], told["history"]) == (
        True, {"plates": [], "ignored": [], "private": []}, None, [],
    )  # fmt: skip
    assert put(site.browser("operator"), plates=[SQUARE]).status_code == 403
    drawn = put(site.browser("shift_leader"), plates=[SQUARE], ignored=[SMALLER]).json()
    assert (drawn["fromFile"], drawn["zones"]["plates"], drawn["zones"]["ignored"]) == (False, [SQUARE], [SMALLER])
    assert [each["setBy"] for each in drawn["history"]] == ["shift_leader"]
    detail = site.audit("cameras.zones")[-1]["detail"]
    assert (detail["before"]["plates"], detail["after"]["plates"]) == ([], [SQUARE])
    widths = site.browser("operator").get("/api/cameras/IZ-07/plate-widths").json()
    assert widths["zones"] == [SQUARE], "what is drawn is what the plate widths are told for"


def test_uncovering_needs_a_reason_and_another_person(site: Site, clean: None) -> None:
    leader, administrator = site.browser("shift_leader"), site.browser("administrator")
    put(leader, ignored=[SQUARE])
    refused = put(leader, ignored=[])
    assert (refused.status_code, refused.json()["code"]) == (422, "zones-refused")
    waits = put(leader, ignored=[], reason="The window was walled up").json()["waiting"]
    assert (waits["askedBy"], waits["own"], waits["released"]) == ("shift_leader", True, False)
    assert leader.get(PATH).json()["zones"]["ignored"] == [SQUARE]
    own = leader.post(f"{PATH}/answer", {"agree": True})
    assert (own.status_code, own.json()["code"]) == (403, "release-refused")
    again = put(administrator, ignored=[SQUARE])
    assert (again.status_code, again.json()["code"]) == (409, "zones-state")
    assert administrator.get(PATH).json()["waiting"]["own"] is False
    agreed = administrator.post(f"{PATH}/answer", {"agree": True}).json()
    assert (agreed["zones"]["ignored"], agreed["waiting"], agreed["history"][0]["agreedBy"]) == (
        [], None, "administrator",
    )  # fmt: skip
    gone = administrator.post(f"{PATH}/answer", {"agree": True})
    assert (gone.status_code, gone.json()["code"]) == (409, "zones-state")


def test_a_shape_that_crosses_itself_is_refused_with_its_corners(site: Site, clean: None) -> None:
    bow = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]
    answer = put(site.browser("shift_leader"), plates=[SQUARE, bow])
    assert answer.status_code == 422
    assert answer.json()["message"] == (
        "The plate zone 2 crosses itself: the edge after corner 1 meets the edge after corner 3."
    )
    for bad in ([[0.1, 0.1]], [[0.1, 0.1], [0.2, 2.0], [0.3, 0.3]], [[0.1], [0.2], [0.3]]):
        assert put(site.browser("shift_leader"), plates=[bad]).json()["code"] == "invalid-field"


def test_what_the_camera_holds_is_asked_for_by_one_and_taken_out_by_two(site: Site, clean: None) -> None:
    leader, administrator = site.browser("shift_leader"), site.browser("administrator")
    held = put(leader, private=[SQUARE], inCamera=True).json()
    masked = {each["id"]: each["masks"] for each in leader.get("/api/cameras").json()}
    assert masked == {"IZ-07": 1, "TL-01": 0}, "what is grey in a picture is told as a mask"
    assert held["inCamera"] and held["waiting"] is None and held["held"]["mostMasks"] is None
    assert site.audit("cameras.zones")[-1]["detail"]["in_camera"] == {"before": False, "after": True}
    assert put(leader, private=[SQUARE]).json()["code"] == "zones-refused", "the mask stays, but leaves the camera"
    waits = put(leader, private=[SQUARE], reason="The camera covers too much").json()
    assert waits["inCamera"] and not waits["waiting"]["inCamera"]
    assert leader.post(f"{PATH}/answer", {"agree": True}).json()["code"] == "release-refused"
    freed = administrator.post(f"{PATH}/answer", {"agree": True}).json()
    assert not freed["inCamera"] and freed["zones"]["private"] == [SQUARE]
    assert [each["inCamera"] for each in freed["history"]] == [False, True]
    assert put(leader, private=[SQUARE], inCamera=True).json()["waiting"] is None


def test_what_the_camera_was_seen_to_hold_is_told(site: Site, clean: None) -> None:
    problem = say("camera-masks-none", "Camera IZ-07 cannot hold privacy masks itself.", camera="IZ-07")
    row = HeldMasksRow("IZ-07", 4, 4, True, 2, 1, (("m1", "video", ((0.0, 0.0),)),), problem, Time(1))
    site.database.write_now(lambda tx: tx.devices.put_held_masks(row))
    told = site.browser("operator").get(PATH).json()["held"]
    assert (told["mostMasks"], told["onlyRectangles"], told["wanted"], told["held"]) == (4, True, 2, 1)
    assert (told["problemCode"], told["problemFacts"]) == ("camera-masks-none", {"camera": "IZ-07"})
    site.database.write_now(lambda tx: tx.devices.put_held_masks(HeldMasksRow("IZ-07")))
