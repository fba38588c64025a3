"""No permit, no picture: searching plates and looking at recordings."""

from __future__ import annotations

from typing import Any

import pytest

from istros.base.time import HOUR, Span, Time, from_iso, to_iso
from istros.store.rows import GapCause, GapRow
from tests.api.site import Browser, Site
from tests.api.test_alarms import alarm_for, seen, sought
from tests.api.test_persons import opened


@pytest.fixture(scope="module")
def officer(site: Site) -> Browser:
    return site.browser("investigator")


def around_now(site: Site) -> dict[str, str]:
    now = site.environment.clock.now()
    return {"from": to_iso(Time(now - HOUR)), "to": to_iso(Time(now + HOUR))}


def search(site: Site, browser: Browser, permit: str, **more: Any) -> Any:
    return browser.get("/api/plates", permit=permit, **around_now(site), **more)


def test_a_search_needs_a_permit_of_its_own(site: Site, officer: Browser) -> None:
    read_id = seen(site, "KA2001XX")
    for permit in ("none", officer.permit, site.browser("shift_leader").open_permit("missing-person")):
        answer = search(site, officer, permit, text="KA2001XX")
        assert answer.status_code == 403, answer.text
        assert answer.json()["code"].startswith("permit-")
    assert len(site.audit("plates.search", "refused")) >= 3
    permit = officer.open_permit()
    found = search(site, officer, permit, text="KA2?01*").json()
    assert [each["id"] for each in found["reads"]] == [read_id]
    assert found["searched"] >= 1
    row = site.audit("plates.search")[-1]
    assert (row["permit"], row["detail"]["text"]) == (permit, "KA2?01*")
    assert officer.get(f"/api/plates/{read_id}", permit=permit).json()["text"] == "KA2001XX"
    assert officer.post(f"/api/permits/{permit}/close").json()["closed"]
    assert search(site, officer, permit, text="").json()["code"] == "permit-expired"


def test_look_alikes_are_found_when_asked(site: Site, officer: Browser) -> None:
    read_id, permit = seen(site, "BH2002OO"), officer.open_permit()
    assert search(site, officer, permit, text="ВН2002ОО", alike="true").json()["reads"][0]["id"] == read_id


def test_a_search_by_country_and_looks_is_on_the_record_with_them(site: Site, officer: Browser) -> None:
    read_id, permit = seen(site, "KA2005XX"), officer.open_permit()
    fits = {"country": "UA", "vehicle": ["car", "van"]}
    stored = site.database.read_now(lambda tx: tx.reads.get(read_id))
    assert stored is not None and (stored.country, stored.vehicle_class) == ("UA", "car")
    assert search(site, officer, permit, text="KA2005XX", **fits).json()["reads"][0]["id"] == read_id
    assert search(site, officer, permit, text="KA2005XX", **fits, colour="beige").json()["reads"] == []
    detail = site.audit("plates.search")[-1]["detail"]
    assert (detail["countries"], detail["vehicles"], detail["colours"]) == (["UA"], ["car", "van"], ["beige"])
    for bad in ({"country": "Ukraine"}, {"vehicle": "ship"}, {"colour": "silver"}):
        assert search(site, officer, permit, **bad).status_code == 422, bad


def test_a_permit_says_what_it_is_for(site: Site, officer: Browser) -> None:
    for change, code in (
        ({"caseRef": ""}, "permit-not-opened"),
        ({"ground": ""}, "permit-not-opened"),
        ({"purpose": "civil-protection"}, "permit-not-opened"),
        ({"purpose": "curiosity"}, "invalid-field"),
        ({"hours": 0}, "invalid-field"),
    ):
        asked = {"purpose": "offence", "ground": "Art. 40", "caseRef": "1", "hours": 1} | change
        answer = officer.post("/api/permits", asked)
        assert (answer.status_code, answer.json()["code"]) == (422, code), change
    permit = officer.open_permit()
    own = officer.get("/api/permits").json()
    assert {permit, officer.permit} <= {each["id"] for each in own}
    assert next(each for each in own if each["id"] == permit)["number"].startswith("P-")


def test_spans_are_checked(site: Site, officer: Browser) -> None:
    permit = officer.open_permit()
    span = around_now(site)
    for bad in ({"from": span["to"], "to": span["from"]}, {"from": "2020-01-01T00:00:00Z", "to": span["to"]}):
        assert officer.get("/api/plates", permit=permit, **bad).json()["code"] == "bad-request"
    assert "'from'" in officer.get("/api/plates", permit=permit, to=span["to"], **{"from": "noon"}).json()["message"]


def test_what_holds_no_letter_of_a_plate_finds_nothing(site: Site, officer: Browser) -> None:
    seen(site, "BH2031AA")
    permit = officer.open_permit()
    for text in ("☃'; --", "- -"):
        refused = search(site, officer, permit, text=text)
        assert (refused.status_code, refused.json()["code"], refused.json()["said"]) == (
            422,
            "plate-refused",
            "search-no-letter",
        )
    for text in ("", "*", "BH2031AA"):
        assert "BH2031AA" in {each["text"] for each in search(site, officer, permit, text=text).json()["reads"]}


def test_the_timeline_shows_what_there_is(site: Site, officer: Browser) -> None:
    sought(site, "BH 2003 AA")
    seen(site, "BH2003AA", camera="TL-01")
    now = site.environment.clock.now()
    gap = GapRow(site.environment.ids.new(), "TL-01", "main", Time(now - 60), Time(now), GapCause.NETWORK, "Cable")
    site.database.write_now(lambda tx: tx.gaps.open(gap))
    permit = officer.open_permit()
    answer = officer.get("/api/timeline", permit=permit, camera=["TL-01", "IZ-07"], **around_now(site))
    first, second = answer.json()["cameras"]
    assert (first["cameraId"], second["cameraId"]) == ("TL-01", "IZ-07")
    marks = {(each["kind"], each["name"]) for each in first["marks"]}
    assert {("read", ""), ("listed", ""), ("alarm", "critical")} <= marks
    assert first["gaps"][-1]["cause"] == "network"
    assert site.audit("playback.view")[-1]["permit"] == permit
    unknown = officer.get("/api/timeline", permit=permit, camera="XX-1", **around_now(site))
    assert unknown.status_code == 404


def test_an_alarm_is_reviewed_for_minutes_around_it(site: Site) -> None:
    operator = site.browser("operator")
    sought(site, "BH 2004 AA")
    alarm = alarm_for(operator, seen(site, "BH2004AA"))
    permit = operator.open_permit("alarm-review", ground="", caseRef=alarm["id"])
    now = site.environment.clock.now()
    near = Span(Time(now - HOUR // 12), now)
    for span, status in ((near, 200), (Span(Time(now - HOUR), now), 403)):
        answer = operator.get(
            "/api/recordings/IZ-07/main", permit=permit, to=to_iso(span.end), **{"from": to_iso(span.start)}
        )
        assert answer.status_code == status, answer.text


def test_the_audit_log_is_read_on_the_record_and_verifies(site: Site) -> None:
    overseer = site.browser("protection_officer")
    rows = overseer.get("/api/audit", limit=5).json()
    assert [row["sequence"] for row in rows] == sorted((row["sequence"] for row in rows), reverse=True)
    older = overseer.get("/api/audit", limit=5, before=rows[-1]["sequence"]).json()
    assert older[0]["sequence"] == rows[-1]["sequence"] - 1
    only = overseer.get("/api/audit", action="audit.read").json()
    assert {row["action"] for row in only} == {"audit.read"}
    check = overseer.get("/api/audit/verify").json()
    assert check["ok"] is True
    assert check["rows"] > 10


def test_the_audit_log_is_asked_for_by_time_and_names_whose_account_a_row_is_about(site: Site) -> None:
    overseer = site.browser("protection_officer")
    (mine,) = overseer.get("/api/audit", actor="protection_officer", action="session.open", limit=1).json()
    assert mine["account"] == "protection_officer"
    after = {"from": mine["time"], "to": to_iso(Time(from_iso(mine["time"]) + 1000))}
    assert mine in overseer.get("/api/audit", limit=1000, **after).json()
    before = overseer.get("/api/audit", limit=1000, to=mine["time"]).json()
    assert mine["sequence"] not in {row["sequence"] for row in before}
    turned = overseer.get("/api/audit", to=after["from"], **{"from": after["to"]})
    assert turned.status_code == 422
    assert "before it starts" in turned.json()["message"]
    detail = site.audit("audit.read")[-1]["detail"]
    assert detail["to"] == mine["time"], "what was asked is on the record"


def test_a_narrow_permit_says_so_and_holds(site: Site, officer: Browser) -> None:
    now = site.environment.clock.now()
    body = {"purpose": "offence", "ground": "Art. 40", "caseRef": "C-9", "hours": 1, "cameras": ["TL-01"],
            "reachFrom": to_iso(Time(now - HOUR)), "reachTo": to_iso(now)}  # fmt: skip
    permit = officer.post("/api/permits", body).json()
    assert (permit["cameras"], permit["reachFrom"]) == (["TL-01"], to_iso(Time(now - HOUR)))
    span = {"from": to_iso(Time(now - HOUR)), "to": to_iso(now)}
    answers = [
        officer.get("/api/plates", permit=permit["id"], **span, **more).status_code
        for more in ({"camera": "TL-01"}, {"camera": "IZ-07"}, {})
    ]
    assert answers == [200, 403, 403]
    asked = {
        "matter": "watch-person",
        "subject": opened(site, officer)["id"],
        "reason": "missing child",
        "permit": permit["id"],
    }
    release = officer.post("/api/releases", asked).json()
    site.browser("shift_leader").post(f"/api/releases/{release['id']}/answer", {"grant": True})
    (shown,) = [each for each in officer.get("/api/permits").json() if each["id"] == permit["id"]]
    assert shown["releases"] == [
        {"matter": "watch-person", "askedBy": "investigator", "answeredBy": "shift_leader", "granted": True}
    ]
