"""The watchlist as a browser sees it: files in and out, renewal, whose entries they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from istros.base.time import Time, to_iso
from tests.api.site import RECIPIENT, Browser, Site
from tests.api.test_alarms import alarm_for, seen, sought

COLUMNS = (
    "plate,manner,purpose,ground,case,priority,category,requester,handling,handling_note,provenance,cameras,hours,"
    "expires,review"
)

KEPT = (
    "plate", "manner", "purpose", "ground", "caseRef", "priority", "category", "requester", "handling", "provenance",
    "expires", "review",
)  # fmt: skip
"""What an entry and what asks for it have in common."""


@pytest.fixture
def leader(site: Site) -> Browser:
    return site.browser("shift_leader")


def file_of(site: Site, *plates: str) -> str:
    day = to_iso(Time(site.environment.clock.now() + 86_400_000_000))
    lines = [f"{plate},exact,offence,Art. 40,12026,low,none,Unit 3,H0,,report,,,{day},{day}" for plate in plates]
    return "\n".join([COLUMNS, *lines])


def taken(browser: Browser, text: str, mode: str, previewed: str = "") -> Any:
    body = {"format": "csv", "text": text, "mode": mode, "previewed": previewed}
    return browser.post("/api/watchlist/file", body)


def test_a_file_is_previewed_before_it_is_imported(site: Site, leader: Browser) -> None:
    text = file_of(site, "BH5001AA", "A", "BH5002AA")
    before = len(leader.get("/api/watchlist").json())
    unseen = taken(leader, text, "good")
    assert (unseen.status_code, unseen.json()["code"]) == (422, "bad-request")
    preview = taken(leader, text, "preview").json()
    assert (preview["good"], preview["written"]) == (2, 0)
    (bad,) = [line for line in preview["lines"] if not line["ok"]]
    assert (bad["line"], bad["field"], bad["what"]) == (3, "plate", "too-short")
    whole = taken(leader, text, "all", preview["sha256"])
    assert (whole.status_code, whole.json()["code"]) == (422, "import-refused")
    assert len(leader.get("/api/watchlist").json()) == before
    done = taken(leader, text, "good", preview["sha256"]).json()
    assert (done["written"], [line.get("entryId") is not None for line in done["lines"]]) == (2, [True, False, True])
    assert site.audit("watchlist.import")[-1]["detail"]["left_out"] == 1
    changed = taken(leader, text + "\n", "good", preview["sha256"])
    assert changed.status_code == 422


def test_the_list_leaves_as_a_file_on_the_record(site: Site, leader: Browser) -> None:
    sought(site, "BH 5003 AA", ground="=HYPERLINK(1)")
    nobody = leader.post("/api/watchlist/file/taken", {"format": "csv"})
    assert nobody.status_code == 422 and "recipient" in nobody.json()["message"]
    abroad = {"recipient": RECIPIENT | {"country": "RO"}}
    refused = leader.post("/api/watchlist/file/taken", abroad)
    assert (refused.status_code, refused.json()["code"]) == (422, "transfer-refused")
    assert "ua-29-3" in refused.json()["remedy"]
    assert site.audit("watchlist.read", "refused")[-1]["subject"] == "watchlist"
    text = leader.post("/api/watchlist/file/taken", {"format": "csv", "recipient": RECIPIENT})
    assert text.headers["content-type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in text.text
    listed = json.loads(leader.post("/api/watchlist/file/taken", {"format": "json", "recipient": RECIPIENT}).text)
    assert any(each["plate"] == "BH 5003 AA" for each in listed)
    detail = site.audit("watchlist.read")[-1]["detail"]
    assert detail["file"] == "json"
    left = site.audit("departures.leave")[-1]["detail"]
    assert (left["number"], left["basis"], left["data"]) == (detail["departure"], "ua-14-2", ["sought-vehicles"])


def test_a_pattern_raises_an_alarm_for_each_plate(site: Site, leader: Browser) -> None:
    sought(site, "BH 6?01 AA", manner="pattern")
    operator = site.browser("operator")
    first, second = seen(site, "BH6101AA"), seen(site, "BH6201AA")
    assert {alarm_for(operator, each)["match"] for each in (first, second)} == {"pattern"}
    again = seen(site, "BH6101AA")
    assert not [each for each in operator.get("/api/alarms").json() if each.get("observationId") == again]


def test_an_entry_is_renewed_by_another_person_of_its_organisation(site: Site, leader: Browser) -> None:
    entry = sought(site, "BH 5004 AA")
    body = {name: entry[name] for name in KEPT} | {"renews": entry["id"], "renewalReason": "Still sought"}
    alone = leader.post("/api/watchlist", body)
    assert (alone.status_code, alone.json()["code"]) == (422, "entry-refused")
    elsewhere = site.browser("investigator").post("/api/watchlist", body)
    assert elsewhere.status_code == 422


def test_the_same_person_does_not_go_on_by_a_fresh_entry_nor_by_a_file(site: Site, leader: Browser) -> None:
    entry = sought(site, "BH 5005 AA")
    body = {name: entry[name] for name in KEPT}
    again = leader.post("/api/watchlist", body)
    assert (again.status_code, again.json()["said"]) == (422, "entry-goes-on")
    facts = again.json()["facts"]
    assert facts == {"plate": "BH 5005 AA", "start": entry["created"], "end": entry["expires"]}
    assert site.audit("watchlist.write", "refused")[-1]["subject"] == "BH 5005 AA"
    text = file_of(site, "BH5005AA", "BH5006AA")
    preview = taken(leader, text, "preview").json()
    bad, good = preview["lines"]
    assert (bad["ok"], bad["field"], bad["what"], bad["said"], bad["facts"]) == (
        False, "plate", "goes-on", "entry-goes-on", facts,
    )  # fmt: skip
    assert (good["ok"], preview["good"]) == (True, 1)
    whole = taken(leader, text, "all", preview["sha256"])
    assert (whole.status_code, whole.json()["code"]) == (422, "import-refused")
    assert taken(leader, text, "good", preview["sha256"]).json()["written"] == 1
    wrong = leader.post(f"/api/watchlist/{entry['id']}/close", {"reason": "another case", "wrong": True})
    assert (wrong.json()["closeCode"], wrong.json()["closeFacts"]) == ("entry-wrong", {"why": "another case"})
    assert leader.post("/api/watchlist", body | {"caseRef": "12026-115"}).status_code == 201
