"""Health of streams: states with hysteresis and history, and alarms of which one cause makes one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from istros.base.environment import Environment
from istros.base.said import NOTHING, Said
from istros.base.time import SECOND, Span, after
from istros.compliance import assessment_drafts
from istros.events.bounds import BoundsContradict, bounds_of
from istros.settings import HealthSettings
from istros.store import Database, open_database
from istros.store.rows import StreamStatus
from tests.assessed import ADMINISTRATOR, OFFICER
from tests.compliance.test_assessments import FACTS, finished
from tests.events.city import START, HandClock
from tests.events.ward import Ward, camera


@pytest.fixture
def database(still: Environment) -> Iterator[Database]:
    """In memory: a day of looks would spend its time on the disk's commits."""
    opened = open_database("sqlite://", still.workers)
    yield opened
    opened.close()


@pytest.fixture
def one(database: Database, still: Environment, clock: HandClock) -> Ward:
    """One camera."""
    return Ward(still, clock, database, [camera("IZ-07", "10.0.7.7")])


def many(ward: Ward, count: int, network: str = "", host: str = "10.0.{number}.7") -> Ward:
    cameras = [camera(f"IZ-{number:02d}", host.format(number=number), network) for number in range(count)]
    return Ward(ward.environment, ward.clock, ward.database, cameras, ward.settings)


def states(ward: Ward, kind: str) -> list[tuple[str, str]]:
    rows = ward.database.read_now(lambda tx: tx.health.states())
    return [(row.stream, row.state) for row in rows if row.kind == kind]


def signals(ward: Ward, kind: str) -> list[tuple[str, str]]:
    rows = ward.database.read_now(lambda tx: tx.signals.after(0, 1000, [kind]))
    return [(row.subject, row.state) for row in rows]


def test_a_silent_camera_becomes_one_alarm_that_returns_by_itself(one: Ward) -> None:
    one.run(10)
    one.set("IZ-07", "offline")
    fell = one.clock.time
    assert one.run(30) == []
    (alarm,) = one.run(10)
    assert (alarm.kind, alarm.priority, alarm.camera_id) == ("camera-offline", "low", "IZ-07")
    assert fell <= alarm.time <= after(fell, 2)
    one.set("IZ-07", "live")
    (alarm,) = one.run(14)
    assert alarm.returned is not None
    assert one.actions() == ["alarm.raise", "alarm.return"]
    one.acknowledge(alarm)
    assert len(one.run(590)) == 1
    assert one.run(30) == []
    (closed,) = one.all()
    assert (closed.closed_by, closed.verdict) == ("istros", "true")


def test_a_camera_that_restarts_its_encoder_is_no_alarm(one: Ward) -> None:
    one.run(10)
    for _ in range(3):
        one.set("IZ-07", "offline")
        one.run(16)
        one.set("IZ-07", "live")
        one.run(60)
    assert one.all() == []


def test_half_a_camera_is_told_as_a_stream(one: Ward) -> None:
    one.run(4)
    one.set("IZ-07", "stale", ("sub",))
    (alarm,) = one.run(40)
    assert alarm.kind == "camera-stream"
    one.set("IZ-07", "stale", ("main",))
    kinds = {alarm.kind: alarm.returned is None for alarm in one.run(60)}
    assert kinds == {"camera-stream": False, "camera-offline": True}


def test_flapping_latches_instead_of_calling_again(one: Ward) -> None:
    one.run(4)
    for _ in range(6):
        one.set("IZ-07", "offline")
        one.run(40)
        one.set("IZ-07", "live")
        one.run(60)
    (alarm,) = one.all()
    raised = [action for action in one.actions() if action == "alarm.raise"]
    assert len(raised) == 1 and alarm.count <= 4
    history = one.database.read_now(lambda tx: tx.health.changes("IZ-07", Span(START, after(START, 9999))))
    falls = [change for change in history if (change.kind, change.stream, change.state) == ("offline", "main", "bad")]
    assert len(falls) < 6, "the off-delay must have grown until it bridged the returns"


def test_a_process_that_starts_again_raises_nothing_anew_and_forgets_nothing(one: Ward) -> None:
    one.run(4)
    one.set("IZ-07", "offline")
    (alarm,) = one.run(40)
    one.restarted()
    assert [each.id for each in one.run(60)] == [alarm.id]
    one.acknowledge(alarm)
    one.database.write_now(lambda tx: tx.alarms.close(alarm.id, one.clock.time, "olena", "true", "Mains"))
    one.restarted()
    assert one.run(60) == [], "an operator who closed it knows; the same silence must not call again"
    one.set("IZ-07", "live")
    one.run(60)
    one.set("IZ-07", "offline")
    assert len(one.run(60)) == 1, "a new silence is a new alarm"


def test_a_switch_that_takes_ten_cameras_is_one_alarm_that_grows_shrinks_and_ends(one: Ward) -> None:
    ward = many(one, 10, "switch-3")
    ward.run(4)
    for number in range(8):
        ward.set(f"IZ-{number:02d}", "offline")
    ward.run(40)
    for number in (8, 9):
        ward.set(f"IZ-{number:02d}", "stale")
    (alarm,) = ward.run(60)
    facts = json.loads(alarm.facts)
    assert (alarm.kind, alarm.priority, alarm.camera_id) == ("cameras-offline", "medium", "")
    assert (facts["count"], facts["network"], len(facts["cameras"])) == (10, "switch-3", 10)
    for number in range(9):
        ward.set(f"IZ-{number:02d}", "live")
    (alarm,) = ward.run(20)
    assert (json.loads(alarm.facts)["cameras"], alarm.returned) == (["IZ-09"], None)
    ward.set("IZ-09", "live")
    (alarm,) = ward.run(20)
    assert alarm.returned is not None
    assert ward.actions() == ["alarm.raise", "alarm.grow", "alarm.shrink", "alarm.return"]
    assert len(ward.all()) == 1


def test_without_a_named_switch_the_subnet_is_known_by_the_addresses(one: Ward) -> None:
    ward = many(one, 6, host="10.0.9.{number}")
    ward.run(4)
    for number in range(3):
        ward.set(f"IZ-{number:02d}", "offline")
        ward.run(6)
    (alarm,) = ward.run(60)
    assert json.loads(alarm.facts)["network"] == "10.0.9.0/24"


def test_two_cameras_of_one_subnet_are_two_alarms_and_a_network_of_two_is_one(one: Ward) -> None:
    ward = many(one, 6, host="10.0.9.{number}")
    ward.run(4)
    ward.set("IZ-00", "offline")
    ward.set("IZ-01", "offline")
    assert [alarm.kind for alarm in ward.run(60)] == ["camera-offline", "camera-offline"]


def test_all_cameras_of_a_small_network_are_one_alarm(one: Ward) -> None:
    ward = many(one, 2, "mast")
    ward.run(4)
    ward.set("IZ-00", "offline")
    ward.set("IZ-01", "offline")
    assert [alarm.kind for alarm in ward.run(60)] == ["cameras-offline"]


def test_a_cut_over_several_networks_is_one_alarm(one: Ward) -> None:
    ward = many(one, 30)
    ward.run(4)
    for number in range(30):
        ward.set(f"IZ-{number:02d}", "offline" if number % 2 else "stale")
        if number % 10 == 9:
            ward.run(10)
    ward.run(120)
    (alarm,) = ward.all()
    assert (json.loads(alarm.facts)["count"], json.loads(alarm.facts)["network"]) == (30, "")


def test_a_network_that_follows_another_within_the_minute_joins_its_alarm(one: Ward) -> None:
    cameras = [camera(f"A{number}", "10.0.1.1", "a") for number in range(4)]
    cameras += [camera(f"B{number}", "10.0.2.1", "b") for number in range(4)]
    ward = Ward(one.environment, one.clock, one.database, cameras)
    ward.run(4)
    for name in ("A0", "A1", "A2", "A3"):
        ward.set(name, "offline")
    assert len(ward.run(30)) == 1
    for name in ("B0", "B1", "B2", "B3"):
        ward.set(name, "offline")
    (alarm,) = ward.run(60)
    assert json.loads(alarm.facts)["count"] == 8
    assert len(ward.all()) == 1


def test_alarms_of_single_cameras_fold_into_the_group_that_forms_after_them(one: Ward) -> None:
    ward = many(one, 5, "switch-3")
    ward.run(4)
    ward.set("IZ-00", "offline")
    (single,) = ward.run(38)
    ward.set("IZ-01", "offline")
    ward.set("IZ-02", "offline")
    (group,) = ward.run(40)
    assert (single.kind, group.kind, json.loads(group.facts)["count"]) == ("camera-offline", "cameras-offline", 3)
    folded = next(alarm for alarm in ward.all() if alarm.id == single.id)
    assert (folded.verdict, folded.closed_by) == ("duplicate", "istros")


def test_a_silent_recorder_says_nothing_of_cameras_but_is_an_alarm_itself(one: Ward) -> None:
    one.run(20)
    one.silent = True
    one.set("IZ-07", "offline")
    (alarm,) = one.run(120)
    assert (alarm.kind, alarm.priority, alarm.camera_id) == ("recorder-silent", "critical", "")
    one.silent = False
    one.set("IZ-07", "live")
    (alarm,) = one.run(10)
    assert alarm.returned is not None


@pytest.mark.parametrize(
    ("kind", "ill", "well"),
    [
        ("frame-rate", {"fps": 12.0}, {"fps": 24.5}),
        ("clock", {"clock_offset_ms": -3100}, {"clock_offset_ms": 40}),
        (
            "not-recording",
            {"recording": False, "problem": Said("The disk is full.")},
            {"recording": True, "problem": NOTHING},
        ),
        ("no-keyframe", {"problem": Said("no keyframes")}, {"problem": NOTHING}),
    ],
)
def test_each_state_is_entered_and_left_with_a_signal_and_a_history(
    one: Ward, kind: str, ill: dict[str, object], well: dict[str, object]
) -> None:
    one.run(120)
    assert signals(one, kind) == []
    one.change("IZ-07", **ill)
    one.run(100)
    assert ("main", "bad") in states(one, kind)
    assert len(one.open()) == 1
    one.change("IZ-07", **well)
    one.run(100)
    assert ("main", "ok") in states(one, kind)
    assert signals(one, kind) == [("main", "on"), ("main", "off")]
    history = one.database.read_now(lambda tx: tx.health.changes("IZ-07", Span(START, after(START, 9999))))
    assert [change.state for change in history if (change.kind, change.stream) == (kind, "main")][-2:] == ["bad", "ok"]
    assert all(alarm.returned is not None for alarm in one.open())


def test_between_the_bounds_nothing_changes(one: Ward) -> None:
    one.run(60)
    one.change("IZ-07", fps=21.5)
    one.run(200)
    assert ("main", "ok") in states(one, "frame-rate")
    one.change("IZ-07", fps=12.0)
    one.run(60)
    one.change("IZ-07", fps=21.5)
    one.run(200)
    assert ("main", "bad") in states(one, "frame-rate")


def test_losses_and_interruptions_are_told_by_one_alarm(one: Ward) -> None:
    one.run(120)
    lost = 0
    for _ in range(100):
        lost += 4
        one.change("IZ-07", lost_packets=lost)
        one.run(2)
    assert ("main", "bad") in states(one, "loss")
    for _ in range(7):
        one.set("IZ-07", "stale", ("main",))
        one.run(4)
        one.set("IZ-07", "live", ("main",))
        one.run(4)
    (alarm,) = one.run(40)
    assert alarm.kind == "camera-unsteady"
    assert json.loads(alarm.facts)["states"] == ["loss", "reconnects"]


def test_the_usual_bitrate_is_learnt_and_ten_times_as_much_is_told(one: Ward) -> None:
    one.run(40 * 60)
    assert ("main", "ok") in states(one, "bitrate")
    one.restarted()
    one.change("IZ-07", bitrate_bps=4_000_000)
    one.run(200)
    assert ("main", "bad") in states(one, "bitrate")
    one.run(40 * 60)
    usual = one.database.read_now(lambda tx: [row for row in tx.health.usuals() if row.stream == "main"])
    assert all(row.bitrate_bps < 500_000 for row in usual), "what is ill must not become usual"
    one.database.write_now(lambda tx: tx.health.renew("IZ-07", one.clock.time, "admin"))
    one.run(130)
    assert ("main", "unknown") in states(one, "bitrate")


def test_a_stream_that_is_offline_is_not_judged_further(one: Ward) -> None:
    one.run(60)
    one.change("IZ-07", fps=0.0)
    one.set("IZ-07", "offline")
    kinds = [alarm.kind for alarm in one.run(120)]
    assert kinds == ["camera-offline"]
    assert ("main", "unknown") in states(one, "frame-rate")


def test_a_state_can_be_made_no_alarm_and_other_bounds(one: Ward) -> None:
    settings = HealthSettings.model_validate(
        {"states": {"frame-rate": {"enter": 0.6}, "clock": {"alarm": "none"}, "offline": {"alarm": "high"}}}
    )
    ward = Ward(one.environment, one.clock, one.database, one.cameras, settings)
    ward.change("IZ-07", fps=12.0, clock_offset_ms=9000)
    assert ward.run(200) == []
    assert ("main", "bad") in states(ward, "clock")
    ward.set("IZ-07", "offline")
    assert [alarm.priority for alarm in ward.run(60)] == ["high"]


def test_a_bound_that_is_left_beyond_where_it_is_entered_is_refused() -> None:
    with pytest.raises(BoundsContradict, match="frame-rate"):
        bounds_of(HealthSettings.model_validate({"states": {"frame-rate": {"enter": 0.05}}}))


@pytest.mark.parametrize("step_s", [3600, -3600])
def test_a_clock_that_is_set_raises_nothing(one: Ward, step_s: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one.run(60)
    moved = HandClock.elapsed
    monkeypatch.setattr(HandClock, "elapsed", lambda clock: moved(clock) - step_s)
    one.clock.time = after(one.clock.time, step_s)
    assert one.run(120) == []


@pytest.mark.parametrize("status", ["starting"])
def test_what_never_was_there_is_unknown(one: Ward, status: StreamStatus) -> None:
    one.set("IZ-07", status)
    assert one.run(120) == []
    assert states(one, "offline") == [("main", "unknown"), ("sub", "unknown")] or states(one, "offline") == []


def test_old_history_is_removed_but_the_last_of_each_state(one: Ward) -> None:
    one.run(10)
    one.set("IZ-07", "offline")
    one.run(60)
    one.clock.time = after(one.clock.time, 40 * 86_400)
    one.run(4)
    span = Span(START, one.clock.time)
    left = one.database.read_now(lambda tx: tx.health.changes("IZ-07", span))
    assert [change.state for change in left if (change.kind, change.stream) == ("offline", "main")] == ["bad"]
    assert one.clock.time - START > 40 * 86_400 * SECOND


def test_a_review_that_is_near_is_a_state_and_one_that_is_late_an_alarm(one: Ward) -> None:
    says = replace(finished(one.clock.now()), review=after(one.clock.now(), 20))
    row = one.database.write_now(lambda tx: assessment_drafts.write(tx, one.environment, ADMINISTRATOR, "IZ-07", says))
    one.database.write_now(
        lambda tx: assessment_drafts.answer(tx, one.environment, OFFICER, "IZ-07", row.version, FACTS, approve=True)
    )
    assert one.run(10) == []
    assert (states(one, "review-due"), states(one, "review-overdue")) == ([("", "bad")], [("", "ok")])
    (alarm,) = one.run(40)
    assert (alarm.kind, alarm.priority, alarm.camera_id) == ("camera-review-overdue", "high", "IZ-07")
    assert states(one, "review-overdue") == [("", "bad")]
