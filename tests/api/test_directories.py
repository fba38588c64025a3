"""Signing in by a directory that is started here, and every way in which its answer may not hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey

from istros.base.reach import AddressRefused
from istros.base.sealing import SealingKey
from istros.compliance import directory as directory_module
from istros.compliance.directory import Directory, DirectoryClient, check_directory_address
from tests.api.provider import CLIENT, SECRET, Provider, shared_secret
from tests.api.site import Browser, Site, make_site

ROLES = (("cctv-lead", "shift_leader"), ("cctv", "operator"))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = make_site(tmp_path_factory.mktemp("directory"))
    made.start()
    yield made
    made.stop()
    made.database.close()
    made.environment.workers.close()


@pytest.fixture
def provider(node: Site) -> Iterator[Provider]:
    made = Provider(node.environment.clock.now)
    made.start()
    name = f"olena{made.server.server_address[1]}"  # each test has a directory of its own, and a name belongs to one
    made.person = {"sub": "7", "preferred_username": name, "name": "Olena K.", "groups": ["staff", "cctv"]}
    directory = Directory("city", "City of Izmail", made.issuer, CLIENT, SECRET, "izmail", "groups", ROLES, "uk")
    address = f"http://127.0.0.1:{node.port}"
    node.directories["city"] = DirectoryClient(node.environment, SealingKey.generate(), directory, address)
    yield made
    made.stop()


def there(browser: Browser) -> str:
    """To the directory; where it sends the browser back to."""
    sent = browser.get("/api/session/directory/city")
    assert sent.status_code == 303, sent.text
    return str(httpx2.get(sent.headers["location"], trust_env=False, timeout=20).headers["location"])


def enter(node: Site, browser: Browser | None = None) -> tuple[Browser, str]:
    """(the browser, where it ends)."""
    browser = browser or node.browser()
    back = browser.http.get(there(browser))
    return browser, str(back.headers["location"])


def test_who_has_a_group_gets_its_role(node: Site, provider: Provider) -> None:
    assert node.browser().get("/api/directories").json() == [{"id": "city", "name": "City of Izmail"}]
    browser, end = enter(node)
    assert end == "/"
    session = browser.get("/api/session").json()
    assert (session["operator"]["name"], session["operator"]["role"], session["operator"]["language"]) == (
        provider.person["preferred_username"], "operator", "uk",
    )  # fmt: skip
    assert session["operator"]["organisation"] == "izmail" and session["missing"] == ""
    assert node.audit("session.open")[-1]["detail"]["method"] == "directory"
    (query,) = provider.asked
    assert len(query["state"]) == len(query["nonce"]) == 43
    assert node.browser().sign_in(session["operator"]["name"], "").status_code in (401, 422), (
        "there is no password here"
    )
    assert node.browser().sign_in(session["operator"]["name"], "any password at all").status_code == 401


def test_the_role_follows_the_groups(node: Site, provider: Provider) -> None:
    old, _ = enter(node)
    provider.person["groups"] = ["cctv", "cctv-lead"]
    browser, _ = enter(node)
    assert browser.get("/api/session").json()["operator"]["role"] == "shift_leader"
    assert old.get("/api/session").status_code == 401, "the rights of the old role ended"
    assert node.audit("operators.role")[-1]["detail"]["to"] == "shift_leader"


def test_without_a_group_no_account_is_made(node: Site, provider: Provider) -> None:
    provider.person |= {"sub": "8", "preferred_username": "stranger", "groups": ["staff"]}
    browser, end = enter(node)
    assert end == "/signin?problem=directory-no-role"
    assert browser.get("/api/session").status_code == 401
    assert node.database.read_now(lambda tx: tx.operators.by_name("stranger")) is None
    assert node.audit("session.open", "refused")[-1]["subject"] == "city"


def test_a_local_name_is_not_taken_over(node: Site, provider: Provider) -> None:
    provider.person |= {"sub": "9", "preferred_username": "administrator"}
    assert enter(node)[1] == "/signin?problem=directory-name-taken"


def test_a_disabled_person_stays_out(node: Site, provider: Provider) -> None:
    enter(node)

    def disable(tx: Any) -> None:
        tx.operators.set_disabled(tx.operators.by_name(provider.person["preferred_username"]).id, True)

    node.database.write_now(disable)
    assert enter(node)[1] == "/signin?problem=directory-closed"


def test_more_than_a_password_at_the_directory_counts(node: Site, provider: Provider) -> None:
    provider.person["amr"] = ["pwd", "mfa"]
    enter(node)
    assert node.audit("session.open")[-1]["detail"]["method"] == "directory+mfa"


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "http://127.0.0.1:1"}, {"aud": "another"}, {"aud": [CLIENT, "another"]}, {"nonce": "another"},
        {"exp": 1_000_000_000}, {"iat": 1_000_000_000}, {"exp": "never"}, {"sub": ""}, {"sub": 5},
    ],
    ids=str,
)  # fmt: skip
def test_claims_that_do_not_hold(node: Site, provider: Provider, lie: dict[str, Any]) -> None:
    provider.claims = lie
    browser, end = enter(node)
    assert end == "/signin?problem=directory-unproven"
    assert browser.get("/api/session").status_code == 401


def test_signatures_of_others_do_not_hold(node: Site, provider: Provider) -> None:
    provider.signed_by = RSAKey.generate_key(2048, {"kid": "one"})
    assert enter(node)[1] == "/signin?problem=directory-unproven"
    provider.signed_by, provider.algorithm = shared_secret(), "HS256"
    assert enter(node)[1] == "/signin?problem=directory-unproven"


def test_a_changed_key_is_fetched_and_no_more_often_than_needed(
    node: Site, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert enter(node)[1] == "/" and provider.fetched_keys == 1
    provider.keys = [RSAKey.generate_key(2048, {"kid": "two"})]
    assert enter(node)[1] == "/signin?problem=directory-unproven", "asked a moment ago"
    assert provider.fetched_keys == 1
    monkeypatch.setattr(directory_module, "REFETCH_S", 0.0)
    assert enter(node)[1] == "/" and provider.fetched_keys == 2


def test_only_the_browser_that_began_may_come_back_and_only_once(node: Site, provider: Provider) -> None:
    browser = node.browser()
    back = there(browser)
    assert node.browser().http.get(back).headers["location"] == "/signin?problem=directory-not-begun"
    query = parse_qs(urlsplit(back).query)
    forged = back.replace(query["state"][0], "x" * 43)
    assert browser.http.get(forged).headers["location"] == "/signin?problem=directory-not-begun"
    assert browser.http.get(back).headers["location"] == "/signin?problem=directory-not-begun", "the cookie is gone"


def test_a_code_counts_once(node: Site, provider: Provider) -> None:
    browser = node.browser()
    back = there(browser)
    kept = dict(browser.http.cookies.items())
    assert browser.http.get(back).headers["location"] == "/"
    again = node.browser()
    again.http.cookies.update(kept)
    assert again.http.get(back).headers["location"] == "/signin?problem=directory-unsound"


def test_another_issuer_than_the_settings_say_is_not_asked_further(node: Site, provider: Provider) -> None:
    provider.says_issuer = "https://elsewhere.example"
    answer = node.browser().get("/api/session/directory/city")
    assert answer.headers["location"] == "/signin?problem=directory-unsound"
    assert node.browser().get("/api/session/directory/none").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["http://directory.example", "http://10.0.0.7", "ftp://directory.example", "http://127.example", "file:///x"],
)
def test_only_https_or_this_machine(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_directory_address(address)


def test_the_secret_is_in_no_text(provider: Provider, tmp_path: Path) -> None:
    directory = Directory("city", "City", provider.issuer, CLIENT, SECRET, "izmail", "groups", ROLES)
    assert SECRET not in repr(directory)
