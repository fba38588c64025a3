"""A confirmed face that was another's, in a real browser: doubted at the alarm, undone under the releases, told to who got it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from istros.app.releases import connect_parts
from istros.base.time import HOUR, Span, Time
from istros.compliance import departures
from istros.compliance.departures import Carrier, Parcel, Recipient, RecipientKind
from istros.compliance.transfers import Sending
from istros.events.persons import open_person
from istros.events.record import Author
from istros.store import Transaction
from istros.store.faces import FaceCandidateRow, FaceVerdictRow
from istros.store.rows import AlarmState, OperatorRow
from tests.api.site import Site, make_site
from tests.api.test_faces import QUALITY
from tests.events.sought import request_at
from tests.line.screens import LANGUAGES, fits, keep, served, signed_in
from tests.store.rows_made import alarm, read

WHO = OperatorRow("o1", "investigator", "Investigator", "police", "investigator", "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node with an alarm that was closed as true, for a face that two people confirmed, and a package that tells of it."""
    connect_parts()
    site = make_site(tmp_path_factory.mktemp("undoing"))
    now = site.environment.clock.now()

    def fill(tx: Transaction) -> None:
        entry = open_person(tx, site.environment, Author("investigator", "desk"), request_at(now))
        true = replace(
            alarm(1), kind="face", camera_id="TL-01", time=now, raised=now, last_time=now, answer_by=Time(now + HOUR), plate="",
            plate_read="", match="", observation_id="f1", watchlist_entry_id=entry.id, facts='{"name": "W-1"}',
            title="Candidate for W-1 at TL-01, to be checked", state=AlarmState.CLOSED, acknowledged=now,
            acknowledged_by="operator", closed=now, closed_by="operator", verdict="true",
        )  # fmt: skip
        tx.alarms.add(true)
        tx.reads.add(replace(read(1), id="misread", time=now, first_seen=now, last_seen=now))
        tx.reads.correct("misread", "BH1284AA", "UA", now, "investigator")
        sought = replace(
            alarm(2), time=now, raised=now, last_time=now, answer_by=Time(now + HOUR), plate_read="BH1284AA"
        )
        tx.alarms.add(replace(sought, observation_id="misread", watchlist_entry_id=None))
        face = FaceCandidateRow(
            "f1", entry.id, "r1", "TL-01", "t1", now, 0.4, 0.508, 0.0004, 1, None, 3, QUALITY, "ab" * 32, "confirmed",
            true.id, now, now,
        )  # fmt: skip
        tx.faces.add(face, b"sealed")
        for name in ("operator", "shift_leader"):
            tx.faces.say(FaceVerdictRow("f1", name, now, "same", "ears and nose"))
        parcel = Parcel(
            Carrier.EXPORT, "x1", ("pictures", "alarms"), ("TL-01",), Span(Time(now - HOUR), Time(now + HOUR))
        )
        recipient = Recipient("Police of Tulcea", RecipientKind.POLICE, "RO", "ua-29-3", "Agreement 3/2026")
        leaving = departures.add(tx, site.environment, WHO, Sending("UA"), recipient, parcel)
        departures.leave(tx, site.environment, leaving, "investigator", "desk", "ab" * 32)

    site.database.write_now(fill)
    with served(site):
        yield site


@pytest.mark.browser
def test_a_face_is_undone_at_the_alarm_and_under_the_releases(site: Site, browser: Browser) -> None:
    desk = signed_in(site, browser, "operator", "/alarms?alarm=a1")
    desk.get_by_role("button", name="It was another person").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("A second person decides under Releases.")
    dialog.get_by_label("Why it was another person").fill("his brother, who was asked")
    keep(desk, "undo-ask")
    dialog.get_by_role("button", name="Ask to undo it").click()
    expect(desk.get_by_text("his brother, who was asked")).to_be_visible()
    fits(desk, "undo-asked", LANGUAGES)
    leader = signed_in(site, browser, "shift_leader", "/releases")
    waiting = leader.locator("li", has_text="undoing of a confirmed face match")
    for words in ("W-1", "TL-01", "his brother, who was asked"):
        expect(waiting).to_contain_text(words)
    waiting.get_by_role("button", name="Release", exact=True).click()
    expect(leader.get_by_role("dialog")).to_contain_text("Compare the two pictures first")
    fits(leader, "undo-grant")
    leader.get_by_role("dialog").get_by_role("button", name="Release", exact=True).click()
    expect(leader.get_by_role("dialog")).to_have_count(0)
    desk.reload()
    expect(desk.get_by_text("confirmed, then undone")).to_be_visible()
    expect(desk.get_by_text("Erased when the match was undone.")).to_be_visible()
    expect(desk.get_by_text("Verdict changed after a correction")).to_be_visible()
    expect(desk.get_by_text("False · shift_leader")).to_be_visible()
    fits(desk, "undone", LANGUAGES)
    officer = signed_in(site, browser, "protection_officer", "/oversight?tab=corrections")
    expect(officer.get_by_role("main")).to_contain_text("Somebody else's face")
    keep(officer, "undone-told")
    desk.goto(desk.url.replace("alarm=a1", "alarm=a2"))
    told = desk.locator("#main")
    expect(told).to_contain_text("A person has corrected this plate. Compare it with the one sought")
    for words in ("BH 1234 AA", "BH 1284 AA"):
        expect(told.locator(".evidence")).to_contain_text(words)
    expect(told).not_to_contain_text("exact match")
    for page in (desk, leader, officer):
        page.close()
