"""A search for a face in recordings as browsers see it: asking, the second person, the authorisation, the candidates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from istros.base.time import HOUR, Time, to_iso
from istros.compliance.access import ROLES
from istros.compliance.cascade import on_undone
from istros.events.face_gallery import SEEN
from istros.events.face_looked import Looked, Missing, as_text
from istros.events.face_search import undo_search
from istros.events.persons import undo_person
from istros.store.face_searches import SearchState
from istros.store.faces import FaceCandidateRow
from istros.store.releases import Matter
from tests.api.conftest import serving
from tests.api.site import Browser, Site
from tests.api.test_persons import opened, put_face
from tests.events.sought import portrait_of
from tests.recognition.pictures import needs_models

pytestmark = needs_models
CASE = "12026"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node of its own."""
    on_undone(Matter.WATCH_PERSON, undo_person)
    on_undone(Matter.FACE_SEARCH, undo_search)
    with serving(tmp_path_factory.mktemp("searches")) as site:
        yield site


@pytest.fixture(scope="module")
def police(site: Site) -> Browser:
    return site.browser("investigator")


@pytest.fixture(scope="module")
def leader(site: Site) -> Browser:
    return site.browser("shift_leader")


@pytest.fixture(scope="module")
def entry(site: Site, police: Browser, leader: Browser) -> str:
    """A released entry of the case."""
    id = str(opened(site, police)["id"])
    assert put_face(police, id, portrait_of("w01")).json()["accepted"]
    assert police.post(f"/api/persons/{id}/release", {"reason": "lost"}).status_code == 200
    assert leader.post(f"/api/persons/{id}/release/decide", {"grant": True}).status_code == 200
    return id


def wish(site: Site, permit: str, **more: Any) -> dict[str, Any]:
    now = site.environment.clock.now()
    return {
        "basis": "authorised", "entry": "", "cameras": ["TL-01"], "since": to_iso(Time(now - HOUR)),
        "until": to_iso(Time(now - 1)), "reason": "she was seen there", "authorisation": "Order 12", "permit": permit,
    } | more  # fmt: skip


def asked(site: Site, police: Browser, entry: str, **more: Any) -> dict[str, Any]:
    permit = police.open_permit("missing-person", caseRef=CASE)
    answer = police.post("/api/face-searches", wish(site, permit, entry=entry) | more)
    assert answer.status_code == 201, answer.text
    search: dict[str, Any] = answer.json()
    return search


def grant(leader: Browser, search: dict[str, Any]) -> None:
    answer = leader.post(f"/api/releases/{search['release']['id']}/answer", {"grant": True})
    assert answer.status_code == 200, answer.text


def found(site: Site, search_id: str, id: str) -> None:
    """What the searcher would write of a minute with one candidate."""
    row = site.database.read_now(lambda tx: tx.face_searches.get(search_id))
    assert row is not None
    candidate = FaceCandidateRow(
        id=id, entry_id=row.entry_id, operation_id="r", camera_id="TL-01", track_id="t", time=row.start, distance=0.4,
        threshold=0.5, false_match_rate=0.0002, compared_with=1, next_best=None, faces=3, quality=QUALITY,
        sha256="ab" * 32, judged=row.start, search_id=row.id,
    )  # fmt: skip
    sealed = site.gallery.keys.seal(row.key, b"\xff\xd8 the face that was seen", SEEN)
    looked = Looked("TL-01", "main", row.end, 60_000_000, 240, 9, 4, 3, 0, 1, (Missing(row.start, row.end, "network"),))

    def write(tx: Any) -> None:
        tx.faces.add(candidate, sealed)
        tx.face_searches.change(row.id, state=SearchState.RUNNING, progress=0.5, looked=as_text([looked]))

    site.database.write_now(write)


QUALITY = '{"score":0.9,"height_px":90,"eyes_px":40,"px_per_m":600,"yaw":3,"pitch":2,"sharpness":0.2,"light":120}'


def test_only_the_police_ask_and_only_under_a_permit_that_reaches_so_far(
    site: Site, police: Browser, leader: Browser, entry: str
) -> None:
    for role in set(ROLES) - {"investigator"}:
        answer = site.browser(role).post("/api/face-searches", wish(site, "none", entry=entry))
        assert answer.status_code == 403, role
    assert police.post("/api/face-searches", wish(site, "none", entry=entry)).json()["code"] == "permit-needed"
    vehicle = police.open_permit("stolen-vehicle", caseRef=CASE)
    answer = police.post("/api/face-searches", wish(site, vehicle, entry=entry))
    assert answer.json()["code"] == "permit-too-narrow"
    near = police.open_permit("missing-person", caseRef=CASE, cameras=["IZ-07"])
    assert police.post("/api/face-searches", wish(site, near, entry=entry)).json()["code"] == "permit-too-narrow"
    permit = police.open_permit("missing-person", caseRef=CASE)
    long = {"since": to_iso(Time(site.environment.clock.now() - 169 * HOUR))}
    answer = police.post("/api/face-searches", wish(site, permit, entry=entry) | long)
    assert (answer.status_code, answer.json()["code"]) == (422, "search-too-wide")
    assert site.audit("faces.search", "refused")[-1]["actor"] == "investigator"


def test_the_way_of_a_search_from_asking_to_its_end(site: Site, police: Browser, leader: Browser, entry: str) -> None:
    search = asked(site, police, entry)
    path = f"/api/face-searches/{search['id']}"
    assert (search["state"], search["name"], search["own"]) == ("asked", "W-7", True)
    assert police.post(f"/api/releases/{search['release']['id']}/answer", {"grant": True}).status_code == 403
    assert police.post(f"{path}/stop").json()["code"] == "face-search-state", "nothing is looked through yet"
    seen = next(each for each in leader.get("/api/releases").json()["releases"] if each["subject"] == search["id"])
    assert seen["about"] == f"W-7, {CASE}" and seen["matter"] == "face-search"
    grant(leader, search)
    assert police.get(path).json()["state"] == "waiting"

    found(site, search["id"], "c1")
    detail = police.get(path).json()
    (candidate,) = detail["candidates"]
    assert (detail["state"], detail["progress"], detail["open"]) == ("running", 0.5, 1)
    assert detail["looked"][0]["missing"][0]["cause"] == "network" and detail["looked"][0]["tracks"] == 4
    assert detail["expectedFalse"] == pytest.approx(0.003)
    assert candidate["similarity"] == 0.6 and candidate["falseMatchRate"] == 0.0002
    assert police.get(f"{path}/picture").content.startswith(b"\xff\xd8")
    assert police.get("/api/faces/c1/picture").content.startswith(b"\xff\xd8")
    officer = site.browser("protection_officer")
    assert officer.get(path).status_code == 200 and officer.get(f"{path}/picture").status_code == 403

    body = {"verdict": "same", "reason": "ears and nose"}
    assert police.post("/api/faces/c1/verdict", body).status_code == 200
    hidden = leader.get(path).json()["candidates"][0]
    assert (hidden["given"], hidden["verdicts"], hidden["mayJudge"]) == (1, [], True)
    assert leader.post("/api/faces/c1/verdict", body).json()["outcome"] == "confirmed"
    assert police.get(path).json()["confirmed"] == 1

    assert police.post(f"{path}/stop").json()["stopping"] is True
    assert leader.post(f"{path}/stop").status_code == 403
    stop = leader.post(f"/api/releases/{search['release']['id']}/withdraw", {"reason": "she is at home"})
    assert stop.status_code == 200
    over = police.get(path).json()
    assert (over["state"], over["candidates"][0]["hasPicture"]) == ("ended", True), "two people confirmed it"
    assert police.get("/api/faces/c1/picture").status_code == 200 and police.get(f"{path}/picture").status_code == 404
    for action in ("faces.search", "faces.stop", "faces.results"):
        assert search["id"] in {row["subject"] for row in site.audit(action)}, action


def test_an_urgent_search_waits_for_its_authorisation(site: Site, police: Browser, leader: Browser, entry: str) -> None:
    search = asked(site, police, entry, basis="urgent", authorisation="")
    path = f"/api/face-searches/{search['id']}"
    assert search.get("authoriseBy") is None, "the time runs from the release on"
    grant(leader, search)
    assert police.get(path).json()["authoriseBy"] is not None
    assert leader.post(f"{path}/authorisation", {"reference": "Order 12"}).status_code == 403
    assert police.post(f"{path}/authorisation", {"reference": " "}).json()["code"] == "face-search-refused"
    told = police.post(f"{path}/authorisation", {"reference": "Court 7, order 12"}).json()
    assert (told["authorisation"], told["authorisedBy"], told.get("authoriseBy")) == (
        "Court 7, order 12", "investigator", None,
    )  # fmt: skip
    assert police.post(f"{path}/authorisation", {"reference": "again"}).status_code == 409
    assert site.audit("faces.authorise")[-1]["subject"] == search["id"]


def test_a_first_identification_brings_its_own_picture(site: Site, police: Browser, leader: Browser) -> None:
    permit = police.open_permit("offence", caseRef="12026-9")
    first = {"basis": "first-identification", "authorisation": ""}
    assert police.post("/api/face-searches", wish(site, permit) | first).json()["code"] == "face-search-refused"
    answer = police.post("/api/face-searches", wish(site, permit) | first | {"facts": "the till's camera"})
    search = answer.json()
    assert (answer.status_code, search["state"]) == (201, "draft")

    def give(data: bytes) -> Any:
        return police.http.put(
            f"/api/face-searches/{search['id']}/face", params={"source": "case-file"}, content=data,
            headers={"content-type": "image/jpeg"},
        )  # fmt: skip

    poor = give(portrait_of("w02", height=60)).json()
    assert poor["accepted"] is False and poor["search"]["state"] == "draft"
    good = give(portrait_of("w02")).json()
    assert "accepted" in good, good
    assert good["accepted"] is True and good["search"]["state"] == "asked"
    assert give(portrait_of("w02")).status_code == 409, "what a second person looks at is not changed"
    picture = leader.get(f"/api/face-searches/{search['id']}/picture")
    assert picture.content.startswith(b"\xff\xd8")
    grant(leader, good["search"])
    found(site, search["id"], "c9")
    (candidate,) = police.get(f"/api/face-searches/{search['id']}").json()["candidates"]
    assert candidate.get("entryId") is None
    assert leader.get("/api/faces/c9/picture").content.startswith(b"\xff\xd8")


def test_the_report_on_live_thresholds_leaves_searches_out(site: Site, police: Browser) -> None:
    now = site.environment.clock.now()
    span = {"from": to_iso(Time(now - 2 * HOUR)), "to": to_iso(now)}
    assert police.get("/api/faces/report", **span).json()["rows"] == []
    row = site.database.read_now(lambda tx: tx.faces.get("c9"))
    assert row is not None
    live = replace(row, id="live", search_id=None)
    site.database.write_now(lambda tx: tx.faces.add(live, b"x"))
    assert len(police.get("/api/faces/report", **span).json()["rows"]) > 0


def test_a_search_is_ended_whatever_it_waits_for_by_who_asked_and_by_the_shift_leader(
    site: Site, police: Browser, leader: Browser, entry: str
) -> None:
    waiting = asked(site, police, entry)
    assert waiting["mayEnd"] and site.browser("operator").post(
        f"/api/face-searches/{waiting['id']}/end", {"reason": "x"}
    ).status_code == 403  # fmt: skip
    end = f"/api/face-searches/{waiting['id']}/end"
    assert police.post(end, {"reason": " "}).json()["code"] == "face-search-refused"
    over = police.post(end, {"reason": "she came home"}).json()
    assert (over["state"], over.get("release"), over["mayEnd"]) == ("ended", None, False)
    assert police.post(end, {"reason": "again"}).json()["code"] == "face-search-state"

    permit = police.open_permit("offence", caseRef="12026-10")
    first = {"basis": "first-identification", "authorisation": "", "facts": "the till's camera"}
    draft = police.post("/api/face-searches", wish(site, permit) | first).json()
    assert draft["state"] == "draft" and leader.get(f"/api/face-searches/{draft['id']}").json()["mayEnd"]
    body = {"reason": "the wrong case"}
    assert leader.post(f"/api/face-searches/{draft['id']}/end", body).json()["state"] == "ended"
    (row,) = [each for each in site.audit("faces.end") if each["subject"] == draft["id"]]
    assert (row["actor"], row["detail"]["why"], row["detail"]["whole"]) == ("shift_leader", "the wrong case", True)

    running = asked(site, police, entry, basis="urgent", authorisation="")
    grant(leader, running)
    found(site, running["id"], "c-ended")
    ended = leader.post(f"/api/face-searches/{running['id']}/end", {"reason": "no authorisation came"}).json()
    assert (ended["state"], ended["open"]) == ("ended", 0)
    gone = site.database.read_now(lambda tx: (tx.faces.get("c-ended"), tx.faces.picture("c-ended")))
    assert gone == (None, None), "an urgent search that nobody authorised leaves no trace of what it found"


def test_a_search_is_of_the_organisation_that_asked_and_another_neither_sees_nor_ends_it(
    site: Site, police: Browser, leader: Browser, entry: str
) -> None:
    search = asked(site, police, entry)
    grant(leader, search)
    found(site, search["id"], "c-ours")
    waiting = asked(site, police, entry)
    path, reason = f"/api/face-searches/{search['id']}", {"reason": "not yours"}
    for role in ("investigator", "shift_leader", "protection_officer"):
        away = site.newcomer(f"away_{role}", role, "tulcea", must_change=False)
        assert search["id"] not in {each["id"] for each in away.get("/api/face-searches").json()}, role
        answers = [away.get(path), away.post(f"{path}/end", reason)]
        assert {(each.status_code, each.json()["code"]) for each in answers} == {(404, "face-search-unknown")}, role
        release = f"/api/releases/{search['release']['id']}"
        answers = [away.get(release), away.post(f"{release}/withdraw", reason)]
        assert {(each.status_code, each.json()["code"]) for each in answers} == {(404, "release-unknown")}, role
        if role != "protection_officer":
            round_about = f"/api/face-matching/{waiting['release']['id']}"
            for browser in (away, leader):
                answers = [
                    browser.post(f"{round_about}/stop", reason),
                    browser.post(f"{round_about}/decide", {"grant": False, "note": "by a way that looks at nothing"}),
                ]
                assert {(each.status_code, each.json()["code"]) for each in answers} == {(404, "release-unknown")}, role
        assert search["release"]["id"] not in {each["id"] for each in away.get("/api/releases").json()["releases"]}, (
            role
        )
    away = site.newcomer("away_police", "investigator", "tulcea", must_change=False)
    assert away.get(f"{path}/picture").status_code == away.post(f"{path}/stop").status_code == 404
    by_id = [
        away.get("/api/faces/c-ours/picture"), away.post("/api/faces/c-ours/undo", reason),
        away.post("/api/faces/c-ours/verdict", {"verdict": "same", "reason": "the ears"}),
    ]  # fmt: skip
    assert {(each.status_code, each.json()["code"]) for each in by_id} == {(404, "face-search-unknown")}
    assert police.get("/api/faces/c-ours/picture").status_code == 200
    assert search["release"]["id"] in {row["subject"] for row in site.audit("releases.withdraw", "refused")}
    assert police.get(path).json()["state"] == "running"
    assert search["id"] in {each["id"] for each in leader.get("/api/face-searches").json()}
    assert leader.post(f"{path}/end", {"reason": "found"}).json()["state"] == "ended"
    assert leader.post(f"/api/face-searches/{waiting['id']}/end", {"reason": "found"}).json()["state"] == "ended"
