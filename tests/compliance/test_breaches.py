"""Breaches: steps are added and stay, the 72 hours run from when it was known, a second person closes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from istros.base.environment import Environment
from istros.base.time import HOUR, Time
from istros.compliance import breaches
from istros.compliance.breaches import (
    Breach,
    BreachFacts,
    BreachRefused,
    BreachStateConflict,
    BreachUnknown,
    Law,
    Opening,
)
from istros.events.breach_clock import BREACH_CLOCK, BreachClock
from istros.reports.breach_letter import BreachLetterKind, breach_letter, breach_text, paragraphs
from istros.reports.breach_words import WORDS
from istros.reports.letter import Sender
from istros.store import Database
from istros.store.database import connection_of
from istros.store.rows import AlarmRow, AlarmState, OperatorRow
from tests.store.conftest import database as database
from tests.store.conftest import database_url as database_url

OFFICER = OperatorRow("o1", "iryna", "Iryna", "izmail", "protection_officer", "", "uk")
LEADER = OperatorRow("o2", "radu", "Radu", "tulcea", "shift_leader", "", "ro")
FACTS = BreachFacts(
    "A clip lay on a shared drive.", ("seen",), ("recordings",), ("IZ-07",), None, 3, "", "The drive was closed."
)


def told(environment: Environment, hours: float = 1, facts: BreachFacts = FACTS, law: Law = Law.GDPR) -> Opening:
    return Opening(law, Time(environment.clock.now() - round(hours * HOUR)), facts)


def opened(database: Database, environment: Environment, hours: float = 1, **more: Any) -> Breach:
    return database.write_now(
        lambda tx: breaches.open_breach(tx, environment, "petro", told(environment, hours, **more), origin="here")
    )


def step(
    database: Database,
    environment: Environment,
    name: str,
    id: str,
    *words: Any,
    by: OperatorRow = OFFICER,
    **said: Any,
) -> Breach:
    work: Any = getattr(breaches, name)
    made: Breach = database.write_now(lambda tx: work(tx, environment, by, id, *words, origin="here", **said))
    return made


def test_the_whole_way(database: Database, environment: Environment) -> None:
    breach = opened(database, environment)
    id, now = breach.row.id, environment.clock.now()
    assert breach.row.number.endswith("-0001") and breach.state == "open" and breach.is_running
    assert breach.due == breach.row.known + 72 * HOUR
    sent: dict[str, Any] = {"authority": "ro", "sent": now, "reference": "A-17", "delay": ""}
    with pytest.raises(BreachStateConflict, match="to be reported"):
        step(database, environment, "report", id, **sent)
    with pytest.raises(BreachRefused, match="reported to the authority too"):
        step(database, environment, "assess", id, report=False, people=True, reason="many")
    with pytest.raises(BreachRefused, match="reason is missing"):
        step(database, environment, "assess", id, report=True, people=True, reason=" ")
    assert step(database, environment, "assess", id, report=True, people=True, reason="faces seen").state == "assessed"
    with pytest.raises(BreachStateConflict, match="not reported"):
        step(database, environment, "close", id, "done", by=LEADER)
    with pytest.raises(BreachRefused, match="after the breach is known"):
        step(database, environment, "report", id, **sent | {"sent": Time(breach.row.known - HOUR)})
    reported = step(database, environment, "report", id, **sent)
    assert reported.state == "reported" and not reported.is_running
    with pytest.raises(BreachStateConflict, match="reported already"):
        step(database, environment, "assess", id, report=False, people=False, reason="no risk")
    with pytest.raises(BreachStateConflict, match="people are to be told"):
        step(database, environment, "close", id, "done", by=LEADER)
    with pytest.raises(BreachRefused, match="reason why not"):
        step(database, environment, "tell_people", id, told=False, when=None, how="")
    assert step(database, environment, "tell_people", id, told=True, when=now, how="by letter").state == "told"
    with pytest.raises(BreachRefused, match="does not close it"):
        step(database, environment, "close", id, "done")
    closed = step(database, environment, "close", id, "letters seen", by=LEADER)
    assert (closed.state, closed.closed_by, closed.closing_note) == ("closed", "radu", "letters seen")
    with pytest.raises(BreachStateConflict, match="closed"):
        step(database, environment, "add", id, BreachFacts(people=4))
    with pytest.raises(BreachUnknown):
        step(database, environment, "add", "none", BreachFacts(people=4))
    assert [each.kind.value for each in closed.steps] == ["opened", "assessed", "reported", "people", "closed"]


def test_later_news_fills_the_facts_and_hides_nothing(database: Database, environment: Environment) -> None:
    breach = opened(database, environment)
    grown = step(
        database, environment, "add", breach.row.id, BreachFacts(people=12, consequences="they are recognised")
    )
    assert grown.facts == BreachFacts(
        FACTS.what, ("seen",), ("recordings",), ("IZ-07",), 12, 3, "they are recognised", FACTS.measures
    )
    assert json.loads(grown.steps[0].facts)["people"] is None
    with pytest.raises(BreachRefused, match="Nothing new"):
        step(database, environment, "add", breach.row.id, BreachFacts())
    with pytest.raises(BreachRefused, match="before it is told"):
        opened(database, environment, -1)
    with pytest.raises(BreachRefused, match="what happened is missing"):
        opened(database, environment, facts=BreachFacts())


def test_no_row_is_changed_or_deleted(database: Database, environment: Environment) -> None:
    opened(database, environment)
    for statement in (
        "UPDATE breach SET opened_by = 'x'", "DELETE FROM breach", "UPDATE breach_step SET facts = '{}'",
        "DELETE FROM breach_step",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="cannot be changed or deleted"), connection_of(database) as connection:
            connection.execute(text(statement))


def test_each_step_is_on_the_chain_by_its_hash_alone(database: Database, environment: Environment) -> None:
    breach = opened(database, environment)
    step(database, environment, "assess", breach.row.id, report=False, people=False, reason="the drive was empty")
    rows = database.read_now(lambda tx: tx.audit.about(breach.row.id))
    assert [row.action for row in rows] == ["breaches.opened", "breaches.assessed"]
    details = [json.loads(row.detail) for row in rows]
    assert [detail["step"] for detail in details] == [1, 2] and len({detail["sha256"] for detail in details}) == 2
    assert "drive" not in "".join(row.detail for row in rows)


def test_a_late_report_says_why(database: Database, environment: Environment) -> None:
    breach = opened(database, environment, 73)
    id, now = breach.row.id, environment.clock.now()
    step(database, environment, "assess", id, report=True, people=False, reason="a risk")
    sent: dict[str, Any] = {"authority": "ua", "sent": now, "reference": "7", "delay": ""}
    with pytest.raises(BreachRefused, match="later than 72 hours"):
        step(database, environment, "report", id, **sent)
    late = step(database, environment, "report", id, **sent | {"delay": "the mail was down"})
    assert late.reports[0].delay == "the mail was down"
    step(database, environment, "report", id, **sent | {"reference": "7/2"})  # what follows needs no reason again
    assert any("the mail was down" in each for each in paragraphs(late, "ua", "en"))


def alarms(database: Database) -> list[AlarmRow]:
    every = tuple(AlarmState)
    return [each for each in database.read_now(lambda tx: tx.alarms.by_states(every, 100)) if each.kind == BREACH_CLOCK]


def test_the_clock_warns_at_24_48_and_72_hours_and_returns(database: Database, environment: Environment) -> None:
    clock = BreachClock(environment, database)
    breaches_at = {hours: opened(database, environment, hours) for hours in (23.9, 24.1, 48.1, 72.1)}
    asyncio.run(clock.look())
    asyncio.run(clock.look())  # each hour of warning once
    found = {alarm.dedupe_key: alarm for alarm in alarms(database)}
    worth = [
        found[key].priority if (key := f"{BREACH_CLOCK}:{each.row.id}") in found else None
        for each in breaches_at.values()
    ]
    assert worth == [None, "medium", "high", "critical"] and len(alarms(database)) == 3
    for each in breaches_at.values():
        shown = " ".join(alarm.title + alarm.facts for alarm in alarms(database))
        assert each.row.number not in shown and "72" not in shown, "people of every organisation read alarms"
    late = breaches_at[72.1].row.id
    assert [row.action for row in database.read_now(lambda tx: tx.audit.about(late))] == [
        "breaches.opened",
        "breaches.clock",
    ]
    step(database, environment, "assess", late, report=False, people=False, reason="no risk")
    asyncio.run(clock.look())
    states = {alarm.dedupe_key.partition(":")[2]: alarm.state for alarm in alarms(database)}
    assert states[late] is AlarmState.CLOSED and states[breaches_at[48.1].row.id] is AlarmState.NEW


def test_the_letters_say_the_same_in_every_language(database: Database, environment: Environment) -> None:
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(WORDS["en"])}
    breach = opened(database, environment, law=Law.UA)
    sender = Sender("Izmail", "Ізмаїл", environment.clock.now())
    kinds: tuple[BreachLetterKind, ...] = ("ro", "ua", "people")
    for language in ("en", "uk", "ro"):
        for kind in kinds:
            said = paragraphs(breach, kind, language)
            assert FACTS.what in " ".join(said) and "{" not in "".join(said)
            assert said[-1] in breach_text(breach, kind, language, sender)
            pdf = breach_letter(breach, kind, language, sender)
            assert pdf.startswith(b"%PDF") and pdf == breach_letter(breach, kind, language, sender)
    assert "2297-VI" in paragraphs(breach, "ua", "en")[0] and "article 33" in paragraphs(breach, "ro", "en")[0]
    assert "not known yet" in " ".join(paragraphs(breach, "ro", "en"))
