"""The data-protection officer's routes, and the policy's: what they answer, and that they are on the record."""

from __future__ import annotations

import pytest

from istros.api.node import Node
from istros.base.time import DAY, Time, to_iso
from istros.compliance.anchors import check, read
from tests.api.site import Browser, Site


@pytest.fixture
def span(site: Site) -> dict[str, str]:
    now = site.environment.clock.now()
    return {"from": to_iso(Time(now - DAY)), "to": to_iso(Time(now + DAY))}


def test_accesses_lead_to_their_rows(site: Site, span: dict[str, str]) -> None:
    police, officer = site.browser("investigator"), site.browser("protection_officer")
    permit = police.open_permit()
    for plate in ("BH1234AA", "BH1234AA", "BH7*"):
        answer = police.get("/api/plates", **span, permit=permit, text=plate, camera="IZ-07")
        assert answer.status_code == 200, answer.text
    found = officer.get("/api/oversight/accesses", **span).json()
    mine = [row for row in found["people"] if (row["name"], row["action"]) == ("investigator", "plates.search")]
    assert mine[0]["count"] >= 3
    assert any(row["name"] == "IZ-07" and row["action"] == "plates.search" for row in found["places"])
    assert any(row["name"] == "offence" for row in found["purposes"])
    rows = officer.get("/api/oversight/rows", **span, person="investigator", action="plates.search").json()
    assert rows[0]["permitId"] == permit
    by_plate = officer.get("/api/oversight/rows", **span, plate="BH1234AA").json()
    assert {row["actor"] for row in by_plate} == {"investigator"}
    assert site.audit("audit.read")[-1]["actor"] == "protection_officer"


def test_unusual_looks_are_noted_on_the_record(site: Site, span: dict[str, str]) -> None:
    police, officer = site.browser("investigator"), site.browser("protection_officer")
    added = officer.post("/api/oversight/plates", {"plate": "BH 5555 AA", "why": "my own"})
    assert added.status_code == 201, added.text
    assert "BH 5555 AA" in [row["plate"] for row in officer.get("/api/oversight/plates").json()]
    permit = police.open_permit()
    police.get("/api/plates", **span, permit=permit, text="BH5555AA")
    found = officer.get("/api/oversight/unusual", **span).json()
    (mine,) = (each for each in found if each["kind"] == "watched-plate")
    assert (mine["person"], mine["plate"], mine["facts"]["why"]) == ("investigator", "BH5555AA", "my own")
    address = f"/api/oversight/unusual/{mine['id']}/looked"
    noted = officer.http.post(address, params=span, json={"note": "His own car was stolen."})
    assert (noted.status_code, noted.json()["lookedBy"]) == (200, "protection_officer"), noted.text
    assert site.audit("oversight.look")[-1]["detail"]["note"] == "His own car was stolen."
    assert officer.http.post(address.replace(mine["id"], "none"), params=span, json={"note": "x"}).status_code == 404
    gone = officer.http.delete(f"/api/oversight/plates/{added.json()['id']}")
    left = [row["plate"] for row in officer.get("/api/oversight/plates").json()]
    assert gone.status_code == 204 and "BH 5555 AA" not in left


def test_open_reasons_false_alarms_and_retention(site: Site) -> None:
    site.browser("investigator").open_permit()
    officer = site.browser("protection_officer")
    found = officer.get("/api/oversight/open").json()
    assert found["onDuty"] >= 1
    site.browser("investigator")
    again = officer.get("/api/oversight/open").json()
    assert again["onDuty"] == found["onDuty"], "one person who signs in twice was counted twice"
    assert {row["holder"] for row in found["permits"]} >= {"investigator"}
    assert officer.get("/api/oversight/alarms", months=3).status_code == 200
    assert [row["kind"] for row in officer.get("/api/oversight/retention").json()][-1] == "audit"


@pytest.mark.parametrize("language", ["en", "uk", "ro"])
@pytest.mark.parametrize("edition", ["authority", "public"])
@pytest.mark.parametrize("period", ["2026-11", "2026"])
def test_the_month_and_the_year_as_pdf(site: Site, language: str, edition: str, period: str) -> None:
    officer = site.browser("protection_officer")
    answer = officer.get("/api/oversight/report", period=period, language=language, edition=edition)
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert answer.headers["x-istros-sha256"] == site.audit("audit.read")[-1]["detail"]["sha256"]
    assert officer.get("/api/oversight/report", period="2026-13").status_code == 422


def test_anchors_can_be_taken_along(site: Site) -> None:
    officer = site.browser("protection_officer")
    answer = officer.get("/api/oversight/anchors")
    assert check(read(answer.content)).ok
    heads = officer.get("/api/oversight/heads").json()
    assert (heads["stamps"], heads["partners"]) == ([], [])
    assert heads["rows"] > 0


def ask(browser: Browser, **query: object) -> dict[str, object]:
    answer = browser.get("/api/policy/answer", **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_the_policy_is_read_aloud_and_answers(site: Site) -> None:
    officer = site.browser("protection_officer")
    policy = officer.get("/api/policy").json()
    assert policy["source"] == "policy.cedar" and len(policy["rules"]) > 20
    assert {person["name"] for person in policy["people"]} >= {"operator", "investigator"}
    yes = ask(officer, role="investigator", action="plates.search")
    assert (yes["allowed"], yes["permit"]) == (True, "own") and "offence" in str(yes["purposes"])
    live = ask(officer, role="investigator", action="persons.write")["releases"]
    assert isinstance(live, list) and live[1] == {
        "matter": "face-matching", "by": ["shift_leader", "investigator"], "function": "faces-matched-live", "alone": True,
    }  # fmt: skip
    no = ask(officer, person="administrator", action="live.view")
    assert (no["allowed"], no["whyNot"], no["role"]) == (False, "forbidden", "administrator")
    assert ask(officer, role="patrol", action="storage.read")["whyNot"] == "no-rule"
    assert ask(officer, role="investigator", action="plates.search", purpose="traffic-safety")["whyNot"] == "purpose"
    for wrong in ({"action": "live.view"}, {"role": "patrol", "action": "fly"}, {"person": "ghost", "action": "live.view"},
                  {"role": "patrol", "action": "live.view", "group": "moon"}):  # fmt: skip
        assert officer.get("/api/policy/answer", **wrong).status_code in (404, 422), wrong
    assert site.audit("policy.read")[-1]["detail"]["ask"] == "plates.search"


def test_the_log_and_its_counts_are_divided_by_organisation_and_whoever_runs_the_node_sees_all(
    site: Site, span: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Node, "owners", property(lambda node: {"IZ-07": "izmail", "TL-01": "tulcea-l"}))
    theirs = site.newcomer("officer_l", "protection_officer", "tulcea-l", must_change=False)
    leader = site.newcomer("leader_l", "shift_leader", "tulcea-l", must_change=False)
    permit = leader.open_permit("missing-person", caseRef="L-1")
    investigator, ours = site.browser("investigator"), site.browser("protection_officer")
    seen = {"permit": investigator.open_permit("offence", caseRef="L-2"), "text": "BH55LLL"} | span
    for camera in ("IZ-07", "TL-01"):
        assert investigator.get("/api/plates", camera=camera, **seen).status_code == 200

    def log(browser: Browser, **query: object) -> dict[int, dict[str, object]]:
        rows = browser.get("/api/oversight/rows", limit=1000, **span, **query).json()
        listed = {row["sequence"]: row for row in browser.get("/api/audit", limit=1000).json()}
        assert all(listed.get(row["sequence"], row) == row for row in rows), (
            "the log and its counts show one row in two ways"
        )
        return {row["sequence"]: row for row in rows}

    all_rows, their_rows = log(ours), log(theirs)
    assert all(row["part"] or row == all_rows[key] for key, row in their_rows.items())
    assert {row["actor"] for row in their_rows.values() if not row["part"]} <= {"officer_l", "leader_l"}
    assert permit in {row["subject"] for row in their_rows.values()}
    (looked,) = [row for row in their_rows.values() if row["part"] and row["action"] == "plates.search"]
    assert (looked["actor"], looked["subject"], looked["detail"]) == ("investigator", "TL-01", '{"cameras":["TL-01"]}')
    whole = all_rows[int(str(looked["sequence"]))]
    assert not whole["part"] and "BH55LLL" in str(whole["detail"])
    assert log(theirs, plate="BH55LLL") == log(theirs, camera="IZ-07", person="investigator") == {}
    assert looked["sequence"] in log(ours, plate="BH55LLL")

    assert [each.get("/api/audit/verify").json()["only"] for each in (theirs, ours)] == ["tulcea-l", ""]
    counted = theirs.get("/api/oversight/accesses", **span).json()
    assert (counted["only"], ours.get("/api/oversight/accesses", **span).json()["only"]) == ("tulcea-l", "")
    assert {each["name"] for each in counted["people"]} == {"officer_l", "leader_l", "investigator"}
    assert [each["count"] for each in counted["people"] if each["name"] == "investigator"] == [1]
    assert {each["name"] for each in counted["places"]} == {"TL-01"}
    reasons = theirs.get("/api/oversight/open").json()
    assert [row["id"] for row in reasons["permits"]] == [permit] and reasons["onDuty"] == 2
    assert {row["subject"].split("/")[0] for row in theirs.get("/api/oversight/retention").json()} <= {"TL-01", ""}
    watched = ours.post("/api/oversight/plates", {"plate": "IZ 99 LLL", "why": "x"}).json()
    assert watched["id"] not in {row["id"] for row in theirs.get("/api/oversight/plates").json()}
    assert theirs.http.delete(f"/api/oversight/plates/{watched['id']}").status_code == 404
    period = to_iso(site.environment.clock.now())[:7]
    report = theirs.get("/api/oversight/report", period=period, language="en", edition="authority")
    assert report.status_code == 200 and report.content.startswith(b"%PDF")
