"""A camera films once two people have answered for it, and what a date changes it changes in steps (rule L18)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from istros.base.environment import Environment
from istros.base.said import NOTHING
from istros.base.time import DAY, Time
from istros.compliance import assessment_drafts
from istros.compliance.assessment_drafts import LONGEST, AssessmentRefused, AssessmentStateConflict, CameraFacts
from istros.compliance.assessments import (
    ALL_USES,
    Assessment,
    CameraNotCleared,
    Clearance,
    Standing,
    Use,
    clearances,
    require_live,
)
from istros.compliance.simulated_assessments import assess_simulated
from istros.recording.bounds import keeping_now
from istros.recording.keeping import Keeping, KeepingRules
from istros.store import Database
from istros.store.database import connection_of
from istros.store.migrations import configuration
from istros.store.rows import OperatorRow, StreamStateRow
from tests.assessed import ADMINISTRATOR, OFFICER
from tests.compliance.conftest import HandClock

CAMERA = "IZ-07"
FACTS = CameraFacts("Izmail", zones_drawn=False, keep_hours=336)


def finished(now: Time) -> Assessment:
    """An assessment that lacks nothing."""
    return Assessment(
        owner="Izmail city council", purpose="Safety of the harbour", looks_at="The gate and the road before it",
        sign={"uk": "Ведеться відеоспостереження"}, sign_place="On both posts of the gate", zones="none",
        zones_reason="No windows in the picture", keep_hours=336, dpia_ref="DPIA 7/2026", dpia_date=Time(now - DAY),
        review=Time(now + LONGEST), uses=frozenset({Use.VEHICLES, Use.PLATES}),
    )  # fmt: skip


def write(database: Database, town: Environment, says: Assessment, who: OperatorRow = ADMINISTRATOR) -> int:
    return database.write_now(lambda tx: assessment_drafts.write(tx, town, who, CAMERA, says)).version


def answer(database: Database, town: Environment, version: int, *, approve: bool = True, reason: str = "") -> None:
    database.write_now(
        lambda tx: assessment_drafts.answer(
            tx, town, OFFICER, CAMERA, version, FACTS, approve=approve, reason=reason
        )
    )  # fmt: skip


def held(database: Database, town: Environment, *, here: bool = False) -> Clearance:
    return database.read_now(lambda tx: clearances(tx, town.clock.now(), {CAMERA: here}))[CAMERA]


def approved(database: Database, town: Environment, says: Assessment | None = None) -> None:
    answer(database, town, write(database, town, says or finished(town.clock.now())))


def test_nothing_films_before_two_people_have_answered_for_it(database: Database, town: Environment) -> None:
    assert held(database, town).standing is Standing.MISSING
    version = write(database, town, finished(town.clock.now()))
    assert not held(database, town).films
    with pytest.raises(CameraNotCleared, match="does not film yet"):
        require_live(held(database, town), CAMERA)
    with pytest.raises(AssessmentRefused, match="does not allow"):
        database.write_now(
            lambda tx: assessment_drafts.answer(tx, town, ADMINISTRATOR, CAMERA, version, FACTS, approve=True)
        )
    answer(database, town, version)
    now = held(database, town)
    assert (now.standing, now.version, now.films, now.live) == (Standing.VALID, 1, True, True)
    assert now.uses == {Use.VEHICLES, Use.PLATES}
    rows = database.read_now(lambda tx: tx.audit.page(limit=9))
    assert [(row.actor, row.action) for row in reversed(rows)] == [
        ("taras", "assessment.write"), ("ioana", "assessment.approve"),
    ]  # fmt: skip


def test_nobody_approves_what_they_wrote(database: Database, town: Environment) -> None:
    twice = replace(ADMINISTRATOR, name=OFFICER.name)
    version = write(database, town, finished(town.clock.now()), twice)
    with pytest.raises(AssessmentRefused, match="wrote themselves"):
        answer(database, town, version)
    assert not held(database, town).films


def test_what_is_missing_is_named_and_keeps_it_from_being_approved(database: Database, town: Environment) -> None:
    now = town.clock.now()
    empty = Assessment("", " ", "", {"ro": "text"}, "", "drawn", "", 24, "", Time(0), Time(now + LONGEST + 1), ALL_USES)
    lacks = {each.place: each.lacks for each in assessment_drafts.lacks(empty, FACTS, now)}
    assert lacks == {
        "owner": "text", "purpose": "text", "looksAt": "text", "signPlace": "text", "dpiaRef": "text",
        "sign:uk": "text", "zones": "not-drawn", "keepHours": "shorter", "dpiaDate": "date", "review": "late",
    }  # fmt: skip
    with pytest.raises(AssessmentRefused, match="sign:uk"):
        answer(database, town, write(database, town, empty))
    assert not assessment_drafts.lacks(finished(now), FACTS, now)


def test_the_sign_speaks_the_language_of_its_town(town: Environment) -> None:
    now = town.clock.now()
    ukrainian = finished(now)
    for place, lacking in (("Izmail", []), ("Tulcea", ["sign:ro"]), ("Reni", [])):
        facts = replace(FACTS, town=place)
        assert [each.place for each in assessment_drafts.lacks(ukrainian, facts, now)] == lacking


def test_a_refusal_says_why_and_the_version_before_goes_on(database: Database, town: Environment) -> None:
    approved(database, town)
    wider = replace(finished(town.clock.now()), uses=ALL_USES, purpose="Faces, too")
    version = write(database, town, wider)
    assert held(database, town).version == 1, "what was approved counts until the next is"
    with pytest.raises(AssessmentRefused, match="without a reason"):
        answer(database, town, version, approve=False)
    answer(database, town, version, approve=False, reason="Faces are not needed here")
    with pytest.raises(AssessmentStateConflict):
        answer(database, town, version)
    assert (held(database, town).version, Use.FACES in held(database, town).uses) == (1, False)


def test_a_new_use_runs_once_its_own_version_is_approved(database: Database, town: Environment) -> None:
    approved(database, town)
    approved(database, town, replace(finished(town.clock.now()), uses=frozenset({Use.FACES})))
    assert (held(database, town).version, held(database, town).uses) == (2, frozenset({Use.FACES}))


def test_past_its_review_analysis_ends_then_live_and_no_date_ends_a_recording(
    database: Database, town: Environment, clock: HandClock
) -> None:
    approved(database, town)
    steps = []
    for days in (334, 1, 30, 13, 1, 13, 1, 3650):
        clock.seconds += days * 86_400
        now = held(database, town)
        steps.append((now.standing, bool(now.uses), now.live, now.films))
    assert steps == [
        (Standing.VALID, True, True, True), (Standing.DUE, True, True, True), (Standing.OVERDUE, True, True, True),
        (Standing.OVERDUE, True, True, True), (Standing.NO_ANALYSIS, False, True, True),
        (Standing.NO_ANALYSIS, False, True, True), (Standing.NO_LIVE, False, False, True),
        (Standing.NO_LIVE, False, False, True),
    ]  # fmt: skip
    with pytest.raises(CameraNotCleared, match="not shown live"):
        require_live(held(database, town), CAMERA)


def test_one_person_stops_a_camera_and_the_version_before_does_not_come_back(
    database: Database, town: Environment
) -> None:
    approved(database, town)
    approved(database, town)
    database.write_now(lambda tx: assessment_drafts.withdraw(tx, town, OFFICER, CAMERA, "The sign was torn off"))
    assert held(database, town).standing is Standing.MISSING
    with pytest.raises(AssessmentStateConflict):
        database.write_now(lambda tx: assessment_drafts.withdraw(tx, town, OFFICER, CAMERA, "Again"))


def test_a_version_is_neither_changed_nor_deleted(database: Database, town: Environment) -> None:
    approved(database, town)
    for statement in ("DELETE FROM assessment", "UPDATE assessment SET content = '{}'"):
        with pytest.raises(DBAPIError, match="never overwritten"), connection_of(database) as connection:
            connection.execute(text(statement))
    with connection_of(database) as connection:  # who takes the triggers away gains nothing
        on_sqlite = connection.dialect.name == "sqlite"
        connection.execute(
            text("DROP TRIGGER assessment_fixed" if on_sqlite else "DROP TRIGGER assessment_kept ON assessment")
        )
        connection.execute(text("UPDATE assessment SET content = replace(content, 'harbour', 'market')"))
    assert not held(database, town).films


def test_a_simulated_assessment_counts_for_a_simulated_camera_alone(database: Database, town: Environment) -> None:
    database.write_now(lambda tx: assess_simulated(tx, town, [CAMERA], ADMINISTRATOR, OFFICER))
    assert held(database, town, here=True).uses == ALL_USES
    assert not held(database, town, here=False).films
    database.write_now(lambda tx: assess_simulated(tx, town, [CAMERA], ADMINISTRATOR, OFFICER))
    assert held(database, town, here=True).version == 1, "it is not written again"


def test_cameras_of_an_older_version_film_on_for_sixty_days_of_notice(
    database: Database, town: Environment, clock: HandClock
) -> None:
    now = town.clock.now()
    state = StreamStateRow(CAMERA, "main", "live", now, now, True, "h264", 640, 360, 25.0, 1, 0, 0, now, NOTHING)
    database.write_now(lambda tx: tx.streams.put([state]))
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0036")
        command.upgrade(configuration(connection), "head")
    assert (held(database, town).standing, held(database, town).uses) == (Standing.NOTICE, ALL_USES)
    assert database.read_now(lambda tx: clearances(tx, town.clock.now(), {"IZ-08": False}))["IZ-08"].films is False
    database.write_now(lambda tx: tx.assessments.begin_notices(town.clock.now()))
    stands = []
    for days in (59, 1, 14, 14):
        clock.seconds += days * 86_400
        stands.append(held(database, town).standing)
    assert stands == [Standing.NOTICE, Standing.OVERDUE, Standing.NO_ANALYSIS, Standing.NO_LIVE]
    assert held(database, town).films, "no date ends a recording"
    database.write_now(lambda tx: assessment_drafts.withdraw(tx, town, OFFICER, CAMERA, "It looks into a bedroom"))
    assert not held(database, town).films


def test_nothing_is_kept_for_longer_than_was_assessed(database: Database, town: Environment) -> None:
    approved(database, town)
    rules = KeepingRules(Keeping(30, 60))
    kept = database.read_now(lambda tx: keeping_now(tx, town.clock.now(), rules))
    assert (kept.of(CAMERA).days, kept.of(CAMERA).event_days) == (14, 14)
    assert kept.of("IZ-08").days == 30
