"""How wide plates are at each spot, over HTTP; the scale is set by those who set cameras up, on the record."""

from __future__ import annotations

from istros.base.said import NOTHING
from istros.store import Transaction
from istros.store.plate_spots import PlateSpotRow
from istros.store.rows import StreamStateRow
from tests.api.site import Site

UPPER = {"x1": 0.4, "y1": 0.3, "x2": 0.45, "y2": 0.3, "metres": 1.92}
LOWER = {"x1": 0.3, "y1": 0.8, "x2": 0.5, "y2": 0.8, "metres": 1.92}


def fill(site: Site) -> None:
    now = site.environment.clock.now()

    def work(tx: Transaction) -> None:
        tx.streams.put(
            [
                StreamStateRow(
                    camera_id="IZ-07", stream="main", status="live", since=now, updated=now, recording=True,
                    codec="h264", width=1920, height=1080, fps=25.0, bitrate_bps=3_000_000, lost_packets=0, reconnects=0,
                    last_keyframe=now, problem=NOTHING,
                )
            ]
        )  # fmt: skip
        tx.plate_spots.add([PlateSpotRow("IZ-07", 8, 7, 2, 0.12, 3, 0.9), PlateSpotRow("IZ-07", 8, 3, 0, 0.0, 2, 0.3)])

    site.database.write_now(work)


def test_everybody_sees_how_wide_plates_are(site: Site) -> None:
    fill(site)
    found = site.browser("traffic_engineer").get("/api/cameras/IZ-07/plate-widths").json()
    assert (found["width"], found["height"], found["columns"], found["rows"], found["enoughPx"]) == (
        1920,
        1080,
        16,
        9,
        70,
    )
    far, near = found["spots"]
    assert (near["across"], near["down"], near["source"], round(near["widthPx"]), near["level"]) == (
        8, 7, "plates", 115, "recognise",
    )  # fmt: skip
    assert (far["source"], far["inZone"]) == ("vehicles", True)
    assert site.browser("operator").get("/api/cameras/XX/plate-widths").status_code == 404


def test_a_scale_is_set_on_the_record_and_fills_the_picture(site: Site) -> None:
    fill(site)
    marks = {"marks": [UPPER, LOWER]}
    assert site.browser("operator").http.put("/api/cameras/IZ-07/scale", json=marks).status_code == 403
    found = site.browser("administrator").http.put("/api/cameras/IZ-07/scale", json=marks).json()
    assert {spot["source"] for spot in found["spots"]} == {"plates", "scale"}
    assert found["marks"] == [UPPER, LOWER] and found["scaled"] is not None
    assert site.audit("cameras.scale")[-1]["subject"] == "IZ-07"


def test_marks_that_say_nothing_are_refused_with_the_way_out(site: Site) -> None:
    browser = site.browser("administrator")
    same = browser.http.put("/api/cameras/IZ-07/scale", json={"marks": [UPPER, {**UPPER, "x2": 0.6}]})
    assert (same.status_code, same.json()["code"]) == (422, "bad-request")
    assert "far up the road" in same.json()["remedy"]
    point = browser.http.put("/api/cameras/IZ-07/scale", json={"marks": [LOWER, {**UPPER, "x2": 0.4}]})
    assert (point.status_code, "no length" in point.json()["message"]) == (422, True)
    assert browser.http.put("/api/cameras/IZ-07/scale", json={"marks": [UPPER]}).status_code == 422


def test_a_camera_that_was_moved_is_measured_anew(site: Site) -> None:
    fill(site)
    browser = site.browser("administrator")
    browser.http.put("/api/cameras/IZ-07/scale", json={"marks": [UPPER, LOWER]})
    assert browser.post("/api/cameras/IZ-07/learn").status_code == 200
    found = browser.get("/api/cameras/IZ-07/plate-widths").json()
    assert (found["spots"], found["marks"], found["scaled"]) == ([], [], None)
