"""Media time over weeks of wraps, wall time by sender reports and by arrival."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.time import DAY, SECOND, Time
from istros.video.media_clock import MediaClock

NOW = Time(1_795_493_100_000_000)


def test_three_weeks_without_drift() -> None:
    clock, first = MediaClock(), 0xFFFF0000
    step = 90_000 * 5
    for index in range(21 * 86_400 // 5):
        arrival = Time(NOW + index * 5 * SECOND)
        media, time = clock.date((first + index * step) & 0xFFFFFFFF, arrival)
        assert media == index * step
        assert abs(time - arrival) < 2000
    assert media > 37 * (1 << 32)


def test_crystal_that_is_wrong_by_100_ppm_stays_dated_by_reports() -> None:
    clock = MediaClock()
    ticks = 0.0
    for index in range(3 * 86_400):
        arrival = Time(NOW + index * SECOND)
        timestamp = round(ticks) & 0xFFFFFFFF
        if index % 5 == 0:
            assert clock.report(timestamp, arrival, arrival)
        _, time = clock.date(timestamp, arrival)
        assert abs(time - arrival) < 2000
        ticks += 90_000 * (1 + 100e-6)


def test_without_reports_the_earliest_arrivals_count() -> None:
    clock = MediaClock()
    errors = []
    for index in range(3000):
        late = (index * 7919 % 200) * 1000
        _, time = clock.date(index * 3600, Time(NOW + index * 40_000 + late))
        errors.append(time - (NOW + index * 40_000))
    assert all(abs(error) < 20_000 for error in errors[500:])


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.integers(-DAY, DAY)), min_size=2, max_size=40))
def test_time_never_runs_backwards_whatever_comes(steps: list[tuple[int, int]]) -> None:
    clock, last, arrival = MediaClock(), Time(0), NOW
    for timestamp, jump in steps:
        arrival = Time(arrival + jump)
        clock.report(timestamp, Time(arrival + jump // 10_000), arrival)
        _, time = clock.date(timestamp, arrival)
        assert time >= last
        last = time


def test_the_offset_of_the_cameras_clock_is_that_of_the_least_delayed_report() -> None:
    clock = MediaClock()
    assert clock.clock_offset_us is None
    for index, delay in enumerate((30_000, 5_000, 900_000, 12_000)):
        clock.report(
            index * 450_000, Time(NOW + index * 5 * SECOND + 2 * SECOND), Time(NOW + index * 5 * SECOND + delay)
        )
    assert clock.clock_offset_us == 2 * SECOND - 5_000
    assert not clock.report(0, Time(NOW - 60 * SECOND), NOW)
    assert clock.clock_offset_us == -60 * SECOND


def test_timestamps_that_begin_anew_go_on_by_the_time_passed() -> None:
    clock = MediaClock()
    clock.date(1_000, NOW)
    media, time = clock.date(2_000_000_000, Time(NOW + SECOND))
    assert media == 90_000
    assert abs(time - NOW - SECOND) < 1000
    assert clock.date(2_000_003_600, Time(NOW + SECOND + 40_000))[0] == 93_600


def test_pictures_out_of_order_keep_their_media_time() -> None:
    clock = MediaClock()
    shown = [0, 10_800, 3_600, 7_200, 21_600]
    assert [clock.date(at, Time(NOW + n * 40_000))[0] for n, at in enumerate(shown)] == shown


def dated(timestamps: list[int], step_us: int = 40_000) -> list[tuple[int, int]]:
    """(media time, wall time less arrival) of units that arrive in even steps."""
    clock = MediaClock()
    arrivals = [Time(NOW + index * step_us) for index in range(len(timestamps))]
    found = [clock.date(stamp & 0xFFFFFFFF, arrival) for stamp, arrival in zip(timestamps, arrivals, strict=True)]
    return [(media, time - arrival) for (media, time), arrival in zip(found, arrivals, strict=True)]


def paced(found: list[tuple[int, int]], behind: int) -> bool:
    """Whether the media time of what comes after `behind` units keeps the pace of the arrivals, dated right."""
    rest = found[behind:]
    steps = {b[0] - a[0] for a, b in pairwise(rest)}
    return steps == {3600} and all(abs(late) < 1_000_000 for _, late in rest)


def test_timestamps_that_stand_still_are_replaced_by_arrivals_within_a_second() -> None:
    assert paced(dated([7] * 500), 25)


def test_timestamps_that_count_in_another_unit_or_backwards_are_replaced_within_seven_seconds() -> None:
    assert paced(dated([index * 40 for index in range(500)]), 7 * 25), "milliseconds"
    assert paced(dated([-index * 3600 for index in range(500)]), 7 * 25), "backwards"
    # What was dated too late by up to ten seconds is never taken back: the wall time waits for the clock.
    assert paced(dated([index * 36_000 for index in range(600)]), 18 * 25), "ten times too fast"


def test_a_network_that_stalls_makes_nobody_distrust_the_timestamps() -> None:
    clock = MediaClock()
    for index in range(2000):
        stalled = index // 250 * 250 + 249 if index % 250 > 125 else index
        clock.date(index * 3600, Time(NOW + stalled * 40_000 + index))
    assert not clock.distrusted


def test_random_timestamps_keep_media_time_near_the_arrivals() -> None:
    random = Random(4)
    found = dated([random.getrandbits(32) for _ in range(3000)])
    assert all(abs(media - 3600 * index) < 20 * 90_000 for index, (media, _) in enumerate(found))
    assert all(abs(late) < 20 * SECOND for _, late in found)
