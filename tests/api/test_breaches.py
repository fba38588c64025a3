"""Breaches over HTTP: anybody tells, the officer works on it, a second person closes, and the record tells no story."""

from __future__ import annotations

import json
from typing import Any

import pytest

from istros.base.time import HOUR, Time, to_iso
from istros.events.raising import new_alarm
from tests.api.site import Browser, Site


def moment(site: Site, hours: float) -> str:
    return to_iso(Time(site.environment.clock.now() + round(hours * HOUR)))


def tell(site: Site, browser: Browser, **more: Any) -> dict[str, Any]:
    body = {"law": "gdpr", "known": moment(site, -2), "facts": {"what": "A clip lay on a shared drive."}} | more
    answer = browser.http.post("/api/breaches", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture(scope="module")
def officer(site: Site) -> Browser:
    return site.browser("protection_officer")


def test_the_desk_tells_and_sees_no_list(site: Site) -> None:
    for role in ("operator", "patrol", "administrator", "traffic_engineer"):
        browser = site.browser(role)
        made = tell(site, browser)
        assert made["number"].startswith("B-") and made["due"] > moment(site, 69)
        assert browser.http.get("/api/breaches").status_code == 403
        assert browser.http.get(f"/api/breaches/{made['id']}").status_code == 403
        assert browser.get("/api/notices").json() == []


def test_the_whole_way(site: Site, officer: Browser) -> None:
    facts: dict[str, Any] = {
        "what": "A clip lay on a shared drive.",
        "natures": ["seen"],
        "data": ["recordings"],
        "cameras": ["TL-01"],
    }
    made = tell(site, officer, facts=facts, sourceKind="finding", source="f1")
    address = f"/api/breaches/{made['id']}"
    leader = site.browser("shift_leader")
    for browser in (officer, leader):
        assert made["number"] in [each["subject"] for each in browser.get("/api/notices").json()]
        assert browser.get(address).json()["running"]
    assert (
        leader.http.post(f"{address}/assess", json={"report": False, "people": False, "reason": "x"}).status_code == 403
    )
    grown = officer.http.post(f"{address}/facts", json={"people": 12}).json()
    assert grown["facts"]["people"] == 12 and grown["facts"]["what"] == facts["what"]
    early = officer.http.post(
        f"{address}/report", json={"authority": "ro", "sent": moment(site, 0), "reference": "A-17"}
    )
    assert (early.status_code, early.json()["code"]) == (409, "breach-state")
    officer.post(f"{address}/assess", {"report": True, "people": False, "reason": "a risk"})
    words = {"ro": "ANSPDCP", "ua": "Omului al Radei Supreme", "people": "persoanele"}
    for kind, said in words.items():
        query = {"kind": kind, "language": "ro"}
        assert officer.http.get(f"{address}/letter", params=query).content.startswith(b"%PDF")
        text = officer.http.get(f"{address}/letter", params=query | {"form": "text"})
        assert text.headers["content-type"].startswith("text/plain") and said in text.text
        assert facts["what"] in text.text
    sent = officer.post(f"{address}/report", {"authority": "ro", "sent": moment(site, -1), "reference": "A-17"}).json()
    assert sent["state"] == "reported" and not sent["running"]
    assert made["number"] not in [each["subject"] for each in officer.get("/api/notices").json()]
    assert officer.post(f"{address}/people", {"told": False, "how": "no high risk"}).json()["telling"]["told"] is False
    own = officer.http.post(f"{address}/close", json={"note": "done"})
    assert (own.status_code, own.json()["code"]) == (422, "breach-refused")
    closed = leader.post(f"{address}/close", {"note": "letters seen"}).json()
    assert (closed["state"], closed["closedBy"], len(closed["steps"])) == ("closed", "shift_leader", 6)
    assert closed["sourceKind"] == "finding" and closed["source"] == "f1"
    rows = site.database.read_now(lambda tx: tx.audit.about(made["id"]))
    told = [row.action for row in rows if row.action not in ("breaches.read", "breaches.handle", "breaches.close")]
    assert told == [f"breaches.{step}" for step in ("opened", "added", "assessed", "reported", "people", "closed")]
    assert "drive" not in json.dumps([row.detail for row in rows]) and "letters" not in "".join(
        row.detail for row in rows
    )
    refused = [row.action for row in rows if row.result == "refused"]
    assert refused == ["breaches.handle", "breaches.close"]


def test_what_is_missing_is_said(site: Site, officer: Browser) -> None:
    good = {"law": "ua", "known": moment(site, -1), "facts": {"what": "A"}}
    for wrong, status, said in (
        ({"known": moment(site, 1)}, 422, "before it is told"), ({"facts": {}}, 422, "what happened"),
        ({"facts": {"what": "A", "cameras": ["XX"]}}, 404, "camera"), ({"law": "none"}, 422, "law"),
        ({"facts": {"what": "A", "people": -1}}, 422, "people"),
    ):  # fmt: skip
        answer = officer.http.post("/api/breaches", json=good | wrong)
        assert answer.status_code == status and said in answer.json()["message"], answer.text
    assert officer.http.get("/api/breaches/none").json()["code"] == "breach-unknown"


def test_a_breach_is_made_from_an_alarm_that_is_there(site: Site) -> None:
    desk = site.browser("operator")
    body = {"law": "ua", "known": moment(site, -1), "facts": {"what": "x"}, "sourceKind": "alarm", "source": "nothing"}
    refused = desk.post("/api/breaches", body)
    assert (refused.status_code, refused.json()["code"]) == (404, "alarm-unknown")
    now = site.environment.clock.now()
    alarm = new_alarm(site.environment, "tamper", "high", "TL-01", now, "Camera reports tampering", "tamper:TL-01")
    site.database.write_now(lambda tx: tx.alarms.add(alarm))
    made = tell(site, desk, sourceKind="alarm", source=alarm.id)
    shown = site.browser("protection_officer").get(f"/api/breaches/{made['id']}").json()
    assert (shown["sourceKind"], shown["source"]) == ("alarm", alarm.id)


def test_forms_begin_with_the_law_that_the_node_works_by(site: Site) -> None:
    assert site.browser("operator").get("/api/session").json()["law"] == "ua"


def test_breaches_are_divided_by_organisation_and_whoever_runs_the_node_sees_all(site: Site, officer: Browser) -> None:
    away = site.newcomer("officer_b", "protection_officer", "tulcea", must_change=False)
    leader_away = site.newcomer("leader_b", "shift_leader", "tulcea", must_change=False)
    told = {"theirs": tell(site, leader_away), "ours": tell(site, site.browser("operator"))}
    ids = {name: made["id"] for name, made in told.items()}

    def listed(browser: Browser) -> set[str]:
        return {each["id"] for each in browser.get("/api/breaches").json()} & set(ids.values())

    assert listed(officer) == listed(site.browser("shift_leader")) == set(ids.values())
    assert listed(away) == listed(leader_away) == {ids["theirs"]}
    assert {each["subject"] for each in away.get("/api/notices").json() if each["kind"] == "breach"} == {
        told["theirs"]["number"]
    }
    ours = f"/api/breaches/{ids['ours']}"
    asked = [away.get(ours), away.get(f"{ours}/letter", kind="ro"), away.post(f"{ours}/facts", {"people": 3})]
    asked += [
        away.post(f"{ours}/assess", {"report": False, "people": False, "reason": "x"}),
        away.post(f"{ours}/people", {"told": False, "how": "x"}),
        away.post(f"{ours}/report", {"authority": "ro", "sent": moment(site, -1), "reference": "A"}),
        leader_away.post(f"{ours}/close", {"note": "x"}),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in asked} == {(404, "breach-unknown")}
    assert ids["ours"] in {row["subject"] for row in site.audit("breaches.read", "refused")}
    assert away.post(f"/api/breaches/{ids['theirs']}/facts", {"people": 3}).json()["organisation"] == "tulcea"


def test_the_alarm_of_the_clock_leads_to_the_breach_who_may_see_it(site: Site) -> None:
    leader = site.newcomer("leader_c", "shift_leader", "tulcea", must_change=False)
    made = tell(site, site.browser("operator"), known=moment(site, -25))
    now = site.environment.clock.now()
    keys = {"breach-clock": f"breach-clock:{made['id']}", "request-due": "request-due:gone:0"}
    alarms = {
        kind: new_alarm(site.environment, kind, "medium", "", now, "A date", key) for kind, key in keys.items()
    }  # fmt: skip
    for alarm in alarms.values():
        site.database.write_now(lambda tx, alarm=alarm: tx.alarms.add(alarm))

    def led(browser: Browser, kind: str) -> Any:
        return browser.get(f"/api/alarms/{alarms[kind].id}").json()["concerns"]

    assert led(site.browser("shift_leader"), "breach-clock") == {"kind": "breach", "id": made["id"]}
    assert led(site.browser("operator"), "breach-clock") is led(leader, "breach-clock") is None
    assert led(site.browser("shift_leader"), "request-due") is None
    for alarm in alarms.values():
        site.database.write_now(lambda tx, alarm=alarm: tx.alarms.end(alarm.id, now, "istros", "test"))
