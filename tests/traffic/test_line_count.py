"""Lines and crossings: which way, once, and only between the line's ends."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from istros.base.time import SECOND, Time
from istros.recognition.observation import Box, Detection
from istros.recognition.tracker import Track, Tracker
from istros.traffic.line_count import CountLine, Crossing, LineCounter, crossings_of

SIZE = (800, 400)
ACROSS = CountLine("across", (100, 200), (700, 200))


def _box(x: float, y: float, width: float = 80, height: float = 60) -> Box:
    return Box(
        (x - width / 2) / SIZE[0], (y - height / 2) / SIZE[1], (x + width / 2) / SIZE[0], (y + height / 2) / SIZE[1]
    )


def _at(frame: int) -> Time:
    return Time(frame * SECOND // 5)


def _followed(places: list[tuple[float, float]], line: CountLine = ACROSS, hits: int = 10) -> list[Crossing]:
    counter = LineCounter(line, SIZE)
    track = Track("t", _box(*places[0]), _at(0), _at(0), 0.9, hits=hits)
    found: list[Crossing] = []
    for frame, place in enumerate(places):
        track.box = _box(*place)
        found += counter.see(track, _at(frame))
    return found


def test_left_of_the_line_is_a_and_right_of_it_b() -> None:
    assert ACROSS.distance(300, 150) == -50
    assert ACROSS.distance(300, 260) == 60
    down = CountLine("down", (400, 0), (400, 400))
    assert down.distance(500, 100) == -100
    assert ACROSS.share(250, 77) == pytest.approx(0.25)


def test_a_line_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="no length"):
        CountLine("point", (5, 5), (5, 5))
    for far in (float("nan"), float("inf"), 1e200):
        with pytest.raises(ValueError, match="that no picture has"):
            CountLine("absurd", (0, 0), (far, 5))


def test_who_goes_up_crosses_to_a_and_who_goes_down_to_b() -> None:
    up = _followed([(300, 320 - 30 * step) for step in range(9)])
    down = _followed([(300, 80 + 30 * step) for step in range(9)])
    assert [(item.line, item.direction) for item in up + down] == [("across", "a"), ("across", "b")]
    # 320 to 200 at 30 a frame is 4 frames of 0.2 s.
    assert up[0].time == _at(4)


def test_a_lorry_that_the_edge_cuts_off_crosses_before_it_is_gone() -> None:
    """400 high, it fills the picture when its middle passes the line: the visible middle never goes far beyond."""
    counter = LineCounter(ACROSS, SIZE)
    track = Track("t", Box(0.3, 0.0, 0.5, 0.5), _at(0), _at(0), 0.9, hits=10)
    found = []
    for frame, (top, bottom) in enumerate([(0.0, 0.6), (0.0, 0.8), (0.0, 1.0), (0.05, 1.0), (0.2, 1.0)]):
        track.speed = (0.0, 0.5, 0.0, 0.5)
        track.box = Box(0.3, top, 0.5, bottom)
        found += counter.see(track, _at(frame))
    assert [item.direction for item in found] == ["b"]


def test_past_the_ends_of_a_line_is_not_across_it() -> None:
    assert _followed([(60, 320 - 30 * step) for step in range(9)]) == []
    assert len(_followed([(110, 320 - 30 * step) for step in range(9)])) == 1


def test_a_box_that_jitters_on_the_line_counts_once() -> None:
    places = [(300, 320 - 20 * step) for step in range(6)]
    places += [(300, 200 + (9 if step % 2 else -9)) for step in range(30)]
    places += [(300, 190 - 20 * step) for step in range(6)]
    assert [item.direction for item in _followed(places)] == ["a"]


def test_who_turns_round_on_the_line_does_not_count_and_who_comes_back_counts_again() -> None:
    assert _followed([(300, y) for y in (320, 280, 240, 205, 198, 210, 250, 300)]) == []
    assert [item.direction for item in _followed([(300, y) for y in (320, 250, 180, 120, 180, 250, 320)])] == ["a", "b"]


def test_what_stands_on_the_line_at_first_does_not_count() -> None:
    assert _followed([(300, 201)] + [(300, 200 - 20 * step) for step in range(6)]) == []


def test_a_detection_that_does_not_last_does_not_count() -> None:
    assert _followed([(300, 300), (300, 100)], hits=2) == []


def test_an_early_crossing_counts_once_its_track_has_lasted() -> None:
    counter, track = LineCounter(ACROSS, SIZE), Track("t", _box(300, 300), _at(0), _at(0), 0.9)
    assert counter.see(track, _at(0)) == ()
    track.box, track.hits = _box(300, 100), 2
    assert counter.see(track, _at(1)) == ()
    track.box, track.hits = _box(300, 60), 3
    assert [item.direction for item in counter.see(track, _at(2))] == ["a"]
    track.box, track.hits = _box(300, 20), 4
    assert counter.see(track, _at(3)) == ()


def test_a_car_hidden_while_it_crosses_counts_once() -> None:
    """The tracker and the line together: four frames without a detection, just at the line."""
    tracker, counters = Tracker(iter("abcdefgh").__next__), [LineCounter(ACROSS, SIZE)]
    found: list[Crossing] = []
    for frame in range(16):
        time = _at(frame)
        seen = [] if 6 <= frame < 10 else [Detection(_box(300, 350 - 20 * frame), "car", 0.8)]
        for track in tracker.update(seen, time).seen:
            found += crossings_of(counters, track, time)
    assert [(item.track_id, item.direction) for item in found] == [("a", "a")]


@given(some.lists(some.floats(0, 400), min_size=2, max_size=40))
def test_directions_alternate_and_say_where_it_ended(heights: list[float]) -> None:
    found = [item.direction for item in _followed([(300, height) for height in heights])]
    assert all(one != other for one, other in pairwise(found))
    if found and abs(heights[-1] - 200) > 11:
        assert found[-1] == ("b" if heights[-1] > 200 else "a")
