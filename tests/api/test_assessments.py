"""Assessments of cameras over HTTP: who writes, who approves, what is shown before and after, and what the record says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from istros.base.time import DAY, Time, to_iso
from istros.compliance import assessment_drafts
from istros.compliance.assessed_view import note_confirmed_view
from istros.store import Transaction
from istros.store.analysis_pauses import AnalysisPauseRow
from istros.store.camera_zones import CameraZonesRow
from tests.api.conftest import serving
from tests.api.site import Browser, Site
from tests.api.test_gate import close_code
from tests.assessed import OFFICER

PATH = "/api/cameras/IZ-07/assessment"
WINDOW = ((0.0, 0.0), (0.3, 0.0), (0.3, 0.3), (0.0, 0.3))
LIVE = "/api/live/IZ-07/main"


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node of its own, whose camera IZ-07 has no assessment in force."""
    with serving(Path(tmp_path_factory.mktemp("new"))) as site:
        site.database.write_now(
            lambda tx: assessment_drafts.withdraw(tx, site.environment, OFFICER, "IZ-07", "begin anew")
        )
        yield site


def text(site: Site, **change: Any) -> dict[str, Any]:
    now = site.environment.clock.now()
    return {
        "owner": "Izmail city council", "purpose": "Safety of the harbour", "looksAt": "The gate",
        "sign": {"uk": "Ведеться відеоспостереження"}, "signPlace": "Both posts", "zones": "none",
        "zonesReason": "No windows", "keepHours": 900, "dpiaRef": "DPIA 7", "dpiaDate": to_iso(Time(now - DAY)),
        "review": to_iso(Time(now + 300 * DAY)), "uses": ["vehicles"],
    } | change  # fmt: skip


def test_a_new_camera_is_shown_to_nobody_before_its_assessment_is_approved(new: Site) -> None:
    administrator, officer, operator = (new.browser(r) for r in ("administrator", "protection_officer", "operator"))
    first = operator.get(PATH).json()
    assert (first["standing"]["standing"], first["standing"]["next"], first["mayWrite"]) == ("missing", "write", False)
    assert close_code(operator.socket(LIVE)) == 4423
    offer = operator.http.post(f"{LIVE}/whep", content=b"v=0", headers={"content-type": "application/sdp"})
    assert (offer.status_code, offer.json()["code"]) == (403, "camera-not-cleared")
    assert {row["subject"] for row in new.audit("live.view", "refused")} == {"IZ-07"}
    camera = next(each for each in operator.get("/api/cameras").json() if each["id"] == "IZ-07")
    assert camera["standing"] == "missing"

    assert officer.post(PATH, text(new)).status_code == 403
    draft = administrator.post(PATH, text(new, owner="", review=to_iso(new.environment.clock.now()))).json()
    version = draft["versions"][0]["version"]
    assert {lack["place"] for lack in draft["lacks"]} == {"owner", "review"}
    assert draft["standing"]["next"] == "finish"
    unfinished = officer.post(f"{PATH}/answer", {"version": version, "approve": True})
    assert (unfinished.status_code, unfinished.json()["code"]) == (422, "assessment-refused")
    waiting = administrator.post(PATH, text(new)).json()
    assert (waiting["standing"]["next"], waiting["standing"]["nextVersion"]) == ("answer", version + 1)
    assert administrator.post(f"{PATH}/answer", {"version": version + 1, "approve": True}).status_code == 403
    listed = {each["cameraId"]: each["next"] for each in officer.get("/api/assessments").json()}
    assert listed == {"IZ-07": "answer", "TL-01": "none"}
    assert close_code(operator.socket(LIVE)) == 4423

    done = officer.post(f"{PATH}/answer", {"version": version + 1, "approve": True}).json()
    assert (done["standing"]["standing"], done["standing"]["uses"]) == ("valid", ["vehicles"])
    assert done["standing"]["uncovered"] == ["plates"], "what the configuration asks for and nobody assessed"
    assert new.audit("assessment.approve")[-1]["detail"]["writtenBy"] == "administrator"
    with operator.socket(LIVE) as view:
        assert view.recv(timeout=10)


def test_a_camera_that_is_stopped_disappears_from_the_desks_that_show_it(new: Site) -> None:
    operator, officer = new.browser("operator"), new.browser("protection_officer")
    version = new.browser("administrator").post(PATH, text(new)).json()["versions"][0]["version"]
    assert officer.post(f"{PATH}/answer", {"version": version, "approve": True}).status_code == 200
    view = operator.socket(LIVE)
    assert view.recv(timeout=10)
    assert operator.post(f"{PATH}/stop", {"reason": "no"}).status_code == 403
    assert officer.post(f"{PATH}/stop", {"reason": " "}).status_code == 422
    stopped = officer.post(f"{PATH}/stop", {"reason": "The sign was torn off"}).json()
    assert (stopped["standing"]["films"], stopped["versions"][0]["endReason"]) == (False, "The sign was torn off")
    assert close_code(view) == 4423
    assert new.audit("assessment.withdraw")[-1]["detail"]["reason"] == "The sign was torn off"


def test_an_assessment_is_sent_back_with_a_reason(new: Site) -> None:
    administrator, officer = new.browser("administrator"), new.browser("protection_officer")
    version = administrator.post(PATH, text(new)).json()["versions"][0]["version"]
    body: dict[str, Any] = {"version": version, "approve": False}
    assert officer.post(f"{PATH}/answer", body).status_code == 422
    back = officer.post(f"{PATH}/answer", body | {"reason": "Say who answers for it"}).json()
    assert (back["versions"][0]["answerReason"], back["standing"]["next"]) == ("Say who answers for it", "write")
    again = officer.post(f"{PATH}/answer", body | {"approve": True})
    assert (again.status_code, again.json()["code"]) == (409, "assessment-state")


def test_nobody_calls_a_camera_simulated_from_a_desk(new: Site) -> None:
    administrator: Browser = new.browser("administrator")
    assert administrator.post(PATH, text(new, simulated=True)).status_code == 422


@pytest.mark.parametrize(("role", "seen"), [("operator", False), ("investigator", False), ("shift_leader", True)])
def test_a_moved_camera_with_private_zones_is_covered_for_all_but_those_who_set_it_up(
    new: Site, role: str, seen: bool
) -> None:
    now = new.environment.clock.now()
    zones = CameraZonesRow("z-moved", "TL-01", now, "olena", False, (), (WINDOW,), since=now)
    browser, path = new.browser(role), "/api/live/TL-01/main"

    def begin(tx: Transaction) -> None:
        if tx.camera_zones.in_force("TL-01") is None:
            tx.camera_zones.add(zones)
        tx.pauses.put(AnalysisPauseRow("TL-01", "moved", now, now))

    with browser.socket(path) as view:
        assert view.recv(timeout=10), "before it was moved"
        new.database.write_now(begin)
        paused = next(each for each in browser.get("/api/cameras").json() if each["id"] == "TL-01")["paused"]
        assert (paused["cause"], paused["covered"]) == ("moved", not seen)
        if not seen:
            assert close_code(view) == 4423
    if not seen:
        assert close_code(browser.socket(path)) == 4423
    new.database.write_now(lambda tx: tx.pauses.end("TL-01"))
    with browser.socket(path) as view:
        assert view.recv(timeout=10)


def test_an_ignored_part_is_no_hidden_part(new: Site) -> None:
    administrator, now = new.browser("administrator"), new.environment.clock.now()
    row = CameraZonesRow("z-ignored", "TL-01", now, "olena", False, (), (WINDOW,), since=Time(now + 1))
    new.database.write_now(lambda tx: tx.camera_zones.add(row))
    path = PATH.replace("IZ-07", "TL-01")
    says = text(new, zones="drawn", zonesReason="", sign={"ro": "Zonă supravegheată video"})
    assert {"place": "zones", "lacks": "not-drawn"} in administrator.post(path, says).json()["lacks"], "people see it"
    masked = CameraZonesRow("z-masked", "TL-01", now, "olena", False, (), (), since=Time(now + 2), private=(WINDOW,))
    new.database.write_now(lambda tx: tx.camera_zones.add(masked))
    assert administrator.get(path).json()["zonesDrawn"]


def test_a_camera_that_looks_elsewhere_says_so_and_waits_for_a_newer_version(new: Site) -> None:
    administrator, officer = new.browser("administrator"), new.browser("protection_officer")

    def approve() -> dict[str, Any]:
        version = administrator.post(PATH, text(new)).json()["versions"][0]["version"]
        told: dict[str, Any] = officer.post(f"{PATH}/answer", {"version": version, "approve": True}).json()
        return told

    approve()
    administrator.post(PATH, text(new, purpose="Written before"))
    new.database.write_now(lambda tx: note_confirmed_view(tx, new.environment, "IZ-07"))
    told = administrator.get(PATH).json()["standing"]
    assert (told["standing"], told["changed"], told["next"], told["live"]) == ("overdue", "view", "review", True)
    told = approve()["standing"]
    assert (told["standing"], told["changed"], told["next"]) == ("valid", "", "none")
