"""Releases over the interface: two people, one in an emergency, and everybody who sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from istros.base.canonical import canonical
from istros.base.time import HOUR, Time, to_iso
from istros.compliance import cascade, releases
from istros.events.emergency import alarm_for_emergency
from istros.store.faces import FaceCandidateRow
from istros.store.releases import Matter, ReleaseRow
from tests.api.site import Browser, Site
from tests.api.test_persons import opened

ASKED = {"matter": "watch-person", "subject": "entry-1", "reason": "missing child"}
"""The subject is nobody: it does for what is refused before anybody looks for it."""


@pytest.fixture
def leader(site: Site) -> Browser:
    return site.browser("shift_leader")


@pytest.fixture
def entry(site: Site, officer: Browser) -> str:
    """A person sought."""
    return str(opened(site, officer)["id"])


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(cascade, "_EMERGENCY", [])
    releases.on_emergency(alarm_for_emergency)
    yield


def test_one_asks_and_another_releases(site: Site, officer: Browser, leader: Browser, entry: str) -> None:
    asked = officer.post("/api/releases", ASKED | {"subject": entry})
    assert (asked.status_code, asked.json()["state"], asked.json()["mayAnswer"]) == (201, "waiting", False)
    id = asked.json()["id"]
    own = officer.post(f"/api/releases/{id}/answer", dict(grant=True))
    assert (own.status_code, own.json()["code"]) == (403, "release-refused")
    (seen,) = [each for each in leader.get("/api/releases").json()["releases"] if each["id"] == id]
    assert (seen["mayAnswer"], seen["askedBy"], seen["hours"]) == (True, "investigator", 72)
    assert site.audit("releases.read")[-1]["actor"] == "shift_leader"
    granted = leader.post(f"/api/releases/{id}/answer", dict(grant=True, note="seen the order")).json()
    assert (granted["state"], granted["answeredBy"]) == ("standing", "shift_leader")
    again = leader.post(f"/api/releases/{id}/answer", dict(grant=False, note="no"))
    assert (again.status_code, again.json()["code"]) == (409, "release-state")
    assert site.audit("releases.grant", "refused")[-1]["subject"] == id
    stopped = site.browser("protection_officer").post(f"/api/releases/{id}/withdraw", dict(reason="complaint")).json()
    assert (stopped["state"], stopped["endedBy"]) == ("withdrawn", "protection_officer")


def test_the_undoing_of_a_match_says_where_and_when_from_the_face_itself(
    site: Site, officer: Browser, leader: Browser
) -> None:
    """Whoever decides trusts what it says, so nobody writes it by hand."""
    forged = {"camera": "TL-99", "time": "2020-01-01T00:00:00Z"}
    asked = ASKED | {"matter": "undo-match", "subject": "doubted"}
    refused = leader.post("/api/releases", asked)
    assert (refused.status_code, refused.json()["code"]) == (403, "release-refused")
    assert "where its subject is shown" in refused.json()["message"]
    face = FaceCandidateRow(
        "doubted", None, "r1", "IZ-07", "t1", Time(1_700_000_000_000_000), 0.4, 0.5, 0.001, 1, None, 1, "{}", "cd" * 32,
        "confirmed",
    )  # fmt: skip
    row = ReleaseRow(
        "forged", Matter.UNDO_MATCH, "doubted", "x", "izmail", None, canonical(forged).decode(), False,
        site.environment.clock.now(), "olena", Time(site.environment.clock.now() + HOUR), HOUR,
    )  # fmt: skip
    site.database.write_now(lambda tx: (tx.faces.add(face, b"sealed"), tx.releases.add(row)))
    shown = leader.get("/api/releases/forged").json()["scope"]
    assert {each["name"]: each["values"] for each in shown} == {"camera": ["IZ-07"], "time": [to_iso(face.time)]}


def test_what_can_be_asked_for_is_told_by_role_and_profile(officer: Browser, site: Site) -> None:
    facts = {each["matter"]: each for each in officer.get("/api/releases").json()["matters"]}
    assert facts["watch-person"]["mayReleaseAlone"] and not facts["others-searches"]["mayReleaseAlone"]
    assert (facts["face-matching"]["mostHours"], facts["face-matching"]["reviewHours"]) == (72, 24)
    assert not any(each["lacksFunction"] for each in facts.values())
    overseen = site.browser("protection_officer").get("/api/releases").json()["matters"]
    assert not any(each["mayAsk"] for each in overseen)


def test_an_emergency_works_at_once_is_seen_by_all_and_raises_an_alarm(
    site: Site, officer: Browser, leader: Browser, entry: str
) -> None:
    without = officer.post("/api/releases", ASKED | {"subject": "e2", "emergency": True})
    assert "life is in danger" in without.json()["message"]
    permit = officer.open_permit("threat-to-life")
    wish = {"subject": entry, "reason": "bomb threat", "permit": permit, "emergency": True, "hours": 2}
    begun = officer.post("/api/releases", ASKED | wish | {"scope": {"cameras": ["IZ-07"]}}).json()
    assert (begun["state"], begun["permitNumber"][:2]) == ("emergency", "P-")
    assert {"name": "cameras", "values": ["IZ-07"]} in begun["scope"]
    (shown,) = site.browser("protection_officer").get("/api/emergencies").json()
    assert (shown["askedBy"], shown["matter"], shown["mayReview"]) == ("investigator", "watch-person", False)
    for role in ("operator", "administrator", "patrol", "traffic_engineer"):
        answer = site.browser(role).get("/api/emergencies")
        assert answer.json() == [shown | {"askedBy": None, "matter": None}], "that one waits, and until when; no more"
    assert leader.get("/api/emergencies").json()[0]["mayReview"]
    (alarm,) = [each for each in leader.get("/api/alarms", state="new").json() if each["kind"] == "emergency-release"]
    assert (alarm["priority"], alarm["facts"]["due"]) == ("high", shown["reviewBy"])
    told = leader.get(f"/api/alarms/{alarm['id']}").text
    for secret in ("investigator", "watch-person", "IZ-07", entry):
        assert secret not in told, "alarms are read by people who may not see releases"
    refused = leader.post(f"/api/releases/{begun['id']}/answer", dict(grant=False, note="no threat")).json()
    assert (refused["state"], leader.get("/api/emergencies").json()) == ("refused", [])


def test_a_release_is_about_something_that_is_there(site: Site, officer: Browser, entry: str) -> None:
    permit = officer.open_permit("threat-to-life")
    offered = {each["matter"]: each["subjects"] for each in officer.get("/api/releases").json()["matters"]}
    assert {"id": entry, "name": "W-7, 12026"} in offered["watch-person"]
    assert permit in {each["id"] for each in offered["lift-mask"]}
    asks = {each["matter"] for each in officer.get("/api/releases").json()["matters"] if each["mayAsk"]}
    assert asks == {"watch-person", "evidence-export", "lift-mask", "lift-redaction"}, "no dead ends"
    live = {"cameras": ["IZ-07"]}
    for matter, scope in (
        ("watch-person", {}), ("evidence-export", {}), ("lift-mask", live), ("lift-redaction", live),
        ("face-matching", live), ("face-search", live | {"from": to_iso(Time(0))}), ("uncover-zone", {}),
    ):  # fmt: skip
        body = {"matter": matter, "subject": "nobody", "reason": "why", "scope": scope, "hours": 1}
        refused = officer.post("/api/releases", body)
        assert refused.status_code in (403, 422) and refused.json()["code"] == "release-refused", matter
    urgent = ASKED | {"permit": permit, "emergency": True}
    assert officer.post("/api/releases", urgent).json()["code"] == "release-refused"
    assert "nothing of that kind" in officer.post("/api/releases", ASKED).json()["message"]
    (row,) = [each for each in site.audit("releases.ask", "refused") if each["subject"] == "entry-1"][-1:]
    assert "nothing of that kind" in row["detail"]["why"]
    assert "entry-1" not in {each["subject"] for each in officer.get("/api/releases").json()["releases"]}


def test_nonsense_is_refused_in_a_sentence(officer: Browser) -> None:
    unknown = officer.get("/api/releases/nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "release-unknown")
    for change in ({"matter": "everything"}, {"hours": 0}, {"scope": {"planets": ["Mars"]}}, {"reason": ""}):
        assert officer.post("/api/releases", ASKED | change).json()["code"] == "invalid-field"
    late = officer.post("/api/releases", ASKED | {"matter": "lift-mask", "hours": 13, "scope": {"cameras": ["IZ-07"]}})
    assert "cannot last 13 hours" in late.json()["message"]


def test_another_shifts_searches_are_read_under_a_release_for_one_case_and_one_shift(
    site: Site, officer: Browser, leader: Browser
) -> None:
    now = site.environment.clock.now()
    begin, end = to_iso(Time(now - HOUR)), to_iso(Time(now + HOUR))
    span = {"from": begin, "to": to_iso(now)}
    for case, text in (("C-901", "BH1111AA"), ("C-902", "BH2222AA")):
        permit = officer.open_permit("offence", caseRef=case)
        assert officer.get("/api/plates", text=text, permit=permit, **span).status_code == 200

    def asked(browser: Browser, **scope: str) -> str:
        body = {"matter": "others-searches", "subject": "C-901", "reason": "handed over at noon", "scope": scope}
        answer = browser.post("/api/releases", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def read(browser: Browser, id: str) -> Any:
        return browser.get(f"/api/releases/{id}/searches")

    id = asked(leader, **{"from": begin, "to": end})
    assert (read(leader, id).status_code, read(leader, id).json()["code"]) == (403, "release-needed")
    police = site.newcomer("police_o", "investigator", must_change=False)
    assert police.post(f"/api/releases/{id}/answer", {"grant": True}).status_code == 403, "the police do not release it"
    assert officer.post(f"/api/releases/{id}/answer", {"grant": True}).status_code == 404, "nor does who cannot see it"
    protector = site.browser("protection_officer")
    assert protector.post(f"/api/releases/{id}/answer", {"grant": True}).status_code == 200
    told = read(leader, id).json()
    (search,) = told["searches"]
    assert (told["caseRef"], told["cut"], search["actor"], search["action"]) == (
        "C-901", False, "investigator", "plates.search",
    )  # fmt: skip
    assert "BH1111AA" in search["detail"] and search["purpose"] == "offence"
    assert site.audit("searches.ask")[-1]["subject"] == id
    assert read(officer, id).status_code == 403, "the release is whoever's who asked for it"
    assert site.audit("searches.ask", "refused")[-1]["actor"] == "investigator"
    assert protector.get(f"/api/releases/{id}/searches").status_code == 403

    away = site.newcomer("leader_o", "shift_leader", "tulcea", must_change=False)
    theirs = asked(away, **{"from": begin, "to": end})
    release = site.newcomer("officer_o", "protection_officer", "tulcea", must_change=False)
    assert release.post(f"/api/releases/{theirs}/answer", {"grant": True}).status_code == 200
    assert read(away, theirs).json()["searches"] == [], "another organisation's searches are not theirs to read"

    assert leader.post(f"/api/releases/{id}/withdraw", {"reason": "read"}).status_code == 200
    assert read(leader, id).status_code == 403
    for scope in ({}, {"from": to_iso(Time(now - 13 * HOUR)), "to": to_iso(now)}):
        wide = asked(leader, **scope)
        assert protector.post(f"/api/releases/{wide}/answer", {"grant": True}).status_code == 200
        assert read(leader, wide).status_code == 403, "no shift, or more than one"
        leader.post(f"/api/releases/{wide}/withdraw", {"reason": "wrong"})
