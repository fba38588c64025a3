"""Administration of people and of keys of programs."""

from __future__ import annotations

from typing import Any

import pytest

from istros.base.time import HOUR, Time, to_iso
from tests.api.site import PASSWORD, Browser, Site
from tests.api.test_alarms import seen, sought


def person(browser: Browser, name: str) -> dict[str, Any]:
    (found,) = [each for each in browser.get("/api/people").json() if each["name"] == name]
    return dict(found)


def added(browser: Browser, name: str, role: str = "operator") -> str:
    body = {"name": name, "displayName": name.title(), "organisation": "izmail", "role": role, "language": "uk"}
    answer = browser.post("/api/people", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["password"])


def second(site: Site, name: str = "deputy") -> Browser:
    """Another administrator."""
    known = site.database.read_now(lambda tx: tx.operators.by_name(name))
    if known is None:
        browser = site.newcomer(name, "administrator")
        browser.post("/api/account/password", {"current": PASSWORD, "password": "seven herons fly"})
    browser = site.browser()
    assert browser.sign_in(name, "seven herons fly").status_code == 200
    return browser


@pytest.fixture
def administrator(site: Site) -> Browser:
    return site.browser("administrator")


def test_a_person_is_added_and_chooses_a_password(site: Site, administrator: Browser) -> None:
    password = added(administrator, "natalia")
    browser = site.browser()
    assert browser.sign_in("natalia", password).json()["missing"] == "password"
    browser.post("/api/account/password", {"current": password, "password": "seven herons fly"})
    seen = person(administrator, "natalia")
    assert (seen["role"], seen["mustChange"], seen["sessions"], seen["factors"]) == ("operator", False, 1, [])
    assert "passwordHash" not in administrator.get("/api/people").text
    assert password not in "".join(str(row) for row in site.audit("operators.create"))


def test_disabling_sends_out_at_once_and_is_undone(site: Site, administrator: Browser) -> None:
    victim = second(site, "colleague")
    id = person(administrator, "colleague")["id"]
    assert administrator.http.put(f"/api/people/{id}/disabled", json={"disabled": True}).status_code == 204
    assert victim.get("/api/session").status_code == 401
    assert site.browser().sign_in("colleague", "seven herons fly").status_code == 401
    assert administrator.http.put(f"/api/people/{id}/disabled", json={"disabled": False}).status_code == 204
    assert second(site, "colleague").session["missing"] == ""
    assert [row["detail"]["name"] for row in site.audit("operators.enable")][-1] == "colleague"


def test_a_lost_phone_and_a_forgotten_password_are_reset(site: Site, administrator: Browser) -> None:
    victim = second(site, "forgetful")
    secret = victim.post("/api/account/codes")
    assert secret.status_code == 200
    id = person(administrator, "forgetful")["id"]
    assert administrator.http.delete(f"/api/people/{id}/factors").status_code == 204
    assert site.database.read_now(lambda tx: tx.factors.secret(id)) is None
    password = administrator.post(f"/api/people/{id}/password").json()["password"]
    browser = site.browser()
    assert browser.sign_in("forgetful", password).json()["missing"] == "password"
    assert victim.get("/api/session").status_code == 401


def test_a_role_that_oversees_takes_two(site: Site, administrator: Browser) -> None:
    added(administrator, "climber", "administrator")
    waiting = person(administrator, "climber")
    assert (waiting["role"], waiting["wish"]["role"], waiting["wish"]["askedBy"]) == (
        "patrol", "administrator", "administrator",
    )  # fmt: skip
    id = waiting["id"]
    own = administrator.post(f"/api/people/{id}/role/decide", {"agree": True})
    assert (own.status_code, own.json()["code"]) == (422, "account-refused")
    assert site.browser("operator").post(f"/api/people/{id}/role/decide", {"agree": True}).status_code == 403
    officer = site.browser("protection_officer")
    assert officer.post(f"/api/people/{id}/role/decide", {"agree": True}).status_code == 204
    assert person(officer, "climber")["role"] == "administrator"
    row = site.audit("operators.role")[-1]
    assert (row["actor"], row["detail"]["asked"], row["detail"]["to"]) == (
        "protection_officer", "administrator", "administrator",
    )  # fmt: skip
    assert administrator.http.put(f"/api/people/{id}/role", json={"role": "operator"}).status_code == 204
    assert person(administrator, "climber")["role"] == "administrator", "taking it away takes two as well"
    again = administrator.http.put(f"/api/people/{id}/role", json={"role": "patrol"})
    assert again.status_code == 422
    assert second(site).post(f"/api/people/{id}/role/decide", {"agree": False}).status_code == 204
    assert person(administrator, "climber")["wish"] is None


def test_another_role_is_given_at_once_and_ends_the_sessions(site: Site, administrator: Browser) -> None:
    added(administrator, "mover", "operator")
    id = person(administrator, "mover")["id"]
    assert administrator.http.put(f"/api/people/{id}/role", json={"role": "traffic_engineer"}).status_code == 204
    assert person(administrator, "mover")["role"] == "traffic_engineer"
    assert administrator.http.put(f"/api/people/{id}/role", json={"role": "king"}).status_code == 422


def test_one_administrator_does_not_make_both_people_of_a_release(site: Site, administrator: Browser) -> None:
    for role in ("investigator", "shift_leader"):
        added(administrator, f"made-{role.replace('_', '-')}", role)
        made = person(administrator, f"made-{role.replace('_', '-')}")
        assert (made["role"], made["wish"]["role"]) == ("patrol", role)


@pytest.mark.parametrize("role", ["protection_officer", "shift_leader"])
@pytest.mark.parametrize("what", ["password", "factors"])
def test_who_is_given_a_new_password_by_one_person_is_no_second_person_yet(
    site: Site, administrator: Browser, role: str, what: str
) -> None:
    """The administrator knows the new password, and would be both people of the profile and of every release."""
    name = f"lost-{what}-{role.replace('_', '-')}"
    victim = site.newcomer(name, role, must_change=False)
    id = person(administrator, name)["id"]
    if what == "password":
        password = administrator.post(f"/api/people/{id}/password").json()["password"]
        thief = site.browser()
        thief.sign_in(name, password)
        thief.post("/api/account/password", {"current": password, "password": "seven herons fly"})
        assert thief.get("/api/releases").status_code == 403
    else:
        assert administrator.http.delete(f"/api/people/{id}/factors").status_code == 204
    assert victim.get("/api/session").status_code == 401
    seen = person(administrator, name)
    assert (seen["role"], seen["wish"]["role"], seen["wish"]["askedBy"]) == ("patrol", role, "administrator")
    assert administrator.post(f"/api/people/{id}/password").status_code == 200, "a second loss changes nothing"
    assert administrator.post(f"/api/people/{id}/role/decide", {"agree": True}).status_code == 422
    officer = site.browser("protection_officer")
    assert officer.post(f"/api/people/{id}/role/decide", {"agree": True}).status_code == 204
    assert person(administrator, name)["role"] == role


def test_permits_end_with_the_role_that_could_open_them(site: Site, administrator: Browser) -> None:
    """Else an operator searches on under the offence of the investigator that they were."""
    mover = site.newcomer("demoted", "investigator", must_change=False)
    permit, id = mover.open_permit("offence"), person(administrator, "demoted")["id"]
    administrator.http.put(f"/api/people/{id}/role", json={"role": "operator"})
    officer = site.browser("protection_officer")
    assert officer.post(f"/api/people/{id}/role/decide", {"agree": True}).status_code == 204
    mover.sign_in("demoted")
    look = mover.get(
        "/api/recordings/TL-01/main", permit=permit, **{"from": "2026-11-01T00:00:00Z", "to": "2026-11-01T00:01:00Z"}
    )
    assert (look.status_code, look.json()["code"]) == (403, "permit-expired")
    other = mover.open_permit("threat-to-life")
    assert administrator.http.put(f"/api/people/{id}/disabled", json={"disabled": True}).status_code == 204
    row = site.database.read_now(lambda tx: tx.permits.get(other))
    assert row is not None and row.closed is not None


def test_nobody_does_it_to_themselves(site: Site, administrator: Browser) -> None:
    id = administrator.session["operator"]["id"]
    for answer in (
        administrator.http.put(f"/api/people/{id}/disabled", json={"disabled": True}),
        administrator.http.put(f"/api/people/{id}/role", json={"role": "operator"}),
        administrator.post(f"/api/people/{id}/password"),
        administrator.http.delete(f"/api/people/{id}/factors"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "account-refused")


# ---- keys of programs ----


def key_wish(**more: Any) -> dict[str, Any]:
    wish = {
        "name": "weather", "organisation": "izmail", "actions": ["cameras.read"], "cameras": [], "purpose": "",
        "ground": "", "caseRef": "", "days": 30,
    }  # fmt: skip
    return wish | more


def program(site: Site, key: str) -> Browser:
    browser = site.browser()
    browser.http.headers["authorization"] = f"Bearer {key}"
    return browser


def test_a_key_does_what_its_scope_says_and_nothing_else(site: Site, administrator: Browser) -> None:
    made = administrator.post("/api/keys", key_wish()).json()
    key, id = made["key"], made["facts"]["id"]
    assert key.startswith("istros.") and made["facts"]["state"] == "valid"
    assert key not in administrator.get("/api/keys").text
    asking = program(site, key)
    assert asking.get("/api/cameras").status_code == 200
    used = site.audit("keys.use")[-1]
    assert (used["actor"], used["subject"], used["detail"]["asked"]) == ("key:weather", id, "/api/cameras")
    assert {asking.get("/api/cameras").status_code for _ in range(3)} == {200}
    first = [row for row in site.audit("keys.use") if row["subject"] == id and row["detail"]["asked"] == "/api/cameras"]
    counts = site.database.read_now(lambda tx: tx.program_keys.uses_before(Time(1 << 60), 999))
    assert len(first) + sum(use.count - 1 for use in counts if use.key_id == id) == 4, (
        "no use is without a row or a count"
    )
    assert asking.get("/api/gaps", **{"from": "2026-11-24T00:00:00Z", "to": "2026-11-24T01:00:00Z"}).status_code == 403
    for path in ("/api/session", "/api/account", "/api/account/sessions"):
        assert asking.get(path).status_code == 401, "a program has no account"
    for path in ("/api/people", "/api/keys", "/api/audit", "/api/watchlist", "/api/alarms", "/api/sessions"):
        assert asking.get(path).status_code == 403
    permit = {"purpose": "offence", "ground": "Art. 40", "caseRef": "1", "hours": 1}
    assert asking.post("/api/permits", permit).status_code == 403
    assert site.browser().get("/api/cameras", key=key).status_code == 401, "never in an address"
    stored = site.database.read_now(lambda tx: tx.program_keys.get(id))
    assert stored is not None and key not in str(stored) and stored.used_from == "127.0.0.1"
    assert administrator.post(f"/api/keys/{id}/revoke").json()["state"] == "revoked"
    assert asking.get("/api/cameras").status_code == 401
    assert site.audit("keys.use", "refused")[-1]["detail"]["state"] == "revoked"


@pytest.mark.parametrize(
    "more",
    [
        {"actions": []},
        {"actions": ["audit.read"]},
        {"actions": ["alarms.answer"]},
        {"actions": ["permits.open"]},
        {"actions": ["plates.search"]},
        {"actions": ["plates.search"], "purpose": "offence"},
        {"actions": ["plates.search"], "purpose": "alarm-review", "ground": "Art. 40", "caseRef": "7"},
        {"days": 366},
        {"days": 0},
        {"name": "two words"},
    ],
)
def test_a_key_that_cannot_be_is_refused_with_a_sentence(administrator: Browser, more: dict[str, Any]) -> None:
    answer = administrator.post("/api/keys", key_wish(name="other") | more)
    assert (answer.status_code, answer.json()["code"]) == (422, "account-refused")
    assert answer.json()["message"].endswith(".")


def test_a_key_that_reaches_people_waits_for_the_officer_and_keeps_to_its_purpose(
    site: Site, administrator: Browser
) -> None:
    scope = {"purpose": "stolen-vehicle", "ground": "CPC Art. 40", "caseRef": "12026-114"}
    made = administrator.post("/api/keys", key_wish(name="searcher", actions=["plates.search"], **scope)).json()
    id, asking = made["facts"]["id"], program(site, made["key"])
    assert made["facts"]["state"] == "waiting"
    search = {"text": "BH*", "from": "2026-11-24T00:00:00Z", "to": "2026-11-24T01:00:00Z"}
    assert asking.get("/api/plates", permit="none", **search).status_code == 401
    assert administrator.post(f"/api/keys/{id}/release").status_code == 403
    officer = site.browser("protection_officer")
    assert officer.post(f"/api/keys/{id}/release").json()["state"] == "valid"
    assert asking.get("/api/plates", permit="none", **search).status_code == 403, "it still needs a permit"
    other = asking.post("/api/permits", {**scope, "purpose": "offence", "hours": 1})
    assert (other.status_code, other.json()["code"]) == (422, "permit-not-opened")
    assert asking.post("/api/permits", {**scope, "caseRef": "another", "hours": 1}).status_code == 422
    permit = asking.post("/api/permits", {**scope, "hours": 1}).json()
    assert permit["holder"] == "key:searcher"
    assert asking.get("/api/plates", permit=permit["id"], **search).status_code == 200
    assert site.audit("plates.search")[-1]["actor"] == "key:searcher"
    assert asking.get("/api/recordings/IZ-07/main", permit=permit["id"], **search).status_code in (403, 422)
    sought(site, "BH 3141 KX")
    seen(site, "BH3141KX")
    now = site.environment.clock.now()
    lately = {"text": "BH3141KX", "from": to_iso(Time(now - HOUR)), "to": to_iso(Time(now + HOUR))}
    people = site.browser("investigator")
    told = [
        [read["listed"] for read in browser.get("/api/plates", permit=under, **lately).json()["reads"]]
        for browser, under in ((people, people.open_permit("stolen-vehicle")), (asking, permit["id"]))
    ]
    assert told == [[True], [False]], "no program learns what is sought"
    officer.post(f"/api/keys/{id}/revoke")
    closed = site.database.read_now(lambda tx: tx.permits.get(permit["id"]))
    assert closed is not None and closed.closed is not None


def test_a_key_of_some_cameras_names_them(site: Site, administrator: Browser) -> None:
    made = administrator.post("/api/keys", key_wish(name="narrow", cameras=["IZ-07"])).json()
    asking = program(site, made["key"])
    assert asking.get("/api/cameras/IZ-07/health").status_code == 200
    assert asking.get("/api/cameras/TL-01/health").status_code == 403
    assert asking.get("/api/cameras").status_code == 403


def test_a_key_ends_by_itself(site: Site, administrator: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    made = administrator.post("/api/keys", key_wish(name="short", days=1)).json()
    real = site.environment.clock.now
    monkeypatch.setattr(type(site.environment.clock), "now", lambda self: real() + 86_400_000_001)
    assert program(site, made["key"]).get("/api/cameras").status_code == 401


def test_unknown_keys_are_slowed_down(site: Site) -> None:
    answers = {program(site, f"istros.nothing.{number}").get("/api/cameras").status_code for number in range(32)}
    assert answers == {401, 429}


def test_a_program_cannot_be_an_operator(site: Site) -> None:
    assert site.browser("administrator").post(
        "/api/people",
        {"name": "robot", "displayName": "R", "organisation": "izmail", "role": "program", "language": "uk"},
    ).status_code == 422  # fmt: skip
