"""Measure the data-protection officer's questions over millions of audit rows; writes docs/benchmarks/oversight.md.

    python -m tools.bench_oversight [--rows 2000000]

Thirty people of four organisations look through thirty cameras for a year. The first rows go into the log as a node writes
them (`compliance.audit`), which gives the cost of one; the rest is put in without a chain, which the index does not read.
The index of accesses is made from the log as a node makes it after an upgrade (`compliance.access_index`).
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from istros.base.time import DAY, Span, Time, to_iso
from istros.base.workers import InlineWorkers
from istros.compliance import audit
from istros.compliance.access_index import catch_up_now
from istros.compliance.unusual import unusual
from istros.sim.town.virtual_time import VirtualLoop, virtual_environment
from istros.store import Database, Transaction, open_database
from istros.store.accesses import AccessQuery
from istros.store.database import connection_of
from istros.store.rows import OperatorRow
from istros.store.schema import AUDIT

RESULT = Path(__file__).parent.parent / "docs/benchmarks/oversight.md"
ROWS = 2_000_000
START = Time(1_764_000_000_000_000 // DAY * DAY)
END = Time(START + 365 * DAY)
REPEATS = 9
BATCH, CHAINED = 20_000, 10_000
ORGANISATIONS = ("Izmail police", "Izmail city", "Tulcea police", "Tulcea city")
OWNERS = {f"IZ-{number + 1:02d}": ORGANISATIONS[number % 4] for number in range(30)}
_ACTIONS = ("live.view", "playback.view", "plates.search", "alarms.read")


def fill(database: Database, rows: int) -> float:
    """Acts evenly over a year, one in four a search, half of them for a whole plate; seconds of CPU for a row's writing."""
    chance = random.Random(7)
    loop = VirtualLoop()
    environment, clock = virtual_environment(loop, "oversight", START)
    people = [
        OperatorRow(f"id{number}", f"person{number}", "", ORGANISATIONS[number % 4], "operator", "")
        for number in range(30)
    ]

    def write(tx: Transaction) -> None:
        for each in people:
            tx.operators.add(each)
        for number in range(CHAINED):
            clock.step_us = _moment(number, rows) - START
            audit.append(tx, environment, origin="10.0.0.7", **_act(chance))

    started = time.process_time()
    database.write_now(write)
    cost = (time.process_time() - started) / CHAINED
    for first in range(CHAINED, rows, BATCH):
        some = [_row(number, _moment(number, rows), chance) for number in range(first, min(first + BATCH, rows))]
        with connection_of(database) as connection:
            connection.execute(AUDIT.insert(), some)
    loop.close()
    return cost


def _moment(number: int, rows: int) -> Time:
    return Time(START + number * (END - START) // rows)


def _row(number: int, moment: Time, chance: random.Random) -> dict[str, Any]:
    act = _act(chance)
    more = {"sequence": number + 1, "time": moment, "origin": "10.0.0.7", "permit_id": None, "result": "done"}
    return act | more | {"detail": json.dumps(act["detail"]), "previous": "", "hash": ""}


def _act(chance: random.Random) -> dict[str, Any]:
    action = chance.choice(_ACTIONS)
    plate = f"BH{chance.randrange(10_000):04d}AA" if chance.random() < 0.5 else "BH*"
    camera = f"IZ-{chance.randrange(30) + 1:02d}"
    detail: dict[str, Any] = {"text": plate, "cameras": [camera]} if action == "plates.search" else {}
    return {"actor": f"person{chance.randrange(30)}", "action": action, "subject": camera, "detail": detail}


def works() -> dict[str, Callable[[Transaction], object]]:
    """Each question by its name."""
    month, day = Span(Time(END - 30 * DAY), END), Span(Time(END - DAY), END)
    ours = ORGANISATIONS[0]
    own = tuple(camera for camera, owner in OWNERS.items() if owner == ours)
    return {
        "30 days by person": lambda tx: tx.accesses.by_person(month),
        "30 days by place": lambda tx: tx.accesses.by_camera(month),
        "30 days by purpose": lambda tx: tx.accesses.by_purpose(month),
        "rows of a person, newest 100": lambda tx: tx.accesses.rows(AccessQuery(month, actor="person7")),
        "rows of a place, newest 100": lambda tx: tx.accesses.rows(AccessQuery(month, camera_id="IZ-07")),
        "unusual looking, a day": lambda tx: unusual(tx, day),
        "unusual looking, 30 days": lambda tx: unusual(tx, month),
        "one organisation: 30 days by person": lambda tx: tx.shares.by_person(month, ours),
        "one organisation: 30 days by place": lambda tx: tx.shares.by_camera(month, ours, own),
        "one organisation: rows of a place, newest 100": lambda tx: tx.accesses.rows(
            AccessQuery(month, camera_id="IZ-01", organisation=ours, own=own)
        ),
        "one organisation: the log, newest 100": lambda tx: tx.audit.page(whose=ours),
        "one organisation: the log, one act": lambda tx: tx.audit.page(whose=ours, action="plates.search"),
    }


def timed(database: Database, work: Callable[[Transaction], object]) -> tuple[float, float]:
    """Median of wall time and of CPU in milliseconds."""
    walls, cpus = [], []
    for _ in range(REPEATS):
        wall, cpu = time.perf_counter(), time.process_time()
        database.read_now(work)
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    return statistics.median(walls), statistics.median(cpus)


def main() -> None:
    """Fill, index, ask, write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="istros-oversight-") as folder:
        place = Path(folder) / "istros.sqlite3"
        database = open_database(f"sqlite:///{place}", InlineWorkers())
        written = fill(database, rows)
        started = time.process_time()
        catch_up_now(database, OWNERS)
        indexed = (time.process_time() - started) / rows
        found = {name: timed(database, work) for name, work in works().items()}
        database.close()
        size = place.stat().st_size / 1e9
    lines = "\n".join(f"| {name} | {cpu:.0f} | {wall:.0f} |" for name, (wall, cpu) in found.items())
    today = to_iso(Time(time.time_ns() // 1000))[:10]
    RESULT.write_text(
        f"""# The officer's questions

`python -m tools.bench_oversight`: {rows:,} audit rows of 30 people of four organisations and 30 cameras over a year on
SQLite ({size:.2f} GB with the index), through `istros.store`; {REPEATS} calls each, medians.
{today}, {platform.machine()}, Python {platform.python_version()}, 2 cores shared with other work: wall time depends on it, CPU does not.

Writing a row costs {1e6 * written:.0f} µs of CPU, indexing it {1e6 * indexed:.0f} µs: after an upgrade that empties the
index, a million rows are in it again after {1e6 * indexed / 60:.1f} minutes of CPU.

| | CPU, ms | wall, ms |
|---|---|---|
{lines}

Unusual looking over 30 days reads every search of those days; the rest reads counts by the hour, or a hundred rows. The
counts of one organisation read each of its rows of those days.
""",
        encoding="utf-8",
    )
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
