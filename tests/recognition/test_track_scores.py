"""Scores of tracks, each checked by hand, and the assignment below them."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from istros.recognition.evaluation.assignment import cheapest_pairs
from istros.recognition.evaluation.tracks import PlacedThing, TrackMatching, TrackScore
from istros.recognition.observation import Box


def _thing(name: str, x: float, optional: bool = False) -> PlacedThing:
    return PlacedThing(name, Box(x, 0.4, x + 0.1, 0.5), optional)


def _score(truth: list[list[PlacedThing]], found: list[list[PlacedThing]]) -> TrackScore:
    matching = TrackMatching()
    for true_things, found_things in zip(truth, found, strict=True):
        matching.add(true_things, found_things)
    return matching.score()


def test_a_perfect_film() -> None:
    frames = [[_thing("a", 0.1 + 0.01 * n), _thing("b", 0.6)] for n in range(5)]
    score = _score(frames, [[PlacedThing(f"t{item.id}", item.box) for item in frame] for frame in frames])
    assert (score.true_boxes, score.matched, score.missed, score.false_boxes) == (10, 10, 0, 0)
    assert (score.switches, score.fragments, score.things, score.things_found) == (0, 0, 2, 2)
    assert (score.tracks_a_thing, score.idf1) == (1.0, 1.0)


def test_a_track_that_changes_its_name_halfway() -> None:
    """Six frames, three as t1, three as t2: 6 matched, one switch; 3 boxes right by id of 6 and 6: IDF1 = 6 / 12."""
    frames = [[_thing("a", 0.1)] for _ in range(6)]
    score = _score(frames, [[_thing("t1" if n < 3 else "t2", 0.1)] for n in range(6)])
    assert (score.matched, score.switches, score.fragments, score.tracks_a_thing) == (6, 1, 0, 2.0)
    assert score.idf1 == pytest.approx(0.5)


def test_a_thing_lost_for_two_frames_is_a_fragment_and_no_switch() -> None:
    frames = [[_thing("a", 0.1)] for _ in range(6)]
    score = _score(frames, [[] if n in (2, 3) else [_thing("t1", 0.1)] for n in range(6)])
    assert (score.matched, score.missed, score.switches, score.fragments) == (4, 2, 0, 1)
    assert score.idf1 == pytest.approx(2 * 4 / (6 + 4))


def test_two_that_swap_their_names() -> None:
    frames = [[_thing("a", 0.1), _thing("b", 0.6)] for _ in range(4)]
    names = [("t1", "t2"), ("t1", "t2"), ("t1", "t2"), ("t2", "t1")]
    score = _score(frames, [[_thing(one, 0.1), _thing(other, 0.6)] for one, other in names])
    assert (score.matched, score.switches) == (8, 2)
    assert score.idf1 == pytest.approx(2 * 6 / 16)


def test_false_boxes_and_boxes_that_hardly_overlap() -> None:
    frames = [[_thing("a", 0.1)]] * 3
    score = _score(frames, [[_thing("t1", 0.1), _thing("t9", 0.8)], [_thing("t1", 0.17)], [_thing("t1", 0.11)]])
    # 0.07 of 0.1 away: overlap 0.03 / 0.17, below 0.4.
    assert (score.matched, score.false_boxes, score.missed, score.fragments) == (2, 2, 1, 1)


def test_a_match_is_kept_although_another_box_fits_better() -> None:
    """CLEAR MOT: who was matched stays matched while the overlap suffices."""
    frames = [[_thing("a", 0.1)]] * 2
    score = _score(frames, [[_thing("t1", 0.1)], [_thing("t1", 0.13), _thing("t2", 0.1)]])
    assert (score.switches, score.false_boxes) == (0, 1)


def test_what_is_hardly_visible_may_be_found_or_not() -> None:
    frames = [[_thing("a", 0.1, optional=True)], [_thing("a", 0.1, optional=True)], [_thing("a", 0.1)]]
    score = _score(frames, [[_thing("t1", 0.1)], [], [_thing("t1", 0.1)]])
    assert (score.true_boxes, score.found_boxes, score.missed, score.false_boxes, score.fragments) == (1, 1, 0, 0, 0)


def test_switches_are_told_with_their_thing() -> None:
    matching = TrackMatching()
    assert matching.add([_thing("a", 0.1)], [_thing("t1", 0.1)]) == []
    (switch,) = matching.add([_thing("a", 0.1)], [_thing("t2", 0.1)])
    assert (switch.thing.id, switch.before, switch.after) == ("a", "t1", "t2")


def test_nothing_at_all() -> None:
    assert _score([[]], [[]]).idf1 == 1.0
    assert _score([[_thing("a", 0.1)]], [[]]).idf1 == 0.0


@settings(max_examples=80, deadline=None)
@given(some.integers(1, 5), some.integers(1, 5), some.data())
def test_the_assignment_is_the_cheapest_of_all(rows: int, columns: int, data: some.DataObject) -> None:
    costs = [[data.draw(some.integers(-9, 9)) for _ in range(columns)] for _ in range(rows)]
    pairs = cheapest_pairs(costs)
    assert len(pairs) == min(rows, columns) == len({row for row, _ in pairs}) == len({column for _, column in pairs})
    if rows <= columns:
        best = min(sum(costs[row][way[row]] for row in range(rows)) for way in permutations(range(columns), rows))
    else:
        best = min(sum(costs[way[c]][c] for c in range(columns)) for way in permutations(range(rows), columns))
    assert sum(costs[row][column] for row, column in pairs) == best
