"""CPU seconds and memory of groups of processes with all their descendants, from /proc (proc(5))."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Group:
    """Processes that together do one thing, e.g. thirty ffmpegs."""

    name: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, command: Sequence[str], log: Path, **more: object) -> None:
        """Start one more; its output goes to the end of `log`."""
        with log.open("ab") as output:
            self.processes.append(
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **more)  # type: ignore[call-overload]
            )

    def cpu_s(self) -> float:
        """User and system seconds so far, with ended children."""
        return sum(_cpu_s(pid) for pid in self.pids())

    def pss_mb(self) -> float:
        """Proportional set size now: shared pages count once over all processes that share them."""
        return sum(_memory_kb(pid, "Pss:") for pid in self.pids()) / 1000

    def rss_mb(self) -> float:
        """Resident set size now."""
        return sum(_memory_kb(pid, "Rss:") for pid in self.pids()) / 1000

    def pids(self) -> list[int]:
        """The processes and their descendants."""
        return [pid for process in self.processes for pid in _tree(process.pid)]

    def running(self) -> int:
        """How many of the started processes still run."""
        return sum(process.poll() is None for process in self.processes)

    def end(self) -> None:
        """Ask them to end, by their own process ids, and kill what does not within ten seconds."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                yield from _tree(int(child))


def _cpu_s(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(fields[number]) for number in (11, 12, 13, 14)) / TICKS
    return 0.0


def _memory_kb(pid: int, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    return 0
