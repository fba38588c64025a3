"""A candidate as two browsers see it: side by side, blind to each other, and what the report tells afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from istros.api.application import describe
from istros.base.time import HOUR, Time, to_iso
from istros.compliance.cascade import on_granted, on_undone
from istros.events.face_erasure import undo_matching
from istros.events.face_gallery import SEEN
from istros.events.face_judging import FaceJudge
from istros.events.face_undoing import undo_match
from istros.events.persons import undo_person
from istros.store.faces import FaceCandidateRow
from istros.store.people import FaceCountRow
from istros.store.releases import Matter
from tests.api.site import Browser, Site
from tests.api.test_persons import opened, put_face
from tests.events.sought import portrait_of
from tests.recognition.pictures import needs_models

QUALITY = '{"score":0.8,"height_px":90,"eyes_px":40,"px_per_m":640,"yaw":4,"pitch":2,"sharpness":0.2,"light":120}'


@pytest.fixture(scope="module", autouse=True)
def connected() -> None:
    on_undone(Matter.WATCH_PERSON, undo_person)
    on_undone(Matter.FACE_MATCHING, undo_matching)
    on_granted(Matter.UNDO_MATCH, undo_match)


def candidate_of(
    site: Site, police: Browser, leader: Browser, name: str = "W-7", picture: bytes = b"\xff\xd8seen"
) -> tuple[str, str]:
    """(entry, candidate) of a running operation."""
    entry = opened(site, police, name=name)["id"]
    assert put_face(police, entry, portrait_of("w01")).json()["accepted"]
    police.post(f"/api/persons/{entry}/release", {"reason": "lost"})
    assert leader.post(f"/api/persons/{entry}/release/decide", {"grant": True}).status_code == 200
    wish = {"reason": "lost", "objective": "victim-or-missing", "cameras": ["TL-01"], "persons": [entry],
            "authorisation": "Order 114"}  # fmt: skip
    operation = police.post("/api/face-matching", wish).json()["id"]
    leader.post(f"/api/face-matching/{operation}/decide", {"grant": True})
    row = FaceCandidateRow(
        id=site.environment.ids.new(), entry_id=entry, operation_id=operation, camera_id="TL-01", track_id="t",
        time=site.environment.clock.now(), distance=0.4, threshold=0.508, false_match_rate=0.0004, compared_with=1,
        next_best=None, faces=3, quality=QUALITY, sha256="ab" * 32,
    )  # fmt: skip
    sealed = site.gallery.keys.seal(entry, picture, SEEN)
    site.database.write_now(lambda tx: tx.faces.add(row, sealed))
    judge = FaceJudge(site.environment, site.database)
    asyncio.run_coroutine_threadsafe(judge.judge_waiting(), site.loop).result(20)
    return entry, row.id


def alarm_of(browser: Browser, candidate: str) -> dict[str, Any]:
    (alarm,) = [each for each in browser.get("/api/alarms").json() if each.get("observationId") == candidate]
    detail: dict[str, Any] = browser.get(f"/api/alarms/{alarm['id']}").json()
    return detail


@needs_models
def test_two_people_compare_blind_to_each_other(site: Site) -> None:
    police, leader, operator = (site.browser(name) for name in ("investigator", "shift_leader", "operator"))
    entry, candidate = candidate_of(site, police, leader)
    released = leader.get("/api/releases").json()["releases"][:2]
    assert [each["about"] for each in released] == ["W-7, 12026"] * 2, "whoever releases reads name and case, no id"
    assert {"name": "persons", "values": ["W-7, 12026"]} in released[0]["scope"]
    detail = alarm_of(operator, candidate)
    assert (detail["kind"], detail["face"]["person"]["id"]) == ("face", entry)
    (shown,) = detail["face"]["candidates"]
    assert (shown["similarity"], shown["threshold"], shown["mayJudge"], shown["given"]) == (0.6, 0.492, True, 0)
    assert operator.get(f"/api/faces/{candidate}/picture").content == b"\xff\xd8seen"
    assert site.browser("protection_officer").get(f"/api/faces/{candidate}/picture").status_code == 403
    path = f"/api/faces/{candidate}/verdict"
    operator.post(path, {"verdict": "same", "reason": "scar on the chin"})
    assert site.audit("faces.verdict")[-1]["actor"] == "operator"
    (blind,) = alarm_of(leader, candidate)["face"]["candidates"]
    assert (blind["given"], blind["verdicts"], blind["outcome"]) == (1, [], "open")
    assert "scar on the chin" not in str(alarm_of(leader, candidate)), "nowhere in what the second one is told"
    assert operator.post(path, {"verdict": "same", "reason": "again"}).status_code == 409
    settled = leader.post(path, {"verdict": "same", "reason": "ears"}).json()
    assert settled["outcome"] == "confirmed"
    assert {each["by"] for each in settled["verdicts"]} == {"operator", "shift_leader"}
    police.post(f"/api/persons/{entry}/close", {"reason": "found"})
    assert operator.get(f"/api/faces/{candidate}/picture").status_code == 404


@needs_models
def test_a_true_alarm_needs_two_verdicts(site: Site) -> None:
    police, leader, operator = (site.browser(name) for name in ("investigator", "shift_leader", "operator"))
    _, candidate = candidate_of(site, police, leader)
    alarm = alarm_of(operator, candidate)["id"]
    operator.post(f"/api/alarms/{alarm}/acknowledge")
    early = operator.post(f"/api/alarms/{alarm}/close", {"verdict": "true", "note": ""})
    assert (early.status_code, early.json()["code"]) == (409, "alarm-needs-verdicts")
    for browser in (operator, leader):
        browser.post(f"/api/faces/{candidate}/verdict", {"verdict": "different", "reason": "nose"})
    row = FaceCountRow("TL-01", Time(site.environment.clock.now() // HOUR * HOUR), 50, 20, 1, 3, 0)
    site.database.write_now(lambda tx: tx.people.count_faces([row]))
    now = site.environment.clock.now()
    report = site.browser("protection_officer").http.get(
        "/api/faces/report", params={"from": to_iso(Time(now - HOUR)), "to": to_iso(Time(now + HOUR))}
    )
    line = report.json()["rows"][0]
    assert (line["cameraId"], line["rejected"] >= 1) == ("TL-01", True)
    assert line["falseLow"] < line["falseRate"] < line["falseHigh"]
    assert site.audit("faces.report")


@needs_models
def test_a_confirmed_face_is_undone_under_the_releases_by_a_second_person(site: Site) -> None:
    police, leader, operator = (site.browser(name) for name in ("investigator", "shift_leader", "operator"))
    _, candidate = candidate_of(site, police, leader, name="W-9")
    alarm = alarm_of(operator, candidate)["id"]
    operator.post(f"/api/alarms/{alarm}/acknowledge")
    path = f"/api/faces/{candidate}"
    early = operator.post(f"{path}/undo", {"reason": "his brother"})
    assert (early.status_code, early.json()["code"]) == (409, "candidate-state")
    for browser in (operator, leader):
        browser.post(f"{path}/verdict", {"verdict": "same", "reason": "nose"})
    assert operator.post(f"/api/alarms/{alarm}/close", {"verdict": "true", "note": ""}).status_code == 200
    assert site.browser("protection_officer").post(f"{path}/undo", {"reason": "x"}).status_code == 403
    doubted = operator.post(f"{path}/undo", {"reason": "his brother"}).json()
    assert (doubted["outcome"], doubted["doubt"]["reason"], doubted["mayUndo"]) == ("confirmed", "his brother", False)
    waiting = leader.get("/api/releases").json()["releases"][0]
    assert (waiting["matter"], waiting["subject"], waiting["mayAnswer"]) == ("undo-match", candidate, True)
    assert waiting["about"] == "W-9" and {"name": "camera", "values": ["TL-01"]} in waiting["scope"]
    assert operator.post(f"/api/releases/{waiting['id']}/answer", {"grant": True}).status_code == 403
    assert leader.post(f"/api/releases/{waiting['id']}/answer", {"grant": True}).status_code == 200
    detail = operator.get(f"/api/alarms/{alarm}").json()
    (shown,) = detail["face"]["candidates"]
    assert (shown["outcome"], shown["hasPicture"], shown["mayUndo"], detail["verdict"]) == (
        "undone",
        False,
        False,
        "false",
    )
    assert detail["history"][-1]["action"] == "alarm.revise"
    assert [row["actor"] for row in site.audit("faces.undo")] == ["shift_leader"]


FORBIDDEN = ("age", "sex", "gender", "race", "religion", "emotion", "ethnic")


def test_no_alarm_or_watchlist_can_name_age_sex_or_more_of_a_person(site: Site) -> None:
    """Rule L8: what raises alarms takes plates, faces of released entries, and what devices say; nothing else of people."""
    schemas = describe()["components"]["schemas"]
    asked = (
        "WatchlistRequest",
        "PersonRequest",
        "ReasonsRequest",
        "MatchingWish",
        "AlarmClosing",
        "AlarmFacts",
        "Alarm",
    )
    for name in asked:
        names = {each.lower() for each in schemas.get(name, {}).get("properties", {})}
        assert not {each for each in names for word in FORBIDDEN if each == word or each.startswith(f"{word}_")}, name
    leader = site.browser("shift_leader")
    for word in ("age", "sex", "ageLow"):
        answer = leader.post("/api/watchlist", {"plate": "BH1234AK", word: "30-44"})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-field")
