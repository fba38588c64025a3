"""A missing person from request to erasure, by the people who do it, each at a screen of their own: one story, one node.

The node is real in every part: its camera speaks RTSP, the recorder writes, the analyser decodes the pictures and finds the
face with its own nets, the server serves the screens, the exporter packs the evidence. Two things are made for the story.
The camera shows a part of the simulated city's square enlarged (`square_node`), for without it no face there is large
enough; and the picture that the mother brings is taken from the same simulated walk, from a frame that the camera leaves
out: he is as easy to recognise as that, and the test proves the way of a match, never a rate of hits.

With ISTROS_PICTURES=FOLDER each step leaves a picture there; those in docs/pictures/wanted come from here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import APIResponse, Browser, Locator, Page, expect

from istros.app.wiring import face_keys, open_node_database
from istros.base.environment import real_environment
from istros.base.time import from_iso
from istros.events.face_gallery import PICTURE, SEEN, TEMPLATE
from istros.store import Database
from tests.events.sought import portrait_of
from tests.line.demo_run import wait_for
from tests.line.square_node import CAMERA, PICTURED, WALKER, SquareNode, square_node
from tests.recognition.pictures import needs_models

PICTURES = os.environ.get("ISTROS_PICTURES", "")
"""A folder to keep pictures of the pages in; empty: none is kept."""

ENTRY, CASE, GROUND, ORDER = "W-2026-0114", "12026-114", "Report 20417", "Order 114/2026"
TOWN = ZoneInfo("Europe/Bucharest")
STORY = (
    ("permits.open", "investigator"),
    ("persons.open", "investigator"),
    ("persons.enrol", "investigator"),
    ("releases.ask", "investigator"),
    ("releases.grant", "leader"),
    ("releases.ask", "investigator"),
    ("releases.grant", "leader"),
    ("alarm.raise", "istros"),
    ("alarm.acknowledge", "operator"),
    ("faces.verdict", "operator"),
    ("faces.verdict", "leader"),
    ("faces.settle", "istros"),
    ("exports.order", "investigator"),
    ("exports.finish", "istros"),
    ("releases.ask", "investigator"),
    ("releases.grant", "leader"),
    ("exports.fetch", "investigator"),
    ("persons.close", "investigator"),
    ("persons.erase", "istros"),
)
"""What the record must name, in this order: the act and who did it."""
PATIENT = 60_000
"""Milliseconds that a page may take for what the node does meanwhile; everything else takes the usual."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SquareNode]:
    ports = [_free_port(), _free_port()]
    with square_node(tmp_path_factory.mktemp("square"), *ports) as node:
        yield node


@dataclass
class Desks:
    """The people of the story, each signed in in a browser of their own."""

    node: SquareNode
    browser: Browser
    pages: dict[str, Page] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def of(self, name: str, path: str) -> Page:
        """Somebody's page, at a screen."""
        if name not in self.pages:
            context = self.browser.new_context(
                viewport={"width": 1366, "height": 768}, locale="en-GB", timezone_id=TOWN.key
            )
            self.pages[name] = context.new_page()
            self.pages[name].set_default_timeout(30_000)
            body = {"name": name, "password": self.node.passwords[name]}
            answer = context.request.post(f"{self.node.url}/api/session", data=body)
            assert answer.ok, answer.text()
            self.tokens[name] = answer.json()["csrfToken"]
        self.pages[name].goto(f"{self.node.url}{path}")
        return self.pages[name]

    def ask(self, name: str, path: str, **query: Any) -> APIResponse:
        """The interface itself, in that person's session."""
        return self.pages[name].request.get(f"{self.node.url}/api{path}", params=query)

    def send(self, name: str, path: str, body: dict[str, Any]) -> APIResponse:
        """The same, changing something."""
        headers = {"x-csrf-token": self.tokens[name]}
        return self.pages[name].request.post(f"{self.node.url}/api{path}", data=body, headers=headers)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def keep(page: Page, name: str) -> None:
    """A picture of the page, and the same in the town's languages."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366, f"{name} runs out of the page"
    if not PICTURES:
        return
    page.screenshot(path=Path(PICTURES) / f"{name}.png", animations="disabled")
    for language in ("uk", "ro"):
        _speak(page, language)
        page.screenshot(path=Path(PICTURES) / f"{name}-{language}.png", animations="disabled")
    _speak(page, "en")


def _speak(page: Page, language: str) -> None:
    """Change the page's language, a dialog before it or not."""
    page.locator(f"button[lang={language}]").first.evaluate("button => button.click()")
    page.wait_for_function("language => document.documentElement.lang === language", arg=language)


@pytest.mark.slow
@pytest.mark.browser
@needs_models
def test_a_wanted_person_from_request_to_erasure(node: SquareNode, browser: Browser, tmp_path: Path) -> None:
    desks = Desks(node, browser)
    permit = a_permit_is_opened(desks)
    entry = a_person_is_entered_with_a_picture(desks, tmp_path)
    secrets = Secrets.of(node, entry)
    assert secrets.found() == [secrets.key_file], "the search finds the key, and nothing that lies open"
    nobody_releases_their_own(desks, entry)
    another_person_releases(desks)
    comparing_is_asked_and_released(desks)
    alarm = the_person_passes(desks)
    two_people_compare_blind(desks, alarm, secrets)
    the_search_ends(desks)
    package = evidence_is_ordered_and_leaves_by_two(desks, alarm, permit, tmp_path)
    it_verifies(desks, package)
    the_entry_ends_and_leaves_nothing(desks, secrets)
    the_record_names_everybody(desks, entry)


def a_permit_is_opened(desks: Desks) -> str:
    page = desks.of("investigator", "/exports")
    page.get_by_role("button", name="Open a permit").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Purpose", exact=True).select_option("missing-person")
    form.get_by_label("Legal ground").fill(GROUND)
    form.get_by_label("Case number").fill(CASE)
    keep(page, "01-permit")
    form.get_by_role("button", name="Open a permit").click()
    expect(page.get_by_text(f"Missing person · Case {CASE}")).to_be_visible()
    (permit,) = [each for each in desks.ask("investigator", "/permits").json() if each["caseRef"] == CASE]
    return str(permit["id"])


def a_person_is_entered_with_a_picture(desks: Desks, folder: Path) -> str:
    page = desks.of("investigator", "/watchlist?kind=persons")
    page.get_by_role("button", name="New entry").click()
    page.get_by_label("Name of the entry").fill(ENTRY)
    page.get_by_label("Authorisation").fill(ORDER)
    page.get_by_label("Description").fill("Man, about 30, black hair, beard, white jumper; needs medicine")
    page.get_by_label("Objective").select_option("victim-or-missing")
    page.get_by_label("Purpose", exact=True).select_option("missing-person")
    page.get_by_label("Legal ground").fill(GROUND)
    page.get_by_label("Case number").fill(CASE)
    page.get_by_label("Requested by").fill("Missing persons unit")
    page.get_by_label("Whom it concerns").select_option("missing")
    page.get_by_label("Source of the information").fill("The mother")
    keep(page, "02-entry")
    page.get_by_role("button", name="Enter").click()
    small, good = folder / "small.jpg", folder / "good.jpg"
    small.write_bytes(portrait_of(WALKER, PICTURED, height=60))
    good.write_bytes(portrait_of(WALKER, PICTURED))
    form = page.get_by_role("form", name="Picture")
    form.get_by_label("Picture", exact=True).set_input_files(small)
    form.get_by_label("Where it is from").select_option("relative")
    form.get_by_role("button", name="Check and enrol").click()
    expect(page.get_by_text(re.compile(r"The face is \d+ pixels high, and 96 are needed"))).to_be_visible()
    keep(page, "03-poor-picture")
    form.get_by_label("Picture", exact=True).set_input_files(good)
    form.get_by_role("button", name="Check and enrol").click()
    expect(page.get_by_role("img", name=f"Picture of {ENTRY}")).to_be_visible()
    page.get_by_role("button", name="Ask for release").click()
    page.get_by_label("Why it is needed").fill("He needs his medicine by noon")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("waits for release").first).to_be_visible()
    (entry,) = desks.ask("investigator", "/persons").json()
    return str(entry["id"])


def nobody_releases_their_own(desks: Desks, entry: str) -> None:
    page = desks.pages["investigator"]
    expect(page.get_by_text("You asked for this release; a second person answers.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Release"))).to_have_count(0)
    keep(page, "04-not-by-oneself")
    answer = desks.send("investigator", f"/persons/{entry}/release/decide", {"grant": True})
    assert answer.status == 403, "the interface refuses it, too"


def another_person_releases(desks: Desks) -> None:
    page = desks.of("leader", "/watchlist?kind=persons")
    expect(page.get_by_text("4 checks left")).to_be_visible()
    for check in page.get_by_role("checkbox").all()[:2]:
        check.check()
    keep(page, "05-second-person")
    for check in page.get_by_role("checkbox").all()[2:]:
        check.check()
    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_text("released").first).to_be_visible()


def comparing_is_asked_and_released(desks: Desks) -> None:
    page = desks.of("investigator", "/watchlist?kind=persons")
    page.get_by_role("button", name="Ask for an operation").click()
    page.locator("select[name=persons]").select_option(index=0)
    page.locator("form select[name=cameras]").select_option([CAMERA])
    page.get_by_label("Why it is needed").fill("He was seen near the square")
    keep(page, "06-operation")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Faces are compared live")).to_have_count(0)
    leader = desks.of("leader", "/watchlist?kind=persons")
    leader.get_by_role("button", name="Release", exact=True).click()
    expect(leader.get_by_text(f"Faces are compared live: {CAMERA}")).to_be_visible()
    keep(leader, "07-comparing")


def the_person_passes(desks: Desks) -> dict[str, Any]:
    """The analyser finds him by itself: nothing here helps it."""
    page = desks.of("operator", "/alarms")
    expect(page.get_by_role("heading", name=f"Candidate for {ENTRY}, to be checked")).to_be_visible(timeout=PATIENT)
    expect(page.get_by_role("img", name=f"Face seen by {CAMERA}").first).to_be_visible()
    expect(page.get_by_role("img", name=f"Picture of {ENTRY}").first).to_be_visible()
    keep(page, "08-candidate")
    (alarm,) = [each for each in desks.ask("operator", "/alarms").json() if each["kind"] == "face"]
    found: dict[str, Any] = desks.ask("operator", f"/alarms/{alarm['id']}").json()
    return found


def two_people_compare_blind(desks: Desks, alarm: dict[str, Any], secrets: Secrets) -> None:
    first = alarm["face"]["candidates"][0]
    local = datetime.fromisoformat(first["time"]).astimezone(TOWN)
    name = f"Candidate at {CAMERA}, {local:%H:%M:%S}"
    operator = desks.pages["operator"]
    operator.locator("#main").get_by_role("button", name="Acknowledge").click()
    mine = operator.get_by_role("article", name=name)
    judged(mine, "Eyebrows, nose and hairline")
    expect(mine.get_by_text("Yours is given.")).to_be_visible()
    keep(operator, "09-first-verdict")
    leader = desks.of("leader", "/alarms")
    theirs = leader.get_by_role("article", name=name)
    expect(theirs.get_by_text("it is shown after yours")).to_be_visible()
    expect(leader.get_by_text("Eyebrows")).to_have_count(0)
    theirs.scroll_into_view_if_needed()
    keep(leader, "10-second-person-blind")
    judged(theirs, "Shape of the face, both ears")
    expect(theirs.get_by_text("confirmed by two")).to_be_visible()
    expect(theirs.get_by_text("Eyebrows")).to_be_visible()
    keep(leader, "11-confirmed")
    secrets.know_candidates([first["id"]])


def judged(candidate: Locator, reason: str) -> None:
    candidate.get_by_role("button", name="Same person").click()
    candidate.get_by_label("What you compared").fill(reason)
    candidate.get_by_role("button", name="Give the verdict").click()


def the_search_ends(desks: Desks) -> None:
    """What nobody has compared by then goes, and the alarm is true."""
    page = desks.of("leader", "/watchlist?kind=persons")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("A patrol is with him")
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Faces are compared live")).to_have_count(0)
    operator = desks.of("operator", "/alarms")
    operator.get_by_role("group", name="Verdict", exact=True).get_by_role("button", name="True").click()
    operator.get_by_label("Note for the record").fill("Patrol 4 met him at the kiosk")
    operator.get_by_role("button", name="Close the alarm").click()
    operator.get_by_role("tab", name="Closed").click()
    expect(operator.get_by_text("Patrol 4 met him at the kiosk").first).to_be_visible()
    keep(operator, "12-alarm-closed")


def evidence_is_ordered_and_leaves_by_two(desks: Desks, alarm: dict[str, Any], permit: str, folder: Path) -> Path:
    page = desks.of("investigator", "/exports")
    page.get_by_role("button", name="Order an export").click()
    form = page.get_by_role("dialog")
    seen = datetime.fromisoformat(alarm["time"]).astimezone(TOWN)
    form.get_by_label("From").fill(_typed(seen - timedelta(seconds=4)))
    form.get_by_label("To", exact=True).fill(_typed(seen + timedelta(seconds=4)))
    form.get_by_role("checkbox", name=re.compile("^Alarms")).check()
    form.get_by_role("checkbox", name=re.compile("^Still pictures")).check()
    form.get_by_label("Recipient").select_option("court")
    form.get_by_label("Name of the office or person").fill("Prosecutor of Izmail")
    form.get_by_label("Ground").select_option("order")
    form.get_by_label("Paper behind it").fill("Order 12/2026")
    form.get_by_label("Reason").fill("Where and when he was seen")
    keep(page, "13-evidence-order")
    _recorded_until(desks.node, seen + timedelta(seconds=5))
    form.get_by_role("button", name="Order", exact=True).click()
    page.get_by_role("button", name="Ask for a release").click(timeout=PATIENT)
    form.get_by_label("Why the evidence must leave").fill("The prosecutor asks for it")
    form.get_by_role("button", name="Ask for a release").click()
    expect(page.get_by_text("Asked. Another investigator or shift leader releases it")).to_be_visible()
    (made,) = desks.ask("investigator", "/exports").json()["exports"]
    early = desks.ask("investigator", f"/exports/{made['id']}/package", permit=permit)
    assert early.status in (403, 409), "nothing leaves before the second person's word"
    leader = desks.of("leader", "/releases")
    expect(leader.get_by_role("button", name="Release", exact=True)).to_be_visible()
    keep(leader, "14-evidence-release")
    leader.get_by_role("button", name="Release", exact=True).click()
    leader.get_by_role("dialog").get_by_role("button", name="Release", exact=True).click()
    expect(leader.get_by_role("dialog")).to_have_count(0)
    page = desks.of("investigator", "/exports")
    expect(page.get_by_role("link", name=re.compile("Download"))).to_be_visible()
    keep(page, "15-evidence-ready")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download")).click()
    package = folder / download.value.suggested_filename
    download.value.save_as(package)
    return package


def _typed(moment: datetime) -> str:
    """As people type it into the form, to the thousandth."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def _recorded_until(node: SquareNode, moment: datetime) -> None:
    wanted = from_iso(moment.astimezone(UTC).isoformat())

    def reached() -> bool:
        with _database(node) as database:
            newest = database.read_now(lambda tx: tx.segments.newest(CAMERA, "main"))
        return newest is not None and newest.end >= wanted

    wait_for("the recording to reach beyond the alarm", reached, 60)


def it_verifies(desks: Desks, package: Path) -> None:
    key = desks.ask("investigator", "/exports").json()["key"]
    command = [sys.executable, "-m", "istros", "verify", str(package), "--key", key, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/", check=False)
    verdict = json.loads(done.stdout)
    assert (done.returncode, verdict["ok"], verdict["pinned"]) == (0, True, True), verdict
    assert verdict["segments"] == verdict["proven"] >= 1
    with zipfile.ZipFile(package) as opened:
        alarms = json.loads(opened.read("case/alarms.json"))["alarms"]
        assert [each["kind"] for each in alarms if each["kind"] == "face"] == ["face"]
        assert [name for name in opened.namelist() if name.startswith("stills/")]


def the_entry_ends_and_leaves_nothing(desks: Desks, secrets: Secrets) -> None:
    page = desks.of("investigator", "/watchlist?kind=persons")
    page.get_by_role("button", name="Close the entry").click()
    page.get_by_label("Reason").fill("Found at the kiosk, safe")
    page.get_by_role("dialog").get_by_role("button", name="Close the entry").click()
    page.get_by_role("tab", name="Ended").click()
    expect(page.get_by_text("The picture was erased with its key")).to_be_visible()
    expect(page.get_by_role("img", name=f"Picture of {ENTRY}")).to_have_count(0)
    expect(page.get_by_text("Faces are compared live")).to_have_count(0)
    keep(page, "16-erased")
    wait_for("the key to be gone", lambda: not secrets.key_file.exists(), 20)
    assert secrets.found() == []
    with _database(desks.node) as database:
        assert database.read_now(lambda tx: tx.persons.face(secrets.entry)) is None
        kept = database.read_now(lambda tx: [tx.faces.picture(each) for each in secrets.candidates])
    assert kept == [None], "the face that the camera saw is gone with the entry"
    proof = desks.node.data / "proof.bin"
    proof.write_bytes(b"x" * 100 + secrets.needles[0])
    assert secrets.found() == [proof], "the search finds what is there"
    proof.unlink()


def the_record_names_everybody(desks: Desks, entry: str) -> None:
    page = desks.of("officer", "/audit")
    expect(page.get_by_text("The chain holds.")).to_be_visible()
    keep(page, "17-record")
    assert desks.ask("officer", "/audit/verify").json()["ok"] is True
    rows = desks.ask("officer", "/audit", limit=500).json()
    told = [(row["action"], row["actor"]) for row in reversed(rows) if row["result"] == "done"]
    left = list(STORY)
    for each in told:
        if left and each == left[0]:
            left.pop(0)
    assert left == [], f"the record does not name {left[0]}, or not in its place, among {told}"
    refused = [row["actor"] for row in rows if row["result"] == "refused" and row["action"] == "exports.fetch"]
    assert refused == ["investigator"]
    command = [sys.executable, "-m", "istros", "check", "--config", str(desks.node.config), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert json.loads(done.stdout)["auditOk"] is True, done.stdout


@dataclass
class Secrets:
    """What must be nowhere in the open, read with the entry's own key while there is one."""

    node: SquareNode
    entry: str
    needles: list[bytes]
    candidates: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, node: SquareNode, entry: str) -> Secrets:
        keys = face_keys(node.settings, real_environment())
        with _database(node) as database:
            row = database.read_now(lambda tx: tx.persons.face(entry))
        assert row is not None
        template, picture = keys.open(entry, row.template, TEMPLATE), keys.open(entry, row.picture, PICTURE)
        assert len(template) == 512 and picture.startswith(b"\xff\xd8")
        made = cls(node, entry, [template[:64], template[-64:], _middle(picture)])
        made.needles.append(made.key_file.read_bytes())
        return made

    @property
    def key_file(self) -> Path:
        return self.node.data / "keys" / "faces" / f"{self.entry}.key"

    def know_candidates(self, ids: list[str]) -> None:
        """The faces that the camera saw, as they were sealed."""
        keys = face_keys(self.node.settings, real_environment())
        with _database(self.node) as database:
            sealed = database.read_now(lambda tx: [tx.faces.picture(each) for each in ids])
        for each in sealed:
            assert each is not None
            self.needles.append(_middle(keys.open(self.entry, each, SEEN)))
        self.candidates += ids

    def found(self) -> list[Path]:
        """Every file of the node that holds one of them: database, its log, keys, recordings, packages, logs."""
        folder = self.node.config.parent
        found = []
        for file in sorted(folder.rglob("*")):
            with contextlib.suppress(FileNotFoundError):
                data = file.read_bytes() if file.is_file() else b""
                if any(needle in data for needle in self.needles):
                    found.append(file)
        return found


def _middle(jpeg: bytes) -> bytes:
    """Bytes that only this picture has: what stands before them is alike in many."""
    return jpeg[len(jpeg) // 2 : len(jpeg) // 2 + 64]


@contextlib.contextmanager
def _database(node: SquareNode) -> Iterator[Database]:
    database = open_node_database(node.settings, real_environment())
    try:
        yield database
    finally:
        database.close()
