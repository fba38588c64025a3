"""The deployment profile over the interface: what a node may do, and what it refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from istros.base.signing import PublicKey
from istros.base.time import DAY, HOUR, Time, to_iso
from istros.compliance.functions import QUESTIONS
from tests.api.site import RECIPIENT, Browser, Site, make_site

GROUND = "Law 333/2003 article 2"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node without a profile."""
    site = make_site(tmp_path_factory.mktemp("bare"), profile=False)
    site.start()
    yield site
    site.stop()
    site.database.close()
    site.environment.workers.close()


def drafted(browser: Browser, site: Site, **more: Any) -> dict[str, Any]:
    history = browser.get("/api/profiles").json()
    body: dict[str, Any] = {
        "answers": dict.fromkeys(QUESTIONS, "Answered") | {"fria": "", "registration": ""},
        "functions": dict.fromkeys(history["strictest"], GROUND),
        "limits": history["least"], "review": to_iso(Time(site.environment.clock.now() + 90 * DAY)),
    }  # fmt: skip
    answer: dict[str, Any] = browser.post("/api/profiles", body | more).json()
    return answer


def order(site: Site, browser: Browser, kind: str, **more: Any) -> Any:
    now = site.environment.clock.now()
    return browser.post(
        "/api/exports",
        {"cameras": ["IZ-07"], "since": to_iso(Time(now - 2 * HOUR)), "until": to_iso(Time(now - HOUR)), "kind": kind,
         "reason": "theft", "recipient": RECIPIENT, "permit": browser.open_permit(), **more},
    )  # fmt: skip


def test_without_a_profile_everybody_reads_what_the_strictest_allows(bare: Site) -> None:
    for role in ("patrol", "operator", "traffic_engineer"):
        shown = bare.browser(role).get("/api/profile").json()
        assert (shown["version"], shown["inForce"], shown["mayWrite"]) == (0, None, False)
        allowed = {each["function"] for each in shown["functions"] if each["allowed"]}
        assert allowed == {"live-view", "recording", "exports", "plates-read", "plates-search", "vehicles-described"}
    assert shown["limits"]["plateHours"] == 24


def test_without_a_profile_nothing_leaves_unmasked_and_plates_are_searched(bare: Site) -> None:
    police = bare.browser("investigator")
    refused = order(bare, police, "exact")
    assert (refused.status_code, refused.json()["code"]) == (403, "function-not-allowed")
    assert "data-protection officer sign" in refused.json()["remedy"]
    assert bare.audit("exports.order", "refused")[-1]["actor"] == "investigator"
    assert order(bare, police, "redacted", people=True).status_code == 201
    now = bare.environment.clock.now()
    span = {"from": to_iso(Time(now - HOUR)), "to": to_iso(now)}
    assert police.get("/api/plates", permit=police.open_permit(), **span).status_code == 200
    asked = dict(matter="lift-mask", subject="x1", reason="witness", scope={"cameras": ["IZ-07"]})
    lifted = police.post("/api/releases", asked)
    assert lifted.json()["code"] == "function-not-allowed"


def test_two_sign_and_everybody_sees_it_and_anyone_verifies_it(bare: Site) -> None:
    administrator, officer = bare.browser("administrator"), bare.browser("protection_officer")
    unfinished = drafted(administrator, bare, answers={}, functions={"faces-matched-live": GROUND})
    assert {"place": "purpose", "lacks": "answer"} in unfinished["lacks"]
    assert {"place": "function:faces-matched-live", "lacks": "law"} in unfinished["lacks"]
    refused = administrator.post(f"/api/profiles/{unfinished['version']}/sign")
    assert (refused.status_code, refused.json()["code"]) == (422, "profile-refused")
    functions = dict.fromkeys(
        ["live-view", "recording", "exports", "plates-read", "redaction-lifted", "vehicles-described"], GROUND
    )
    version = drafted(administrator, bare, functions=functions)
    assert (version["lacks"], version["maySign"], version["state"]) == ([], True, "draft")
    administrator.post(f"/api/profiles/{version['version']}/sign")
    signed = officer.post(f"/api/profiles/{version['version']}/sign").json()
    assert (signed["state"], [each["signer"] for each in signed["signatures"]]) == (
        "in-force", ["administrator", "protection_officer"],
    )  # fmt: skip
    shown = bare.browser("operator").get("/api/profile").json()
    assert (shown["version"], shown["controller"]) == (version["version"], "Answered")
    told = bare.browser("patrol").get(f"/api/profiles/{version['version']}/document").json()
    assert hashlib.sha256(told["content"].encode()).hexdigest() == told["sha256"]
    for each in told["signatures"]:
        assert each["statement"]["sha256"] == told["sha256"]
        assert PublicKey.of_text(each["publicKey"]).holds(each["statement"], each["signature"])
    police = bare.browser("investigator")
    assert order(bare, police, "exact").status_code == 201
    now = bare.environment.clock.now()
    search = police.get(
        "/api/plates", permit=police.open_permit(), **{"from": to_iso(Time(now - HOUR)), "to": to_iso(now)}
    )
    assert search.json()["code"] == "function-not-allowed", "a signed profile can also allow less"
    span = {"from": to_iso(Time(now - HOUR)), "to": to_iso(now)}
    assert police.get("/api/vehicles", permit=police.open_permit(), **span).status_code == 200
    by_plate = police.get("/api/vehicles", permit=police.open_permit(), plate="with", **span)
    assert by_plate.json()["code"] == "function-not-allowed", "and vehicles are then found without their plates"
    taken = officer.post(f"/api/profiles/{version['version']}/withdraw", dict(reason="complaint")).json()
    assert (taken["state"], bare.browser("operator").get("/api/profile").json()["version"]) == ("taken-back", 0)
    assert bare.browser("patrol").get("/api/profiles/99/document").status_code == 404


def test_a_draft_holds_nothing_strange(bare: Site) -> None:
    administrator = bare.browser("administrator")
    assert drafted(administrator, bare, functions={"mind-reading": "Law"})["code"] == "invalid-field"
    history = administrator.get("/api/profiles").json()
    over = drafted(administrator, bare, limits=history["most"] | {"matchingHours": 73})
    assert (over["code"], "1 to 72" in over["message"]) == ("profile-refused", True)
    assert bare.audit("profile.draft", "refused")


def test_the_simulated_city_says_that_its_people_are_made_up(site: Site) -> None:
    shown = site.browser("operator").get("/api/profile").json()
    assert shown["simulated"] and all(each["allowed"] for each in shown["functions"])
    assert all("made up" in each["ground"] for each in shown["functions"])
