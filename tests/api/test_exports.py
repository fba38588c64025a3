"""Exports over HTTP: who may order and fetch one, and what stands in the audit log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from istros.base.time import DAY, HOUR, Time, after, to_iso
from istros.compliance import corrections
from istros.compliance.corrections import Wrong
from istros.recording.export.exporter import package_path
from istros.store import Transaction
from istros.store.camera_zones import CAMERA_ZONES, CameraZonesRow
from istros.store.corrections import Cause, CorrectionRow, Remedy
from istros.store.departures import Carrier, DepartureRow, RecipientKind
from istros.store.face_searches import FaceSearchRow
from istros.store.faces import FaceCandidateRow
from tests.api.pdf_text import text_of
from tests.api.site import RECIPIENT, Browser, Site
from tests.store.rows_made import alarm, read

DEPARTURE = DepartureRow(
    "d1", "D-2026-0001", Carrier.EXPORT, "x1", "Police", RecipientKind.POLICE, "UA", "uk", "ua", "ua-14-2", "Letter",
    ("plates",), ("IZ-07",), Time(0), Time(1), (), "offence", "C-17", "P-2026-0001", Time(0), "olena", "izmail", Time(0), "olena",
)  # fmt: skip

SPAN = {"since": "2026-11-24T10:00:00Z", "until": "2026-11-24T10:05:00Z"}


def permit_of(browser: Browser, case: str = "C-17", purpose: str = "offence") -> str:
    body = {"purpose": purpose, "ground": "Art. 40", "caseRef": case, "hours": 1}
    answer = browser.http.post("/api/permits", json=body)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def order(browser: Browser, permit: str, **more: Any) -> Any:
    body = {"cameras": ["IZ-07"], "permit": permit, "reason": "a theft", "recipient": RECIPIENT} | SPAN | more
    return browser.http.post("/api/exports", json=body)


@pytest.fixture(scope="module")
def investigator(site: Site) -> Browser:
    return site.browser("investigator")


def release(site: Site, investigator: Browser, export_id: str, permit: str) -> None:
    """A second person lets it go."""
    body = {"matter": "evidence-export", "subject": export_id, "reason": "the court asks", "permit": permit}
    asked = investigator.http.post("/api/releases", json=body)
    assert asked.status_code == 201, asked.text
    answer = {"grant": True, "note": ""}
    own = investigator.http.post(f"/api/releases/{asked.json()['id']}/answer", json=answer)
    assert own.status_code == 403
    leader = site.browser("shift_leader")
    assert leader.http.post(f"/api/releases/{asked.json()['id']}/answer", json=answer).status_code == 200


def test_evidence_of_another_case_does_not_leave_by_one_person_for_a_life(site: Site, investigator: Browser) -> None:
    """A permit for a threat to life is soon opened: it lets go what was ordered under it, and nothing else."""
    theft = order(investigator, permit_of(investigator, "C-theft")).json()["id"]
    life = permit_of(investigator, "C-life", "threat-to-life")
    wish = {"matter": "evidence-export", "subject": theft, "reason": "at once", "permit": life, "emergency": True}
    refused = investigator.post("/api/releases", wish)
    assert (refused.status_code, refused.json()["said"]) == (403, "emergency-other-case")
    own = order(investigator, life).json()["id"]
    begun = investigator.post("/api/releases", wish | {"subject": own}).json()
    assert begun["state"] == "emergency"
    site.browser("shift_leader").post(f"/api/releases/{begun['id']}/answer", {"grant": True})
    hidden = {
        "matter": "lift-mask",
        "subject": permit_of(investigator, "C-theft"),
        "scope": {"cameras": ["IZ-07"]},
        "hours": 1,
    }
    refused = investigator.post("/api/releases", wish | hidden)
    assert (refused.status_code, refused.json()["said"]) == (403, "release-other-permit")


def test_who_lets_a_package_go_reads_what_was_ordered_whatever_the_asker_says(
    site: Site, investigator: Browser
) -> None:
    permit = permit_of(investigator)
    made = order(investigator, permit).json()
    says = {"cameras": ["IZ-99"], "recipient": {"name": "X", "kind": "own", "country": "UA", "basis": "ua-10"}}
    body = {"matter": "evidence-export", "subject": made["id"], "reason": "x", "permit": permit, "scope": says}
    asked = investigator.http.post("/api/releases", json=body).json()
    seen = site.browser("shift_leader").get(f"/api/releases/{asked['id']}").json()
    told = {each["name"]: each["values"] for each in seen["scope"]}
    assert told["recipient"] == ["Police of Odesa", "UA", "police", "ua-14-2", "Letter 17/3"]
    assert (told["cameras"], told["from"], told["data"]) == (made["cameras"], [made["start"]], ["pictures", "custody"])
    assert site.audit("releases.ask")[-1]["detail"]["scope"]["recipient"]["name"] == "Police of Odesa"


def finish(site: Site, export_id: str, content: bytes) -> None:
    """What the exporter does at its end."""
    path = package_path(site.folder / "exports", export_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    now = site.environment.clock.now()
    site.database.write_now(
        lambda tx: tx.exports.finish(
            export_id, now, expires=after(now, 60), size_bytes=len(content), manifest_sha256="cd" * 32, to_review=0
        )
    )


def test_an_order_needs_a_permit_that_reaches_so_far(site: Site, investigator: Browser) -> None:
    standing = investigator.session["permit"]
    assert order(investigator, standing).json()["code"] == "permit-too-narrow"
    assert order(investigator, "none").json()["code"] == "permit-needed"
    answer = order(investigator, permit_of(investigator))
    assert answer.status_code == 201
    made = answer.json()
    assert (made["state"], made["caseRef"], made["orderedBy"]) == ("waiting", "C-17", "investigator")
    row = site.audit("exports.order")[-1]
    assert (row["subject"], row["detail"]["cameras"], row["detail"]["reason"]) == (made["id"], ["IZ-07"], "a theft")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"until": "2026-11-24T09:00:00Z"}, "ends before it starts"),
        ({"until": "2026-11-26T10:00:00Z"}, "longer than a day"),
        ({"until": "2099-01-01T00:00:00Z", "since": "2098-12-31T23:00:00Z"}, "in the future"),
        ({"cameras": ["IZ-07", "IZ-07"]}, "named twice"),
        ({"cameras": ["TL-01"], "stream": "sub"}, "no stream"),
        ({"kind": "redacted", "people": False, "plates": False}, "Nothing is to be hidden"),
        ({"kind": "redacted", "drawn": [{"cameraId": "TL-01", "keys": [{"time": SPAN["since"], "corners": []}]}]}, "is not exported"),
        (
            {"kind": "redacted", "drawn": [{"cameraId": "IZ-07", "keys": [{"time": SPAN["since"], "corners": [[0.1, 0.1]]}]}]},
            "fewer than three corners",
        ),
        ({"drawn": [{"cameraId": "IZ-07", "keys": [{"time": SPAN["since"], "corners": [[0.1, 7]]}]}]}, "corners"),
        ({"reason": "x" * 301}, "reason"),
        ({"kind": "secret"}, "kind"),
    ],
)  # fmt: skip
def test_rubbish_is_refused_in_words(investigator: Browser, wrong: dict[str, Any], said: str) -> None:
    answer = order(investigator, permit_of(investigator), **wrong)
    assert answer.status_code == 422
    assert said in answer.json()["message"]


def test_an_unknown_camera_is_not_found(investigator: Browser) -> None:
    assert order(investigator, permit_of(investigator), cameras=["XX"]).status_code == 404


def test_a_package_is_fetched_by_the_one_who_ordered_it_alone(site: Site, investigator: Browser) -> None:
    permit = permit_of(investigator)
    made = order(investigator, permit).json()
    address = f"/api/exports/{made['id']}"
    early = investigator.http.get(f"{address}/package", params={"permit": permit})
    assert (early.status_code, early.json()["code"]) == (409, "export-not-ready")
    finish(site, made["id"], bytes(range(256)) * 40)
    waiting = investigator.http.get(address).json()
    assert (waiting["state"], waiting["released"]) == ("done", False)
    alone = investigator.http.get(f"{address}/package", params={"permit": permit})
    assert (alone.status_code, alone.json()["code"]) == (403, "release-needed")
    assert site.audit("exports.fetch", "refused")[-1]["subject"] == made["id"]
    release(site, investigator, made["id"], permit)
    assert investigator.http.get(address).json()["released"]
    listed = investigator.http.get("/api/exports").json()
    assert listed["exports"][0]["id"] == made["id"] and listed["key"] == "ab" * 32
    whole = investigator.http.get(f"{address}/package", params={"permit": permit})
    assert (whole.status_code, len(whole.content)) == (200, 10_240)
    part = investigator.http.get(f"{address}/package", params={"permit": permit}, headers={"range": "bytes=256-511"})
    assert (part.status_code, part.content) == (206, bytes(range(256)))
    rows = [row for row in site.audit("exports.fetch") if row["subject"] == made["id"]]
    assert [row["detail"]["range"] for row in rows] == ["", "bytes=256-511"]
    leader = site.browser("shift_leader")
    other = permit_of(leader, purpose="missing-person")
    for answer in (leader.http.get(address), leader.http.get(f"{address}/package", params={"permit": other})):
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert site.audit("exports.fetch", "refused")[-1]["subject"] == made["id"]
    assert leader.http.post(f"{address}/cancel").status_code == 404
    elsewhere = investigator.http.get(f"{address}/package", params={"permit": permit_of(investigator, "C-99")})
    assert elsewhere.status_code == 422 and "C-17" in elsewhere.json()["message"]
    assert investigator.http.get(f"{address}/package", params={"permit": "none"}).status_code == 403


def test_an_export_can_be_cancelled_while_it_is_made(investigator: Browser) -> None:
    made = order(investigator, permit_of(investigator)).json()
    cancelled = investigator.http.post(f"/api/exports/{made['id']}/cancel")
    assert cancelled.status_code == 200 and cancelled.json()["cancelWished"]
    assert investigator.http.post("/api/exports/nothing/cancel").status_code == 404


def test_no_package_without_a_recipient_and_a_ground(site: Site, investigator: Browser) -> None:
    permit = permit_of(investigator)
    for recipient, code in (
        (None, "recipient-needed"),
        (RECIPIENT | {"basis": "led-8"}, "transfer-refused"),
        (RECIPIENT | {"reference": ""}, "transfer-refused"),
        (RECIPIENT | {"kind": "person", "basis": "ua-8"}, "transfer-refused"),
    ):
        answer = order(investigator, permit, recipient=recipient)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert site.audit("exports.order", "refused")[-1]["actor"] == "investigator"
    made = order(investigator, permit).json()
    assert (made["recipient"], made["recipientKind"], made["basis"]) == ("Police of Odesa", "police", "ua-14-2")
    assert site.audit("exports.order")[-1]["detail"]["recipient"]["reference"] == "Letter 17/3"
    officer = site.browser("protection_officer")
    now = site.environment.clock.now()
    span = {"from": to_iso(Time(now - DAY)), "to": to_iso(Time(now + DAY))}
    listed = {each["subject"] for each in officer.get("/api/departures", **span).json()["departures"]}
    assert made["id"] not in listed, "ordered is not gone"
    finish(site, made["id"], b"package")
    release(site, investigator, made["id"], permit)
    for _ in range(2):
        assert investigator.http.get(f"/api/exports/{made['id']}/package", params={"permit": permit}).status_code == 200
    listed = officer.get("/api/departures", **span).json()["departures"]
    gone = [each for each in listed if each["subject"] == made["id"]]
    assert [(each["recipient"], each["goneBy"], each["sha256"]) for each in gone] == [
        ("Police of Odesa", "investigator", "cd" * 32)
    ]
    record = officer.get("/api/departures/record", **span, language="uk")
    assert record.status_code == 200 and record.content.startswith(b"%PDF")
    assert investigator.get("/api/departures", **span).status_code == 403


def test_a_package_does_not_leave_once_a_mask_was_drawn_over_what_it_shows(site: Site, investigator: Browser) -> None:
    permit = permit_of(investigator)
    made = order(investigator, permit).json()
    finish(site, made["id"], b"package")
    release(site, investigator, made["id"], permit)
    path = f"/api/exports/{made['id']}/package"
    assert investigator.get(path, permit=permit).status_code == 200
    window = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4))
    now = site.environment.clock.now()
    row = CameraZonesRow("z-late", made["cameras"][0], now, "olena", False, (), (), since=now, private=(window,))
    site.database.write_now(lambda tx: tx.camera_zones.add(row))
    refused = investigator.get(path, permit=permit)
    assert (refused.status_code, refused.json()["code"]) == (409, "export-not-ready")
    assert "mask was drawn" in site.audit("exports.fetch", "refused")[-1]["detail"]["why"]
    again = order(investigator, permit).json()
    finish(site, again["id"], b"package")
    release(site, investigator, again["id"], permit)
    assert investigator.get(f"/api/exports/{again['id']}/package", permit=permit).status_code == 200
    site.database.write_now(_uncover)


def test_a_package_does_not_leave_once_what_it_tells_turned_out_wrong(site: Site, investigator: Browser) -> None:
    """A film or a redacted package that tells nothing of it leaves, and nobody learns what it was."""
    now = site.environment.clock.now()
    seen = replace(read(1), id="late-misread", time=Time(now - 3 * HOUR))
    search = FaceSearchRow(
        "late-search", "authorised", None, "p1", "offence", "Art. 40", "C-elsewhere", "police", (seen.camera_id,),
        Time(now - 4 * HOUR), now, "a theft", "", "Order 1", now, "olena",
    )  # fmt: skip
    face = FaceCandidateRow(
        "late-face", None, "r1", seen.camera_id, "t1", seen.time, 0.4, 0.508, 0.001, 1, None, 1, "{}", "cd" * 32, "confirmed",
        search_id="late-search",
    )  # fmt: skip
    raised = replace(alarm(1), id="late-alarm", observation_id=seen.id, camera_id=seen.camera_id, time=seen.time)
    site.database.write_now(
        lambda tx: (
            tx.reads.add(seen),
            tx.face_searches.add(search),
            tx.faces.add(face, b"sealed"),
            tx.alarms.add(raised),
        )
    )
    permit = permit_of(investigator)
    span = {"since": to_iso(Time(now - 4 * HOUR)), "until": to_iso(Time(now - 2 * HOUR))}

    def package(kind: str = "exact", **papers: object) -> str:
        made = order(investigator, permit, kind=kind, papers=papers, **span).json()
        finish(site, made["id"], b"package")
        release(site, investigator, made["id"], permit)
        return f"/api/exports/{made['id']}/package"

    def answer(path: str) -> tuple[int, str]:
        got = investigator.http.get(path, params={"permit": permit})
        return got.status_code, "" if got.status_code == 200 else got.json()["message"]

    telling, alarmed, film = package(reads=True), package(alarms=True), package()
    covered = package("redacted", reads=True, only=["TL05ABC"])
    body = {"plate": "BH1284AA", "country": "UA", "reason": "the 3 is an 8", "permit": permit}
    assert investigator.post("/api/plates/late-misread/correct", body).status_code == 200
    for path in (telling, alarmed):
        status, said = answer(path)
        assert (status, "was corrected" in said, "plate" in said) == (409, True, False)
    assert (answer(film)[0], answer(covered)[0]) == (200, 200)
    assert answer(package(reads=True))[0] == 200, "ordered again it tells the right one"
    own = replace(search, id="own-search", case_ref="C-17")

    def undo(tx: Transaction, row: FaceCandidateRow) -> None:
        wrong = Wrong(Cause.FACE, row.id, Remedy.ERASE, {})
        corrections.notify(tx, site.environment, wrong, corrections.holders_of_face(tx, row), "olena", "desk")

    site.database.write_now(lambda tx: undo(tx, face))
    assert (answer(film)[0], answer(covered)[0]) == (200, 200), "the search of another case is no business of this one"
    mine = replace(face, id="own-face", search_id="own-search")
    site.database.write_now(lambda tx: (tx.face_searches.add(own), tx.faces.add(mine, b"sealed"), undo(tx, mine)))
    status, said = answer(film)
    assert (status, "face" in said, answer(covered)[0]) == (409, False, 200)


def _uncover(tx: Transaction) -> None:
    tx.camera_zones._connection.execute(CAMERA_ZONES.delete().where(CAMERA_ZONES.c.id == "z-late"))


def test_who_got_a_misread_plate_is_told_and_confirms(site: Site, investigator: Browser) -> None:
    """A plate is corrected under its permit; the officer sees who got it, prints the letter, and notes the answer."""
    now = site.environment.clock.now()
    seen = replace(
        read(1), id="misread", time=Time(now - HOUR), first_seen=Time(now - HOUR), last_seen=Time(now - HOUR)
    )
    site.database.write_now(lambda tx: tx.reads.add(seen))
    permit = permit_of(investigator)
    span = {"since": to_iso(Time(now - 2 * HOUR)), "until": to_iso(Time(now - HOUR // 2))}
    made = order(investigator, permit, papers={"reads": True}, **span).json()
    finish(site, made["id"], b"package")
    release(site, investigator, made["id"], permit)
    assert investigator.http.get(f"/api/exports/{made['id']}/package", params={"permit": permit}).status_code == 200
    body = {"plate": "bh 1284 aa", "country": "UA", "reason": "the 3 is an 8", "permit": permit}
    same = investigator.post("/api/plates/misread/correct", body | {"plate": "BH1234AA"})
    assert (same.status_code, same.json()["code"]) == (409, "plate-same")
    for rubbish in ("", "??", "BH", "<script>", "BH 1284 \U0001f697", "BH1284AA" * 4, "BH1284\u202eAA"):
        refused = investigator.post("/api/plates/misread/correct", body | {"plate": rubbish})
        assert (refused.status_code, refused.json()["code"]) == (422, "plate-refused"), rubbish
        assert "3 to 20 letters and digits" in refused.json()["message"]
    assert site.browser("operator").post("/api/plates/misread/correct", body).status_code == 403
    corrected = investigator.post("/api/plates/misread/correct", body)
    assert corrected.status_code == 200 and corrected.json()["text"] == "BH1284AA"
    (found,) = investigator.get(
        "/api/plates", permit=permit, text="BH1284AA", **{"from": span["since"], "to": span["until"]}
    ).json()["reads"]
    for told in (corrected.json(), found):
        assert (told["correctedBy"], told["confidence"], told["country"]) == ("investigator", None, "UA")
        assert told["corrected"] and told["alternatives"][0] == {"text": "BH1234AA", "confidence": 0.93}
    assert site.audit("plates.correct")[-1]["detail"] == {"reason": "the 3 is an 8"}
    officer = site.browser("protection_officer")
    (notice,) = [each for each in officer.get("/api/corrections").json() if each["subject"] == "misread"]
    assert (notice["state"], notice["remedy"], notice["departure"]["subject"]) == ("open", "correct", made["id"])
    assert (notice["facts"]["plate"], notice["facts"]["right"]) == ("BH1234AA", "BH1284AA")
    address = f"/api/corrections/{notice['id']}"
    assert officer.get(f"{address}/letter").content.startswith(b"%PDF")
    assert officer.post(f"{address}/sent").json()["state"] == "sent"
    assert officer.post(f"{address}/confirmed", {"how": ""}).status_code == 422
    done = officer.post(f"{address}/confirmed", {"how": "Mr Rusu, by telephone"}).json()
    assert (done["state"], done["facts"], done["confirmation"]) == ("confirmed", {}, "Mr Rusu, by telephone")
    assert officer.post(f"{address}/sent").json()["code"] == "correction-refused"
    assert site.audit("corrections.write", "refused")[-1]["subject"] == notice["id"]
    assert officer.get(f"{address}/letter").status_code == 409
    assert investigator.get("/api/corrections").status_code == 403


def test_what_left_is_divided_by_organisation(site: Site) -> None:
    officer = site.browser("protection_officer")
    leaving = replace(DEPARTURE, id="other-org", number="D-2026-9001", subject="x-other", gone=Time(3), gone_by="mara")
    notice = CorrectionRow(
        "other-org", "N-2026-9001", "other-org", Cause.MISREAD, "r9", Remedy.CORRECT, "{}", Time(1), "olena", Time(2)
    )
    theirs = replace(leaving, id="own-org", number="D-2026-9002", subject="x-own", organisation="tulcea")
    site.database.write_now(
        lambda tx: (tx.departures.add(leaving), tx.departures.add(theirs), tx.corrections.add(notice))
    )
    away = site.newcomer("officer_e", "protection_officer", "tulcea", must_change=False)
    span = {"from": to_iso(Time(0)), "to": to_iso(Time(HOUR))}

    def left(browser: Browser) -> set[str]:
        return {each["number"] for each in browser.get("/api/departures", **span).json()["departures"]}

    assert left(away) == {"D-2026-9002"} and left(officer) == {"D-2026-9001", "D-2026-9002"}
    assert away.get("/api/departures/record", **span).status_code == 200
    assert "other-org" not in {each["id"] for each in away.get("/api/corrections").json()}
    asked = [away.get("/api/corrections/other-org/letter"), away.post("/api/corrections/other-org/sent")]
    asked.append(away.post("/api/corrections/other-org/confirmed", {"how": "x"}))
    assert {answer.status_code for answer in asked} == {404}
    assert officer.post("/api/corrections/other-org/confirmed", {"how": "Mr Rusu"}).status_code == 200


def test_a_list_is_divided_before_it_is_cut_and_the_record_for_the_authority_says_that_it_is_cut(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("istros.api.departures.MOST", 1)
    monkeypatch.setattr("istros.api.corrections.MOST", 1)
    day = 86_400_000_000
    rows = [
        replace(
            DEPARTURE, id=f"cut{number}", number=f"D-2026-80{number:02}", subject=f"cut{number}", recipient=f"{whose} police",
            organisation=whose, gone=Time(day + number), gone_by=whose,
        )
        for number, whose in ((1, "galati"), (2, "galati"), (3, "izmail"), (4, "izmail"))
    ]  # fmt: skip
    notices = [
        CorrectionRow(
            row.id, row.number.replace("D", "N"), row.id, Cause.MISREAD, "r", Remedy.CORRECT, "{}", Time(1), "olena",
            Time(10 - number),
        )
        for number, row in enumerate(rows)
    ]  # fmt: skip

    def fill(tx: Transaction) -> None:
        for row, notice in zip(rows, notices, strict=True):
            tx.departures.add(row)
            tx.corrections.add(notice)

    site.database.write_now(fill)
    away = site.newcomer("officer_g", "protection_officer", "galati", must_change=False)
    span = {"from": to_iso(Time(day)), "to": to_iso(Time(day + HOUR))}
    listed = away.get("/api/departures", **span).json()
    assert ([each["number"] for each in listed["departures"]], listed["cut"]) == (["D-2026-8002"], True)
    assert [each["number"] for each in away.get("/api/corrections").json()] == ["N-2026-8002"]
    told = text_of(away.get("/api/departures/record", **span).content)
    assert "D-2026-8002" in told and "More left in this time" in told
    assert not [word for word in ("D-2026-8003", "D-2026-8004", "izmail police", "D-2026-8001") if word in told]
    monkeypatch.setattr("istros.api.departures.MOST", 2)
    assert away.get("/api/departures", **span).json()["cut"] is False
    told = text_of(away.get("/api/departures/record", **span).content)
    assert "D-2026-8001" in told and "More left in this time" not in told and "izmail police" not in told
    leader_away = site.newcomer("leader_e", "shift_leader", "galati", must_change=False)
    overdue = {each["subject"] for each in leader_away.get("/api/notices").json() if each["kind"] == "correction"}
    assert overdue == {"N-2026-8001", "N-2026-8002"}, "of what its own people sent"
    done = site.browser("protection_officer")
    for notice in notices:
        done.post(f"/api/corrections/{notice.id}/confirmed", {"how": "Mr Rusu"})


def test_what_is_overdue_stands_over_the_screens_of_officer_and_leader(site: Site) -> None:
    leaving = replace(DEPARTURE, id="late", number="D-2026-9000", subject="x-late")
    row = CorrectionRow(
        "late", "N-2026-9000", "late", Cause.MISREAD, "r9", Remedy.CORRECT, "{}", Time(1), "olena", Time(2)
    )
    site.database.write_now(lambda tx: (tx.departures.add(leaving), tx.corrections.add(row)))
    for role in ("protection_officer", "shift_leader"):
        found = site.browser(role).get("/api/notices").json()
        assert [each["subject"] for each in found if each["kind"] == "correction"] == ["N-2026-9000"]
    assert site.browser("operator").get("/api/notices").json() == []
    confirmed = site.browser("protection_officer").post("/api/corrections/late/confirmed", {"how": "Mr Rusu"})
    assert confirmed.status_code == 200, confirmed.text
    left = site.browser("shift_leader").get("/api/notices").json()
    assert "N-2026-9000" not in [each["subject"] for each in left]
