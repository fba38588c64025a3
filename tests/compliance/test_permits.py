"""No permit, no picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from istros.base.environment import Environment
from istros.base.time import HOUR, MINUTE, Span, Time
from istros.compliance import permits
from istros.compliance.chain import verify_now
from istros.compliance.permits import PermitExpired, PermitNeeded, PermitNotOpened, PermitTooNarrow, Scope
from istros.store import Database
from istros.store.rows import OperatorRow, PermitRow
from tests.compliance.conftest import HandClock
from tests.store.rows_made import alarm, at

POLICE = OperatorRow("o1", "vasyl", "Vasyl", "police", "investigator", "")
SHIFT = OperatorRow("o2", "olena", "Olena", "council", "operator", "")


def opened(
    database: Database, town: Environment, operator: OperatorRow = POLICE, purpose: str = "offence",
    ground: str = "CPC art. 93", case_ref: str = "C-17", hours: float = 2,
) -> PermitRow:  # fmt: skip
    return database.write_now(
        lambda tx: permits.open_permit(tx, town, operator, purpose, ground, case_ref, hours, origin="10.0.0.7")
    )


def test_a_permit_is_numbered_recorded_and_covers(database: Database, town: Environment) -> None:
    permit = opened(database, town)
    assert (permit.number, permit.holder, permit.standing) == ("P-2026-0001", "vasyl", False)
    assert permit.expires - permit.opened == 2 * HOUR
    now = town.clock.now()
    for action in ("playback.view", "plates.search"):
        assert database.read_now(lambda tx, a=action: permits.require(tx, permit.id, POLICE, a, now)) == permit
    rows = database.read_now(lambda tx: tx.audit.about(permit.id))
    assert [(row.action, row.actor, row.permit_id) for row in rows] == [("permits.open", "vasyl", permit.id)]
    assert verify_now(database).ok


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"purpose": "curiosity"}, "not known"),
        ({"purpose": "duty"}, "not known"),
        ({"purpose": "alarm-review"}, "may not open"),
        ({"operator": SHIFT}, "may not open"),
        ({"ground": "  "}, "legal ground"),
        ({"case_ref": ""}, "case number"),
        ({"case_ref": "x" * 301}, "too long"),
        ({"ground": "a\0b"}, "control characters"),
        ({"hours": 0}, "cannot last"),
        ({"hours": 12.5}, "cannot last"),
        ({"hours": float("nan")}, "cannot last"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_opened(
    database: Database, town: Environment, change: dict[str, object], message: str
) -> None:
    with pytest.raises(PermitNotOpened, match=message):
        opened(database, town, **change)  # type: ignore[arg-type]
    assert database.read_now(lambda tx: (tx.audit.head(), tx.permits.open_for("vasyl", at(0)))) == (None, [])


def test_a_permit_is_refused_to_others_and_when_it_is_over(
    database: Database, town: Environment, clock: HandClock
) -> None:
    permit = opened(database, town)

    def require(operator: OperatorRow = POLICE, id: str = permit.id, action: str = "playback.view") -> PermitRow:
        return database.read_now(lambda tx: permits.require(tx, id, operator, action, town.clock.now()))

    for wrong in ("", "nothing"):
        with pytest.raises(PermitNeeded):
            require(id=wrong)
    with pytest.raises(PermitNeeded):
        require(replace(POLICE, name="ion"))
    with pytest.raises(PermitTooNarrow, match=r"audit\.read"):
        require(action="audit.read")
    clock.seconds += 2 * 3600
    with pytest.raises(PermitExpired, match="P-2026-0001"):
        require()


def test_closing_ends_it_at_once_and_only_for_its_holder(database: Database, town: Environment) -> None:
    permit = opened(database, town)
    with pytest.raises(PermitNeeded):
        database.write_now(lambda tx: permits.close_permit(tx, town, SHIFT, permit.id))
    closed = database.write_now(lambda tx: permits.close_permit(tx, town, POLICE, permit.id))
    assert closed.closed == town.clock.now()
    database.write_now(lambda tx: permits.close_permit(tx, town, POLICE, permit.id))
    with pytest.raises(PermitExpired):
        database.read_now(lambda tx: permits.require(tx, permit.id, POLICE, "playback.view", town.clock.now()))
    assert [row.action for row in database.read_now(lambda tx: tx.audit.walk())] == ["permits.open", "permits.close"]


def test_the_standing_permit_is_for_watching_alone(database: Database, town: Environment) -> None:
    permit = database.write_now(lambda tx: permits.standing_permit(tx, town, SHIFT))
    assert permit.standing
    database.read_now(lambda tx: permits.require(tx, permit.id, SHIFT, "live.view", town.clock.now()))
    for action in ("playback.view", "plates.search"):
        with pytest.raises(PermitTooNarrow):
            database.read_now(lambda tx, a=action: permits.require(tx, permit.id, SHIFT, a, town.clock.now()))
    with pytest.raises(PermitNeeded, match="that of your shift"):
        database.write_now(lambda tx: permits.close_permit(tx, town, SHIFT, permit.id))
    database.read_now(lambda tx: permits.require(tx, permit.id, SHIFT, "live.view", town.clock.now()))


def test_reviewing_an_alarm_reaches_a_quarter_of_an_hour(database: Database, town: Environment) -> None:
    with pytest.raises(PermitNotOpened, match="no alarm"):
        opened(database, town, SHIFT, "alarm-review", "", "a1")
    database.write_now(lambda tx: tx.alarms.add(replace(alarm(0), id="a1", last_time=at(60))))
    permit = opened(database, town, SHIFT, "alarm-review", "", "a1")
    reach = Span(Time(at(0) - 15 * MINUTE), Time(at(60) + 15 * MINUTE))
    assert database.read_now(lambda tx: permits.reviewed(tx, permit)) == [permits.Reach((), reach.start, reach.end)]

    def look(start: Time, end: Time) -> PermitRow:
        scope = Scope(("IZ-07",), Span(start, end))
        now = town.clock.now()
        return database.read_now(lambda tx: permits.require(tx, permit.id, SHIFT, "playback.view", now, scope))

    assert look(reach.start, reach.end) == permit
    for start, end in ((Time(reach.start - 1), reach.end), (reach.start, Time(reach.end + 1))):
        with pytest.raises(PermitTooNarrow, match="covers"):
            look(start, end)
    with pytest.raises(PermitTooNarrow):
        database.read_now(lambda tx: permits.require(tx, permit.id, SHIFT, "plates.search", town.clock.now()))


def test_reviewing_an_alarm_that_comes_again_and_again_opens_no_days_between(
    database: Database, town: Environment
) -> None:
    week = replace(alarm(0), id="week", last_time=at(7 * 24 * 3600))
    of_nowhere = replace(alarm(0), id="nowhere", camera_id="", dedupe_key="other")
    database.write_now(lambda tx: (tx.alarms.add(week), tx.alarms.add(of_nowhere)))
    with pytest.raises(PermitNotOpened, match="of a camera"):
        opened(database, town, SHIFT, "alarm-review", "", "nowhere")
    permit = opened(database, town, SHIFT, "alarm-review", "", "week")

    def look(since: int, until: int) -> PermitRow:
        scope, now = Scope(("IZ-07",), Span(at(since), at(until))), town.clock.now()
        return database.read_now(lambda tx: permits.require(tx, permit.id, SHIFT, "playback.view", now, scope))

    last = 7 * 24 * 3600
    assert look(-900, 900) == look(last - 900, last + 900) == permit
    reached = database.read_now(lambda tx: permits.reached(tx, permit.id))
    assert reached == [Span(at(-900), at(900)), Span(at(last - 900), at(last + 900))]
    for since, until in ((0, last), (3600, 7200), (last - 3600, last)):
        with pytest.raises(PermitTooNarrow, match="covers"):
            look(since, until)


def test_a_permit_reaches_its_cameras_and_its_time_and_no_further(database: Database, town: Environment) -> None:
    reach = permits.Reach(("IZ-07", "TL-01"), at(0), at(3600))
    permit = database.write_now(
        lambda tx: permits.open_permit(tx, town, POLICE, "offence", "CPC", "C-17", 2, reach=reach)
    )
    assert database.read_now(lambda tx: tx.permits.get(permit.id)) == permit

    def require(scope: Scope | None) -> None:
        now = town.clock.now()
        database.read_now(lambda tx: permits.require(tx, permit.id, POLICE, "playback.view", now, scope))

    require(Scope(("IZ-07",), Span(at(0), at(3600))))
    assert database.read_now(lambda tx: permits.reached(tx, permit.id)) == [Span(at(0), at(3600))]
    for scope, why in (
        (Scope(("IZ-08",), Span(at(0), at(60))), "cameras IZ-07, TL-01 only"),
        (Scope(("IZ-07", "IZ-08"), Span(at(0), at(60))), "cameras IZ-07, TL-01 only"),
        (Scope((), Span(at(0), at(60))), "cameras IZ-07, TL-01 only"),
        (None, "cameras IZ-07, TL-01 only"),
        (Scope(("IZ-07",), Span(at(-1), at(60))), "covers .* to .* only"),
        (Scope(("IZ-07",), Span(at(0), at(3601))), "covers .* to .* only"),
        (Scope(("IZ-07",)), "covers .* to .* only"),
    ):
        with pytest.raises(PermitTooNarrow, match=why):
            require(scope)
    (row,) = database.read_now(lambda tx: tx.audit.about(permit.id))
    assert '"cameras":["IZ-07","TL-01"]' in row.detail
    with pytest.raises(PermitNotOpened, match="ends before"):
        wrong = permits.Reach(start=at(9), end=at(9))
        database.write_now(lambda tx: permits.open_permit(tx, town, POLICE, "offence", "CPC", "C", 1, reach=wrong))
