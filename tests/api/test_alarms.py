"""From a listed plate to an answered alarm, as a browser sees it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from istros.base.time import Time, to_iso
from istros.events.judging import Judge
from istros.events.record import NODE, record
from istros.store import Transaction
from tests.api.site import Browser, Site
from tests.events.city import read_of


def sought(site: Site, plate: str, **more: Any) -> dict[str, Any]:
    """A watchlist entry opened by the shift leader."""
    leader = site.browser("shift_leader")
    expires = to_iso(Time(site.environment.clock.now() + 86_400_000_000))
    body = {
        "plate": plate, "manner": "near", "purpose": "stolen-vehicle", "ground": "CPC Art. 40", "caseRef": "12026-114",
        "priority": "critical", "category": "none", "requester": "Unit 3", "handling": "H0",
        "provenance": "report of the owner", "expires": expires, "review": expires,
    }  # fmt: skip
    answer = leader.post("/api/watchlist", body | more)
    assert answer.status_code == 201, answer.text
    entry: dict[str, Any] = answer.json()
    return entry


def seen(site: Site, plate: str, camera: str = "IZ-07") -> str:
    """A read of the plate, judged; its id."""
    read = read_of(plate, site.environment.clock.now(), read_id=site.environment.ids.new(), camera=camera)
    site.database.write_now(lambda tx: tx.reads.add(read))
    asyncio.run(Judge(site.environment, site.database).judge_waiting())
    return read.id


def alarm_for(browser: Browser, read_id: str) -> dict[str, Any]:
    (alarm,) = [each for each in browser.get("/api/alarms").json() if each.get("observationId") == read_id]
    return dict(alarm)


@pytest.fixture(scope="module")
def operator(site: Site) -> Browser:
    return site.browser("operator")


def test_an_alarm_is_told_taken_and_closed(site: Site, operator: Browser) -> None:
    entry = sought(site, "BH 1001 AA")
    with operator.socket("/api/changes") as socket:
        assert json.loads(socket.recv(timeout=10))["type"] == "tick"
        read_id = seen(site, "ВН1001АА")
        kinds: set[str] = set()
        while not {"alarm", "read"} <= kinds:
            message = json.loads(socket.recv(timeout=10))
            if message["type"] == "alarm" and message["alarm"]["plate"] == "BH 1001 AA":
                kinds.add("alarm")
            if message["type"] == "read" and message["read"]["id"] == read_id:
                kinds.add("read")
                assert set(message["read"]) == {"id", "cameraId", "time", "confidence"}
    alarm = alarm_for(operator, read_id)
    assert (alarm["state"], alarm["priority"], alarm["match"], alarm["country"]) == ("new", "critical", "exact", "UA")
    path = f"/api/alarms/{alarm['id']}"
    assert operator.post(f"{path}/close", {"verdict": "true", "note": ""}).json()["code"] == "alarm-state"
    assert operator.post(f"{path}/acknowledge").json()["acknowledgedBy"] == "operator"
    closed = operator.post(f"{path}/close", {"verdict": "true", "note": "Stopped at the ferry"})
    assert (closed.status_code, closed.json()["state"], closed.json()["verdict"]) == (200, "closed", "true")
    detail = operator.get(path).json()
    assert detail["entry"]["id"] == entry["id"]
    assert detail["read"]["id"] == read_id
    assert detail["read"]["listed"] is True
    assert [step["action"] for step in detail["history"]] == ["alarm.raise", "alarm.acknowledge", "alarm.close"]
    assert detail["history"][2]["detail"] == "true · Stopped at the ferry"
    assert [(step["code"], step["facts"]) for step in detail["history"]] == [
        ("plate-same", {"read": "ВН1001АА", "sought": "BH 1001 AA"}), ("", {}), ("", {}),
    ]  # fmt: skip
    assert site.audit("alarms.read")[-1]["subject"] == alarm["id"]
    assert site.audit("alarms.read")[-1]["permit"] == operator.permit


def test_the_history_of_an_earlier_version_reads_as_it_was_written(site: Site, operator: Browser) -> None:
    sought(site, "BH 1011 AA")
    alarm = alarm_for(operator, seen(site, "BH1011AA"))
    old = {"why": "The plate read is the plate sought.", "count": 2, "observation": "x"}
    site.database.write_now(lambda tx: record(tx, site.environment, NODE, "alarm.fold", alarm["id"], old))
    step = operator.get(f"/api/alarms/{alarm['id']}").json()["history"][-1]
    assert (step["detail"], step["code"], step["facts"]) == (old["why"], "", {})


def test_how_an_alarm_was_raised_is_told_however_often_it_was_seen_since(site: Site, operator: Browser) -> None:
    sought(site, "BH 1012 AA")
    alarm = alarm_for(operator, seen(site, "BH1012AA"))

    def fold_often(tx: Transaction) -> None:
        for number in range(250):
            record(tx, site.environment, NODE, "alarm.fold", alarm["id"], {"count": number, "observation": "x"})

    site.database.write_now(fold_often)
    history = operator.get(f"/api/alarms/{alarm['id']}").json()["history"]
    assert [step["action"] for step in history] == ["alarm.raise", *["alarm.fold"] * 200]


def test_who_comes_second_is_told_who_was_first(site: Site, operator: Browser) -> None:
    sought(site, "BH 1002 AA")
    alarm = alarm_for(operator, seen(site, "BH1002AA"))
    assert operator.post(f"/api/alarms/{alarm['id']}/acknowledge").status_code == 200
    answer = site.browser("shift_leader").post(f"/api/alarms/{alarm['id']}/acknowledge")
    assert (answer.status_code, answer.json()["code"]) == (409, "alarm-state")
    assert "operator has acknowledged it" in answer.json()["message"]


def test_states_are_asked_for_by_name(operator: Browser) -> None:
    assert {each["state"] for each in operator.get("/api/alarms", state="closed").json()} <= {"closed"}
    assert operator.get("/api/alarms", state="sleeping").json()["code"] == "bad-request"
    assert operator.get("/api/alarms/none").json()["code"] == "alarm-unknown"


def test_the_shift_sees_the_picture_of_an_alarm_and_of_nothing_else(site: Site, operator: Browser) -> None:
    sought(site, "BH 1003 AA")
    alarmed, other = seen(site, "BH1003AA"), seen(site, "XX9999XX")
    crop = operator.get(f"/api/plates/{alarmed}/crop", permit=operator.permit)
    assert (crop.status_code, crop.headers["content-type"]) == (200, "image/jpeg")
    assert crop.headers["cache-control"] == "no-store"
    assert operator.get(f"/api/plates/{alarmed}", permit=operator.permit).json()["text"] == "BH1003AA"
    assert operator.get(f"/api/plates/{alarmed}").json()["text"] == "BH1003AA"
    for path in (f"/api/plates/{other}", f"/api/plates/{other}/crop"):
        assert operator.get(path, permit=operator.permit).status_code == 404


def test_an_entry_is_closed_by_its_own_organisation(site: Site) -> None:
    entry = sought(site, "BH 1004 AA")
    path = f"/api/watchlist/{entry['id']}/close"
    refused = site.browser("investigator").post(path, {"reason": "Found"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    closed = site.browser("shift_leader").post(path, {"reason": "Found"})
    assert (closed.json()["state"], closed.json()["closeReason"]) == ("closed", "Found")
    listed = site.browser("protection_officer").get("/api/watchlist").json()
    assert next(each for each in listed if each["id"] == entry["id"])["state"] == "closed"


def test_an_entry_without_end_is_refused(site: Site) -> None:
    leader = site.browser("shift_leader")
    body = {
        "plate": "BH1005AA", "manner": "exact", "purpose": "offence", "ground": "Art. 40", "caseRef": "1",
        "priority": "low", "category": "none", "requester": "Unit 3", "handling": "H0", "provenance": "report",
        "expires": to_iso(Time(site.environment.clock.now() + 31 * 86_400_000_000)),
        "review": to_iso(site.environment.clock.now()),
    }  # fmt: skip
    answer = leader.post("/api/watchlist", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "entry-refused")
    assert "'expires'" in leader.post("/api/watchlist", body | {"expires": "tomorrow"}).json()["message"]
