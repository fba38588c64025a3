"""The preview of what age takes is what retention then takes, for any recordings, events and holds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.time import DAY, SECOND, Span, Time
from istros.recording.going import gaps, going
from istros.recording.keeping import Keeping, KeepingRules
from istros.recording.policy import RecordingPolicy
from istros.store import Database
from tests.recording.test_retention import BYTES, CAMERAS, Store, database, database_url, hold, made, spans
from tests.store.rows_made import at

__all__ = ["database", "database_url"]
DAY_S = DAY / SECOND


def taken(store: Store, rules: KeepingRules, now_s: float) -> dict[str, tuple[int, int]]:
    """What retention really takes, by camera: (segments, bytes)."""
    before = store.rows()
    store.evict(RecordingPolicy(keeping=rules, bytes_max=None, free_bytes_min=0), now_s)
    left = {row.id for row in store.rows()}
    gone = [row for row in before if row.id not in left]
    return {
        camera: (len(mine), sum(row.size_bytes for row in mine))
        for camera in CAMERAS
        if (mine := [row for row in gone if row.camera_id == camera])
    }


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.sets(st.tuples(st.sampled_from(CAMERAS), st.integers(0, 30)), min_size=1),
    events=st.lists(st.tuples(st.sampled_from(CAMERAS), spans), max_size=3),
    holds=st.lists(st.tuples(st.sets(st.sampled_from(CAMERAS), min_size=1), spans), max_size=2),
    days=st.integers(0, 300),
    longer=st.integers(0, 200),
)
def test_the_preview_is_what_retention_takes(
    numbers: set[tuple[str, int]],
    events: list[tuple[str, tuple[int, int]]],
    holds: list[tuple[set[str], tuple[int, int]]],
    days: int,
    longer: int,
) -> None:
    store = Store.fresh()
    store.record(*(made(number, camera) for camera, number in sorted(numbers)))
    for number, (cameras, span) in enumerate(holds):
        store.database.write_now(
            lambda tx, c=cameras, s=span, n=number: tx.holds.add(hold(*sorted(c), seconds=s, id=str(n)))
        )
    for camera, (start, end) in events:
        store.database.write_now(lambda tx, c=camera, a=start, b=end: tx.event_spans.cover(c, Span(at(a), at(b))))
    # All of it happens within five minutes, so the days that it is kept for are a fraction of one.
    rules = KeepingRules(Keeping(days=10 + days / DAY_S, event_days=10 + (days + longer) / DAY_S))
    now_s = 10 * DAY_S + 320
    said = store.database.read_now(lambda tx: going(tx, rules, at(now_s)))
    foretold = {each.camera_id: (each.count, each.size_bytes) for each in said if each.count}
    assert taken(store, rules, now_s) == foretold
    assert all(sum(each.disks.values()) == each.size_bytes for each in said)
    store.database.close()


def test_it_says_what_holds_keep_and_when_the_oldest_was(database: Database) -> None:
    store = Store.fresh(database=database)
    store.record(
        *(made(number, CAMERAS[0]) for number in range(10)), *(made(number, CAMERAS[1]) for number in range(3))
    )
    database.write_now(lambda tx: tx.holds.add(hold(CAMERAS[0], seconds=(15, 45))))
    rules = KeepingRules(Keeping(days=1, event_days=1))
    first, second = database.read_now(lambda tx: going(tx, rules, at(DAY_S + 80)))
    assert (first.count, first.held_count, first.held_bytes, first.oldest) == (4, 4, 4 * BYTES, at(0))
    assert (second.count, second.held_count, second.disks) == (3, 0, {"main": 3 * BYTES})


def test_what_is_written_now_and_what_is_young_is_not_counted(database: Database) -> None:
    store = Store.fresh(database=database)
    store.record(made(0), made(1))
    rules = KeepingRules(Keeping(days=1, event_days=1))
    (only,) = database.read_now(lambda tx: going(tx, rules, at(DAY_S + 10)))
    assert (only.count, only.oldest) == (1, at(0))


def test_gaps_are_what_shields_leave() -> None:
    whole = Span(Time(0), Time(100))
    shields = [Span(Time(10), Time(20)), Span(Time(15), Time(30)), Span(Time(90), Time(120))]
    assert gaps(shields, whole) == [Span(Time(0), Time(10)), Span(Time(30), Time(90))]
    assert gaps([], whole) == [whole]
    assert gaps([whole], whole) == gaps([], Span(Time(5), Time(5))) == []


def test_a_rule_within_the_profile_keeps_no_longer() -> None:
    rules = KeepingRules(Keeping(14, 90, 5), {"A": Keeping(60, 30), "B": Keeping(2, 2)}).within(30)
    assert rules.usual == Keeping(14, 30, 5)
    assert (rules.of("A"), rules.of("B")) == (Keeping(30, 30), Keeping(2, 2))
