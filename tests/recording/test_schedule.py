"""What is recorded when: the town's own time with its long and short days, events with what came before, and the past."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.environment import Environment
from istros.base.time import DAY, HOUR, MINUTE, SECOND, Span, Time, from_iso
from istros.devices.camera import Stream
from istros.recording.policy import RecordingPolicy
from istros.recording.preroll import Preroll
from istros.recording.schedule import Mode, Schedules, StreamSchedule, Window, expected
from istros.recording.triggers import EventRules, Triggers
from istros.sim.town.memory_disk import MemoryDisk
from istros.sim.town.virtual_time import run_virtually, virtual_environment
from istros.store import Database, Transaction
from istros.store.rows import GapCause
from istros.store.schedules import ScheduleChangeRow
from istros.store.signals import SignalRow
from istros.video.errors import CameraUnreachable
from istros.video.packet import Packet
from tests.recording.streams import KEY, packet, steady
from tests.recording.test_recorder import EVER, Node
from tests.store.conftest import database as database
from tests.store.conftest import database_url as database_url
from tests.store.rows_made import alarm, at

DAILY = tuple(range(7))
WORKDAYS = tuple(range(5))
NIGHT = Window(DAILY, 22 * 60, 6 * 60, "always")


def night(zone: str = "Europe/Kyiv") -> StreamSchedule:
    return StreamSchedule("off", (NIGHT,), zone)


def recorded(schedule: StreamSchedule, start: str, end: str) -> list[tuple[str, str]]:
    """The stretches that are always recorded, in UTC."""
    from istros.base.time import to_iso

    span = Span(from_iso(start), from_iso(end))
    return [
        (to_iso(part.start)[:16], to_iso(part.end)[:16]) for part, mode in schedule.stretches(span) if mode == "always"
    ]


def test_a_night_in_winter_and_one_in_summer() -> None:
    assert recorded(night(), "2026-11-24T12:00Z", "2026-11-25T12:00Z") == [("2026-11-24T20:00", "2026-11-25T04:00")]
    assert recorded(night(), "2026-07-01T12:00Z", "2026-07-02T12:00Z") == [("2026-07-01T19:00", "2026-07-02T03:00")]


@pytest.mark.parametrize("zone", ["Europe/Kyiv", "Europe/Bucharest"])
def test_the_nights_of_25_and_of_23_hours(zone: str) -> None:
    """2026-10-25 04:00 becomes 03:00, 2026-03-29 03:00 becomes 04:00, in both towns at the same moment."""
    long = StreamSchedule("off", (NIGHT,), zone)
    assert recorded(long, "2026-10-24T12:00Z", "2026-10-25T12:00Z") == [("2026-10-24T19:00", "2026-10-25T04:00")]
    assert recorded(long, "2026-03-28T12:00Z", "2026-03-29T12:00Z") == [("2026-03-28T20:00", "2026-03-29T03:00")]
    whole = StreamSchedule("off", (Window((6,), 0, 24 * 60, "always"),), zone)
    (day,) = recorded(whole, "2026-10-23T12:00Z", "2026-10-27T12:00Z")
    assert from_iso(day[1] + "Z") - from_iso(day[0] + "Z") == 25 * HOUR
    (day,) = recorded(whole, "2026-03-27T12:00Z", "2026-03-31T12:00Z")
    assert from_iso(day[1] + "Z") - from_iso(day[0] + "Z") == 23 * HOUR


def test_an_end_that_the_clock_shows_twice_is_the_later_one_and_a_start_that_it_never_shows_is_the_jump() -> None:
    early = StreamSchedule("off", (Window(DAILY, 60, 3 * 60 + 30, "always"),), "Europe/Kyiv")
    assert recorded(early, "2026-10-24T20:00Z", "2026-10-25T12:00Z") == [("2026-10-24T22:00", "2026-10-25T01:30")]
    late = StreamSchedule("off", (Window(DAILY, 3 * 60 + 30, 5 * 60, "always"),), "Europe/Kyiv")
    assert recorded(late, "2026-03-28T20:00Z", "2026-03-29T12:00Z") == [("2026-03-29T01:00", "2026-03-29T02:00")]
    gone = StreamSchedule("off", (Window(DAILY, 3 * 60 + 10, 3 * 60 + 40, "always"),), "Europe/Kyiv")
    assert recorded(gone, "2026-03-28T20:00Z", "2026-03-29T12:00Z") == []


def test_the_first_window_that_fits_counts() -> None:
    schedule = StreamSchedule(
        "event", (Window(WORKDAYS, 12 * 60, 13 * 60, "off"), Window(WORKDAYS, 8 * 60, 18 * 60, "always")), "UTC"
    )
    span = Span(from_iso("2026-11-27T00:00Z"), from_iso("2026-11-29T00:00Z"))
    assert [(part.duration_us // HOUR, mode) for part, mode in schedule.stretches(span)] == [
        (8, "event"), (4, "always"), (1, "off"), (5, "always"), (30, "event"),
    ]  # fmt: skip


windows = st.builds(
    Window,
    st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    st.integers(0, 24 * 60 - 1), st.integers(1, 24 * 60), st.sampled_from(["always", "event", "off"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    schedule=st.builds(
        StreamSchedule, st.sampled_from(["always", "event", "off"]), st.lists(windows, max_size=3).map(tuple),
        st.sampled_from(["Europe/Kyiv", "Europe/Bucharest", "UTC"]),
    ),
    start=st.integers(from_iso("2026-10-20T00:00Z"), from_iso("2026-11-02T00:00Z")),
    hours=st.integers(1, 200),
)  # fmt: skip
def test_stretches_cover_everything_once_and_agree_with_each_moment(
    schedule: StreamSchedule, start: int, hours: int
) -> None:
    span = Span(Time(start), Time(start + hours * HOUR))
    parts = schedule.stretches(span)
    assert (parts[0][0].start, parts[-1][0].end) == (span.start, span.end)
    assert all(first.end == second.start and a != b for (first, a), (second, b) in pairwise(parts))
    assert all(schedule.at(part.start) == mode == schedule.at(Time(part.end - 1)) for part, mode in parts)
    assert StreamSchedule.from_text(schedule.as_text()) == schedule


def test_the_past_is_judged_by_the_schedule_of_its_time(database: Database) -> None:
    def change(seconds: float, mode: Mode) -> ScheduleChangeRow:
        return ScheduleChangeRow("IZ-07", "main", at(seconds), StreamSchedule(mode).as_text())

    def work(tx: Transaction) -> None:
        for row in (change(100, "off"), change(200, "event"), change(300, "always")):
            assert tx.schedules.change(row)
        assert not tx.schedules.change(change(400, "always")), "the same again is no change"
        tx.schedules.trigger("IZ-07", "main", Span(at(190), at(230)))
        tx.schedules.trigger("IZ-07", "main", Span(at(225), at(250)))
        tx.schedules.trigger("IZ-07", "main", Span(at(290), at(320)))

    database.write_now(work)
    spans = database.read_now(lambda tx: expected(tx, "IZ-07", "main", Span(at(50), at(400))))
    assert spans == [Span(at(50), at(100)), Span(at(200), at(250)), Span(at(290), at(400))]
    assert database.read_now(lambda tx: expected(tx, "IZ-07", "sub", Span(at(50), at(400)))) == [Span(at(50), at(400))]
    assert database.read_now(lambda tx: expected(tx, "IZ-07", "main", Span(at(120), at(130)))) == []


def test_memory_before_an_event_holds_whole_groups_and_stays_bounded() -> None:
    preroll = Preroll(5, 1 << 20)
    for n in range(300):
        preroll.push(packet(n / 10, Time(n * 100_000), is_key=n % 20 == 0))
    kept = preroll.take()
    assert kept[0].is_key and 5 * SECOND <= kept[-1].time - kept[0].time <= 7 * SECOND
    assert preroll.take() == []
    small = Preroll(60, 10_000)
    for n in range(300):
        small.push(packet(n / 10, Time(n * 100_000), is_key=n % 5 == 0))
    kept = small.take()
    assert kept[0].is_key and sum(len(each.data) for each in kept) <= 10_000 and small.dropped > 0


def scene_with(
    schedules: Schedules, main: Callable[[Node], Coroutine[Any, Any, None]], start: str = "2026-11-24T12:00:00Z"
) -> None:
    policy = RecordingPolicy(free_bytes_min=0, schedules=schedules)

    async def scene(loop: Any) -> None:
        environment, _ = virtual_environment(loop, "schedule", from_iso(start))
        node = Node(environment, MemoryDisk(), policy)
        await main(node)
        node.database.close()

    run_virtually(scene)


def motion(environment: Environment, state: str = "pulse", camera_id: str = KEY.camera_id) -> SignalRow:
    now = environment.clock.now()
    return SignalRow(0, environment.ids.new(), camera_id, "onvif", "motion", state, now, now)  # type: ignore[arg-type]


def test_an_event_is_recorded_with_what_came_before_and_nothing_else_is_a_gap() -> None:
    schedules = Schedules({KEY: StreamSchedule("event")}, before_s=5, after_s=20)

    async def scene(node: Node) -> None:
        said: list[Time] = []

        def happens() -> None:
            row = motion(node.environment)
            said.append(row.time)
            node.database.write_now(lambda tx: tx.signals.add([row]))

        await node.record(steady(node.environment.clock), 240, happens)
        rows, gaps = await node.segments(), await node.gaps()
        assert said[0] - 8 * SECOND <= rows[0].start <= said[0] - 4 * SECOND
        assert said[0] + 19 * SECOND <= rows[-1].end <= said[0] + 24 * SECOND
        assert all(first.end == second.start for first, second in pairwise(rows))
        assert gaps == []
        wanted = await node.database.read(lambda tx: expected(tx, KEY.camera_id, KEY.name, EVER))
        assert len([span for span in wanted if span.start > said[0] - SECOND]) == 1
        marked = await node.database.read(lambda tx: tx.event_spans.between(KEY.camera_id, EVER))
        assert [(span.start - said[0], span.end - said[0]) for span in marked] == [(-30 * SECOND, 60 * SECOND)]
        await node.check()

    scene_with(schedules, scene)


def test_a_camera_that_is_away_during_its_event_leaves_a_gap() -> None:
    schedules = Schedules({KEY: StreamSchedule("event")}, after_s=20)

    async def scene(node: Node) -> None:
        clock = node.environment.clock

        def happens() -> None:
            node.database.write_now(lambda tx: tx.signals.add([motion(node.environment)]))

        sessions = 0

        async def once(stream: Stream) -> AsyncIterator[Packet]:
            nonlocal sessions
            sessions += 1
            if sessions > 1:
                raise CameraUnreachable("The camera cannot be reached.", "Look at its cable.")
            async for each in steady(clock, frames=600)(stream):
                yield each

        await node.record(once, 240, happens)
        (gap,) = await node.gaps()
        assert gap.end is not None and gap.cause is GapCause.NETWORK
        assert 19 * SECOND <= gap.end - gap.start <= 22 * SECOND

    scene_with(schedules, scene)


def test_the_night_of_25_hours_begins_and_ends_to_the_second() -> None:
    """Off by day, recorded from 22 to 6 o'clock: nine hours in the night in which summer time ends."""
    schedules = Schedules({KEY: night()})
    start, end = from_iso("2026-10-24T19:00Z"), from_iso("2026-10-25T04:00Z")

    async def scene(node: Node) -> None:
        clock = node.environment.clock
        slow = steady(clock, fps=2, keyframe_every=2)
        await node.record(slow, 600)
        (stopped,) = await node.gaps()
        await clock.sleep((end - clock.now()) / SECOND - 300)
        await node.record(slow, 600)
        rows, (gap,) = await node.segments(), await node.gaps()
        assert abs(rows[0].start - start) <= 2 * SECOND and abs(rows[-1].end - end) <= 2 * SECOND
        assert stopped.cause is GapCause.PLANNED and gap.id == stopped.id
        assert gap.end is not None and abs(end - gap.end - 300 * SECOND) <= 5 * SECOND
        wanted = await node.database.read(
            lambda tx: expected(tx, KEY.camera_id, KEY.name, Span(start, Time(end + DAY)))
        )
        assert wanted == [Span(start, end), Span(Time(start + DAY + HOUR), Time(end + DAY))]

    scene_with(schedules, scene, start="2026-10-24T18:55:00Z")


def test_a_recorder_that_was_down_while_nothing_was_scheduled_leaves_no_gap() -> None:
    schedules = Schedules({KEY: StreamSchedule("off", (Window(DAILY, 12 * 60, 12 * 60 + 5, "always"),), "UTC")})

    async def scene(node: Node) -> None:
        slow = steady(node.environment.clock, fps=2, keyframe_every=2)
        await node.record(slow, 600)
        count = len(await node.segments())
        assert count
        await node.environment.clock.sleep(3600)
        await node.record(slow, 120)
        assert len(await node.segments()) == count
        assert all(gap.end is not None and gap.end - gap.start < SECOND for gap in await node.gaps())
        await node.check()

    scene_with(schedules, scene)


def test_a_change_of_schedule_is_on_the_record() -> None:
    async def scene(node: Node) -> None:
        await node.record(steady(node.environment.clock), 10)
        node.policy = replace(node.policy, schedules=Schedules({KEY: StreamSchedule("off")}))
        await node.record(steady(node.environment.clock), 10)
        await node.record(steady(node.environment.clock), 10)
        rows = await node.database.read(lambda tx: tx.audit.page(action="schedule.change"))
        assert [(row.actor, row.subject) for row in rows] == [("istros", "IZ-07/main")]

    scene_with(Schedules(), scene)


def test_signs_that_last_count_until_they_end_but_for_an_hour_at_most(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("istros.recording.triggers.EVERY_S", 15.0)

    async def scene(loop: Any) -> None:
        environment, clock = virtual_environment(loop, "signs", at(0))
        triggers = Triggers(environment, database, EventRules(before_s=10, after_s=20), record_s=30)
        for camera_id in ("A", "B"):
            database.write_now(lambda tx, c=camera_id: tx.signals.add([motion(environment, "on", c)]))
        task = loop.create_task(triggers.run())
        await clock.sleep(120)
        assert triggers.until("A") > clock.now()
        database.write_now(lambda tx: tx.signals.add([motion(environment, "off", "A")]))
        await clock.sleep(120)
        assert triggers.until("A") < clock.now() < triggers.until("B")
        await clock.sleep(2 * 3600)
        assert triggers.until("B") < clock.now()
        task.cancel()
        spans = {c: database.read_now(lambda tx, c=c: tx.event_spans.between(c, EVER)) for c in ("A", "B")}
        ((a,), (b,)) = spans["A"], spans["B"]
        assert 130 * SECOND <= a.end - at(0) <= 160 * SECOND
        assert HOUR - MINUTE <= b.end - at(0) <= HOUR + MINUTE

    run_virtually(scene)


def test_alarms_of_a_camera_are_events_but_not_those_that_say_it_is_away(database: Database) -> None:
    async def scene(loop: Any) -> None:
        environment, _ = virtual_environment(loop, "alarms", at(100))
        triggers = Triggers(environment, database, EventRules(), record_s=30)
        database.write_now(lambda tx: tx.alarms.add(alarm(90)))
        away = replace(alarm(95), id="a2", kind="camera-offline", camera_id="TL-01")
        database.write_now(lambda tx: tx.alarms.add(away))
        await triggers.once()
        assert database.read_now(lambda tx: tx.event_spans.between("IZ-07", EVER)) == [Span(at(60), at(150))]
        assert database.read_now(lambda tx: tx.event_spans.between("TL-01", EVER)) == []
        again = Triggers(environment, database, EventRules(), record_s=30)
        await again.once()
        assert again.until("IZ-07") < environment.clock.now(), "what was taken in before is not taken in again"

    run_virtually(scene)
