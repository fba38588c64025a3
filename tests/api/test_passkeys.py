"""Passkeys, with a key in software that can be made to lie."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from istros.compliance import passkeys
from tests.api.authenticator import PRESENT, Authenticator
from tests.api.site import PASSWORD, Browser, Site


def at_localhost(site: Site, name: str | None = None) -> Browser:
    """A browser that reaches the node as `localhost`, which can have passkeys."""
    browser = Browser(site.port)
    browser.http.base_url = f"http://localhost:{site.port}"
    if name is not None:
        assert browser.sign_in(name, PASSWORD).status_code == 200
    return browser


def device(site: Site, number: int = 0) -> Authenticator:
    id = hashlib.sha256(b"device %d" % number).digest()
    return Authenticator(f"http://localhost:{site.port}", "localhost", id=id)


def add(browser: Browser, authenticator: Authenticator, name: str = "Phone") -> Any:
    options = browser.post("/api/account/passkeys/options").json()["options"]
    return browser.post("/api/account/passkeys", {"name": name, "credential": authenticator.make(options)})


def prove(browser: Browser, authenticator: Authenticator) -> Any:
    options = browser.post("/api/session/passkey/options").json()["options"]
    return browser.post("/api/session/passkey", {"credential": authenticator.prove(options)})


def remove_all(site: Site, name: str) -> None:
    def work(tx: Any) -> None:
        operator = tx.operators.by_name(name)
        tx.factors.remove_all(operator.id)

    site.database.write_now(work)


@pytest.fixture
def owner(site: Site) -> Any:
    browser = at_localhost(site, "traffic_engineer")
    yield browser
    remove_all(site, "traffic_engineer")


def test_a_passkey_signs_in_alone(site: Site, owner: Browser) -> None:
    key = device(site)
    made = add(owner, key).json()
    assert len(made["codes"]) == 10 and made["session"] is None
    visitor = at_localhost(site)
    signed = prove(visitor, key)
    assert signed.status_code == 200
    assert (signed.json()["operator"]["name"], signed.json()["missing"]) == ("traffic_engineer", "")
    assert visitor.get("/api/cameras").status_code == 200
    assert site.audit("session.open")[-1]["detail"]["method"] == "passkey"
    (listed,) = owner.get("/api/account/passkeys").json()
    assert (listed["name"], listed["synced"]) == ("Phone", False) and listed["used"] is not None
    assert prove(at_localhost(site), key).status_code == 200


def test_after_the_password_the_passkey_is_asked_for(site: Site, owner: Browser) -> None:
    key = device(site)
    add(owner, key)
    half = at_localhost(site, "traffic_engineer")
    assert (half.session["missing"], half.session["factors"]) == ("factor", ["passkey", "recovery"])
    assert half.get("/api/cameras").status_code == 401
    before = dict(half.http.cookies.items())
    assert prove(half, key).json()["missing"] == ""
    assert half.get("/api/cameras").status_code == 200
    stale = at_localhost(site)
    stale.http.cookies.update(before)
    assert stale.get("/api/session").status_code == 401, "the half-way session is forgotten"


def test_several_keys_and_taking_one_away(site: Site, owner: Browser) -> None:
    first, second = device(site, 1), device(site, 2)
    assert add(owner, first).json()["codes"] and add(owner, second, "Second").json()["codes"] == []
    again = add(owner, first)
    assert (again.status_code, again.json()["code"]) == (422, "account-refused")
    listed = {each["name"]: each["id"] for each in owner.get("/api/account/passkeys").json()}
    assert set(listed) == {"Phone", "Second"}
    assert at_localhost(site, "patrol").http.delete(f"/api/account/passkeys/{listed['Phone']}").status_code == 404
    assert owner.http.delete(f"/api/account/passkeys/{listed['Phone']}").status_code == 204
    assert prove(at_localhost(site), first).status_code == 422
    assert prove(at_localhost(site), second).status_code == 200
    assert [row["detail"]["factor"] for row in site.audit("factors.remove")][-1] == "passkey"


@pytest.mark.parametrize(
    "lie",
    [
        {"flags": PRESENT},
        {"origin": "https://elsewhere.example"},
        {"rp_id": "elsewhere.example"},
        {"counter": -1},
        {"key": None},
    ],
    ids=["nobody verified", "another page", "another party", "counter goes back", "another key"],
)
def test_what_does_not_hold_is_refused_on_the_record(site: Site, owner: Browser, lie: dict[str, Any]) -> None:
    key = device(site)
    key.counter = 5
    add(owner, key)
    assert prove(at_localhost(site), key).status_code == 200
    if "key" in lie:
        lie = {"key": device(site).key}
    liar = replace(key, **lie)
    before = len(site.audit("session.open", "refused"))
    answer = prove(at_localhost(site), liar)
    assert (answer.status_code, answer.json()["code"]) == (422, "proof-refused")
    assert len(site.audit("session.open", "refused")) == before + 1


def test_a_key_made_without_the_person_is_refused(site: Site, owner: Browser) -> None:
    for lie in ({"flags": PRESENT}, {"origin": "https://elsewhere.example"}, {"rp_id": "elsewhere.example"}):
        assert add(owner, replace(device(site), **lie)).status_code == 422  # type: ignore[arg-type]
    assert owner.get("/api/account/passkeys").json() == []


def test_an_answer_counts_once_and_for_its_own_question(
    site: Site, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = device(site)
    add(owner, key)
    visitor = at_localhost(site)
    options = visitor.post("/api/session/passkey/options").json()["options"]
    answer = key.prove(options)
    assert visitor.post("/api/session/passkey", {"credential": answer}).status_code == 200
    key.counter = 100
    assert at_localhost(site).post("/api/session/passkey", {"credential": key.prove(options)}).status_code == 422
    registering = owner.post("/api/account/passkeys/options").json()["options"]
    assert at_localhost(site).post("/api/session/passkey", {"credential": key.prove(registering)}).status_code == 422
    made_up = {"challenge": "AAAA" * 14}
    assert at_localhost(site).post("/api/session/passkey", {"credential": key.prove(made_up)}).status_code == 422
    monkeypatch.setattr(passkeys, "CHALLENGE_US", 0)
    assert prove(at_localhost(site), key).status_code == 422, "too late"


@pytest.mark.parametrize("credential", [{}, {"id": 5}, {"response": {"clientDataJSON": "!"}}, {"response": []}])
def test_nonsense_is_refused_with_a_sentence(site: Site, credential: dict[str, Any]) -> None:
    answer = at_localhost(site).post("/api/session/passkey", {"credential": credential})
    assert (answer.status_code, answer.json()["code"]) == (422, "proof-refused")
    assert answer.json()["message"].endswith(".")


def test_an_address_that_cannot_have_passkeys_says_so(site: Site) -> None:
    by_number = site.browser()
    assert by_number.get("/api/node").json()["passkeys"] is False
    answer = by_number.post("/api/session/passkey/options")
    assert (answer.status_code, answer.json()["code"]) == (404, "passkeys-off")
    assert at_localhost(site).get("/api/node").json()["passkeys"] is True
    liar = site.browser()
    liar.http.headers["host"] = "phishing.example"
    assert liar.get("/api/node").json()["passkeys"] is False
