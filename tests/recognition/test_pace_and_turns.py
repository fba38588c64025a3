"""Who is looked at next and how often: turns by weight, the pace by what moves, and looks that were missed."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from istros.base.time import SECOND, Time
from istros.recognition.observation import Box
from istros.recognition.pace import Looks, Pace
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.tracker import Track
from istros.recognition.turns import Turns
from istros.sim.town.virtual_time import VirtualLoop, run_virtually, virtual_environment

START = Time(1_795_493_100_000_000)


def _at(seconds: float) -> Time:
    return Time(START + round(seconds * SECOND))


def _track(speed: float, hits: int = 9) -> Track:
    return Track("t", Box(0.2, 0.2, 0.4, 0.4), START, START, 0.9, hits, (speed, 0.0, speed, 0.0))


def test_turns_are_shared_by_weight_and_nobody_starves() -> None:
    weights = {"high": 4.0, "usual": 1.0, "low": 0.25}
    had: Counter[str] = Counter()

    async def main(loop: VirtualLoop) -> None:
        clock = virtual_environment(loop, "turns", START)[0].clock
        turns = Turns(clock, 1)

        async def worker(name: str) -> None:
            while True:
                async with turns.turn(name, weights[name]):
                    await clock.sleep(0.1)
                had[name] += 1

        tasks = [asyncio.create_task(worker(name)) for name in weights]
        await clock.sleep(210)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run_virtually(main)
    assert had["high"] / had["usual"] == pytest.approx(4, rel=0.1)
    assert had["usual"] / had["low"] == pytest.approx(4, rel=0.15)


def test_who_asks_for_little_is_served_at_once_beside_who_asks_for_much() -> None:
    waits: list[float] = []

    async def main(loop: VirtualLoop) -> None:
        clock = virtual_environment(loop, "turns", START)[0].clock
        turns = Turns(clock, 1)

        async def greedy(name: str) -> None:
            while True:
                async with turns.turn(name):
                    await clock.sleep(0.1)

        tasks = [asyncio.create_task(greedy(f"g{number}")) for number in range(9)]
        for _ in range(20):
            await clock.sleep(3.0)
            asked = clock.elapsed()
            async with turns.turn("modest"):
                waits.append(clock.elapsed() - asked)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run_virtually(main)
    assert max(waits) <= 1.0
    assert sum(waits) / len(waits) < 0.5


def test_a_cancelled_waiter_loses_nobody_s_turn() -> None:
    async def main(loop: VirtualLoop) -> bool:
        clock = virtual_environment(loop, "turns", START)[0].clock
        turns = Turns(clock, 1)
        async with turns.turn("first"):

            async def wait() -> None:
                async with turns.turn("second"):
                    pass

            task = asyncio.create_task(wait())
            await clock.sleep(0.1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(1), turns.turn("third"):
            return True
        return False

    assert run_virtually(main)


def test_the_pace_follows_what_moves() -> None:
    policy = AnalysisPolicy()
    pace = Pace(policy)
    assert (pace.is_idle, pace.interval_s(START)) == (True, policy.idle_look_s)
    pace.see(START, True, ())
    assert not pace.is_idle
    assert pace.interval_s(START) == pytest.approx(0.2)
    for look in range(1, 20):
        pace.see(_at(look * 0.5), True, (_track(0.0),))
    assert pace.interval_s(_at(9.5)) == pytest.approx(policy.restless_look_s)
    pace.see(_at(10), True, (_track(0.2),))
    assert pace.interval_s(_at(10)) == pytest.approx(0.2)
    for look in range(1, 5):
        pace.see(_at(10 + look * 0.5), False, ())
    assert pace.is_idle


def test_missed_looks_are_counted_and_forgotten_after_a_minute() -> None:
    looks = Looks()
    for number in range(50):
        looks.note(number * 0.2, 0.0, 0.2)
    assert looks.within(10.0) == (50, 50)
    for number in range(20):
        looks.note(10 + number, 0.8, 0.2)
    wanted, done = looks.within(30.0)
    assert (wanted, done) == (50 + 100, 70)
    assert looks.within(200.0) == (0, 0)
