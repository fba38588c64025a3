"""`kill -9` of recorder, analyser and server, each in turn while the demo runs: nothing recorded is lost beyond the
killed fragment, no alarm is lost or doubled, and `istros check` finds everything in order.

Times are printed, not asserted (docs/benchmarks/kill.md has them for a known machine).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from pathlib import Path

from istros.base.clock import SystemClock
from istros.base.environment import real_environment
from istros.base.time import SECOND, Span, Time
from istros.base.workers import InlineWorkers
from istros.events.judging import Judge
from istros.store import Database, Transaction, open_database
from tests.line.demo_run import WAIT, DemoRun, demo_run, wait_for

CAMERAS = 3
LONGEST_HOLE_US = 10 * SECOND
"""What a busy machine may need to start a recorder again; the figure of an idle one is in docs/benchmarks/kill.md."""


def health(run: DemoRun, part: str) -> bool:
    """Whether a part says that it is well."""
    import httpx2

    answer = httpx2.get(f"{run.url}/api/health", timeout=2)
    return bool(answer.json()[part]["ok"])


def kill_and_wait(run: DemoRun, process: str) -> float:
    """Kill a process; seconds until its successor works."""
    clock = SystemClock()
    began = clock.elapsed()
    killed = run.kill(process)
    wait_for(f"a new {process}", lambda: run.pid(process) not in (None, killed), 30)
    if process == "server":
        wait_for("the server to answer", lambda: health(run, "database"), 30)
    return clock.elapsed() - began


def test_each_process_may_be_killed(tmp_path: Path, free_port: int) -> None:
    data = tmp_path / "data"
    with demo_run(data, free_port, "--cameras", str(CAMERAS)) as run:
        client = run.sign_in("operator")
        wait_for("all cameras to be recorded", lambda: recorded(client) == CAMERAS, 60)
        wait_for("the first plate read", lambda: reads_so_far(client) > 0, 90)
        for process in ("recorder", "analyser", "server"):
            WAIT.wait(6)
            print(f"{process} is back after {kill_and_wait(run, process):.1f} s")
        WAIT.wait(12)
        wait_for("all cameras to be recorded again", lambda: recorded(run.sign_in("operator")) == CAMERAS, 30)
    findings = check(data)
    assert findings["ok"], findings
    database = open_database(f"sqlite:///{data}/istros.sqlite3", InlineWorkers())
    asyncio.run(judge_what_came_last(database))
    database.read_now(no_alarm_is_lost_or_doubled)
    print(f"longest hole {database.read_now(longest_hole_us) / SECOND:.2f} s")
    assert database.read_now(longest_hole_us) < LONGEST_HOLE_US
    database.close()


async def judge_what_came_last(database: Database) -> None:
    """The analyser may hand over its last tracks after the server has stopped; the next server judges them first."""
    judge = Judge(real_environment(1), database)
    while await judge.judge_waiting():
        pass


def recorded(client: object) -> int:
    """How many cameras are live and recorded with every stream."""
    cameras = client.get("/api/cameras").json()  # type: ignore[attr-defined]
    return sum(all(s["recording"] and s["status"] == "live" for s in camera["streams"]) for camera in cameras)


def reads_so_far(client: object) -> int:
    """Plate reads that the analyser says it made."""
    cameras = client.get("/api/cameras").json()  # type: ignore[attr-defined]
    return sum((camera.get("analyser") or {}).get("readsTotal", 0) for camera in cameras)


def check(data: Path) -> dict[str, object]:
    """What `istros check --json` says."""
    command = [sys.executable, "-m", "istros", "check", "--config", str(data / "istros.toml"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    report: dict[str, object] = json.loads(done.stdout)
    return report


EVER = Span(Time(0), Time(1 << 60))


def longest_hole_us(tx: Transaction) -> int:
    """The longest pause between two segments of any stream, in microseconds."""
    holes = [0]
    for state in tx.streams.all():
        segments = tx.segments.between(state.camera_id, state.stream, EVER)
        holes += [later.start - earlier.end for earlier, later in itertools.pairwise(segments)]
    return max(holes)


def no_alarm_is_lost_or_doubled(tx: Transaction) -> None:
    """Every read is judged, and every raising or folding in the audit chain is counted in exactly one alarm."""
    assert tx.reads.unjudged(10) == []
    rows = tx.audit.walk(after=0, limit=100_000)
    raised = [row.subject for row in rows if row.action == "alarm.raise"]
    assert len(raised) == len(set(raised))
    for alarm_id in raised:
        alarm = tx.alarms.get(alarm_id)
        assert alarm is not None
        folds = sum(row.action == "alarm.fold" and row.subject == alarm_id for row in rows)
        assert alarm.count == 1 + folds
