"""One's own account, and what administration sees of everybody's sessions."""

from __future__ import annotations

import base64

import pytest
from starlette.datastructures import Headers
from websockets.exceptions import ConnectionClosed

from istros.api.proxies import TrustedProxies
from istros.compliance.codes import code_at, step_of
from tests.api.site import PASSWORD, Browser, Site

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def visitor(site: Site, name: str, agent: str = FIREFOX, password: str = PASSWORD) -> Browser:
    browser = site.browser()
    browser.http.headers["user-agent"] = agent
    assert browser.sign_in(name, password).status_code == 200
    return browser


def test_a_person_sees_their_sessions_and_ends_one(site: Site) -> None:
    here, there = visitor(site, "patrol"), visitor(site, "patrol", "curl/8.1")
    found = here.get("/api/account/sessions").json()
    (mine,) = [each for each in found if each["mine"]]
    assert (mine["browser"], mine["origin"], mine["method"], mine["missing"]) == (
        "Firefox on Linux", "127.0.0.1", "password", "",
    )  # fmt: skip
    (other,) = [each for each in found if each["browser"] == "curl"]
    with there.socket("/api/changes") as socket:
        socket.recv(timeout=10)
        assert here.http.delete(f"/api/account/sessions/{other['id']}").status_code == 204
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=10)
        assert socket.close_code == 4401
    assert there.get("/api/session").status_code == 401
    permit = site.database.read_now(lambda tx: tx.permits.get(there.permit))
    assert permit is not None and permit.closed is not None
    assert site.audit("session.end")[-1]["actor"] == "patrol"
    assert here.http.delete(f"/api/account/sessions/{other['id']}").status_code == 404


def test_nobody_ends_another_persons_session_but_the_administrator(site: Site) -> None:
    victim, administrator = visitor(site, "traffic_engineer"), site.browser("administrator")
    (target,) = [each for each in victim.get("/api/account/sessions").json() if each["mine"]]
    assert site.browser("operator").http.delete(f"/api/account/sessions/{target['id']}").status_code == 404
    assert site.browser("operator").http.delete(f"/api/sessions/{target['id']}").status_code == 403
    listed = administrator.get("/api/sessions").json()
    assert [each["operator"] for each in listed if each["id"] == target["id"]] == ["traffic_engineer"]
    assert administrator.http.delete(f"/api/sessions/{target['id']}").status_code == 204
    assert victim.get("/api/session").status_code == 401
    assert site.audit("session.end")[-1]["actor"] == "administrator"


def test_ending_the_others_keeps_this_one(site: Site) -> None:
    others = [visitor(site, "investigator") for _ in range(2)]
    here = visitor(site, "investigator")
    left = here.http.delete("/api/account/sessions").json()
    assert [each["mine"] for each in left] == [True]
    assert {each.get("/api/session").status_code for each in others} == {401}


def test_a_new_place_is_told_at_the_next_sign_in_until_it_is_confirmed(site: Site) -> None:
    site.newcomer("wanderer", "operator").post(
        "/api/account/password", {"current": PASSWORD, "password": "seven herons fly"}
    )
    home = visitor(site, "wanderer", password="seven herons fly")
    home.http.post("/api/account/places/confirm")
    stranger = visitor(site, "wanderer", "Wget/1.21", "seven herons fly")
    assert stranger.session["newPlaces"] == []
    told = visitor(site, "wanderer", password="seven herons fly")
    assert [each["browser"] for each in told.session["newPlaces"]] == ["Wget"]
    assert site.audit("session.new-place")[-1]["detail"]["browser"] == "Wget"
    assert told.http.post("/api/account/places/confirm").status_code == 204
    assert told.get("/api/session").json()["newPlaces"] == []
    assert site.audit("session.confirm-place")[-1]["actor"] == "wanderer"


def test_a_chosen_password_finishes_the_sign_in_and_ends_the_other_sessions(site: Site) -> None:
    first, second = site.newcomer("novice", "operator"), visitor(site, "novice")
    before = dict(first.http.cookies.items())
    refused = first.post("/api/account/password", {"current": PASSWORD, "password": "qwertyuiop123"})
    assert (refused.status_code, refused.json()["code"]) == (422, "account-refused")
    wrong = first.post("/api/account/password", {"current": "not the password", "password": "seven herons fly"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "proof-refused")
    whole = first.post("/api/account/password", {"current": PASSWORD, "password": "seven herons fly"}).json()
    assert whole["missing"] == "" and whole["permit"] and "alarms.answer" in whole["actions"]
    assert dict(first.http.cookies.items()) != before
    assert first.get("/api/cameras").status_code == 200
    assert second.get("/api/session").status_code == 401
    assert site.browser().sign_in("novice").status_code == 401
    visitor(site, "novice", password="seven herons fly")


def test_the_purposes_of_the_role_come_with_the_session(site: Site) -> None:
    assert site.browser("operator").session["purposes"] == ["alarm-review", "threat-to-life"]
    assert site.browser("administrator").session["purposes"] == []


@pytest.mark.parametrize(
    ("networks", "header", "peer", "headers", "origin"),
    [
        ((), "x-forwarded-for", "10.0.0.5", {"x-forwarded-for": "1.2.3.4"}, "10.0.0.5"),
        (("10.0.0.0/24",), "x-forwarded-for", "10.0.0.5", {"x-forwarded-for": "1.2.3.4"}, "1.2.3.4"),
        (("10.0.0.0/24",), "x-forwarded-for", "10.0.1.5", {"x-forwarded-for": "1.2.3.4"}, "10.0.1.5"),
        (("10.0.0.0/24",), "x-forwarded-for", "10.0.0.5", {"x-forwarded-for": "6.6.6.6, 1.2.3.4"}, "1.2.3.4"),
        (("10.0.0.0/24",), "x-forwarded-for", "10.0.0.5", {"x-forwarded-for": "1.2.3.4, 10.0.0.6"}, "1.2.3.4"),
        (("10.0.0.0/24",), "x-forwarded-for", "10.0.0.5", {"x-forwarded-for": "1.2.3.4, nonsense"}, "10.0.0.5"),
        (("10.0.0.0/24",), "x-forwarded-for", "10.0.0.5", {}, "10.0.0.5"),
        (("10.0.0.0/24",), "x-forwarded-for", "10.0.0.5", {"forwarded": "for=1.2.3.4"}, "10.0.0.5"),
        (("10.0.0.0/24",), "forwarded", "10.0.0.5", {"x-forwarded-for": "6.6.6.6"}, "10.0.0.5"),
        (("10.0.0.5",), "forwarded", "10.0.0.5", {"forwarded": 'for=6.6.6.6, For="[2001:db8::7]:443";proto=https'}, "2001:db8::7"),
        (("10.0.0.5",), "forwarded", "10.0.0.5", {"forwarded": "for=_hidden"}, "10.0.0.5"),
        (("::1",), "x-forwarded-for", "::1", {"x-forwarded-for": "::ffff:1.2.3.4"}, "1.2.3.4"),
        (("::1",), "x-forwarded-for", "::1", {"x-forwarded-for": "1.2.3.4:5678"}, "1.2.3.4"),
    ],
)  # fmt: skip
def test_only_named_proxies_are_believed(
    networks: tuple[str, ...], header: str, peer: str, headers: dict[str, str], origin: str
) -> None:
    proxies = TrustedProxies(networks, header)  # type: ignore[arg-type]
    assert proxies.origin(peer, Headers(headers)) == origin


def test_codes_are_set_up_and_asked_for(site: Site) -> None:
    browser = visitor(site, "patrol")
    secret = browser.post("/api/account/codes").json()
    assert len(secret["rows"]) == len(secret["rows"][0]) and set("".join(secret["rows"])) == {"0", "1"}
    raw = base64.b32decode(secret["secret"].replace(" ", ""))
    step = step_of(site.environment.clock.now())
    answer = browser.post("/api/account/codes/confirm", {"code": code_at(raw, step)}).json()
    assert len(answer["codes"]) == 10 and answer["session"] is None
    assert browser.get("/api/account").json()["recoveryLeft"] == 10
    again = visitor(site, "patrol")
    assert (again.session["missing"], again.session["factors"]) == ("factor", ["code", "recovery"])
    assert again.get("/api/cameras").status_code == 401
    assert again.post("/api/account/codes").status_code == 401, "half way in, nobody gives themselves a factor"
    wrong = again.post("/api/session/code", {"code": code_at(raw, step)})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "proof-refused")
    whole = again.post("/api/session/code", {"code": code_at(raw, step + 1)})
    assert whole.json()["missing"] == "" and again.get("/api/cameras").status_code == 200
    browser = again
    browser.http.headers["x-csrf-token"] = whole.json()["csrfToken"]
    assert browser.http.delete("/api/account/codes").status_code == 204
    assert visitor(site, "patrol").session["missing"] == ""
