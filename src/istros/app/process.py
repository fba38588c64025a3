"""What every process of a node does alike: one instance, a pid file, logging, a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import structlog

from istros.app.data_folder import prepare_data_folder
from istros.base.errors import IstrosError

SUPERVISED = "ISTROS_SUPERVISED"
"""Set for children of the supervisor: they stop when its end of their standard input closes."""

log = structlog.get_logger("istros.process")


class AlreadyRunning(IstrosError):
    """Another process does this work on the same data folder."""

    code = "already-running"


def run_process(
    name: str, data: Path, main: Callable[[asyncio.Event], Awaitable[None]], *, standby: bool = False
) -> None:
    """Run `main` until it ends or the process is told to stop; `main` must return soon after the event is set.

    A `standby` waits, ready to go, until the process that does the work has ended; without it AlreadyRunning is raised.
    """
    prepare_data_folder(data)
    with _single_instance(data / "run", name, standby):
        asyncio.run(_until_stopped(name, main))


async def _until_stopped(name: str, main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if os.environ.get(SUPERVISED):
        _watch_supervisor(loop, stop)
    log.info("started", process=name, pid=os.getpid())
    await main(stop)
    log.info("ended", process=name)


def _watch_supervisor(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    def on_input() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            stop.set()

    loop.add_reader(sys.stdin.fileno(), on_input)


def refuse_if_running(data: Path, name: str) -> None:
    """Raise AlreadyRunning when a process of that name works on the data folder, before anything in it is changed."""
    with _single_instance(data / "run", name, standby=False):
        return


@contextlib.contextmanager
def _single_instance(folder: Path, name: str, standby: bool) -> Iterator[None]:
    path = folder / f"{name}.pid"
    with path.open("a+") as file:
        try:
            # The kernel gives the lock away the moment its holder dies, however it dies.
            fcntl.flock(file, fcntl.LOCK_EX | (0 if standby else fcntl.LOCK_NB))
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(
                f"A {name} (process {file.read().strip()}) already works on {folder.parent}.",
                "Stop it first, or use another data folder.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
