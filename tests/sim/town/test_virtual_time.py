"""The loop that moves the clock instead of waiting, and the disk in memory."""

from __future__ import annotations

import asyncio
import errno

import pytest

from istros.base.time import HOUR, Time
from istros.sim.town.memory_disk import MemoryDisk
from istros.sim.town.virtual_time import (
    NothingWillHappen,
    VirtualLoop,
    run_virtually,
    virtual_environment,
)


def test_an_hour_passes_at_once_and_in_order() -> None:
    async def main(loop: VirtualLoop) -> list[str]:
        environment, clock = virtual_environment(loop, "seed", Time(0))
        happened: list[str] = []

        async def act(name: str, seconds: float) -> None:
            await environment.clock.sleep(seconds)
            happened.append(name)

        await asyncio.gather(act("late", 3600), act("early", 60), act("first", 0))
        assert clock.now() == HOUR
        return happened

    assert run_virtually(main) == ["first", "early", "late"]


def test_a_town_in_which_nobody_can_ever_wake_is_reported() -> None:
    async def main(loop: VirtualLoop) -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingWillHappen):
        run_virtually(main)


def test_a_step_of_the_wall_clock_leaves_elapsed_time_alone() -> None:
    async def main(loop: VirtualLoop) -> None:
        environment, clock = virtual_environment(loop, "seed", Time(0))
        clock.step_us = -HOUR
        assert environment.clock.now() == -HOUR
        assert environment.clock.elapsed() == 0

    run_virtually(main)


def test_the_same_seed_gives_the_same_ids() -> None:
    async def main(loop: VirtualLoop) -> str:
        return virtual_environment(loop, "seed", Time(0))[0].ids.new()

    assert run_virtually(main) == run_virtually(main)


def test_a_full_disk_refuses_and_a_power_cut_keeps_what_was_synced() -> None:
    disk = MemoryDisk(capacity_bytes=10)
    disk.append("a/b", b"12345")
    disk.sync("a/b")
    disk.append("a/b", b"678")
    disk.append("c", b"9")
    with pytest.raises(OSError, match="no space") as caught:
        disk.append("c", b"xx")
    assert caught.value.errno == errno.ENOSPC
    disk.cut_power()
    assert disk.read("a/b") == b"12345"
    assert list(disk.walk()) == ["a/b"]
    assert disk.free_bytes() == 5
