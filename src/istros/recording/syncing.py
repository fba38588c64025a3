"""Brings what was written onto the disk itself, so that a power cut costs at most ten seconds (docs/design/0019).

Writing a fragment puts it into the computer's memory; a kill leaves it there, a power cut does not. Each file with bytes
that are not synced is synced within `SYNC_S`, beside the writing, a few files at a time and spread over it. A segment that
ends is synced before its row says that it is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import structlog

from istros.base.environment import Environment
from istros.base.said import NOTHING, say
from istros.recording.archive import NamedDisk

SYNC_S = 4.0
"""Bytes wait no longer than this, a tick and the syncs before theirs. With the second that a fragment may wait in memory
and a slow disk's share, ten seconds are kept."""

TICK_S = 0.5
EARLY_S = 2.0
"""Files that wait for this long are taken before their time, a few a tick, so that streams that began together part."""

LATE_S = 8.0
"""Bytes that wait for longer are a disk that cannot keep the promise, and it is said."""

RETRY_S = 2.0
_LOG = structlog.get_logger("istros.recording")

Done = Callable[[int], None]
"""Takes the size of the synced file; 0 when it is gone."""


@dataclass(slots=True)
class _Waiting:
    """A file with bytes that are not safe; `done` is called once they are, for a segment that has ended."""

    disk: NamedDisk
    path: str
    since: float
    not_before: float = 0.0
    done: Done | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    waiting: _Waiting
    size: int
    error: OSError | None


class Syncer:
    """Syncs the files of all streams. `problem` says so while a disk does not sync."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._is_late = False
        self.problem = NOTHING

    @property
    def is_idle(self) -> bool:
        """Whether everything written is on its disk."""
        return not self._waiting and not self._busy

    def wrote(self, disk: NamedDisk, path: str) -> None:
        """More bytes of an open segment lie in the computer's memory."""
        self._waiting.setdefault((disk.name, path), _Waiting(disk, path, self._environment.clock.elapsed()))

    def ended(self, disk: NamedDisk, path: str, done: Done) -> None:
        """A segment is whole: sync it soon, then tell. A disk that refuses is asked again until it does not."""
        waiting = self._waiting.setdefault((disk.name, path), _Waiting(disk, path, 0.0))
        waiting.since, waiting.done = float("-inf"), done

    async def run(self) -> None:
        """Look each half second, until cancelled."""
        try:
            while True:
                await self._environment.clock.sleep(TICK_S)
                self.tick()
        finally:
            for task in self._busy.values():
                task.cancel()

    def tick(self) -> None:
        """Start one batch on each disk that has none; a disk that hangs keeps no other waiting."""
        now = self._environment.clock.elapsed()
        for name in {name for name, _ in self._waiting} - self._busy.keys():
            batch = self._due(name, now)
            if batch:
                self._busy[name] = asyncio.create_task(self._sync(name, batch), name=f"sync-{name}")
        self._say_late(now)

    async def drain(self, seconds: float) -> None:
        """Sync everything now, for an orderly end; gives up after that time."""
        clock = self._environment.clock
        deadline = clock.elapsed() + seconds
        while not self.is_idle and clock.elapsed() < deadline:
            for waiting in self._waiting.values():
                waiting.since = float("-inf")
            self.tick()
            await clock.sleep(0.02)

    def _due(self, name: str, now: float) -> list[_Waiting]:
        """Files whose time has come, and a few of those that wait for a while; the longest waiting first."""
        mine = [each for each in self._waiting.values() if each.disk.name == name and each.not_before <= now]
        mine.sort(key=lambda each: each.since)
        due = sum(now - each.since >= SYNC_S for each in mine)
        early = sum(now - each.since >= EARLY_S for each in mine)
        share = ceil(len(mine) * TICK_S / (SYNC_S - EARLY_S))
        batch = mine[: max(due, min(early, share))]
        for each in batch:
            del self._waiting[each.disk.name, each.path]
        return batch

    async def _sync(self, name: str, batch: list[_Waiting]) -> None:
        try:
            results = await self._environment.workers.run(_sync_files, batch)
            self._take(results)
        finally:
            self._busy.pop(name, None)

    def _take(self, results: list[_Result]) -> None:
        failed = [result for result in results if result.error is not None]
        for result in failed:
            self._again(result.waiting)
        if failed:
            error = failed[0].error
            assert error is not None
            reason = error.strerror or type(error).__name__
            self.problem = say(
                "disk-keeps-nothing", f"The disk does not keep what is written: {reason}.", reason=reason
            )
            _LOG.error("not-synced", disk=failed[0].waiting.disk.name, files=len(failed), error=str(error))
        elif results:
            self.problem = NOTHING
        for result in results:
            if result.error is None and result.waiting.done is not None:
                result.waiting.done(result.size)

    def _again(self, failed: _Waiting) -> None:
        """Back among the waiting, with the age that it had; it may have ended or grown meanwhile."""
        newer = self._waiting.get((failed.disk.name, failed.path))
        failed.not_before = self._environment.clock.elapsed() + RETRY_S
        if newer is not None:
            failed.done = newer.done or failed.done
            failed.since = min(newer.since, failed.since)
        self._waiting[failed.disk.name, failed.path] = failed

    def _say_late(self, now: float) -> None:
        ages = [now - each.since for each in self._waiting.values() if each.done is None]
        is_late = max(ages, default=0.0) > LATE_S
        if is_late and not self._is_late:
            _LOG.error("the disk is too slow: a power cut would now cost more than ten seconds", waiting=len(ages))
        self._is_late = is_late or (self._is_late and bool(self._busy))


def _sync_files(batch: list[_Waiting]) -> list[_Result]:
    """Blocks; an error of one file leaves the others alone."""
    results = []
    for each in batch:
        size, error = 0, None
        try:
            each.disk.disk.sync(each.path)
            size = each.disk.disk.size(each.path) or 0
        except FileNotFoundError:
            size = 0
        except OSError as refusal:
            error = refusal
        results.append(_Result(each, size, error))
    return results
