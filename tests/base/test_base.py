"""Time, ids, rings, retry and the folding of plates."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from istros.base.clock import SystemClock
from istros.base.ids import Ids
from istros.base.plate_text import fold
from istros.base.retry import Backoff
from istros.base.ring import Ring
from istros.base.time import DAY, Span, Time, after, from_iso, to_iso
from istros.base.workers import InlineWorkers, ThreadWorkers

moments = st.integers(min_value=0, max_value=4_000_000_000_000_000).map(Time)


@given(moments)
def test_iso_is_exact_to_the_millisecond(moment: Time) -> None:
    assert 0 <= moment - from_iso(to_iso(moment)) < 1000


def test_a_text_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        from_iso("2026-11-24T12:00:00")


def test_an_offset_is_understood() -> None:
    assert from_iso("2026-11-24T14:00:00+02:00") == from_iso("2026-11-24T12:00:00Z")


@given(moments, moments, moments, moments)
def test_spans_that_overlap_share_a_moment(a: Time, b: Time, c: Time, d: Time) -> None:
    one, other = (
        Span(Time(min(a, b)), Time(max(a, b))),
        Span(Time(min(c, d)), Time(max(c, d))),
    )
    start, end = max(one.start, other.start), min(one.end, other.end)
    assert one.overlaps(other) == (start < end)
    assert one.overlaps(other) == other.overlaps(one)


def test_a_span_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Span(Time(2), Time(1))


def test_ids_are_uuid7_and_sort_by_time() -> None:
    ids = Ids(SystemClock(), Random(1))
    made = [ids.new() for _ in range(50)]
    assert all(len(text) == 36 and text[14] == "7" and text[19] in "89ab" for text in made)
    assert len(set(made)) == 50
    assert [text[:13] for text in made] == sorted(text[:13] for text in made)


@given(st.lists(st.integers()), st.integers(min_value=1, max_value=5))
def test_a_ring_keeps_the_newest_and_counts_the_rest(items: list[int], size: int) -> None:
    ring: Ring[int] = Ring(size)
    for item in items:
        ring.push(item)

    async def drain() -> list[int]:
        return [await ring.pull() for _ in range(len(ring))]

    assert asyncio.run(drain()) == items[-size:]
    assert ring.dropped == max(0, len(items) - size)


def test_a_ring_wakes_its_reader() -> None:
    async def main() -> str:
        ring: Ring[str] = Ring(1)
        reader = asyncio.create_task(ring.pull())
        await SystemClock().sleep(0)
        ring.push("packet")
        return await reader

    assert asyncio.run(main()) == "packet"


def test_backoff_doubles_up_to_its_bound_and_begins_again() -> None:
    backoff = Backoff(Random(1), first_s=1, most_s=8)
    delays = [backoff.next_s() for _ in range(6)]
    assert all(full / 2 <= delay <= full for delay, full in zip(delays, [1, 2, 4, 8, 8, 8], strict=True))
    backoff.reset()
    assert backoff.next_s() <= 1


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("BH 4821-CK", "BH4821CK"),
        ("вн4821ск", "BH4821CK"),
        ("AI0QO", "A1000"),
        ("ії", "11"),
        ("", ""),
    ],
)
def test_look_alikes_fold_to_one_form(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("workers", [InlineWorkers(), ThreadWorkers(1, "test")])
def test_workers_give_the_result_and_the_error(
    workers: InlineWorkers | ThreadWorkers,
) -> None:
    async def main() -> None:
        assert await workers.run(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await workers.run(divmod, 1, 0)

    asyncio.run(main())
    workers.close()


def test_after_counts_in_seconds() -> None:
    assert after(Time(0), 86_400) == DAY
