"""Disks and holds on the screen: who may, what it takes, and that it is on the record."""

from __future__ import annotations

from typing import Any

from istros.base.said import say
from istros.base.time import DAY, Time, from_iso, to_iso
from istros.compliance.holds import mark_overdue
from istros.store.storage import DiskStateRow
from tests.api.site import Browser, Site


def asked(browser: Browser, **more: Any) -> dict[str, Any]:
    body = {
        "cameras": ["IZ-07"], "from": "2026-11-24T10:00:00Z", "to": "2026-11-24T11:00:00Z", "kind": "evidence",
        "reason": "Robbery at the harbour gate",
    }  # fmt: skip
    return body | more


def test_a_hold_is_placed_under_a_permit_and_released_by_two(site: Site) -> None:
    police, leader = site.browser("investigator"), site.browser("shift_leader")
    permit = police.open_permit("offence")
    answer = police.post("/api/holds", asked(police, permit=permit))
    assert answer.status_code == 201, answer.text
    hold = answer.json()
    assert (hold["ground"], hold["caseRef"], hold["placedBy"]) == ("CPC Art. 40", "12026-114", "investigator")
    assert (hold["start"], hold["released"]) == ("2026-11-24T10:00:00.000Z", None)
    placed = site.audit("holds.place")[-1]
    assert (placed["subject"], placed["permit"]) == (hold["id"], permit)
    assert placed["detail"]["reason"] == "Robbery at the harbour gate"

    path = f"/api/holds/{hold['id']}/release"
    assert leader.post(f"{path}/confirm", {"agree": True}).json()["code"] == "hold-state"
    assert police.post(path, {"reason": "  "}).json()["code"] == "hold-refused"
    answer = police.post(path, {"reason": "Convicted"})
    assert answer.json()["releaseAskedBy"] == "investigator"
    assert leader.post(path, {"reason": "again"}).json()["code"] == "hold-state"
    alone = police.post(f"{path}/confirm", {"agree": True})
    assert (alone.status_code, alone.json()["code"]) == (422, "hold-refused")
    assert site.audit("holds.release", "refused")[-1]["actor"] == "investigator"
    assert leader.post(f"{path}/confirm", {"agree": False}).json()["releaseAsked"] is None
    police.post(path, {"reason": "Convicted, and the appeal is over"})
    released = leader.post(f"{path}/confirm", {"agree": True}).json()
    assert (released["releasedBy"], released["releaseReason"]) == ("shift_leader", "Convicted, and the appeal is over")
    assert site.audit("holds.release")[-1]["detail"] == {"asked_by": "investigator"}
    assert hold["id"] in [row["id"] for row in leader.get("/api/holds").json()]


def test_a_hold_needs_its_permit_or_the_office(site: Site) -> None:
    police, officer = site.browser("investigator"), site.browser("protection_officer")
    assert police.post("/api/holds", asked(police)).json()["code"] == "permit-needed"
    assert police.post("/api/holds", asked(police, permit=police.permit)).json()["code"] == "permit-too-narrow"
    assert officer.post("/api/holds", asked(officer, kind="legal")).json()["code"] == "hold-refused"
    answer = officer.post("/api/holds", asked(officer, kind="legal", ground="GDPR Art. 18(1)(c)", caseRef="R-7"))
    assert (answer.status_code, answer.json()["ground"]) == (201, "GDPR Art. 18(1)(c)")


def test_rubbish_is_refused_in_words(site: Site) -> None:
    police = site.browser("investigator")
    permit = police.open_permit("offence")
    for change, code in (
        ({"cameras": ["XX-99"]}, "not-found"),
        ({"cameras": []}, "invalid-field"),
        ({"to": "2026-11-24T09:00:00Z"}, "hold-refused"),
        ({"to": "2036-11-24T09:00:00Z"}, "hold-refused"),
        ({"kind": "whim"}, "invalid-field"),
        ({"reason": "\x07bell"}, "hold-refused"),
        ({"reason": "x" * 501}, "invalid-field"),
        ({"from": "yesterday"}, "invalid-field"),
    ):
        answer = police.post("/api/holds", asked(police, permit=permit, **change))
        assert (answer.status_code in {404, 422}, answer.json()["code"]) == (True, code), change
    assert police.post("/api/holds/none/release", {"reason": "x"}).json()["code"] == "hold-unknown"
    assert police.post("/api/holds/none/release/confirm", {"agree": True}).json()["code"] == "hold-unknown"


def test_the_storage_tells_disks_and_rules(site: Site) -> None:
    now = site.environment.clock.now()

    def disk(name: str, updated: int) -> DiskStateRow:
        held = say("disk-filling", "Held footage leaves room for 2 days.", disk=name, days="2")
        return DiskStateRow(
            name, 1, "/srv/" + name, "filling", held, Time(updated), 1000, 100, 900, 800,
            200, 500, 200, 0, None, Time(now + 1_000_000), 2.0,
        )  # fmt: skip

    site.database.write_now(lambda tx: tx.storage.put([disk("a", now), disk("b", now - 3_600_000_000)]))
    answer = site.browser("administrator").get("/api/storage").json()
    first, second = answer["disks"]
    assert (first["status"], first["onlyHeldAt"], first["routineDays"]) == (
        "filling",
        to_iso(Time(now + 1_000_000)),
        2.0,
    )
    assert (first["problemCode"], first["problemFacts"]) == ("disk-filling", {"disk": "a", "days": "2"})
    assert (second["status"], second["problemCode"]) == ("unknown", "disk-not-looked-at")
    assert [camera["cameraId"] for camera in answer["cameras"]] == ["IZ-07", "TL-01"]
    used = site.database.read_now(lambda tx: tx.storage.bytes_of("IZ-07"))
    oldest = site.database.read_now(lambda tx: tx.storage.oldest("IZ-07"))
    assert answer["cameras"][0] | {"cameraId": ""} == {
        "cameraId": "", "days": 14.0, "eventDays": 14.0, "gigabytesMax": None, "usedBytes": used,
        "oldest": None if oldest is None else to_iso(oldest),
    }  # fmt: skip


def test_a_hold_is_reviewed_in_time_or_marked_once_and_never_let_go(site: Site) -> None:
    officer, now = site.browser("protection_officer"), site.environment.clock.now()
    office = {"kind": "legal", "ground": "GDPR Art. 18(1)(c)", "caseRef": "R-9"}
    for wrong in (to_iso(Time(now + 367 * DAY)), to_iso(Time(now - DAY))):
        assert officer.post("/api/holds", asked(officer, review=wrong, **office)).json()["code"] == "hold-refused"
    hold = officer.post("/api/holds", asked(officer, **office)).json()
    assert abs(from_iso(hold["review"]) - now - 90 * DAY) < DAY and not hold["overdue"]
    late = Time(now - DAY)
    site.database.write_now(lambda tx: tx.holds.keep_until(hold["id"], late, late, "x", "x"))
    assert hold["id"] in {row.id for row in site.database.write_now(lambda tx: mark_overdue(tx, site.environment))}
    assert site.database.write_now(lambda tx: mark_overdue(tx, site.environment)) == [], "once"
    assert hold["id"] in {row["subject"] for row in site.audit("holds.overdue")}
    (shown,) = (row for row in officer.get("/api/holds").json() if row["id"] == hold["id"])
    assert (shown["overdue"], shown["released"]) == (True, None)
    path = f"/api/holds/{hold['id']}/review"
    assert officer.post(path, {"until": to_iso(Time(now + 400 * DAY)), "reason": "x"}).json()["code"] == "hold-refused"
    assert officer.post(path, {"until": to_iso(Time(now + DAY)), "reason": " "}).json()["code"] == "hold-refused"
    kept = officer.post(path, {"until": to_iso(Time(now + 30 * DAY)), "reason": "The appeal goes on"}).json()
    assert (kept["overdue"], kept["reviewedBy"]) == (False, "protection_officer")
    assert site.audit("holds.review")[-1]["detail"]["reason"] == "The appeal goes on"
