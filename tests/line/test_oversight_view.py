"""The data-protection officer's pages in a real browser: from a count to its rows, a finding with its note, the simulator."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from istros.api.node import Node
from istros.base.signing import SigningKey
from istros.base.time import HOUR, Time, to_iso
from istros.compliance import audit
from istros.compliance.heads import HeadSigner
from istros.compliance.models_record import record_models
from tests.api.site import Site, make_site
from tests.line.screens import LANGUAGES, address, fits, keep, served, signed_in


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = make_site(tmp_path_factory.mktemp("oversight"))
    for number in range(12):
        site.database.write_now(
            lambda tx, number=number: audit.append(
                tx, site.environment, actor="investigator", origin="10.0.0.7", action="plates.search",
                subject="plates", detail={"text": "BH5555AA" if number < 6 else "BH*", "cameras": ["IZ-07"]},
            )
        )  # fmt: skip
    asyncio.run(HeadSigner(site.environment, site.database, SigningKey.generate()).sign())
    with served(site):
        yield site


@pytest.fixture
def page(site: Site, browser: Browser) -> Page:
    return signed_in(site, browser, "protection_officer", "/oversight", 1600, 900)


@pytest.mark.browser
def test_a_count_leads_to_its_rows(page: Page) -> None:
    page.get_by_role("button", name="investigator", exact=True).click()
    rows = page.get_by_role("table", name="Rows of the audit log")
    expect(rows.get_by_role("row")).to_have_count(13)
    page.get_by_role("button", name="Place", exact=True).click()
    page.get_by_role("button", name="IZ-07", exact=True).click()
    expect(rows.get_by_role("row")).to_have_count(13)
    keep(page, "oversight")
    page.get_by_role("button", name="Purpose", exact=True).click()
    expect(page.get_by_role("button", name="By office, without a permit")).to_be_visible()


@pytest.mark.browser
def test_a_finding_says_why_and_takes_a_note(site: Site, page: Page) -> None:
    page.get_by_role("tab", name="Unusual looking").click()
    expect(page.get_by_text("12 plate searches in one hour; usual for this person are 0.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Searched for BH 5555 AA 6 times.")
    row.get_by_role("button", name="investigator").click()
    keep(page, "unusual")
    page.get_by_role("button", name="Mark as looked at").first.click()
    page.get_by_label("What came of it").fill("A stolen car; the case is in order.")
    page.get_by_role("dialog").get_by_role("button", name="Mark as looked at").click()
    expect(row).to_contain_text("A stolen car; the case is in order.")
    assert site.audit("oversight.look")[-1]["detail"]["person"] == "investigator"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "tabs", "word"),
    [
        ("English", ["Open reasons", "False alarms", "Retention", "Signatures and report"], "Signed up to row"),
        (
            "Українська",
            ["Відкриті підстави", "Хибні тривоги", "Строки зберігання", "Підписи та звіт"],
            "Підписано до запису",
        ),
        (
            "Română",
            ["Temeiuri deschise", "Alarme false", "Termene de păstrare", "Semnături și raport"],
            "Semnat până la rândul",
        ),
    ],
)
def test_every_part_is_there_in_every_language(page: Page, language: str, tabs: list[str], word: str) -> None:
    page.get_by_role("button", name=language).click()
    for tab in tabs:
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text(word)).to_be_visible()
    assert "oversight." not in page.inner_text("main")
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


@pytest.mark.browser
def test_a_broken_chain_is_told_in_every_language(site: Site, page: Page) -> None:
    sentence = "Audit rows 3 to 9 were cut off: head 2, signed at 2026-11-28T05:00:00.000Z, stands behind row 9."
    facts = {"first": 3, "last": 9, "head": 2, "time": "2026-11-28T05:00:00.000Z"}
    broken = {"rows": 2, "ok": False, "problem": sentence, "problemCode": "chain-cut", "problemFacts": facts}
    page.route("**/api/audit/verify", lambda route: route.fulfill(json=broken))
    page.goto(f"{address(site)}/audit")
    said = {
        "uk": "Рядки журналу аудиту від 3 до 9 відрізано", "ro": "Rândurile de la 3 la 9 din jurnalul de audit au fost tăiate",
        "en": "Audit rows 3 to 9 were cut off",
    }  # fmt: skip
    for language, words in said.items():
        page.locator(f"button[lang={language}]").first.click()
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.get_by_text("2026-11-28T05:00")).to_have_count(0)
    fits(page, "audit-broken", LANGUAGES)
    page.set_viewport_size({"width": 390, "height": 844})
    box = page.get_by_text(said["en"]).bounding_box()
    assert box is not None and box["height"] < 200, "a phone has it in lines, not in letters"


@pytest.mark.browser
def test_the_simulator_answers_and_names_the_rule(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name="Who may do what").click()
    expect(page.get_by_role("status").filter(has_text="Allowed")).to_contain_text("shift-watches")
    page.get_by_label("Who", exact=True).select_option("role:administrator")
    answer = page.get_by_role("status").filter(has_text="Not allowed")
    expect(answer).to_contain_text("no-pictures-for-oversight-and-administration")
    rule = page.get_by_role("article").filter(has_text="no-pictures-for-oversight-and-administration")
    expect(rule).to_be_in_viewport()
    page.get_by_label("Who", exact=True).select_option("investigator")
    page.get_by_label("Does what").select_option("plates.search")
    expect(page.get_by_role("status").filter(has_text="Allowed")).to_contain_text("Missing person")
    keep(page, "policy")


@pytest.mark.browser
def test_the_audit_log_is_filtered_by_time_and_names_whose_account_a_row_is_about(site: Site, page: Page) -> None:
    page.goto(f"http://127.0.0.1:{site.port}/audit?action=session.open")
    rows = page.get_by_role("table", name="Audit log")
    expect(rows.get_by_role("row").nth(1)).to_contain_text("protection_officer")
    assert rows.get_by_role("row").nth(1).locator("td").nth(4).inner_text() == "protection_officer"
    page.get_by_label("From", exact=True).fill("2099-01-01 00:00")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No record fits.")).to_be_visible()
    assert page.get_by_label("From", exact=True).input_value() == "2099-01-01 00:00"
    page.get_by_label("From", exact=True).fill("2000-01-01 00:00")
    page.get_by_role("button", name="Filter").click()
    expect(rows).to_be_visible()
    expect(page.get_by_text("Tell the administrator now")).to_be_visible()  # this node's heads are another's
    fits(page, "audit", LANGUAGES)
    expect(page.get_by_text("You are shown what concerns")).to_have_count(0)


@pytest.mark.browser
def test_an_officer_of_another_organisation_is_told_whose_share_of_the_log_is_shown(
    site: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Node, "owners", property(lambda node: {"IZ-07": "galati"}))
    site.newcomer("officer_galati", "protection_officer", "galati", must_change=False)
    police = site.browser("investigator")
    now = site.environment.clock.now()
    seen = {"permit": police.open_permit(), "camera": "IZ-07", "from": to_iso(Time(now - HOUR)), "to": to_iso(now)}
    assert police.get("/api/plates", **seen).status_code == 200
    page = signed_in(site, browser, "officer_galati", "/audit?actor=investigator")
    expect(
        page.get_by_text("You are shown what concerns galati: its people, its matters and its cameras.")
    ).to_be_visible()
    row = page.get_by_role("row").filter(has_text="IZ-07").first
    expect(row).to_contain_text("in part")
    row.click()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_text("Another organisation did this.")).to_be_visible()
    fits(page, "audit-share", LANGUAGES)


OLD, NEW = {"face-embedder": "a" * 64}, {"face-embedder": "c" * 64}


def report(folder: Path, name: str, sha256: str) -> Path:
    """What `istros evaluate --out` writes of one model."""
    tables = [{"title": "Rates", "note": "", "rows": [{"false matches": 0.001}]}]
    weights = [{"model": "face-embedder", "file": "face-embedder.onnx", "sha256": sha256}]
    written = {"kind": "faces", "folder": "town", "weights": weights, "tables": tables, "problems": [], "items": []}
    (folder / name).write_text(json.dumps(written))
    return folder / name


@pytest.mark.browser
def test_models_that_changed_wait_for_the_officers_word_on_reports_about_them(
    site: Site, page: Page, browser: Browser, tmp_path: Path
) -> None:
    for models in (OLD, NEW):
        site.database.write_now(lambda tx, models=models: record_models(tx, site.environment, models, by="istros"))
    other = signed_in(site, browser, "administrator", "/node", 1600, 900)
    expect(other.get_by_role("table", name="Models")).to_contain_text("c" * 64)
    expect(other.get_by_text("are not approved: no faces are matched live")).to_be_visible()
    expect(other.get_by_role("button", name="Approve the models")).to_have_count(0)
    keep(other, "models-administrator")
    page.get_by_role("tab", name="Models").click()
    page.get_by_role("button", name="Approve the models").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Changed: face-embedder.")).to_be_visible()
    dialog.get_by_label("Who measured").fill("administrator")
    dialog.get_by_label("Reason").fill("Fewer false matches on the town's own pictures.")
    _choose(page, "Reports with the models before", report(tmp_path, "before.json", "a" * 64))
    _choose(page, "Reports with the models that run now", report(tmp_path, "other.json", "a" * 64))
    dialog.get_by_role("button", name="Approve the models").click()
    expect(dialog.get_by_role("alert")).to_contain_text(
        "measured other weights of face-embedder (aaaaaaaaaaaaaaaa…) than those that run"
    )
    keep(page, "models-refused")
    _choose(page, "Reports with the models that run now", report(tmp_path, "after.json", "c" * 64))
    dialog.get_by_role("button", name="Approve the models").click()
    expect(page.get_by_text("and are approved")).to_be_visible()
    expect(page.get_by_role("table", name="What was changed and approved")).to_contain_text("Fewer false matches")
    keep(page, "models")
    assert site.audit("models.approve")[-1]["detail"]["reports"]["after"][0]["weights"] == NEW


@pytest.mark.browser
def test_the_report_of_a_year_comes_by_its_switch(page: Page) -> None:
    page.get_by_role("tab", name="Signatures and report").click()
    span = page.get_by_role("group", name="Month or year")
    span.get_by_role("button", name="Year").click()
    expect(page.get_by_label("Month", exact=True)).to_have_count(0)
    year = page.get_by_label("Year", exact=True)
    last = year.locator("option").nth(1).inner_text()
    year.select_option(last)
    link = page.get_by_role("link", name="PDF")
    expect(link).to_have_attribute("href", re.compile(rf"period={last}&"))
    with page.expect_download() as download:
        link.click()
    assert last in download.value.suggested_filename
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    span.get_by_role("button", name="Month").click()
    expect(link).to_have_attribute("href", re.compile(r"period=\d{4}-\d{2}&"))


def _choose(page: Page, label: str, file: Path) -> None:
    page.get_by_role("dialog").get_by_label(label).set_input_files(file)
