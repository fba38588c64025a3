"""A camera that is looked at more rarely than it should be says so, with both figures, and says when it is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from istros.base.environment import Environment
from istros.store import Database, open_database
from istros.store.health import HealthStateRow
from istros.store.rows import AnalyserStateRow
from tests.events.city import HandClock
from tests.events.ward import Ward, camera


@pytest.fixture
def ward(still: Environment, clock: HandClock) -> Iterator[Ward]:
    database = open_database("sqlite://", still.workers)
    yield Ward(still, clock, database, [camera("IZ-07", "10.0.7.7"), camera("IZ-08", "10.0.8.7")])
    database.close()


def _run(ward: Ward, database: Database, seconds: int, wanted: int, done: int) -> list[HealthStateRow]:
    """Two seconds at a time, as the analyser writes; the state of the camera after it."""
    for _ in range(seconds // 2):
        row = AnalyserStateRow("IZ-07", ward.clock.time, 3.0, 0.4, 0, 2, 1, wanted, done)
        database.write_now(lambda tx, row=row: tx.analysers.put([row]))
        ward.run(2)
    rows = database.read_now(lambda tx: tx.health.states())
    return [row for row in rows if row.kind == "analysis-short"]


def test_a_short_analysis_is_a_state_with_both_figures_and_no_alarm(ward: Ward) -> None:
    (state,) = _run(ward, ward.database, 80, 300, 298)
    assert (state.camera_id, state.stream, state.state) == ("IZ-07", "", "ok")
    (state,) = _run(ward, ward.database, 100, 300, 120)
    assert (state.state, state.value, state.bound) == ("bad", 120.0, 300.0)
    assert ward.open() == []
    (state,) = _run(ward, ward.database, 150, 300, 299)
    assert state.state == "ok"


def test_a_silent_analyser_and_one_that_only_watches_for_motion_say_nothing(ward: Ward) -> None:
    assert _run(ward, ward.database, 80, 0, 0) == []
    _run(ward, ward.database, 80, 300, 120)
    ward.run(120)
    states = ward.database.read_now(lambda tx: tx.health.states())
    assert [row.state for row in states if row.kind == "analysis-short"] == ["unknown"]


def test_the_state_survives_a_restart(ward: Ward) -> None:
    _run(ward, ward.database, 140, 300, 120)
    ward.restarted()
    (state,) = _run(ward, ward.database, 4, 300, 120)
    assert state.state == "bad"


def test_a_camera_that_is_no_more_leaves_no_bad_state(ward: Ward) -> None:
    _run(ward, ward.database, 140, 300, 120)
    ward.cameras = ward.cameras[1:]
    ward.rows = {place: row for place, row in ward.rows.items() if place[0] != "IZ-07"}
    ward.restarted()
    (state,) = _run(ward, ward.database, 4, 300, 120)
    assert state.state == "unknown"
