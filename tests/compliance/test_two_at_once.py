"""Two people take the same step at the same moment: one step counts, and the record says it once. Both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.time import HOUR, Time
from istros.compliance import assessment_drafts, breaches, profile, profile_drafts, releases, subject_requests
from istros.compliance.breaches import BreachFacts, Law, Opening
from istros.store import Database, Transaction
from istros.store.releases import Matter
from istros.store.rows import OperatorRow
from istros.store.subject_requests import Decision
from tests.assessed import OFFICER
from tests.compliance.test_assessments import CAMERA, FACTS, finished, write
from tests.compliance.test_profile import ADMIN, KEY, draft
from tests.compliance.test_subject_requests import take

OTHER_OFFICER = OperatorRow("o-other", "iryna", "Iryna", "izmail", "protection_officer", "")
POLICE = OperatorRow("o-police", "olena", "Olena", "police", "investigator", "")
LEADER = OperatorRow("o-leader", "radu", "Radu", "izmail", "shift_leader", "")

Step = Callable[[Transaction], object]


def overlapping(database: Database, first: Step, second: Step) -> list[str]:
    """How both end: `done`, or the code of why not. The second begins before the first has committed."""
    taken, outcomes = threading.Event(), {}

    def lingering(tx: Transaction) -> None:
        try:
            first(tx)
        finally:
            taken.set()
        threading.Event().wait(0.4)

    def run(name: str, step: Step) -> None:
        try:
            database.write_now(step)
            outcomes[name] = "done"
        except IstrosError as problem:
            outcomes[name] = problem.code

    threads = [threading.Thread(target=run, args=each) for each in (("first", lingering), ("second", second))]
    threads[0].start()
    assert taken.wait(20)
    threads[1].start()
    for thread in threads:
        thread.join()
    return [outcomes["first"], outcomes["second"]]


def recorded(database: Database, *actions: str) -> list[str]:
    """Who did one of these, as the record tells it."""
    rows = database.read_now(lambda tx: tx.audit.walk())
    return [f"{row.actor} {row.action}" for row in rows if row.action in actions]


def test_one_answer_to_an_assessment_counts(database: Database, town: Environment) -> None:
    version = write(database, town, finished(town.clock.now()))

    def answer(who: OperatorRow, approve: bool) -> Step:
        said: dict[str, Any] = {"approve": approve, "reason": "the sign is missing"}
        return lambda tx: assessment_drafts.answer(tx, town, who, CAMERA, version, FACTS, **said)

    outcomes = overlapping(database, answer(OFFICER, True), answer(OTHER_OFFICER, False))
    assert outcomes == ["done", "assessment-state"]
    assert recorded(database, "assessment.approve", "assessment.refuse") == ["ioana assessment.approve"]
    assert database.read_now(lambda tx: tx.assessments.newest())[0].answered_by == "ioana"

    def stop(who: OperatorRow) -> Step:
        return lambda tx: assessment_drafts.withdraw(tx, town, who, CAMERA, "the purpose is gone")

    assert overlapping(database, stop(OFFICER), stop(OTHER_OFFICER)) == ["done", "assessment-state"]
    assert recorded(database, "assessment.withdraw") == ["ioana assessment.withdraw"]


def test_two_versions_of_an_assessment_get_two_numbers(database: Database, town: Environment) -> None:
    def step(tx: Transaction) -> object:
        return assessment_drafts.write(tx, town, ADMIN, CAMERA, finished(town.clock.now()))

    assert overlapping(database, step, step) == ["done", "done"]
    assert [row.version for row in database.read_now(lambda tx: tx.assessments.of_camera(CAMERA))] == [2, 1]


def test_a_profile_that_two_sign_at_once_is_in_force(database: Database, town: Environment) -> None:
    officer = OperatorRow("o2", "ioana", "Ioana", "council", "protection_officer", "")
    wanted = draft(town.clock.now())
    version = database.write_now(lambda tx: profile_drafts.save(tx, town, ADMIN, wanted)).version

    def sign(who: OperatorRow) -> Step:
        return lambda tx: profile_drafts.sign(tx, town, who, version, KEY)

    assert overlapping(database, sign(ADMIN), sign(officer)) == ["done", "done"]
    assert database.read_now(lambda tx: profile.in_force(tx, town.clock.now())).version == version
    assert recorded(database, "profile.enter") == ["ioana profile.enter"]


def test_a_breach_is_closed_once_and_two_get_two_numbers(database: Database, town: Environment) -> None:
    told = Opening(Law.GDPR, Time(town.clock.now() - HOUR), BreachFacts("A clip lay open.", ("seen",), ("recordings",)))
    opened: list[breaches.Breach] = []

    def report(tx: Transaction) -> None:
        opened.append(breaches.open_breach(tx, town, "petro", told, origin="here"))

    assert overlapping(database, report, report) == ["done", "done"]
    assert {breach.row.number[-4:] for breach in opened} == {"0001", "0002"}
    id = opened[0].row.id
    said: dict[str, Any] = {"report": False, "people": False, "reason": "no risk", "origin": "here"}
    database.write_now(lambda tx: breaches.assess(tx, town, OFFICER, id, **said))

    def close(who: OperatorRow) -> Step:
        return lambda tx: breaches.close(tx, town, who, id, "seen", origin="here")

    assert overlapping(database, close(OTHER_OFFICER), close(LEADER)) == ["done", "breach-state"]
    assert recorded(database, "breaches.closed") == ["iryna breaches.closed"]


def test_one_request_for_a_release_waits(database: Database, town: Environment) -> None:
    def ask(who: OperatorRow) -> Step:
        return lambda tx: releases.ask(tx, town, who, Matter.WATCH_PERSON, "entry-1", "a child is missing")

    assert overlapping(database, ask(POLICE), ask(LEADER)) == ["done", "release-state"]
    assert recorded(database, "releases.ask") == ["olena releases.ask"]


def test_each_step_on_a_request_of_a_person_is_taken_once(database: Database, town: Environment) -> None:
    id = take(database, town).id

    def both(name: str, first: tuple[Any, ...], second: tuple[Any, ...]) -> list[str]:
        work: Any = getattr(subject_requests, name)

        def step(who: OperatorRow, words: tuple[Any, ...]) -> Step:
            return lambda tx: work(tx, town, who, id, *words, origin="desk")

        return overlapping(database, step(OFFICER, first), step(OTHER_OFFICER, second))

    assert both("extend", ("many requests",), ("an illness",)) == ["done", "request-state"]
    assert both("check_identity", ("a passport",), ("a card",)) == ["done", "request-state"]
    assert both("preserve", (["IZ-07"],), (["IZ-07"],)) == ["done", "request-state"]
    granted, refused = (Decision.GRANTED, "GDPR 15", ""), (Decision.REFUSED, "GDPR 15", "nothing is there")
    assert both("decide", granted, refused) == ["done", "request-state"]
    row = database.read_now(lambda tx: tx.subject_requests.get(id))
    assert row is not None and (row.decision, row.decided_by) == (Decision.GRANTED, OFFICER.name)
    assert (row.extension_reason, row.identity) == ("many requests", "a passport")
    assert len(database.read_now(lambda tx: tx.holds.standing())) == 1
    assert recorded(database, "requests.decide") == [f"{OFFICER.name} requests.decide"]
