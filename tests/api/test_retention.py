"""What will go, as the screen asks: who may, what is counted, and that the look is on the record."""

from __future__ import annotations

from dataclasses import replace

from istros.base.said import NOTHING
from istros.base.time import DAY, Time
from istros.store.links import RemovalReason
from istros.store.storage import DiskStateRow
from tests.api.site import Site
from tests.store.rows_made import read, segment


def test_the_preview_counts_by_class(site: Site) -> None:
    now = site.environment.clock.now()
    old = Time(now - 14 * DAY + 12 * 3_600_000_000)
    row = replace(segment(1, "IZ-07"), start=old, end=Time(old + 10_000_000), size_bytes=700)
    site.database.write_now(lambda tx: tx.segments.add(row))
    site.database.write_now(lambda tx: tx.reads.add(replace(read(1, "BH1234AA"), time=Time(now - 25 * 3_600_000_000))))
    officer = site.browser("protection_officer")
    found = officer.get("/api/retention/preview", days="1").json()
    (mine,) = (each for each in found["recordings"] if each["cameraId"] == "IZ-07")
    assert (mine["count"], mine["sizeBytes"], mine["heldCount"], mine["byProfile"]) == (1, 700, 0, False)
    classes = {each["kind"]: each for each in found["classes"]}
    assert list(classes) == ["plates", "vehicles", "people", "alarms", "exports"]
    assert classes["alarms"]["limitHours"] is None
    assert site.audit("retention.read")[-1]["detail"] == {"days": 1}
    assert site.browser("administrator").get("/api/retention/preview", days="7").status_code == 200
    site.database.write_now(lambda tx: tx.segments.remove([row.id], now, RemovalReason.RETENTION))


def test_a_disk_without_room_is_told_beside_what_age_takes(site: Site) -> None:
    now = site.environment.clock.now()
    disk = DiskStateRow(
        "full", 1, "/srv/full", "working", NOTHING, now, 1000, 0, 900, 900, 0, 100, 200, 0, None, None, 4.0
    )
    site.database.write_now(lambda tx: tx.storage.put([disk]))
    officer = site.browser("protection_officer")
    wanted = {1: 200, 3: 600, 7: 800}  # never what is held
    for days, size in wanted.items():
        found = officer.get("/api/retention/preview", days=str(days)).json()
        assert found["disks"] == [{"disk": "full", "sizeBytes": size}], days


def test_only_administration_and_oversight_look_ahead(site: Site) -> None:
    for name in ("investigator", "shift_leader", "operator"):
        assert site.browser(name).get("/api/retention/preview").status_code == 403, name
    wrong = site.browser("protection_officer").get("/api/retention/preview", days="2")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid-field")
