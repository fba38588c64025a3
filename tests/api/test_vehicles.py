"""Vehicles that passed cameras, over HTTP: under a permit, on the record, page after page."""

from __future__ import annotations

from typing import Any

from istros.base.plate_text import fold_read
from istros.base.time import SECOND, Time, to_iso
from istros.store import Transaction
from istros.store.rows import PlateReadRow
from istros.store.vehicles import VehicleRow
from tests.api.site import Browser, Site

BOX = (0.2, 0.3, 0.5, 0.7)


def passage(site: Site, seconds_ago: float, **more: Any) -> VehicleRow:
    end = Time(site.environment.clock.now() - round(seconds_ago * SECOND))
    id = site.environment.ids.new()
    values: dict[str, Any] = {
        "id": id, "camera_id": "IZ-07", "track_id": f"track-{id}", "first_seen": Time(end - 4 * SECOND),
        "last_seen": end, "vehicle_class": "car", "class_confidence": 0.9, "colour": "red", "direction": "towards",
        "heading": 134.0, "stood_s": 0.0, "box": BOX, "box_time": Time(end - SECOND),
    }  # fmt: skip
    row = VehicleRow(**(values | more))
    site.database.write_now(lambda tx: tx.vehicles.add([row]))
    return row


def plate_of(site: Site, row: VehicleRow, text: str) -> str:
    id = site.environment.ids.new()
    read = PlateReadRow(
        id=id, camera_id=row.camera_id, time=row.last_seen, track_id=row.track_id, text=text, folded=fold_read(text),
        country="UA", confidence=0.9, alternatives=(), plate_box=BOX, vehicle_box=BOX, vehicle_class="car",
        frames_read=3, plate_width_px=100, first_seen=row.first_seen, last_seen=row.last_seen,
    )  # fmt: skip
    site.database.write_now(lambda tx: tx.reads.add(read))
    return id


def search(site: Site, browser: Browser, permit: str, seconds: float = 600, **more: Any) -> Any:
    now = site.environment.clock.now()
    span = {"from": to_iso(Time(now - round(seconds * SECOND))), "to": to_iso(Time(now + SECOND))}
    return browser.get("/api/vehicles", permit=permit, **span, **more)


def test_a_search_needs_a_permit_for_a_purpose_of_the_police(site: Site, officer: Browser) -> None:
    row = passage(site, 5)
    leader = site.browser("shift_leader")
    narrow = leader.open_permit("traffic-safety")
    for browser, permit in ((officer, "none"), (officer, officer.permit), (leader, narrow)):
        answer = search(site, browser, permit)
        assert answer.status_code == 403 and answer.json()["code"].startswith("permit-")
    assert len(site.audit("vehicles.search", "refused")) >= 3
    permit = officer.open_permit()
    found = search(site, officer, permit).json()
    assert row.id in [each["id"] for each in found["passages"]] and found["searched"] >= 1
    assert site.audit("vehicles.search")[-1]["permit"] == permit


def test_a_search_by_looks_and_place_is_on_the_record_with_them(site: Site, officer: Browser) -> None:
    row = passage(site, 6, vehicle_class="bus", colour="green", direction="left", camera_id="TL-01")
    passage(site, 6, vehicle_class="bus", colour="green", direction="right", camera_id="TL-01")
    passage(site, 6, vehicle_class="bus", colour=None, direction="left", camera_id="TL-01")
    asked = {"camera": "TL-01", "vehicle": ["bus", "van"], "colour": "green", "direction": "left"}
    permit = officer.open_permit()
    (found,) = search(site, officer, permit, **asked).json()["passages"]
    assert (found["id"], found["vehicleClass"], found["colour"], found["heading"]) == (row.id, "bus", "green", 134.0)
    assert (found["box"], found["boxTime"]) == (list(BOX), to_iso(Time(row.last_seen - SECOND)))
    detail = site.audit("vehicles.search")[-1]["detail"]
    assert (detail["cameras"], detail["vehicles"], detail["colours"]) == (["TL-01"], ["bus", "van"], ["green"])
    assert (detail["directions"], detail["plate"]) == (["left"], "any")
    for bad in ({"vehicle": "ship"}, {"colour": "silver"}, {"direction": "up"}, {"plate": "maybe"}, {"limit": 501}):
        assert search(site, officer, permit, **bad).status_code == 422, bad


def test_a_passage_names_the_plates_that_were_read_of_it(site: Site, officer: Browser) -> None:
    read_one = passage(site, 7, vehicle_class="lorry")
    bare = passage(site, 8, vehicle_class="lorry")
    read_id = plate_of(site, read_one, "BH3003AK")
    permit = officer.open_permit()

    def found(plate: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = search(site, officer, permit, vehicle="lorry", plate=plate).json()["passages"]
        return listed

    assert [each["id"] for each in found("any")] == [read_one.id, bare.id]
    assert [each["id"] for each in found("without")] == [bare.id]
    (with_plate,) = found("with")
    assert [(each["readId"], each["text"], each["country"]) for each in with_plate["plates"]] == [
        (read_id, "BH3003AK", "UA")
    ]


def test_pages_follow_each_other_to_the_end(site: Site, officer: Browser) -> None:
    rows = [passage(site, 100 + number, vehicle_class="motorcycle") for number in range(5)]
    permit, after, seen = officer.open_permit(), "", []
    for _ in range(3):
        page = search(site, officer, permit, vehicle="motorcycle", limit=2, after=after).json()
        seen += [each["id"] for each in page["passages"]]
        after = page["next"]
    assert (seen, after) == ([row.id for row in rows], None)
    erased = passage(site, 900)

    def work(tx: Transaction) -> int:
        return tx.vehicles.remove_before(Time(erased.last_seen + 1))

    site.database.write_now(work)
    gone = search(site, officer, permit, after=erased.id)
    assert (gone.status_code, gone.json()["code"]) == (404, "not-found")
    assert "Search again" in gone.json()["remedy"]


def test_a_picture_of_the_vehicle_is_a_still_of_its_moment_under_the_same_permit(site: Site, officer: Browser) -> None:
    permit, row = officer.open_permit(), passage(site, 9)
    moment = to_iso(row.box_time or row.last_seen)
    assert officer.get("/api/stills/IZ-07", time=moment, permit=officer.permit).status_code == 403
    answer = officer.get("/api/stills/IZ-07", time=moment, permit=permit)
    assert (answer.status_code, answer.json()["code"]) == (404, "no-picture"), "nothing was recorded of it here"
