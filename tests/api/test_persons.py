"""A sought person as browsers see it: entry, picture, second person, operation, banner, and the end of it all."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from istros.base.signing import SigningKey
from istros.base.time import HOUR, Time, to_iso
from istros.compliance.access import ROLES
from istros.compliance.cascade import on_undone
from istros.compliance.simulated_profile import sign_simulated
from istros.events.persons import undo_person
from istros.store.releases import Matter
from tests.api.conftest import serving
from tests.api.site import RECIPIENT, Browser, Site
from tests.events.sought import portrait_of
from tests.recognition.pictures import needs_models

pytestmark = needs_models


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node of its own, where no other test compares faces."""
    with serving(tmp_path_factory.mktemp("persons")) as site:
        yield site


@pytest.fixture(scope="module", autouse=True)
def ready(site: Site) -> None:
    on_undone(Matter.WATCH_PERSON, undo_person)

    def sign(tx: Any) -> None:
        administrator, officer = tx.operators.by_name("administrator"), tx.operators.by_name("protection_officer")
        sign_simulated(tx, site.environment, administrator, officer, SigningKey.generate())

    site.database.write_now(sign)


@pytest.fixture(scope="module")
def police(site: Site) -> Browser:
    return site.browser("investigator")


@pytest.fixture(scope="module")
def leader(site: Site) -> Browser:
    return site.browser("shift_leader")


def body_of(site: Site, **more: Any) -> dict[str, Any]:
    day = to_iso(Time(site.environment.clock.now() + 24 * HOUR))
    return {
        "name": "W-7", "description": "boy, eleven, red coat", "minor": True, "objective": "victim-or-missing",
        "authorisation": "Order 114", "purpose": "missing-person", "ground": "Report 20417", "caseRef": "12026",
        "priority": "high", "category": "missing", "requester": "Unit 3", "handling": "H0",
        "provenance": "the mother", "expires": day, "review": day,
    } | more  # fmt: skip


def opened(site: Site, police: Browser, **more: Any) -> dict[str, Any]:
    answer = police.post("/api/persons", body_of(site, **more))
    assert answer.status_code == 201, answer.text
    entry: dict[str, Any] = answer.json()
    return entry


def put_face(browser: Browser, entry_id: str, data: bytes) -> Any:
    return browser.http.put(
        f"/api/persons/{entry_id}/face", params={"source": "relative"}, content=data,
        headers={"content-type": "image/jpeg"},
    )  # fmt: skip


def test_the_whole_way_from_entry_to_erasure(site: Site, police: Browser, leader: Browser) -> None:
    entry = opened(site, police)
    assert (entry["state"], entry["matched"]) == ("described", False)
    assert police.post(f"/api/persons/{entry['id']}/release", {"reason": "lost"}).status_code == 409
    small = put_face(police, entry["id"], portrait_of("w01", height=60)).json()
    assert small["accepted"] is False and small["faults"][0]["what"] == "too-small"
    assert put_face(leader, entry["id"], portrait_of("w01")).status_code == 403, "another organisation's"
    good = put_face(police, entry["id"], portrait_of("w01")).json()
    assert good["accepted"] is True and good["quality"]["heightPx"] >= 96
    assert site.browser("operator").get(f"/api/persons/{entry['id']}/picture").content.startswith(b"\xff\xd8")
    assert site.browser("protection_officer").get(f"/api/persons/{entry['id']}/picture").status_code == 403
    assert site.audit("persons.picture")[-1]["subject"] == entry["id"]
    asked = police.post(f"/api/persons/{entry['id']}/release", {"reason": "a child is lost"}).json()
    assert (asked["state"], asked["release"]["askedBy"]) == ("asked", "investigator")
    path = f"/api/persons/{entry['id']}/release/decide"
    assert police.post(path, {"grant": True}).status_code == 403, "nobody answers their own request"
    away = site.newcomer("away_leader", "shift_leader", "galati", must_change=False)
    elsewhere = away.post(path, {"grant": True})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "release-unknown"), "as under Releases"
    assert leader.post(path, {"grant": True}).json()["state"] == "released"
    wish = {
        "reason": "a child is lost", "objective": "victim-or-missing", "cameras": ["TL-01"],
        "persons": [entry["id"]], "authorisation": "Order 114", "hours": 2,
    }  # fmt: skip
    nonsense = police.post("/api/face-matching", wish | {"within": "at night"})
    assert nonsense.status_code == 422
    mixed = police.post("/api/face-matching", wish | {"within": "tue,mon"})
    assert (mixed.status_code, mixed.json()["code"]) == (422, "matching-refused")
    operation = police.post("/api/face-matching", wish)
    assert operation.status_code == 201, operation.text
    waiting = leader.get("/api/face-matching/operations").json()
    assert (waiting["running"], [each["persons"] for each in waiting["waiting"]]) == ([], [[entry["id"]]])
    assert site.browser("patrol").get("/api/face-matching").json() == {"cameras": [], "until": None}
    assert leader.post(f"/api/face-matching/{operation.json()['id']}/decide", {"grant": True}).json()["running"]
    (running,) = site.browser("operator").get("/api/face-matching/operations").json()["running"]
    assert (running["cameras"], running["persons"]) == (["TL-01"], [entry["id"]])
    assert site.audit("persons.read")[-1] | {"permit": None, "detail": {}} == {
        "actor": "operator", "subject": "face-matching", "permit": None, "detail": {},
    }  # fmt: skip
    before = len(site.audit("persons.read"))
    for role in ROLES:
        banner = site.browser(role).get("/api/face-matching").json()
        assert banner == {"cameras": ["TL-01"], "until": running["expires"]}, "where and until when, and nothing else"
    assert len(site.audit("persons.read")) == before
    assert site.browser("patrol").get("/api/face-matching/operations").status_code == 403
    listed = {each["id"]: each for each in leader.get("/api/persons").json()}
    assert listed[entry["id"]]["matched"] is True
    stopped = police.post(f"/api/face-matching/{operation.json()['id']}/stop", {"reason": "found"})
    assert stopped.json()["running"] is False
    assert leader.get("/api/face-matching").json()["cameras"] == []
    closed = police.post(f"/api/persons/{entry['id']}/close", {"reason": "found in Reni"}).json()
    assert (closed["state"], closed.get("face")) == ("closed", None) and closed["erased"]
    assert entry["id"] not in site.gallery.keys.names()
    assert leader.get(f"/api/persons/{entry['id']}/picture").status_code == 404


def test_a_refused_entry_is_erased_at_once(site: Site, police: Browser, leader: Browser) -> None:
    entry = opened(site, police)
    put_face(police, entry["id"], portrait_of("w02"))
    police.post(f"/api/persons/{entry['id']}/release", {"reason": "a child is lost"})
    path = f"/api/persons/{entry['id']}/release/decide"
    refused = leader.post(path, {"grant": False, "note": "the order names somebody else"}).json()
    assert (refused["state"], refused["closeReason"]) == ("closed", "release refused")
    assert (refused["closeCode"], refused["closeFacts"]) == ("release-ended", {"ending": "refused"})
    assert site.gallery.keys.has(entry["id"]) is False
    assert site.audit("releases.cascade")[-1]["detail"]["entry"] == entry["id"]


def test_three_days_are_the_most(site: Site, police: Browser) -> None:
    late = to_iso(Time(site.environment.clock.now() + 73 * HOUR))
    answer = police.post("/api/persons", body_of(site, expires=late))
    assert (answer.status_code, answer.json()["code"]) == (422, "entry-refused")
    assert "72 hours" in answer.json()["message"]


def test_what_is_no_picture_is_refused(site: Site, police: Browser) -> None:
    entry = opened(site, police)
    answer = put_face(police, entry["id"], b"GIF89a")
    assert (answer.status_code, answer.json()["code"]) == (422, "picture-refused")
    assert put_face(police, entry["id"], b"\xff\xd8\xff" + b"0" * 6_000_000).status_code == 413
    assert put_face(police, "nobody", portrait_of("w01")).status_code == 404


def test_keys_lie_apart_and_are_swept(site: Site, police: Browser) -> None:
    entry = opened(site, police)
    put_face(police, entry["id"], portrait_of("w01"))
    place: Path = site.folder / "keys" / "faces" / f"{entry['id']}.key"
    assert place.stat().st_mode & 0o777 == 0o600
    site.gallery.keys.make("left-over")
    assert asyncio.run(site.gallery.sweep()) == 1
    assert place.exists() and not site.gallery.keys.has("left-over")


def test_persons_come_in_and_go_out_as_a_file(site: Site, police: Browser, leader: Browser) -> None:
    day = to_iso(Time(site.environment.clock.now() + 24 * HOUR))
    line = {
        "name": "W-file", "description": "man, grey coat", "minor": "no", "objective": "listed-offence",
        "authorisation": "Order 9", "purpose": "offence", "ground": "Art. 115", "case": "12026-9", "priority": "high",
        "category": "serious-grounds", "requester": "Unit 3", "handling": "H0", "handling_note": "",
        "provenance": "report", "cameras": "", "hours": "", "expires": day, "review": day, "picture": "w9.jpg",
        "picture_source": "case-file",
    }  # fmt: skip
    bad = line | {"name": "W-bad", "objective": "curiosity"}
    body = {"format": "json", "text": json.dumps([line, bad]), "mode": "preview", "previewed": ""}
    assert police.post("/api/persons/file", body | {"mode": "good"}).json()["code"] == "bad-request"
    seen = police.post("/api/persons/file", body).json()
    assert [(each["ok"], each["field"]) for each in seen["lines"]] == [(True, ""), (False, "objective")]
    done = police.post("/api/persons/file", body | {"mode": "good", "previewed": seen["sha256"]}).json()
    entry = done["lines"][0]["entryId"]
    assert (done["written"], done["lines"][0]["picture"], done["lines"][0]["source"]) == (1, "w9.jpg", "case-file")
    assert put_face(police, entry, portrait_of("w02")).json()["accepted"]
    operator = site.browser("operator")
    assert operator.post("/api/persons/file/taken", {"format": "csv"}).status_code == 422, "for nobody"
    abroad = {"recipient": RECIPIENT | {"country": "RO"}}
    assert operator.post("/api/persons/file/taken", abroad).json()["code"] == "transfer-refused"
    assert site.audit("persons.read", "refused")[-1]["subject"] == "persons"
    text = operator.post("/api/persons/file/taken", {"recipient": RECIPIENT}).text
    left = site.audit("departures.leave")[-1]["detail"]
    assert "W-file" in text and site.audit("persons.read")[-1]["detail"] == {"file": "csv", "departure": left["number"]}
    assert (left["carrier"], left["data"]) == ("persons", ["sought-persons"])
    assert left["sha256"] == hashlib.sha256(text.encode()).hexdigest()

    order = {"recipient": RECIPIENT}
    assert police.post("/api/persons/file/pictures", order).json()["code"] == "release-needed"
    assert site.audit("persons.write", "refused")[-1]["subject"] == "persons"
    wish: dict[str, Any] = {"matter": "evidence-export", "subject": "persons-pictures", "reason": "to the partner"}
    assert police.post("/api/releases", wish).json()["said"] == "pictures-for-nobody"
    refused = police.post("/api/releases", wish | {"scope": abroad})
    assert refused.json()["code"] == "transfer-refused", "no ground allows it"
    id = police.post("/api/releases", wish | {"scope": order}).json()["id"]
    (scope,) = leader.get(f"/api/releases/{id}").json()["scope"]
    assert scope["name"] == "recipient" and scope["values"][:2] == [RECIPIENT["name"], RECIPIENT["country"]]
    assert leader.post(f"/api/releases/{id}/answer", {"grant": True}).status_code == 200
    for other in (
        RECIPIENT | {"name": "somebody else"},
        RECIPIENT | {"reference": "another paper"},
        abroad["recipient"],
    ):
        answer = police.post("/api/persons/file/pictures", {"recipient": other}).json()
        assert (answer["code"], answer["said"]) == ("release-needed", "pictures-for-another")
    package = zipfile.ZipFile(io.BytesIO(police.post("/api/persons/file/pictures", order).content))
    assert package.read(f"{entry}.jpg").startswith(b"\xff\xd8") and "W-file" in package.read("persons.csv").decode()
    assert leader.post("/api/persons/file/pictures", order).status_code == 403, "the release is the asker's"
    left = site.audit("departures.leave")[-1]["detail"]
    assert left["data"] == ["sought-persons", "sought-faces"]
    told = site.audit("persons.export")[-1]["detail"]
    assert (told["release"], told["departure"]) == (id, left["number"])
    police.post(f"/api/releases/{id}/withdraw", {"reason": "sent"})
    police.post(f"/api/persons/{entry}/close", {"reason": "found"})
