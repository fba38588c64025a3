"""The report of a month and of a year: releases, watches, faces, requests and breaches, whole and for the public."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from istros.base.environment import Environment
from istros.base.time import DAY, HOUR, Span, Time, from_iso
from istros.compliance import breaches, subject_requests
from istros.compliance.breaches import BreachFacts, Opening
from istros.compliance.oversight import KeepingLimits, Kept, months_of, period_span
from istros.compliance.period import Edition, Line, Period, period_of
from istros.compliance.subject_requests import Asked, Decision, Intake, Law
from istros.reports.period import ReportFacts, period_report
from istros.reports.period_words import WORDS
from istros.reports.record_words import record_words
from istros.store import Database, Transaction
from istros.store.people import FaceCountRow
from istros.store.releases import Ending, Matter, ReleaseRow
from istros.store.rows import OperatorRow
from tests.api.pdf_text import text_of
from tests.compliance.conftest import HandClock
from tests.compliance.conftest import clock as clock
from tests.compliance.conftest import town as town
from tests.store.conftest import database as database
from tests.store.conftest import database_url as database_url
from tests.store.rows_made import entry

OFFICER = OperatorRow("o1", "iryna", "Iryna", "izmail", "protection_officer", "", "uk")
LIMITS = KeepingLimits([], 30.0)


def test_a_year_is_its_months_by_the_town_s_clock() -> None:
    assert months_of("2026-11") == ["2026-11"] and len(months_of("2026")) == 12
    assert period_span("2026").start == from_iso("2025-12-31T22:00:00Z")
    assert period_span("2026").end == period_span("2027-01").start == period_span("2026-12").end


def release(number: int, asked: Time, **more: Any) -> ReleaseRow:
    row = ReleaseRow(
        f"r{number}", Matter.FACE_MATCHING, f"op{number}", "a missing child", "police", None, "{}", False, asked, "petro",
        Time(asked + DAY), DAY,
    )  # fmt: skip
    return replace(row, **more)


def fill(tx: Transaction, environment: Environment) -> None:
    """Seven releases, six sought plates, faces of one hour, two requests and two breaches; one release of a year ago."""
    now = environment.clock.now()
    rows = [release(number, Time(now - number * HOUR), granted=True) for number in range(5)]
    rows.append(release(5, now, granted=False, ending=Ending.REFUSED, ended=now))
    rows.append(release(6, now, emergency=True, ending=Ending.UNDONE, ended=now))
    rows.append(release(7, Time(now - 400 * DAY), granted=True))
    for row in rows:
        tx.releases.add(row)
    for number in range(6):
        tx.watchlist.add(replace(entry(number), created=now, purpose="offence"))
    tx.people.count_faces([FaceCountRow("IZ-07", Time(now // HOUR * HOUR), 900, 800, 3, 20, 10)])
    span = Span(Time(now - 5 * HOUR), Time(now - 4 * HOUR))
    asked = Intake(Asked.ACCESS, Law.GDPR, "desk", "uk", now, "Марія", "Ізмаїл", ("IZ-07",), span, "пальто")
    done, _ = (subject_requests.take_in(tx, environment, OFFICER, asked, origin="here") for _ in range(2))
    subject_requests.preserve(tx, environment, OFFICER, done.id, [], origin="here")
    subject_requests.decide(tx, environment, OFFICER, done.id, Decision.REFUSED, "law", "no", origin="here")
    subject_requests.answer(tx, environment, OFFICER, done.id, "ab", origin="here")
    for hours in (80, 2):
        told = Opening(Law.GDPR, Time(now - hours * HOUR), BreachFacts("a clip lay open"))
        breach = breaches.open_breach(tx, environment, "petro", told, origin="here")
        id = breach.row.id
        breaches.assess(tx, environment, OFFICER, id, report=True, people=False, reason="a risk", origin="here")
        breaches.report(
            tx,
            environment,
            OFFICER,
            id,
            authority="ro",
            sent=now,
            reference="7",
            delay="the mail was down",
            origin="here",
        )


def counted(database: Database, environment: Environment, period: str, edition: Edition) -> Period:
    return database.read_now(lambda tx: period_of(tx, period, edition, LIMITS, environment.clock.now(), 0))


@pytest.fixture
def filled(database: Database, town: Environment, clock: HandClock) -> Database:
    database.write_now(lambda tx: fill(tx, town))
    return database


def sheet(period: Period, name: str) -> dict[str, dict[str, int | None]]:
    found = next(each for each in period.sheets if each.name == name)
    return {row: dict(zip(found.columns, numbers, strict=True)) for row, numbers in found.rows}


@pytest.mark.parametrize("period", ["2026-11", "2026"])
def test_the_authority_sees_every_use(filled: Database, town: Environment, period: str) -> None:
    whole = counted(filled, town, period, "authority")
    assert sheet(whole, "releases") == {
        "face-matching": {
            "asked": 6, "emergencies": 1, "granted": 5, "refused": 1, "withdrawn": 0, "lapsed": 0, "undone": 1,
        }
    }  # fmt: skip
    assert sheet(whole, "watches")["plate:offence"] == {"count": 6}
    assert {name: row["count"] for name, row in sheet(whole, "faces").items()} == {
        "seen": 900, "compared": 800, "candidates": 3, "still": 20, "refused": 10,
    }  # fmt: skip
    assert sheet(whole, "person-requests")["access"] == {"received": 2, "in-time": 1, "answered-late": 0, "open": 1}
    assert sheet(whole, "breaches")["gdpr"] == {
        "known": 2, "not-needed": 0, "in-72-hours": 1, "after-72-hours": 1, "people-told": 0, "open": 2,
    }  # fmt: skip
    assert sheet(counted(filled, town, "2025", "authority"), "releases")["face-matching"]["asked"] == 1


def test_the_public_sees_no_row_in_which_somebody_could_be_recognised(filled: Database, town: Environment) -> None:
    public = counted(filled, town, "2026", "public")
    assert set(sheet(public, "releases")["face-matching"].values()) == {None}
    assert sheet(public, "watches")["plate:offence"] == {"count": 6}
    assert sheet(public, "faces")["candidates"] == {"count": None} and sheet(public, "faces")["seen"] == {"count": 900}
    assert set(sheet(public, "breaches")["gdpr"].values()) == {None}


def test_every_language_has_every_word_and_the_same_facts_give_the_same_bytes(
    filled: Database, town: Environment
) -> None:
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(WORDS["en"])}
    edition: Edition = "authority"
    for language in ("en", "uk", "ro"):
        facts = ReportFacts("Izmail", "Council", language, town.clock.now())
        whole = counted(filled, town, "2026", edition)
        pdf = period_report(facts, whole)
        assert pdf.startswith(b"%PDF") and pdf == period_report(facts, whole)
        kept = (Kept("audit", "", town.clock.now(), 12.5, None, False),)
        told = text_of(period_report(facts, replace(whole, acts=[Line("plates.search", 3, 0)], kept=kept)))
        assert record_words()[language]["plates.search"] in told and "plates.search" not in told, "acts in words"
        assert ("12.5" if language == "en" else "12,5") in told
        for each in whole.sheets:
            assert each.name in WORDS[language]
            assert all(f"{each.name}-{column}" in WORDS[language] for column in each.columns), each.name
