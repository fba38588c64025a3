"""An assessment answers for one place and one view: a camera that stands or looks elsewhere needs a look (rule L18)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from istros.app.assessment_watch import AssessmentWatch
from istros.base.environment import Environment
from istros.compliance.assessed_view import note_confirmed_view
from istros.compliance.assessments import Standing
from istros.compliance.simulated_assessments import assess_simulated
from istros.devices.camera import Camera, Place
from istros.store import Database
from tests.assessed import ADMINISTRATOR, OFFICER
from tests.compliance.conftest import HandClock
from tests.compliance.test_assessments import CAMERA, answer, approved, finished, held, write

GATE = Place("Gate", "Izmail", 45.35, 28.84)
NEARBY = replace(GATE, latitude=45.35005)
"""5.6 m to the north."""
SQUARE = replace(GATE, longitude=28.8402)
"""15.6 m to the east."""


def look(database: Database, town: Environment, place: Place) -> None:
    """The server's look at a camera that the configuration has there."""
    asyncio.run(AssessmentWatch(town, database, [Camera(CAMERA, place, "izmail", ())]).look())


def noted(database: Database) -> list[str]:
    rows = database.read_now(lambda tx: tx.audit.walk())
    return [json.loads(row.detail)["cause"] for row in rows if row.action == "assessment.look-needed"]


def test_a_camera_that_stands_elsewhere_needs_a_look_until_a_newer_version_is_approved(
    database: Database, town: Environment, clock: HandClock
) -> None:
    approved(database, town)
    for place in (GATE, NEARBY, replace(GATE, latitude=None, longitude=None), GATE):
        look(database, town, place)
        assert (held(database, town).standing, held(database, town).changed) == (Standing.VALID, ""), place
    clock.seconds += 3600
    before = write(database, town, finished(town.clock.now()))
    clock.seconds += 3600
    look(database, town, SQUARE)
    now = held(database, town)
    assert (now.standing, now.changed, now.due) == (Standing.OVERDUE, "position", town.clock.now())
    assert noted(database) == ["position"]
    look(database, town, GATE)
    assert held(database, town).changed == "position", "it was there, whoever put it back"
    answer(database, town, before)
    assert held(database, town).changed == "position", "who wrote it knew the old place alone"
    stands = []
    for days in (13, 1, 14):
        clock.seconds += days * 86_400
        stands.append((held(database, town).standing, held(database, town).films))
    assert stands == [(Standing.OVERDUE, True), (Standing.NO_ANALYSIS, True), (Standing.NO_LIVE, True)]
    approved(database, town)
    assert (held(database, town).standing, held(database, town).changed) == (Standing.VALID, "")
    look(database, town, SQUARE)
    look(database, town, SQUARE)
    assert held(database, town).standing is Standing.VALID, "it was assessed where it stands now"
    look(database, town, GATE)
    assert held(database, town).changed == "position"
    assert noted(database) == ["position", "position"]


def test_a_first_assessment_is_of_the_place_where_the_camera_stood_when_it_was_written(
    database: Database, town: Environment, clock: HandClock
) -> None:
    first = write(database, town, finished(town.clock.now()))
    look(database, town, GATE)
    clock.seconds += 3600
    look(database, town, SQUARE)
    answer(database, town, first)
    look(database, town, SQUARE)
    assert (held(database, town).standing, held(database, town).changed) == (Standing.OVERDUE, "position")
    clock.seconds += 3600
    approved(database, town)
    look(database, town, SQUARE)
    assert held(database, town).standing is Standing.VALID, "this one was written of where it stands now"


def test_another_view_that_is_confirmed_needs_a_look(database: Database, town: Environment, clock: HandClock) -> None:
    def confirm() -> None:
        database.write_now(lambda tx: note_confirmed_view(tx, town, CAMERA))

    confirm()
    assert noted(database) == [], "nothing was assessed"
    approved(database, town)
    look(database, town, GATE)
    clock.seconds += 3600
    confirm()
    assert (held(database, town).standing, held(database, town).changed) == (Standing.OVERDUE, "view")
    look(database, town, SQUARE)
    assert held(database, town).changed == "view", "it needs that look already"
    clock.seconds += 3600
    approved(database, town)
    look(database, town, SQUARE)
    assert (held(database, town).standing, noted(database)) == (Standing.VALID, ["view"])


def test_a_review_that_came_before_stays_the_reason(database: Database, town: Environment, clock: HandClock) -> None:
    approved(database, town)
    look(database, town, GATE)
    review = held(database, town).due
    clock.seconds += 370 * 86_400
    look(database, town, SQUARE)
    assert (held(database, town).due, held(database, town).changed) == (review, "")


def test_a_simulated_camera_is_assessed_anew_by_its_city(database: Database, town: Environment) -> None:
    database.write_now(lambda tx: assess_simulated(tx, town, [CAMERA], ADMINISTRATOR, OFFICER))
    look(database, town, GATE)
    look(database, town, SQUARE)
    assert (held(database, town, here=True).standing, noted(database)) == (Standing.VALID, [])
