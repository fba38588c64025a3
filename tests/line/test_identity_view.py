"""Signing in with second factors in a real browser, with a virtual authenticator (WebAuthn level 3, section 11)."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from istros.base.time import DAY, Time
from istros.compliance.codes import code_at, step_of
from istros.compliance.entry import SignInRules
from istros.store.rows_identity import ProgramKeyRow
from tests.api.site import PASSWORD, Site, make_site
from tests.line.screens import fits, served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node whose administrators and investigators need a second factor."""
    site = make_site(tmp_path_factory.mktemp("identity"))
    site.rules = SignInRules(frozenset({"administrator", "investigator"}), "Izmail")
    with served(site):
        yield site


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """A page at `localhost`, whose browser has a security key that knows its owner."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    page.goto(f"http://localhost:{site.port}/")
    yield page
    context.close()


def knock(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def leave(page: Page) -> None:
    page.locator("button.who").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()


@pytest.mark.browser
def test_a_passkey_is_set_up_and_signs_in(site: Site, page: Page) -> None:
    knock(page, "administrator")
    expect(page.get_by_text("your role needs a second factor")).to_be_visible()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    fits(page, "enrol")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.locator(".codes li")).to_have_count(10)
    fits(page, "recovery-codes")
    page.get_by_role("button", name="I keep them").click()
    expect(page.locator("button.who")).to_be_visible()
    leave(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("button.who")).to_be_visible()
    assert site.audit("session.open")[-1]["detail"]["method"] == "passkey"
    leave(page)
    knock(page, "administrator")
    expect(page.get_by_text("one more proof is needed")).to_be_visible()
    fits(page, "factor")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator("button.who").click()
    page.get_by_role("button", name="My account").click()
    expect(page.get_by_text("Passkeys", exact=True)).to_be_visible()
    expect(page.get_by_text("this one", exact=True)).to_be_visible()
    fits(page, "account")
    page.get_by_role("button", name="Take away the passkey").click()
    expect(page.get_by_text("Set up another one first")).to_be_visible()
    _no_password_is_changed_by_a_slip(site, page)


def _no_password_is_changed_by_a_slip(site: Site, page: Page) -> None:
    """Asked first; and what is shown this once is closed by its own button alone."""
    page.goto(f"http://localhost:{site.port}/people")
    patrol = page.get_by_role("listitem").filter(has=page.get_by_text("patrol", exact=True))
    dialog = page.get_by_role("dialog")
    patrol.get_by_role("combobox").select_option("operator")
    expect(dialog.get_by_text("The role becomes “Operator”")).to_be_visible()
    fits(page, "people-sure")
    page.keyboard.press("Escape")
    expect(patrol.get_by_role("combobox")).to_have_value("patrol")
    patrol.get_by_role("button", name="New password").click()
    expect(dialog.get_by_text("every session of this person ends")).to_be_visible()
    assert not [row for row in site.audit("operators.password") if row["actor"] == "administrator"], "nothing yet"
    dialog.get_by_role("button", name="Do it").click()
    expect(dialog.get_by_text("It is shown this once")).to_be_visible()
    page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    expect(dialog.get_by_text("It is shown this once")).to_be_visible()
    dialog.get_by_role("button", name="I have noted it").click()
    expect(dialog).to_have_count(0)
    assert [row for row in site.audit("operators.password") if row["actor"] == "administrator"]


@pytest.mark.browser
def test_codes_are_set_up_and_the_account_looked_after_in_three_languages(site: Site, page: Page) -> None:
    knock(page, "investigator")
    secret = page.locator("form code").inner_text()
    raw = base64.b32decode(secret.replace(" ", ""))
    step = step_of(site.environment.clock.now())
    page.get_by_label("The code that the app shows now").fill(code_at(raw, step))
    page.get_by_role("button", name="Confirm").click()
    recovery = page.locator(".codes li").first.inner_text()
    page.get_by_role("button", name="I keep them").click()
    expect(page.locator("button.who")).to_be_visible()
    leave(page)
    knock(page, "investigator")
    page.get_by_label("Code of the authenticator app").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("The code is not right, or was used before.")).to_be_visible()
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(recovery)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("button.who").click()
    page.get_by_role("button", name="My account").click()
    expect(page.get_by_text("9 left")).to_be_visible()
    for language, heading, browser in (
        ("Українська", "Мій обліковий запис", "Chrome у Linux"),
        ("Română", "Contul meu", "Chrome pe Linux"),
        ("English", "My account", "Chrome on Linux"),
    ):
        page.get_by_title(language).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        expect(page.get_by_text(browser, exact=True)).to_be_visible()
        fits(page, f"account-{language}")
    page.get_by_role("button", name="Change the password").click()
    page.get_by_label("Password so far").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("qwertyuiop123")
    page.get_by_label("New password once more").fill("qwertyuiop123")
    page.get_by_role("dialog").get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password is made of what many people take")).to_be_visible()
    page.get_by_label("New password", exact=True).fill("seven herons fly")
    page.get_by_label("New password once more").fill("seven herons fly")
    page.get_by_role("dialog").get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert site.audit("operators.password")[-1]["actor"] == "investigator"


@pytest.mark.browser
def test_a_sign_in_from_a_new_place_is_told(site: Site, page: Page) -> None:
    knock(page, "operator")
    expect(page.locator("button.who")).to_be_visible()
    leave(page)
    stranger = site.browser()
    stranger.http.headers["user-agent"] = "curl/8.1"
    assert stranger.sign_in("operator").status_code == 200
    knock(page, "operator")
    expect(page.get_by_text("Your account was used from a new place")).to_be_visible()
    fits(page, "new-place")
    page.get_by_role("link", name="It was not me").click()
    page.get_by_role("button", name="End all others").click()
    expect(page.get_by_text("curl", exact=True)).to_have_count(0)
    assert stranger.get("/api/session").status_code == 401
    page.get_by_role("button", name="It was me").click()
    expect(page.get_by_text("Your account was used from a new place")).to_have_count(0)


@pytest.mark.browser
def test_why_a_directory_lets_nobody_in_is_told_at_the_door(site: Site, page: Page) -> None:
    door = f"http://localhost:{site.port}/signin?problem="
    page.goto(f"{door}directory-no-role")
    told = page.get_by_role("alert")
    expect(told).to_have_text(
        "Your organisation knows you, but none of your groups has a role on this node. Ask the administrator."
    )
    fits(page, "door-directory", ("uk", "ro", "en"))
    page.goto(f"{door}whatever-else")
    expect(told).to_contain_text("do not understand each other")


@pytest.mark.browser
def test_people_and_keys_are_looked_after(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
    page.goto(f"http://127.0.0.1:{site.port}/people")
    knock(page, "protection_officer")
    expect(page.get_by_role("heading", name="Keys of programs")).to_be_visible()
    expect(page.get_by_role("button", name="Add a person")).to_have_count(0)
    site.database.write_now(lambda tx: tx.program_keys.add(_waiting(site)))
    page.reload()
    expect(page.get_by_text("waits for the officer")).to_be_visible()
    for language, heading in (("Українська", "Ключі програм"), ("Română", "Chei ale programelor")):
        page.get_by_title(language).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        fits(page, f"people-{language}")
    page.get_by_title("English").click()
    fits(page, "people")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("valid", exact=True)).to_be_visible()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("the key cannot be made valid again")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("valid", exact=True)).to_be_visible()  # a slip revokes nothing
    page.get_by_role("button", name="Revoke").click()
    fits(page, "key-revoke")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("revoked", exact=True)).to_be_visible()
    context.close()


def _waiting(site: Site) -> ProgramKeyRow:
    now = site.environment.clock.now()
    return ProgramKeyRow(
        id="one", digest="0" * 64, name="searcher", organisation="izmail", actions=("plates.search",), cameras=(),
        purpose="stolen-vehicle", ground="CPC Art. 40", case_ref="12026-114", created=now, created_by="administrator",
        expires=Time(now + 30 * DAY),
    )  # fmt: skip
