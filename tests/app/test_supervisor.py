"""The supervisor with real processes: what ends comes back, and all end together."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from istros.app.supervisor import Child, Supervisor
from istros.base.environment import real_environment

WORK = """
import os, sys, pathlib
folder = pathlib.Path(sys.argv[1])
(folder / str(os.getpid())).write_text("")
sys.stdin.read()
"""


async def seen(folder: Path, count: int) -> list[int]:
    clock = real_environment(1).clock
    for _ in range(400):
        found = sorted(int(path.name) for path in folder.iterdir())
        if len(found) >= count:
            return found
        await clock.sleep(0.05)
    raise AssertionError(f"only {len(found)} of {count} processes came")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_process_comes_back_and_the_others_do_not_notice(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    children = [
        Child("first", ("-c", WORK, str(first))),
        Child("second", ("-c", WORK, str(second))),
    ]

    async def main() -> list[int]:
        stop = asyncio.Event()
        running = asyncio.create_task(Supervisor(real_environment(1), children).run(stop))
        [pid] = await seen(first, 1)
        await seen(second, 1)
        os.kill(pid, signal.SIGKILL)
        pids = await seen(first, 2)
        others = await seen(second, 1)
        stop.set()
        await running
        assert len(others) == 1
        return pids + others

    assert not any(is_running(pid) for pid in asyncio.run(main()))


def test_a_process_that_cannot_live_is_tried_again_without_end(tmp_path: Path) -> None:
    source = "import os, pathlib, sys; (pathlib.Path(sys.argv[1]) / str(os.getpid())).write_text(''); sys.exit(3)"

    async def main() -> int:
        stop = asyncio.Event()
        child = Child("broken", ("-c", source, str(tmp_path)))
        running = asyncio.create_task(Supervisor(real_environment(1), [child]).run(stop))
        tries = await seen(tmp_path, 3)
        stop.set()
        await running
        return len(tries)

    assert asyncio.run(main()) >= 3
