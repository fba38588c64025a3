"""Requests of people over HTTP: the desk takes them in, the officer works on them, and the record tells no name."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from istros.base.time import DAY, Time, to_iso
from istros.compliance.departures import Carrier
from tests.api.conftest import START
from tests.api.site import Browser, Site
from tests.api.test_exports import finish, permit_of
from tests.api.test_persons import body_of
from tests.store.rows_made import read


def moment(hours: float) -> str:
    return (datetime.fromtimestamp(START / 1e6, UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def intake(site: Site, **more: Any) -> dict[str, Any]:
    now = datetime.fromtimestamp(site.environment.clock.now() / 1e6, UTC)
    return {
        "asked": "access", "law": "gdpr", "channel": "desk", "language": "ro", "received": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "name": "Ioana Popescu", "contact": "Str. Păcii 1", "cameras": ["TL-01"], "from": moment(-0.5), "to": moment(0.5),
        "description": "palton roșu",
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def keeper(site: Site) -> Browser:
    return site.browser("protection_officer")


def take(site: Site, browser: Browser, **more: Any) -> dict[str, Any]:
    answer = browser.http.post("/api/requests", json=intake(site, **more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_the_desk_takes_in_and_sees_no_list(site: Site) -> None:
    operator = site.browser("operator")
    made = take(site, operator)
    assert made["state"] == "received" and made["number"].startswith("R-") and made["due"] > made["received"]
    assert operator.http.get("/api/requests").status_code == 403
    assert operator.http.get(f"/api/requests/{made['id']}").status_code == 403


def test_the_whole_way(site: Site, keeper: Browser, data: bytes) -> None:
    made = take(site, keeper)
    address = f"/api/requests/{made['id']}"
    detail = keeper.http.get(address).json()
    assert [(match["cameraId"], match["recordedS"]) for match in detail["matches"]] == [("TL-01", 2.0)]
    assert detail["usualGround"] == "GDPR, article 15" and detail["exports"] == []
    early = keeper.http.post(f"{address}/decide", json={"decision": "granted", "ground": "GDPR, article 15"})
    assert (early.status_code, early.json()["code"]) == (409, "request-state")
    kept = keeper.http.post(f"{address}/preserve").json()
    assert kept["state"] == "preserved"
    held = [hold for hold in keeper.http.get("/api/holds").json() if hold["id"] == kept["holdId"]]
    assert held[0]["cameras"] == ["TL-01"] and held[0]["caseRef"] == made["number"]
    assert keeper.http.get(f"{address}/letter", params={"kind": "answer"}).json()["code"] == "request-state"
    assert keeper.http.post(f"{address}/identity", json={"how": "carte de identitate arătată"}).status_code == 200
    assert keeper.http.post(f"{address}/extend", json={"reason": "multe cereri"}).json()["due"] > made["due"]
    assert (
        keeper.http.post(f"{address}/decide", json={"decision": "granted", "ground": "GDPR, article 15"}).status_code
        == 200
    )
    for kind in ("receipt", "extension", "answer"):
        letter = keeper.http.get(f"{address}/letter", params={"kind": kind})
        assert (
            letter.content.startswith(b"%PDF")
            and f"{made['number']}_{kind}.pdf" in letter.headers["content-disposition"]
        )
    answered = keeper.http.post(f"{address}/answered").json()
    assert answered["letterSha256"] == hashlib.sha256(letter.content).hexdigest() and answered["state"] == "answered"
    rows = site.database.read_now(lambda tx: tx.audit.about(made["id"]))
    assert [row.action for row in rows if row.action != "requests.handle"] == [
        f"requests.{step}" for step in ("take", "preserve", "identify", "extend", "decide", "answer")
    ]
    told = json.dumps([row.detail for row in rows], ensure_ascii=False)
    assert "Ioana" not in told and "palton" not in told and "identitate" not in told


def test_what_is_corrected_for_a_request_stands_with_it(site: Site, keeper: Browser) -> None:
    """A read, an entry of a plate and one of a person: each names the request, and the officer sees that it was done."""
    leader = site.browser("shift_leader")
    made = take(
        site, keeper, asked="rectification", wrong="noted as BH 7731 EE", right="BH 7781 EE", plate="BH 7731 EE",
        plateProof="certificate seen",
    )  # fmt: skip
    address, number = f"/api/requests/{made['id']}", made["number"]
    assert keeper.get(address).json()["mending"] == {"entries": 0, "faces": 0, "acts": []}
    seen = replace(read(1, "BH7731EE", "TL-01"), id="for-a-request", time=START, first_seen=START, last_seen=START)
    site.database.write_now(lambda tx: tx.reads.add(seen))
    day = to_iso(Time(site.environment.clock.now() + DAY))
    why = {
        "purpose": "stolen-vehicle", "ground": "Art. 40", "caseRef": "C-31", "priority": "high", "category": "none",
        "requester": "Unit 3", "handling": "H0", "provenance": "a report", "expires": day, "review": day,
    }  # fmt: skip
    plate = leader.post("/api/watchlist", why | {"plate": "BH 7731 EE", "manner": "exact"})
    assert plate.status_code == 201, plate.text
    person = leader.post("/api/persons", body_of(site, name="W-31"))
    assert person.status_code == 201, person.text
    assert keeper.get(address).json()["mending"]["entries"] == 1
    permit = permit_of(leader, purpose="missing-person")
    for path, body in (
        ("/api/plates/for-a-request/correct", {"plate": "BH 7781 EE", "country": "UA", "permit": permit}),
        (f"/api/watchlist/{plate.json()['id']}/close", {"wrong": True}),
        (f"/api/persons/{person.json()['id']}/close", {"wrong": True}),
    ):
        told = body | {"reason": "it is another one"}
        unknown = leader.post(path, told | {"request": "R-1999-0001"})
        assert (unknown.status_code, unknown.json()["said"]) == (422, "request-no-correction"), path
        if "wrong" in body:
            ended = leader.post(path, told | {"request": number, "wrong": False})
            assert ended.status_code == 422, "whoever only ends an entry corrects nothing"
        assert leader.post(path, told | {"request": number}).status_code == 200, path
    found = keeper.get(address).json()["mending"]
    assert [(each["act"], each["by"]) for each in found["acts"]] == [
        (act, "shift_leader") for act in ("read", "plate-entry", "person-entry")
    ]
    assert found["entries"] == 0
    rows = [row["detail"] for row in site.audit("requests.mend") if row["detail"]["number"] == number]
    assert rows[0] == {"number": number, "act": "read", "of": "for-a-request"} and len(rows) == 3


def test_a_granted_correction_is_not_answered_while_nothing_was_done_and_no_reason_is_given(
    site: Site, keeper: Browser
) -> None:
    made = take(site, keeper, asked="rectification", wrong="the colour", right="grey")
    address = f"/api/requests/{made['id']}"
    keeper.post(f"{address}/preserve")
    keeper.post(f"{address}/identity", {"how": "seen"})
    assert keeper.post(f"{address}/decide", {"decision": "granted", "ground": "GDPR, article 16"}).status_code == 200
    for body in (None, {"unchanged": " "}):
        early = keeper.http.post(f"{address}/answered", json=body)
        assert (early.status_code, early.json()["said"]) == (422, "request-nothing-mended")
    done = keeper.post(f"{address}/answered", {"unchanged": "nothing tells the colour"}).json()
    assert (done["state"], done["unchanged"]) == ("answered", "nothing tells the colour")


def test_requests_are_divided_by_the_desk_that_took_them_and_whoever_runs_the_node_sees_all(
    site: Site, keeper: Browser
) -> None:
    away = site.newcomer("keeper_b", "protection_officer", "tulcea", must_change=False)
    made = {"theirs": take(site, away), "ours": take(site, site.browser("operator"))}
    ids = {name: each["id"] for name, each in made.items()}

    def listed(browser: Browser) -> set[str]:
        return {each["id"] for each in browser.get("/api/requests").json()} & set(ids.values())

    assert (listed(keeper), listed(away)) == (set(ids.values()), {ids["theirs"]})
    ours = f"/api/requests/{ids['ours']}"
    asked = [away.get(ours), away.get(f"{ours}/letter", kind="receipt")]
    asked += [
        away.post(f"{ours}/{step}", body)
        for step, body in (
            ("identity", {"how": "seen"}), ("preserve", None), ("extend", {"reason": "many"}), ("answered", None),
            ("decide", {"decision": "refused", "ground": "GDPR, article 12", "reasons": "x"}),
        )
    ]  # fmt: skip
    assert {(answer.status_code, answer.json()["code"]) for answer in asked} == {(404, "request-unknown")}
    assert ids["ours"] in {row["subject"] for row in site.audit("requests.handle", "refused")}
    assert keeper.get(ours).json()["request"]["state"] == "received", "nothing was done"
    theirs = away.post(f"/api/requests/{ids['theirs']}/identity", {"how": "seen"})
    assert (theirs.json()["state"], theirs.json()["organisation"]) == ("identified", "tulcea")
    due = Time(site.environment.clock.now() + DAY)
    for id in ids.values():
        site.database.write_now(lambda tx, id=id: tx.subject_requests.set(id, due=due))
    numbers = {name: each["number"] for name, each in made.items()}
    waits = {each["subject"] for each in away.get("/api/notices").json() if each["kind"] == "request"}
    assert waits & set(numbers.values()) == {numbers["theirs"]}
    assert set(numbers.values()) <= {each["subject"] for each in keeper.get("/api/notices").json()}
    for id in ids.values():
        site.database.write_now(lambda tx, id=id: tx.subject_requests.set(id, answered=due))


def test_what_is_missing_is_said(site: Site, keeper: Browser) -> None:
    for wrong, status, said in (
        ({"plate": "TL05ABC"}, 422, "proof"), ({"description": ""}, 422, "tells the person apart"),
        ({"cameras": ["XX"]}, 404, "camera"), ({"asked": "money"}, 422, "asked"), ({"to": moment(-1)}, 422, "ends before"),
    ):  # fmt: skip
        answer = keeper.http.post("/api/requests", json=intake(site, **wrong))
        assert answer.status_code == status and said in answer.json()["message"], answer.text
    assert keeper.http.get("/api/requests/none").json()["code"] == "request-unknown"


def test_an_export_for_a_person_covers_the_others(site: Site, keeper: Browser) -> None:
    made = take(site, keeper)
    leader = site.browser("shift_leader")
    body = {"purpose": "subject-request", "ground": "GDPR, article 15", "caseRef": made["number"], "hours": 1}
    permit = leader.http.post("/api/permits", json=body).json()["id"]
    span = {"cameras": ["TL-01"], "since": moment(0), "until": moment(0.01), "permit": permit, "reason": "a request"}
    exact = leader.http.post("/api/exports", json=span)
    assert (exact.status_code, exact.json()["code"]) == (403, "permit-too-narrow")
    bare = leader.http.post("/api/exports", json=span | {"kind": "redacted", "people": False, "plates": True})
    assert bare.status_code == 403
    good = leader.http.post("/api/exports", json=span | {"kind": "redacted"})
    assert good.status_code == 201, good.text
    detail = keeper.http.get(f"/api/requests/{made['id']}").json()
    assert [export["id"] for export in detail["exports"]] == [good.json()["id"]]
    leaving = site.database.read_now(lambda tx: tx.departures.of(Carrier.EXPORT, good.json()["id"]))
    assert leaving is not None and leaving.language == "ro", "the pages speak the person's language"
    finish(site, good.json()["id"], b"package")
    package = f"/api/exports/{good.json()['id']}/package"
    early = leader.http.get(package, params={"permit": permit})
    assert (early.status_code, early.json()["code"]) == (403, "release-needed")
    address = f"/api/requests/{made['id']}"
    keeper.http.post(f"{address}/preserve")
    keeper.http.post(f"{address}/identity", json={"how": "seen"})
    keeper.http.post(f"{address}/decide", json={"decision": "granted", "ground": "GDPR, article 15"})
    assert leader.http.get(package, params={"permit": permit}).status_code == 200
    investigator = site.browser("investigator")
    assert investigator.http.post("/api/permits", json=body).status_code == 422


def test_a_permit_for_a_request_reaches_what_the_person_asked_for_and_no_further(site: Site, data: bytes) -> None:
    leader = site.browser("shift_leader")

    def permit(number: str) -> Any:
        body = {"purpose": "subject-request", "ground": "GDPR, article 15", "caseRef": number, "hours": 1}
        return leader.http.post("/api/permits", json=body)

    unknown = permit("R-1999-0001")
    assert (unknown.status_code, unknown.json()["said"]) == (422, "permit-request-unknown")
    id = permit(take(site, leader)["number"]).json()["id"]

    def look(camera: str, since: float, until: float) -> Any:
        span = {"from": moment(since), "to": moment(until)}
        return leader.get(f"/api/recordings/{camera}/main", permit=id, **span)

    assert look("TL-01", -1.5, 1.5).status_code == 200
    for camera, since, until in (("IZ-07", 0, 0.1), ("TL-01", -24, 0), ("TL-01", 0, 24)):
        beyond = look(camera, since, until)
        assert (beyond.status_code, beyond.json()["said"]) == (403, "permit-request-time")
    order = {
        "cameras": ["IZ-07"],
        "since": moment(0),
        "until": moment(0.01),
        "permit": id,
        "reason": "x",
        "kind": "redacted",
    }
    assert leader.http.post("/api/exports", json=order).json()["code"] == "permit-too-narrow"
