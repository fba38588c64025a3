"""A demo started as a person would start it, and what a browser would ask it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from istros.base.clock import SystemClock

WAIT = threading.Event()


def wait_for(what: str, look: Callable[[], Any], seconds: float) -> Any:
    """Ask again until the answer is true; AssertionError naming `what` after `seconds`."""
    clock = SystemClock()
    end = clock.elapsed() + seconds
    last: object = None
    while clock.elapsed() < end:
        try:
            if found := look():
                return found
        except (httpx2.HTTPError, OSError, ValueError) as error:
            last = error
        WAIT.wait(0.2)
    raise AssertionError(f"waited {seconds:g} s in vain for {what}; last trouble: {last}")


@dataclass
class DemoRun:
    """A running demo: its address, its data folder, and the passwords it printed."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    passwords: dict[str, str] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)

    def sign_in(self, name: str) -> httpx2.Client:
        """A client with a session and the header that changes need."""
        client = httpx2.Client(base_url=self.url, timeout=20)
        answer = client.post("/api/session", json={"name": name, "password": self.passwords[name]})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrfToken"]
        return client

    def pid(self, process: str) -> int | None:
        """The pid that a process of the node wrote down."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int((self.data / "run" / f"{process}.pid").read_text())
        return None

    def kill(self, process: str) -> int:
        """`kill -9` of one process of the node; the pid it had."""
        pid = self.pid(process)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        return pid


@contextlib.contextmanager
def demo_run(data: Path, port: int, *arguments: str) -> Iterator[DemoRun]:
    """Start `istros demo`, wait until it answers, and end it with Ctrl-C."""
    command = [
        sys.executable,
        "-m",
        "istros",
        "demo",
        "--port",
        str(port),
        "--data",
        str(data),
        *arguments,
    ]
    log = (data.parent / "demo.log").open("w", encoding="utf-8")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
    run = DemoRun(f"http://127.0.0.1:{port}", data, process)
    reader = threading.Thread(target=_read, args=(run,), daemon=True)
    reader.start()
    try:
        wait_for("the demo to answer", lambda: _answers(run), 120)
        wait_for("the passwords", lambda: "operator" in run.passwords, 10)
        yield run
    finally:
        process.send_signal(signal.SIGINT)
        try:
            status = process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        log.close()
    assert status == 0, f"the demo ended with {status}\n" + _told(run)


def _answers(run: DemoRun) -> bool:
    if (status := run.process.poll()) is not None:
        raise AssertionError(f"the demo ended with {status} before it answered\n" + _told(run))
    return httpx2.get(f"{run.url}/api/health", timeout=20).status_code == 200


def _told(run: DemoRun) -> str:
    return (run.data.parent / "demo.log").read_text(encoding="utf-8")[-3000:]


def _read(run: DemoRun) -> None:
    assert run.process.stdout is not None
    for line in run.process.stdout:
        run.printed.append(line)
        if found := re.match(r"\s{2}(\w+)\s+(\S{8,})\s+\w", line):
            run.passwords[found.group(1)] = found.group(2)
