"""Deny by default: every route and WebSocket refuses who is not signed in, and what the role does not allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from istros.api.application import PREFIX, ROUTERS, describe
from istros.api.gate import entering, signed_in
from istros.compliance import access
from tests.api.site import Browser, Site

OPEN = {
    ("POST", "/api/session"),
    ("POST", "/api/session/passkey/options"),
    ("POST", "/api/session/passkey"),
    ("GET", "/api/node"),
    ("GET", "/api/health"),
}
"""Routes for everybody."""

UNFINISHED = {
    ("GET", "/api/session"),
    ("DELETE", "/api/session"),
    ("POST", "/api/session/code"),
    ("POST", "/api/account/password"),
    ("POST", "/api/account/codes"),
    ("POST", "/api/account/codes/confirm"),
    ("POST", "/api/account/passkeys/options"),
    ("POST", "/api/account/passkeys"),
}
"""Routes for who has not taken every step of the sign-in."""

ANY_ROLE = UNFINISHED | {
    ("GET", "/api/emergencies"),
    ("GET", "/api/profile"),
    ("GET", "/api/profiles/{version}/document"),
    ("PUT", "/api/session/language"),
    ("GET", "/api/account"),
    ("DELETE", "/api/account/codes"),
    ("GET", "/api/account/passkeys"),
    ("DELETE", "/api/account/passkeys/{passkey_id}"),
    ("POST", "/api/account/recovery-codes"),
    ("GET", "/api/account/sessions"),
    ("DELETE", "/api/account/sessions"),
    ("DELETE", "/api/account/sessions/{session_id}"),
    ("POST", "/api/account/places/confirm"),
}
"""Routes for everybody who is signed in."""

QUERY = {
    "source": "document",
    "permit": "none",
    "from": "2026-11-24T00:00:00Z",
    "to": "2026-11-24T01:00:00Z",
    "camera": "IZ-07",
}
PROFILE_LIMITS = dict.fromkeys(
    (
        "recordingHours", "plateHours", "peopleHours", "exportHours", "searchHours", "searchCameras", "matchingHours",
        "matchingCameras",
    ), 1,
)  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {
    "/api/session/language": {"language": "uk"},
    "/api/session/code": {"code": "000000"},
    "/api/account/codes/confirm": {"code": "000000"},
    "/api/people": {
        "name": "new", "displayName": "New", "organisation": "izmail", "role": "operator", "language": "uk",
    },
    "/api/people/{person_id}/disabled": {"disabled": True},
    "/api/people/{person_id}/role": {"role": "operator"},
    "/api/people/{person_id}/role/decide": {"agree": True},
    "/api/keys": {
        "name": "new", "organisation": "izmail", "actions": [], "cameras": [], "purpose": "", "ground": "",
        "caseRef": "", "days": 1,
    },
    "/api/account/passkeys": {"name": "Key", "credential": {}},
    "/api/account/password": {"current": "none", "password": "none"},
    "/api/alarms/{alarm_id}/close": {"verdict": "true", "note": ""},
    "/api/permits": {"purpose": "offence", "ground": "Art. 40", "caseRef": "1", "hours": 1},
    "/api/watchlist": {
        "plate": "BH1234AK", "manner": "exact", "purpose": "offence", "ground": "Art. 40", "caseRef": "1",
        "priority": "high", "category": "none", "requester": "Unit 3", "handling": "H0", "provenance": "report",
        "expires": "2026-11-24T00:00:00Z", "review": "2026-11-24T00:00:00Z",
    },
    "/api/persons": {
        "name": "W-1", "description": "boy, red coat", "minor": True, "objective": "victim-or-missing",
        "authorisation": "Order 1", "purpose": "missing-person", "ground": "Art. 40", "caseRef": "1",
        "priority": "high", "category": "missing", "requester": "Unit 3", "handling": "H0", "provenance": "mother",
        "expires": "2026-11-24T00:00:00Z", "review": "2026-11-24T00:00:00Z",
    },
    "/api/persons/{entry_id}/close": {"reason": "found"},
    "/api/persons/{entry_id}/release": {"reason": "life in danger"},
    "/api/face-matching": {
        "reason": "life in danger", "objective": "victim-or-missing", "cameras": ["IZ-07"], "persons": ["x"],
        "authorisation": "Order 1",
    },
    "/api/persons/{entry_id}/release/decide": {"grant": True},
    "/api/face-matching/{release_id}/decide": {"grant": True},
    "/api/face-matching/{release_id}/stop": {"reason": "found"},
    "/api/watchlist/file": {"format": "csv", "text": "", "mode": "preview"},
    "/api/cameras/{camera_id}/zones": {"zones": {"plates": [], "ignored": []}},
    "/api/cameras/{camera_id}/zones/answer": {"agree": True},
    "/api/cameras/{camera_id}/ptz/lease": {},
    "/api/cameras/{camera_id}/ptz/move": {"pan": 0.1},
    "/api/cameras/{camera_id}/ptz/presets": {"name": "Gate"},
    "/api/exports": {
        "cameras": ["IZ-07"], "since": "2026-11-24T00:00:00Z", "until": "2026-11-24T01:00:00Z", "permit": "none",
    },
    "/api/holds": {
        "cameras": ["IZ-07"], "from": "2026-11-24T00:00:00Z", "to": "2026-11-24T01:00:00Z", "kind": "evidence",
        "reason": "robbery", "permit": "none",
    },
    "/api/releases": {"matter": "watch-person", "subject": "e1", "reason": "missing child"},
    "/api/releases/{release_id}/answer": {"grant": True},
    "/api/releases/{release_id}/withdraw": {"reason": "found"},
    "/api/profiles": {"answers": {}, "functions": {}, "limits": PROFILE_LIMITS, "review": "2027-01-01T00:00:00Z"},
    "/api/profiles/{version}/withdraw": {"reason": "complaint"},
    "/api/holds/{hold_id}/release": {"reason": "closed"},
    "/api/holds/{hold_id}/release/confirm": {"agree": True},
    "/api/watchlist/{entry_id}/close": {"reason": "found"},
}  # fmt: skip


def routes() -> Iterator[tuple[str, str, APIRoute]]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    yield method, PREFIX + route.path, route


ROUTES = sorted(routes(), key=lambda each: each[:2])
GUARDED = [each for each in ROUTES if each[:2] not in OPEN]
NEEDING = [each for each in GUARDED if each[:2] not in ANY_ROLE]
SOCKETS = ["/api/live/IZ-07/main", "/api/changes"]


def names(routes: list[tuple[str, str, APIRoute]]) -> list[str]:
    return [f"{method} {path}" for method, path, _ in routes]


def actions_of(route: APIRoute) -> tuple[str, ...]:
    """The actions that the route's dependency `needs`."""
    (gate,) = (each for each in _calls(route.dependant) if hasattr(each, "actions"))
    found: tuple[str, ...] = gate.actions
    return found


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from _calls(each)


def ask(browser: Browser, method: str, path: str) -> Any:
    address = re.sub(r"\{stream\}", "main", path)
    address = re.sub(r"\{\w+\}", "IZ-07", address)
    return browser.http.request(method, address, params=QUERY, json=BODIES.get(path))


def close_code(socket: ClientConnection) -> int | None:
    with socket, pytest.raises(ConnectionClosed):
        while True:
            socket.recv(timeout=10)
    return socket.close_code


def test_every_route_is_known_to_be_open_or_guarded() -> None:
    for method, path, route in ROUTES:
        calls = list(_calls(route.dependant))
        if (method, path) in OPEN:
            continue
        guards = [each for each in calls if each in (signed_in, entering) or hasattr(each, "actions")]
        assert len(guards) == 1, f"{method} {path} has no gate"
        assert (guards[0] is entering) == ((method, path) in UNFINISHED), f"{method} {path}"
    sockets = [route.path for router in ROUTERS for route in router.routes if isinstance(route, APIWebSocketRoute)]
    assert sockets == ["/live/{camera_id}/{stream}", "/changes"]
    assert {(method, path) for method, path, _ in ROUTES} == {
        (method.upper(), path) for path, each in describe()["paths"].items() for method in each
    }


@pytest.mark.parametrize(("method", "path", "route"), GUARDED, ids=names(GUARDED))
def test_without_a_session_nothing_is_answered(site: Site, method: str, path: str, route: APIRoute) -> None:
    answer = ask(site.browser(), method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


FINISHED = [each for each in GUARDED if each[:2] not in UNFINISHED]


@pytest.mark.parametrize(("method", "path", "route"), FINISHED, ids=names(FINISHED))
def test_with_a_step_of_the_sign_in_missing_nothing_is_answered(
    half_way: Browser, method: str, path: str, route: APIRoute
) -> None:
    answer = ask(half_way, method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


@pytest.mark.parametrize("path", SOCKETS)
def test_with_a_step_of_the_sign_in_missing_a_websocket_closes(half_way: Browser, path: str) -> None:
    assert close_code(half_way.socket(path)) == 4401


@pytest.fixture(scope="module")
def half_way(site: Site) -> Browser:
    """A shift leader who has to choose a password first."""
    browser = site.newcomer("half-way", "shift_leader")
    assert (browser.session["missing"], browser.session["permit"], browser.session["actions"]) == ("password", "", [])
    return browser


@pytest.mark.parametrize(("method", "path", "route"), NEEDING, ids=names(NEEDING))
def test_a_role_without_the_action_is_refused_on_the_record(
    site: Site, browsers: dict[str, Browser], method: str, path: str, route: APIRoute
) -> None:
    actions = actions_of(route)
    refused = [role for role in access.ROLES if not access.actions_of(role) & set(actions)]
    if "cameras.read" in actions:
        assert refused == []
        return
    for role in refused:
        before = len(site.audit(actions[0], "refused"))
        answer = ask(browsers[role], method, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed"), role
        rows = site.audit(actions[0], "refused")
        assert len(rows) == before + 1
        assert rows[-1]["actor"] == role
    assert refused, "somebody must lack it"


@pytest.fixture(scope="module")
def browsers(site: Site) -> dict[str, Browser]:
    return {role: site.browser(role) for role in access.ROLES}


@pytest.mark.parametrize("path", SOCKETS)
def test_a_websocket_without_a_session_closes(site: Site, path: str) -> None:
    assert close_code(site.browser().socket(path)) == 4401


@pytest.mark.parametrize("path", SOCKETS)
def test_a_websocket_of_another_origin_closes(site: Site, browsers: dict[str, Browser], path: str) -> None:
    assert close_code(browsers["operator"].socket(path, origin="https://elsewhere.example")) == 4403


def test_a_websocket_needs_the_role(site: Site, browsers: dict[str, Browser]) -> None:
    for role in ("patrol", "traffic_engineer", "protection_officer", "administrator"):
        assert close_code(browsers[role].socket("/api/live/IZ-07/main")) == 4403
        assert site.audit("live.view", "refused")[-1]["actor"] == role


def test_live_of_an_unknown_stream_closes(browsers: dict[str, Browser]) -> None:
    for path in ("/api/live/XX-99/main", "/api/live/TL-01/sub", "/api/live/IZ-07/third"):
        assert close_code(browsers["operator"].socket(path)) == 4404


@pytest.mark.parametrize(("method", "path", "route"), GUARDED, ids=names(GUARDED))
def test_a_change_without_the_csrf_token_is_refused(
    site: Site, browsers: dict[str, Browser], method: str, path: str, route: APIRoute
) -> None:
    if method == "GET":
        return
    for token in ("", "f" * 64):
        browser = Browser(site.port)
        browser.http.cookies.update(dict(browsers["shift_leader"].http.cookies.items()))
        browser.http.headers["x-csrf-token"] = token
        answer = ask(browser, method, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "forged-request")
