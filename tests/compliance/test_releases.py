"""Two people for what no one decides alone, and one in an emergency, with a clock behind their back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from istros.base.environment import Environment
from istros.base.signing import SigningKey
from istros.base.time import HOUR
from istros.compliance import cascade, permits, profile_drafts, releases
from istros.compliance.chain import verify_now
from istros.compliance.errors import OverLimit, ReleaseNeeded, ReleaseRefused, ReleaseStateConflict, ReleaseUnknown
from istros.compliance.functions import MOST
from istros.compliance.profile import FunctionNotAllowed
from istros.compliance.profile_drafts import withdraw as take_back
from istros.compliance.releases import Ending, Matter, ReleaseRow
from istros.compliance.simulated_profile import sign_simulated, simulated_draft
from istros.store import Database, Transaction
from istros.store.rows import OperatorRow
from tests.compliance.conftest import HandClock

POLICE = OperatorRow("o1", "vasyl", "Vasyl", "police", "investigator", "")
LEADER = OperatorRow("o2", "olena", "Olena", "council", "shift_leader", "")
OFFICER = OperatorRow("o3", "ioana", "Ioana", "council", "protection_officer", "")
SHIFT = OperatorRow("o4", "ion", "Ion", "council", "operator", "")
ADMIN = OperatorRow("o5", "taras", "Taras", "council", "administrator", "")
KEY = SigningKey.generate()
SCOPE = {"objective": "imminent-threat", "cameras": ["IZ-07"], "authorisation": "Court order 17/2026"}


@pytest.fixture(autouse=True)
def undone(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ReleaseRow]]:
    """What the parts were told to undo, with nothing else registered."""
    told: list[ReleaseRow] = []
    monkeypatch.setattr(cascade, "_UNDONE", {})
    monkeypatch.setattr(cascade, "_EMERGENCY", [])

    def undo(tx: Transaction, environment: Environment, release: ReleaseRow) -> dict[str, object]:
        told.append(release)
        return {"templates": 1}

    for matter in Matter:
        releases.on_undone(matter, undo)
    yield told


class Desk:
    """The people's steps, each in a transaction of its own."""

    def __init__(self, database: Database, town: Environment) -> None:
        self.database, self.town = database, town

    def ask(
        self, operator: OperatorRow = POLICE, matter: Matter = Matter.WATCH_PERSON, subject: str = "e1", **more: object
    ) -> ReleaseRow:
        return self.database.write_now(
            lambda tx: releases.ask(tx, self.town, operator, matter, subject, "missing child", **more)  # type: ignore[arg-type]
        )

    def emergency(
        self, operator: OperatorRow = POLICE, matter: Matter = Matter.WATCH_PERSON, **more: object
    ) -> ReleaseRow:
        permit = self.database.write_now(
            lambda tx: permits.open_permit(tx, self.town, operator, "threat-to-life", "Art. 23", "C-1", 12)
        )
        return self.ask(operator, matter, permit_id=permit.id, emergency=True, **more)

    def decide(self, id: str, grant: bool = True, operator: OperatorRow = LEADER, note: str = "seen") -> ReleaseRow:
        return self.database.write_now(lambda tx: releases.decide(tx, self.town, operator, id, grant, note))

    def withdraw(self, id: str, operator: OperatorRow) -> ReleaseRow:
        return self.database.write_now(lambda tx: releases.withdraw(tx, self.town, operator, id, "found"))

    def sweep(self) -> list[ReleaseRow]:
        return self.database.write_now(lambda tx: releases.undo_overdue(tx, self.town))

    def standing(self, matter: Matter = Matter.WATCH_PERSON, subject: str = "e1") -> ReleaseRow | None:
        return self.database.read_now(lambda tx: releases.standing(tx, matter, subject, self.town.clock.now()))

    def record(self, id: str) -> list[tuple[str, str]]:
        rows = self.database.read_now(lambda tx: tx.audit.about(id))
        return sorted((row.action, row.actor) for row in rows)


@pytest.fixture
def desk(database: Database, town: Environment) -> Desk:
    """On a node whose profile allows everything."""
    database.write_now(lambda tx: sign_simulated(tx, town, ADMIN, OFFICER, KEY))
    return Desk(database, town)


def test_a_release_works_once_another_person_granted_it_and_ends(
    desk: Desk, clock: HandClock, undone: list[ReleaseRow]
) -> None:
    asked = desk.ask()
    assert desk.standing() is None
    with pytest.raises(ReleaseNeeded, match="second person"):
        desk.database.read_now(lambda tx: releases.require(tx, Matter.WATCH_PERSON, "e1", desk.town.clock.now()))
    granted = desk.decide(asked.id)
    assert desk.standing() == granted
    assert (granted.answered_by, granted.expires) == ("olena", desk.town.clock.now() + 72 * HOUR)
    assert desk.standing(subject="e2") is None
    assert desk.standing(Matter.EVIDENCE_EXPORT) is None
    clock.seconds += 72 * 3600
    assert desk.standing() is None, "its time is over before anybody sweeps"
    (ended,) = desk.sweep()
    assert (ended.ending, undone) == (Ending.EXPIRED, [ended])
    assert desk.sweep() == []
    assert desk.record(asked.id) == [
        ("releases.ask", "vasyl"), ("releases.cascade", "istros"), ("releases.expire", "istros"),
        ("releases.grant", "olena"),
    ]  # fmt: skip
    assert verify_now(desk.database).ok


def test_nobody_answers_themselves_and_oversight_decides_nothing(desk: Desk) -> None:
    asked = desk.ask(LEADER)
    for operator, why in ((LEADER, "cannot answer"), (OFFICER, "does not allow"), (SHIFT, "does not allow")):
        for grant in (True, False):
            with pytest.raises(ReleaseRefused, match=why):
                desk.decide(asked.id, grant, operator)
    assert desk.standing() is None
    with pytest.raises(ReleaseRefused, match="does not allow"):
        desk.ask(OFFICER)
    with pytest.raises(ReleaseUnknown):
        desk.decide("nothing")


def test_the_log_of_another_shift_is_released_by_its_officer(desk: Desk) -> None:
    asked = desk.ask(POLICE, Matter.OTHERS_SEARCHES)
    with pytest.raises(ReleaseRefused, match="does not allow"):
        desk.decide(asked.id, operator=OperatorRow("o9", "petro", "Petro", "police", "investigator", ""))
    assert desk.decide(asked.id, operator=OFFICER).granted
    with pytest.raises(ReleaseRefused, match="no emergency"):
        desk.emergency(POLICE, Matter.OTHERS_SEARCHES)


def test_the_first_answer_counts(desk: Desk) -> None:
    asked = desk.ask()
    other = OperatorRow("o9", "petro", "Petro", "police", "investigator", "")
    outcomes: list[str] = []

    def answer(operator: OperatorRow, grant: bool) -> None:
        try:
            outcomes.append("granted" if desk.decide(asked.id, grant, operator).granted else "refused")
        except ReleaseStateConflict:
            outcomes.append("late")

    threads = [threading.Thread(target=answer, args=each) for each in ((LEADER, True), (other, False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) in (["granted", "late"], ["late", "refused"])
    assert len([action for action, _ in desk.record(asked.id) if action in {"releases.grant", "releases.refuse"}]) == 1


def test_a_refusal_says_why_and_cascades(desk: Desk, undone: list[ReleaseRow]) -> None:
    asked = desk.ask()
    with pytest.raises(ReleaseRefused, match="note is missing"):
        desk.decide(asked.id, grant=False, note=" ")
    refused = desk.decide(asked.id, grant=False)
    assert (refused.ending, undone) == (Ending.REFUSED, [refused])
    with pytest.raises(ReleaseStateConflict, match="olena has answered"):
        desk.decide(asked.id)
    assert desk.standing() is None
    (receipt,) = [
        json.loads(row.detail)
        for row in desk.database.read_now(lambda tx: tx.audit.about(asked.id))
        if row.action == "releases.cascade"
    ]
    assert receipt == {"matter": "watch-person", "ending": "refused", "templates": 1}


def test_a_request_that_nobody_answers_lapses(desk: Desk, clock: HandClock, undone: list[ReleaseRow]) -> None:
    asked = desk.ask()
    with pytest.raises(ReleaseStateConflict, match="waits for its answer"):
        desk.ask()
    clock.seconds += 24 * 3600
    with pytest.raises(ReleaseStateConflict, match="time to be answered"):
        desk.decide(asked.id)
    assert [row.ending for row in desk.sweep()] == [Ending.LAPSED]
    assert len(undone) == 1
    assert desk.ask().to_answer


def test_an_emergency_works_at_once_and_is_loud(desk: Desk, database: Database, undone: list[ReleaseRow]) -> None:
    loud: list[str] = []
    releases.on_emergency(lambda tx, environment, release: loud.append(release.id))
    begun = desk.emergency()
    assert desk.standing() == begun
    assert loud == [begun.id]
    assert database.read_now(lambda tx: tx.releases.emergencies()) == [begun]
    with pytest.raises(ReleaseRefused, match="cannot answer"):
        desk.decide(begun.id, operator=POLICE)
    reviewed = desk.decide(begun.id)
    assert desk.standing() == reviewed
    assert reviewed.expires == begun.expires, "a review lengthens nothing"
    assert (database.read_now(lambda tx: tx.releases.emergencies()), undone) == ([], [])


@pytest.mark.parametrize(("matter", "hours"), [(Matter.WATCH_PERSON, 48), (Matter.FACE_MATCHING, 24)])
def test_an_emergency_without_a_review_is_undone(
    desk: Desk, clock: HandClock, undone: list[ReleaseRow], matter: Matter, hours: int
) -> None:
    scope = {key: SCOPE[key] for key in ("objective", "cameras")}
    begun = desk.emergency(matter=matter, scope=scope)
    clock.seconds += hours * 3600 - 1
    assert desk.sweep() == []
    assert desk.standing(matter) == begun
    clock.seconds += 1
    assert desk.standing(matter) is None
    (ended,) = desk.sweep()
    assert (ended.ending, undone) == (Ending.UNDONE, [ended])
    with pytest.raises(ReleaseStateConflict):
        desk.decide(begun.id)
    assert ("releases.undo", "istros") in desk.record(begun.id)


def test_stopping_an_emergency_early_does_not_spare_its_review(
    desk: Desk, clock: HandClock, undone: list[ReleaseRow]
) -> None:
    begun = desk.emergency()
    stopped = desk.withdraw(begun.id, POLICE)
    assert (desk.standing(), stopped.to_answer) == (None, True)
    assert [row.id for row in desk.database.read_now(lambda tx: tx.releases.to_answer())] == [begun.id]
    refused = desk.decide(begun.id, grant=False)
    assert [row.ending for row in undone] == [Ending.WITHDRAWN, Ending.REFUSED]
    assert not refused.to_answer
    clock.seconds += 100 * 3600
    assert desk.sweep() == []


def test_a_short_emergency_expires_and_is_undone_when_nobody_reviews_it(
    desk: Desk, clock: HandClock, undone: list[ReleaseRow]
) -> None:
    desk.emergency(matter=Matter.LIFT_MASK, hours=1, scope={"cameras": ["IZ-07"]})
    clock.seconds += 3600
    assert [row.ending for row in desk.sweep()] == [Ending.EXPIRED]
    clock.seconds += 47 * 3600
    assert [row.ending for row in desk.sweep()] == [Ending.UNDONE]
    assert len(undone) == 2


@pytest.mark.parametrize("how", ["undone", "refused", "stopped", "over"])
@pytest.mark.parametrize("matter", [Matter.WATCH_PERSON, Matter.LIFT_MASK])
def test_one_person_does_not_go_on_alone_with_one_emergency_after_the_other(
    desk: Desk, clock: HandClock, how: str, matter: Matter
) -> None:
    """Nobody reviews it, it is undone, and the same is released alone again: two people would never have decided."""
    scope = {"cameras": ["IZ-07"]}
    begun = desk.emergency(matter=matter, hours=12, scope=scope)
    if how == "refused":
        desk.decide(begun.id, grant=False)
    elif how == "stopped":
        desk.withdraw(begun.id, POLICE)
    elif how == "over":
        clock.seconds += 12 * 3600
        desk.sweep()
    else:
        clock.seconds += 48 * 3600
        desk.sweep()
    for operator in (POLICE, LEADER):
        with pytest.raises(ReleaseRefused, match="nobody has found it right"):
            desk.emergency(operator, matter, scope=scope)
    with pytest.raises(ReleaseRefused, match="nobody has found it right"):
        desk.emergency(matter=matter, scope=scope, subject="e2")  # another entry, the same case
    assert desk.ask(matter=matter, scope=scope).to_answer, "with a second person it goes on"


def test_an_emergency_that_was_found_right_may_come_again(desk: Desk) -> None:
    begun = desk.emergency()
    desk.withdraw(begun.id, POLICE)
    desk.decide(begun.id)
    assert desk.emergency().stands(desk.town.clock.now())


def test_an_emergency_is_for_a_life_alone(desk: Desk, database: Database, town: Environment) -> None:
    with pytest.raises(ReleaseRefused, match="life is in danger"):
        desk.ask(emergency=True)
    permit = database.write_now(lambda tx: permits.open_permit(tx, town, POLICE, "offence", "CPC", "C-1", 1))
    with pytest.raises(ReleaseRefused, match="life is in danger"):
        desk.ask(permit_id=permit.id, emergency=True)
    with pytest.raises(ReleaseRefused, match="not one of yours"):
        desk.ask(LEADER, permit_id=permit.id)
    database.write_now(lambda tx: permits.close_permit(tx, town, POLICE, permit.id))
    with pytest.raises(ReleaseRefused, match="is over"):
        desk.ask(permit_id=permit.id)
    with pytest.raises(ReleaseRefused, match="does not allow"):
        desk.emergency(SHIFT)


def test_whoever_may_stop_stops_and_the_asker_does_too(desk: Desk, undone: list[ReleaseRow]) -> None:
    asked = desk.ask()
    desk.decide(asked.id)
    with pytest.raises(ReleaseRefused, match="does not allow"):
        desk.withdraw(asked.id, SHIFT)
    assert desk.withdraw(asked.id, OFFICER).ending is Ending.WITHDRAWN
    assert desk.standing() is None
    with pytest.raises(ReleaseStateConflict):
        desk.withdraw(asked.id, POLICE)
    again = desk.ask()
    desk.withdraw(again.id, POLICE)
    assert len(undone) == 2


def test_live_matching_names_its_objective_cameras_and_order(desk: Desk) -> None:
    for change, why in (
        ({"objective": "curiosity"}, "none for which"), ({"cameras": []}, "cameras"), ({"authorisation": ""}, "authorisation"),
    ):  # fmt: skip
        with pytest.raises(ReleaseRefused, match=why):
            desk.ask(matter=Matter.FACE_MATCHING, scope=SCOPE | change)
    with pytest.raises(OverLimit, match="72 hours at most"):
        desk.ask(matter=Matter.FACE_MATCHING, scope=SCOPE, hours=73)
    asked = desk.ask(matter=Matter.FACE_MATCHING, scope=SCOPE, hours=2)
    assert desk.database.read_now(lambda tx: tx.releases.get(asked.id)) == asked
    assert asked.scope_facts == SCOPE
    assert desk.decide(asked.id).expires == desk.town.clock.now() + 2 * HOUR


def test_what_cannot_be_undone_is_not_ended_and_holds_up_no_other(
    desk: Desk, clock: HandClock, undone: list[ReleaseRow]
) -> None:
    def fail(tx: Transaction, environment: Environment, release: ReleaseRow) -> None:
        raise OSError("the disk is away")

    releases.on_undone(Matter.EVIDENCE_EXPORT, fail)
    broken, fine = desk.ask(matter=Matter.EVIDENCE_EXPORT), desk.ask()
    clock.seconds += 24 * 3600
    with pytest.raises(OSError, match="away"):
        desk.database.write_now(lambda tx: releases.undo_overdue(tx, desk.town, broken.id))
    assert [row.id for row in desk.database.write_now(lambda tx: releases.undo_overdue(tx, desk.town, fine.id))] == [
        fine.id
    ]
    assert desk.database.read_now(lambda tx: tx.releases.get(broken.id)) == broken
    assert len(desk.database.read_now(lambda tx: tx.releases.all(9))) == 2


def sign_limits(desk: Desk, **limits: int) -> None:
    """A newer profile of the simulated city, with tighter limits."""
    wanted = replace(simulated_draft(desk.town.clock.now()), limits=replace(MOST, **limits))

    def work(tx: Transaction) -> None:
        row = profile_drafts.save(tx, desk.town, ADMIN, wanted, training=True)
        for person in (ADMIN, OFFICER):
            profile_drafts.sign(tx, desk.town, person, row.version, KEY)

    desk.database.write_now(work)


def test_live_matching_goes_no_further_than_the_profile(desk: Desk) -> None:
    """By whatever way it is asked for, in an emergency too; a limit that is not met is named with its figure."""
    two = SCOPE | {"cameras": ["IZ-07", "TL-01"]}
    running = desk.ask(matter=Matter.FACE_MATCHING, scope=two, hours=5)
    desk.decide(running.id)
    sign_limits(desk, matching_hours=4, matching_cameras=1)
    for scope, hours, code, most in ((SCOPE, 5, "matching-hours-over", 4), (two, 2, "matching-cameras-over", 1)):
        for ask in (desk.ask, desk.emergency):
            with pytest.raises(OverLimit, match=f"{most} .* at most") as refused:
                ask(matter=Matter.FACE_MATCHING, scope=scope, hours=hours)
            assert refused.value.told.code == code and refused.value.told.facts == (("count", most),)
            assert "another profile" in refused.value.remedy
    (stopped,) = desk.database.write_now(lambda tx: releases.stop_not_allowed(tx, desk.town))
    assert (stopped.id, stopped.ending) == (running.id, Ending.WITHDRAWN), "what runs beyond the new profile is stopped"
    asked = desk.ask(matter=Matter.FACE_MATCHING, scope=SCOPE)
    assert asked.lasts_us == 4 * HOUR, "who names no hours gets what the profile lets"
    assert desk.database.write_now(lambda tx: releases.stop_not_allowed(tx, desk.town)) == []


def test_what_the_profile_does_not_allow_nobody_releases(desk: Desk, undone: list[ReleaseRow]) -> None:
    asked = desk.ask(matter=Matter.FACE_MATCHING, scope=SCOPE)
    desk.decide(asked.id)
    other = desk.ask()
    desk.database.write_now(lambda tx: take_back(tx, desk.town, OFFICER, 1, "the law was repealed"))
    (stopped,) = desk.database.write_now(lambda tx: releases.stop_not_allowed(tx, desk.town))
    assert (stopped.id, stopped.ending, undone) == (asked.id, Ending.WITHDRAWN, [stopped])
    assert desk.database.read_now(lambda tx: tx.releases.get(other.id)) == other
    with pytest.raises(FunctionNotAllowed, match="faces-matched-live"):
        desk.ask(matter=Matter.FACE_MATCHING, scope=SCOPE)
    with pytest.raises(FunctionNotAllowed, match="redaction-lifted"):
        desk.emergency(matter=Matter.LIFT_MASK)
