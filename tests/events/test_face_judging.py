"""From a candidate to two verdicts: blind, by different people, and nothing left of what is not confirmed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from istros.base.environment import Environment
from istros.base.time import HOUR, Span, Time, to_iso
from istros.compliance import departures, releases, request_acts, subject_requests
from istros.compliance.cascade import on_granted, on_undone
from istros.compliance.corrections import Cause, Remedy
from istros.compliance.departures import Carrier, Parcel, Recipient, RecipientKind
from istros.compliance.errors import ReleaseRefused, RequestRefused
from istros.compliance.oversight import rates_of
from istros.compliance.subject_requests import Asked, Intake, Law
from istros.compliance.transfers import Sending
from istros.events.desk import acknowledge, close
from istros.events.errors import AlarmNeedsVerdicts, CandidateStateConflict, CandidateUnknown, EntryRefused
from istros.events.face_erasure import undo_matching
from istros.events.face_judging import FaceJudge, give_verdict
from istros.events.face_report import threshold_lines, wilson
from istros.events.face_undoing import doubt_match, undo_match
from istros.events.persons import undo_person
from istros.store import Database, Transaction
from istros.store.faces import FaceCandidateRow, FaceVerdict
from istros.store.people import FaceCountRow
from istros.store.persons import PersonEntryRow, SealedFaceRow
from istros.store.releases import Ending, Matter, ReleaseRow
from istros.store.rows import AlarmRow, AlarmState, OperatorRow
from tests.compliance.test_two_at_once import overlapping
from tests.events.city import START, HandClock
from tests.events.sought import CAMERA, DETECTIVE, LEADER, OFFICER, Hunt

ONE, TWO, THREE = (replace(OFFICER, actor=name) for name in ("one", "two", "three"))


class Watch(Hunt):
    """A hunt that runs: an entry with a (made-up) sealed face, released, under a released operation."""

    entry_row: PersonEntryRow
    operation: ReleaseRow
    number = 0

    def begin(self) -> None:
        self.sign_profile()
        self.entry_row = self.entry()
        row = SealedFaceRow(self.entry_row.id, b"p", b"t", "ab" * 32, "relative", "{}", self.now, "officer")
        self.database.write_now(lambda tx: tx.persons.put_face(row))
        self.decide(self.ask(self.entry_row))
        self.operation = self.operate(self.entry_row)

    def see(self, distance: float = 0.45, camera: str = CAMERA) -> str:
        """A candidate, judged; its id."""
        self.number += 1
        row = FaceCandidateRow(
            id=f"c{self.number}", entry_id=self.entry_row.id, operation_id=self.operation.id, camera_id=camera,
            track_id="t1", time=self.now, distance=distance, threshold=0.508, false_match_rate=0.001,
            compared_with=1, next_best=None, faces=3, quality="{}", sha256="cd" * 32,
        )  # fmt: skip
        self.database.write_now(lambda tx: tx.faces.add(row, b"sealed"))
        asyncio.run(FaceJudge(self.environment, self.database).judge_waiting())
        return row.id

    def row(self, id: str) -> FaceCandidateRow:
        found = self.database.read_now(lambda tx: tx.faces.get(id))
        assert found is not None
        return found

    def picture(self, id: str) -> bytes | None:
        return self.database.read_now(lambda tx: tx.faces.picture(id))

    def alarms(self) -> list[AlarmRow]:
        return self.database.read_now(lambda tx: tx.alarms.by_states((AlarmState.NEW, AlarmState.ACKNOWLEDGED), 9))

    def say(self, id: str, who: object, verdict: FaceVerdict, reason: str = "ears and nose") -> FaceCandidateRow:
        return self.database.write_now(
            lambda tx: give_verdict(tx, self.environment, who, id, verdict, reason)  # type: ignore[arg-type]
        )


@pytest.fixture
def watch(database: Database, still: Environment, tmp_path: Path) -> Watch:
    on_undone(Matter.WATCH_PERSON, undo_person)
    on_undone(Matter.FACE_MATCHING, undo_matching)
    on_granted(Matter.UNDO_MATCH, undo_match)
    watch = Watch(database, still, tmp_path)
    watch.begin()
    return watch


def test_a_candidate_is_an_alarm_that_tells_no_one_what_to_do(watch: Watch) -> None:
    candidate = watch.see()
    (alarm,) = watch.alarms()
    assert (alarm.kind, alarm.camera_id, alarm.watchlist_entry_id) == ("face", CAMERA, watch.entry_row.id)
    assert alarm.title == f"Candidate for W-1 at {CAMERA}, to be checked"
    assert json.loads(alarm.facts) == {"name": "W-1"}
    said = " ".join(row.detail for row in watch.database.read_now(lambda tx: tx.audit.about(alarm.id))).lower()
    assert not any(word in said + alarm.title.lower() for word in ("arrest", "stop", "detain", "must", "follow"))
    again = watch.see()
    (folded,) = watch.alarms()
    assert (folded.count, watch.row(again).alarm_id, watch.row(candidate).alarm_id) == (2, alarm.id, alarm.id)


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("same", "same", "confirmed"),
        ("different", "different", "rejected"),
        ("same", "different", "disputed"),
        ("same", "unsure", "disputed"),
    ],
)
def test_two_people_settle_it(watch: Watch, first: FaceVerdict, second: FaceVerdict, outcome: str) -> None:
    candidate = watch.see()
    assert watch.say(candidate, ONE, first).outcome == "open", "one verdict, whatever it is, settles nothing"
    with pytest.raises(CandidateStateConflict, match="have given your verdict"):
        watch.say(candidate, ONE, second)
    assert watch.say(candidate, TWO, second).outcome == outcome
    assert (watch.picture(candidate) is not None) == (outcome == "confirmed")
    with pytest.raises(CandidateStateConflict, match="settled"):
        watch.say(candidate, THREE, "same")
    settled = [
        row for row in watch.database.read_now(lambda tx: tx.audit.about(candidate)) if row.action == "faces.settle"
    ]
    assert json.loads(settled[0].detail)["by"] == ["one", "two"]


def test_a_verdict_needs_a_reason_and_a_candidate(watch: Watch) -> None:
    candidate = watch.see()
    with pytest.raises(EntryRefused, match="reason"):
        watch.say(candidate, ONE, "same", "  ")
    with pytest.raises(CandidateUnknown):
        watch.say("nobody", ONE, "same")


def test_an_alarm_is_called_true_only_after_two_people(watch: Watch) -> None:
    candidate = watch.see()
    (alarm,) = watch.alarms()

    def end(verdict: str) -> None:
        watch.database.write_now(
            lambda tx: close(tx, watch.environment, ONE, alarm.id, verdict, "")  # type: ignore[arg-type]
        )

    watch.database.write_now(lambda tx: acknowledge(tx, watch.environment, ONE, alarm.id))
    with pytest.raises(AlarmNeedsVerdicts):
        end("true")
    watch.say(candidate, ONE, "same")
    with pytest.raises(AlarmNeedsVerdicts):
        end("true")
    watch.say(candidate, TWO, "same")
    end("true")
    assert watch.alarms() == []


def test_a_candidate_without_leave_raises_nothing_and_loses_its_picture(watch: Watch) -> None:
    elsewhere = watch.see(camera="IZ-07")
    assert (watch.row(elsewhere).outcome, watch.picture(elsewhere), watch.alarms()) == ("dropped", None, [])
    watch.database.write_now(
        lambda tx: releases.withdraw(tx, watch.environment, DETECTIVE, watch.operation.id, "found")
    )
    late = watch.see()
    assert (watch.row(late).outcome, watch.picture(late), watch.alarms()) == ("dropped", None, [])


def test_what_nobody_confirmed_goes_when_the_operation_ends(watch: Watch) -> None:
    kept, gone = watch.see(), watch.see()
    watch.say(kept, ONE, "same")
    watch.say(kept, TWO, "same")
    watch.database.write_now(
        lambda tx: releases.withdraw(tx, watch.environment, DETECTIVE, watch.operation.id, "found")
    )
    assert (watch.row(gone).outcome, watch.picture(gone)) == ("dropped", None)
    assert watch.picture(kept) is not None


def test_an_urgent_start_that_is_refused_leaves_nothing(watch: Watch, clock: HandClock) -> None:
    """Rule L2: not granted, so everything that it brought is deleted, with counts and hashes on the record."""
    candidate = watch.see()
    watch.say(candidate, ONE, "same")
    watch.say(candidate, TWO, "same")
    release = replace(watch.operation)

    def refuse(tx):  # type: ignore[no-untyped-def]
        return undo_matching(tx, watch.environment, replace(release, ending=Ending.REFUSED))

    receipt = watch.database.write_now(refuse)
    assert receipt == {"operation": release.id, "candidates": 1, "pictures": 1, "hashes": ["cd" * 32]}
    assert watch.database.read_now(lambda tx: tx.faces.of_operation(release.id)) == []
    assert watch.database.read_now(lambda tx: tx.faces.verdicts(candidate)) == []
    assert clock.time == START


def test_the_report_counts_what_was_false_at_each_threshold(watch: Watch) -> None:
    for distance, verdict in ((0.50, "different"), (0.44, "different"), (0.38, "same")):
        candidate = watch.see(distance)
        watch.say(candidate, ONE, verdict)  # type: ignore[arg-type]
        watch.say(candidate, TWO, verdict)  # type: ignore[arg-type]
    span = Span(Time(START - HOUR), Time(START + HOUR))
    rows = watch.database.read_now(lambda tx: tx.faces.between(span, 100))
    lines = threshold_lines(rows, [FaceCountRow(CAMERA, START, 900, 400, 3, 0, 0)])
    now, *_, lowest = lines
    assert (now.raised, now.rejected, now.confirmed, now.false_rate) == (3, 2, 1, 2 / 400)
    assert lowest.threshold < 0.44 and (lowest.raised, lowest.rejected) == (1, 0)
    assert now.interval is not None and now.interval[0] < 2 / 400 < now.interval[1]
    assert wilson(0, 100)[0] == 0.0 and 0.03 < wilson(0, 100)[1] < 0.04


def confirmed_and_taken(watch: Watch) -> tuple[str, AlarmRow]:
    """A candidate that two people confirmed, and its alarm, which somebody took."""
    candidate = watch.see()
    (alarm,) = watch.alarms()
    watch.say(candidate, ONE, "same")
    watch.say(candidate, TWO, "same")
    return candidate, watch.database.write_now(lambda tx: acknowledge(tx, watch.environment, ONE, alarm.id))


def confirmed_and_closed(watch: Watch) -> tuple[str, AlarmRow]:
    """The same, and the alarm closed as true."""
    candidate, alarm = confirmed_and_taken(watch)
    return candidate, watch.database.write_now(lambda tx: close(tx, watch.environment, ONE, alarm.id, "true", ""))


def doubt(watch: Watch, candidate: str, request: str = "") -> ReleaseRow:
    return watch.database.write_now(
        lambda tx: doubt_match(tx, watch.environment, DETECTIVE, candidate, "his brother", request, origin="desk")
    )


def decide(watch: Watch, release: ReleaseRow, grant: bool, who: OperatorRow = LEADER) -> ReleaseRow:
    return watch.database.write_now(
        lambda tx: releases.decide(tx, watch.environment, who, release.id, grant, "looked again")
    )


def rates(watch: Watch) -> list[tuple[str, int, int]]:
    found = watch.database.read_now(lambda tx: rates_of(tx, to_iso(watch.now)[:7]))
    return [(each.kind, each.confirmed, each.false) for each in found if each.kind == "face"]


def test_a_confirmed_face_is_undone_by_two_people_and_its_alarm_is_true_no_more(watch: Watch) -> None:
    candidate, alarm = confirmed_and_closed(watch)
    assert rates(watch) == [("face", 1, 0)]
    release = doubt(watch, candidate)
    assert (watch.row(candidate).outcome, rates(watch)) == ("confirmed", [("face", 1, 0)]), "one person undoes nothing"
    with pytest.raises(ReleaseRefused, match="cannot answer"):
        decide(watch, release, grant=True, who=DETECTIVE)
    done = decide(watch, release, grant=True)
    assert (watch.row(candidate).outcome, watch.picture(candidate)) == ("undone", None)
    assert done.ended is not None and done.ending_note.code == "match-undone"
    assert done.ending is Ending.DONE, "nobody stopped it"
    found = watch.database.read_now(lambda tx: tx.alarms.get(alarm.id))
    assert found is not None and (found.verdict, found.closed_by) == ("false", "one")
    assert rates(watch) == [("face", 0, 1)]
    rows = watch.database.read_now(lambda tx: [*tx.audit.about(candidate), *tx.audit.about(alarm.id)])
    told = {row.action: json.loads(row.detail) for row in rows if row.action in ("faces.undo", "alarm.revise")}
    assert told["faces.undo"]["asked_by"] == "detective" and told["faces.undo"]["why"] == "his brother"
    assert (told["alarm.revise"]["was"], told["alarm.revise"]["verdict"]) == ("true", "false")
    assert "his brother" not in json.dumps(told["alarm.revise"]), "more people read alarms than may read why"
    assert {row.actor for row in rows if row.action in told} == {"leader"}
    with pytest.raises(CandidateStateConflict, match="two people have confirmed"):
        doubt(watch, candidate)


def test_a_face_is_undone_for_a_request_for_correction_once_the_second_person_agrees(watch: Watch) -> None:
    candidate, _ = confirmed_and_closed(watch)
    around = Span(Time(watch.now - HOUR), watch.now)
    asked = Intake(
        Asked.RECTIFICATION, Law.LED, "desk", "uk", watch.now, "W-7", "Tulcea", (CAMERA,), around, "a red coat",
        wrong="I was taken for another", right="It was not me",
    )  # fmt: skip
    row = watch.database.write_now(
        lambda tx: subject_requests.take_in(tx, watch.environment, LEADER, asked, origin="desk")
    )

    def found() -> tuple[int, list[tuple[str, str]]]:
        def work(tx: Transaction) -> tuple[int, list[tuple[str, str]]]:
            mending = request_acts.to_mend(tx, row, subject_requests.wide(row), watch.now)
            return mending.faces, [(each.act, each.by) for each in request_acts.done_for(tx, row)]

        return watch.database.read_now(work)

    with pytest.raises(RequestRefused, match="no open request for correction R-1999-0001"):
        doubt(watch, candidate, "R-1999-0001")
    release = doubt(watch, candidate, row.number)
    assert release.scope_facts["request"] == row.number, "whoever decides reads for whom it is"
    assert found() == (1, []), "one person has undone nothing"
    decide(watch, release, grant=True)
    assert found() == (0, [("face", "leader")])


def test_a_face_undone_counts_as_false_in_the_threshold_report(watch: Watch) -> None:
    candidate, _ = confirmed_and_closed(watch)
    decide(watch, doubt(watch, candidate), grant=True)
    (row,) = [watch.row(candidate)]
    line = threshold_lines([row], [FaceCountRow(CAMERA, START, 900, 400, 1, 0, 0)])[0]
    assert (line.confirmed, line.rejected) == (0, 1)


def test_a_refused_doubt_leaves_the_face_confirmed_and_only_confirmed_ones_are_doubted(watch: Watch) -> None:
    candidate, alarm = confirmed_and_closed(watch)
    decide(watch, doubt(watch, candidate), grant=False)
    assert (watch.row(candidate).outcome, watch.picture(candidate) is not None) == ("confirmed", True)
    assert watch.database.read_now(lambda tx: tx.alarms.get(alarm.id)) == alarm
    with pytest.raises(CandidateStateConflict):
        doubt(watch, watch.see())


def test_an_alarm_stays_true_while_another_face_of_it_is_confirmed(watch: Watch) -> None:
    first, second = watch.see(), watch.see()
    for each in (first, second):
        watch.say(each, ONE, "same")
        watch.say(each, TWO, "same")
    (alarm,) = watch.alarms()
    watch.database.write_now(lambda tx: acknowledge(tx, watch.environment, ONE, alarm.id))
    watch.database.write_now(lambda tx: close(tx, watch.environment, ONE, alarm.id, "true", ""))
    decide(watch, doubt(watch, first), grant=True)
    assert rates(watch) == [("face", 1, 0)]
    decide(watch, doubt(watch, second), grant=True)
    assert rates(watch) == [("face", 0, 1)]


def test_an_alarm_is_not_called_true_while_its_face_is_undone(watch: Watch) -> None:
    candidate, alarm = confirmed_and_taken(watch)
    release = doubt(watch, candidate)

    def undo(tx: Transaction) -> object:
        return releases.decide(tx, watch.environment, LEADER, release.id, True, "looked again")

    def call_true(tx: Transaction) -> object:
        return close(tx, watch.environment, ONE, alarm.id, "true", "")

    assert overlapping(watch.database, undo, call_true) == ["done", "alarm-needs-verdicts"]
    assert watch.alarms()[0].verdict is None and watch.row(candidate).outcome == "undone"


def test_an_alarm_that_is_called_true_while_its_face_is_undone_is_revised(watch: Watch) -> None:
    candidate, alarm = confirmed_and_taken(watch)
    release = doubt(watch, candidate)
    outcomes = overlapping(
        watch.database,
        lambda tx: close(tx, watch.environment, ONE, alarm.id, "true", ""),
        lambda tx: releases.decide(tx, watch.environment, LEADER, release.id, True, "looked again"),
    )
    assert (outcomes, rates(watch)) == (["done", "done"], [("face", 0, 1)])


def test_whoever_got_the_alarm_of_an_undone_face_is_told(watch: Watch) -> None:
    candidate, alarm = confirmed_and_closed(watch)
    span = Span(Time(alarm.time - HOUR), Time(alarm.time + HOUR))

    def send(tx: Transaction) -> None:
        for name, data in (("alarmed", ("pictures", "alarms")), ("film", ("pictures",))):
            parcel = Parcel(Carrier.EXPORT, name, data, (CAMERA,), span)
            recipient = Recipient("Police of Tulcea", RecipientKind.POLICE, "RO", "ua-29-3", "Agreement 3/2026")
            row = departures.add(tx, watch.environment, DETECTIVE, Sending("UA"), recipient, parcel)
            departures.leave(tx, watch.environment, row, "detective", "desk", "ab" * 32)

    watch.database.write_now(send)
    decide(watch, doubt(watch, candidate), grant=True)
    (notice,) = watch.database.read_now(lambda tx: tx.corrections.all(9, tx.departures.organisations()))
    assert (notice.cause, notice.remedy, notice.found_by) == (Cause.FACE, Remedy.ERASE, "leader")
    assert notice.known_facts["camera"] == CAMERA and "his brother" not in notice.known_facts.values()
    leaving = watch.database.read_now(lambda tx: tx.departures.get(notice.departure_id))
    assert leaving is not None and leaving.subject == "alarmed"
