"""Signing in and out."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection
from websockets.exceptions import ConnectionClosed

from istros.api import socket_gate
from istros.api.gate import Caller, identify, token_of
from istros.api.problems import STATUS
from tests.api.site import PASSWORD, Site


def test_signing_in_opens_a_session_that_a_page_finds_again(site: Site) -> None:
    browser = site.browser()
    answer = browser.sign_in("operator")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    session = answer.json()
    assert session["operator"]["role"] == "operator"
    assert "alarms.answer" in session["actions"]
    assert "audit.read" not in session["actions"]
    assert browser.get("/api/session").json() == session
    assert "passwordHash" not in answer.text
    assert PASSWORD not in answer.text


def test_a_wrong_password_and_an_unknown_name_are_refused_alike(site: Site) -> None:
    answers = [site.browser().sign_in(name, "not the password") for name in ("patrol", "nobody-here")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert "set-cookie" not in answers[0].headers


def test_too_many_wrong_passwords_are_slowed_down(site: Site) -> None:
    browser = site.browser()
    answers = [browser.sign_in("somebody-else", "not the password") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].json()["code"] == "too-many-attempts"
    assert answers[-1].json()["message"].endswith(".")
    assert int(answers[-1].headers["retry-after"]) > 0


def test_another_site_cannot_sign_anybody_in(site: Site) -> None:
    browser = site.browser()
    browser.http.headers["origin"] = "https://elsewhere.example"
    answer = browser.sign_in("operator")
    assert (answer.status_code, answer.json()["code"]) == (403, "forged-request")


def test_signing_out_ends_the_session_and_its_websockets(site: Site) -> None:
    browser = site.browser("operator")
    token = dict(browser.http.cookies.items())
    with browser.socket("/api/changes") as socket:
        assert browser.http.delete("/api/session").status_code == 204
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=10)
        assert socket.close_code == 4401
    browser.http.cookies.update(token)
    assert browser.get("/api/session").status_code == 401
    permit = site.database.read_now(lambda tx: tx.permits.get(browser.permit))
    assert permit is not None
    assert permit.closed is not None


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("operator", "/api/changes"),
        ("administrator", "/api/changes"),
        ("operator", "/api/live/IZ-07/main"),
        ("administrator", "/api/live/IZ-07/main"),
        ("operator", "/api/live/XX-99/main"),
    ],
)
def test_a_session_that_ends_while_a_websocket_begins_is_told_to_sign_in(
    site: Site, monkeypatch: pytest.MonkeyPatch, role: str, path: str
) -> None:
    """The order that signing out and opening a view at once may take: known, signed out, then refused for it."""

    async def identify_then_end(connection: HTTPConnection) -> Caller:
        caller = await identify(connection)
        await caller.node.accounts.sign_out(token_of(connection), caller.origin)
        return caller

    browser = site.browser(role)
    monkeypatch.setattr(socket_gate, "identify", identify_then_end)
    with browser.socket(path) as socket:
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=10)
        assert socket.close_code == 4401


def test_a_session_removed_elsewhere_closes_its_websockets(site: Site) -> None:
    browser = site.browser("shift_leader")
    operator_id = browser.session["operator"]["id"]
    with browser.socket("/api/changes") as socket:
        socket.recv(timeout=10)
        site.database.write_now(lambda tx: tx.sessions.remove_of(operator_id))
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=10)
        assert socket.close_code == 4401


def test_the_language_is_kept(site: Site) -> None:
    browser = site.browser("traffic_engineer")
    assert browser.http.put("/api/session/language", json={"language": "uk"}).status_code == 204
    assert browser.get("/api/session").json()["operator"]["language"] == "uk"
    assert browser.http.put("/api/session/language", json={"language": "xx"}).status_code == 422


def test_anybody_may_know_the_node_and_its_health(site: Site) -> None:
    node = site.browser().get("/api/node").json()
    assert (node["town"], node["training"], node["languages"]) == ("Izmail", True, ["uk", "ro", "en"])
    assert node["now"].endswith("Z")
    health = site.browser().get("/api/health").json()
    assert health["database"] == {"ok": True}


def test_every_code_has_a_status_for_errors() -> None:
    assert set(STATUS.values()) <= {401, 403, 404, 409, 422, 429, 502, 503}
