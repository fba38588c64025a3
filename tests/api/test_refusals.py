"""What the node refuses stands on the record, whatever it was: the step, who wanted it, and why not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.site import Site

CROSSED = [[0.2, 0.2], [0.8, 0.8], [0.8, 0.2], [0.2, 0.8]]
SPAN = "from=2026-11-24T00:00:00Z&to=2026-11-24T01:00:00Z"
KEY = {
    "name": "new", "organisation": "izmail", "actions": [], "cameras": [], "purpose": "", "ground": "", "caseRef": "",
    "days": 1,
}  # fmt: skip
PERSON = {"name": "operator", "displayName": "X", "organisation": "izmail", "role": "operator", "language": "uk"}

STEPS: list[tuple[str, str, str, str, dict[str, Any] | None, int]] = [
    ("shift_leader", "cameras.zones", "PUT", "cameras/IZ-07/zones", {"zones": {"plates": [], "ignored": [CROSSED], "private": []}}, 422),
    ("shift_leader", "cameras.zones", "POST", "cameras/IZ-07/zones/answer", {"agree": True}, 409),
    ("operator", "alarms.answer", "POST", "alarms/none/acknowledge", None, 404),
    ("operator", "alarms.answer", "POST", "alarms/none/close", {"verdict": "true", "note": ""}, 404),
    ("operator", "alarms.read", "GET", "alarms/none", None, 404),
    ("operator", "ptz.move", "POST", "cameras/IZ-07/ptz/move", {"pan": 0.1}, 409),
    ("operator", "ptz.move", "POST", "cameras/IZ-07/ptz/stop", None, 409),
    ("administrator", "sessions.end", "DELETE", "sessions/none", None, 404),
    ("administrator", "keys.write", "POST", "keys", KEY, 422),
    ("protection_officer", "keys.release", "POST", "keys/none/release", None, 422),
    ("administrator", "keys.revoke", "POST", "keys/none/revoke", None, 422),
    ("administrator", "people.write", "POST", "people", PERSON, 422),
    ("administrator", "people.write", "PUT", "people/none/disabled", {"disabled": True}, 422),
    ("administrator", "people.write", "PUT", "people/none/role", {"role": "patrol"}, 422),
    ("administrator", "people.write", "POST", "people/none/password", None, 422),
    ("administrator", "people.write", "DELETE", "people/none/factors", None, 422),
    ("protection_officer", "people.agree", "POST", "people/none/role/decide", {"agree": True}, 422),
    ("protection_officer", "oversight.write", "POST", f"oversight/unusual/none/looked?{SPAN}", {"note": "x"}, 404),
    ("protection_officer", "oversight.write", "POST", "oversight/plates", {"plate": "?", "why": "x"}, 422),
    ("protection_officer", "requests.handle", "POST", "requests/none/answered", None, 404),
    ("investigator", "persons.picture", "GET", "persons/none/picture", None, 404),
]  # fmt: skip


@pytest.mark.parametrize(("role", "action", "method", "path", "body", "status"), STEPS, ids=[each[3] for each in STEPS])
def test_a_refused_step_is_on_the_record(
    site: Site, role: str, action: str, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    browser = site.browser(role)
    before = len(site.audit(action, "refused"))
    answer = browser.http.request(method, f"/api/{path}", json=body)
    assert answer.status_code == status, answer.text
    row = site.audit(action, "refused")[-1]
    assert len(site.audit(action, "refused")) == before + 1
    assert (row["actor"], row["permit"]) == (role, None)
    assert row["detail"]["why"] == answer.json()["message"]
