"""Every screen, by TLS and in a real browser, under the content policy: nothing is blocked, and nothing else would run."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.api.site import PASSWORD, Site, make_site
from tests.house.places import ROOT
from tests.line.screens import served
from tests.security.test_tls import make_certificate

ROUTES = sorted(set(re.findall(r'path: "(/[^"$]*)"', (ROOT / "web/src/router.tsx").read_text(encoding="utf-8"))))
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', event => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("policy")
    site = make_site(folder)
    site.tls = make_certificate(folder / "tls")
    with served(site):
        yield site


def page_of(browser: Browser, site: Site, role: str) -> Page:
    context = browser.new_context(ignore_https_errors=True, locale="en-GB", viewport={"width": 1366, "height": 768})
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"https://127.0.0.1:{site.port}/")
    page.get_by_role("textbox", name="Name").fill(role)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("navigation").first.wait_for()
    return page


@pytest.mark.browser
@pytest.mark.parametrize("role", ["operator", "investigator", "protection_officer", "administrator"])
def test_no_screen_needs_more_than_the_policy_allows(site: Site, browser: Browser, role: str) -> None:
    page = page_of(browser, site, role)
    blocked: list[str] = []
    for route in ROUTES:
        if route == "/signin":
            continue
        page.goto(f"https://127.0.0.1:{site.port}{route}")
        page.get_by_role("navigation").first.wait_for()
        page.wait_for_timeout(400)
        blocked += [f"{route}: {each}" for each in page.evaluate("window.violations")]
    assert blocked == [] and len(ROUTES) > 8
    page.context.close()


@pytest.mark.browser
def test_what_is_smuggled_into_a_page_does_not_run(site: Site, browser: Browser) -> None:
    page = page_of(browser, site, "operator")
    page.evaluate(
        """() => {
          window.ran = [];
          const script = document.createElement('script');
          script.textContent = 'window.ran.push("inline")';
          document.body.append(script);
          const far = document.createElement('script');
          far.src = 'https://evil.example/x.js';
          document.body.append(far);
          const picture = document.createElement('img');
          picture.src = 'https://evil.example/x.png';
          document.body.append(picture);
          const button = document.createElement('div');
          button.setAttribute('onclick', 'window.ran.push("attribute")');
          document.body.append(button);
          button.click();
          const frame = document.createElement('iframe');
          frame.src = 'https://evil.example/';
          document.body.append(frame);
        }"""
    )
    page.wait_for_timeout(500)
    assert page.evaluate("window.ran") == []
    directives = {str(each).split()[0] for each in page.evaluate("window.violations")}
    assert {"script-src-elem", "script-src-attr", "img-src"} <= directives
    cookies = page.context.cookies()
    assert [(each["name"], each["secure"], each["httpOnly"], each["sameSite"]) for each in cookies] == [
        ("__Host-istros_session", True, True, "Strict")
    ]
    assert page.evaluate("document.cookie") == ""
    page.context.close()
