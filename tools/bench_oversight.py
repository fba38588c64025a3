"""Measure the data-protection officer's questions over millions of accesses; writes docs/benchmarks/oversight.md.

    python -m tools.bench_oversight [--rows 3000000]

The index of accesses is filled as `compliance.access_index` fills it, without the audit rows behind it, which the
questions measured here do not read: thirty people, thirty cameras, a year.
"""

from __future__ import annotations

import argparse
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from istros.base.time import DAY, Span, Time, to_iso
from istros.base.workers import InlineWorkers
from istros.compliance.unusual import unusual
from istros.store import Database, Transaction, open_database
from istros.store.access_tables import AccessFactRow
from istros.store.accesses import AccessQuery

RESULT = Path(__file__).parent.parent / "docs/benchmarks/oversight.md"
ROWS = 3_000_000
START = Time(1_764_000_000_000_000 // DAY * DAY)
DAYS = 365
REPEATS = 9
BATCH = 20_000
_ACTIONS = ("live.view", "playback.view", "plates.search", "alarms.read")


def fill(database: Database, rows: int) -> None:
    """Accesses evenly over a year, one in four a search, half of them for a whole plate."""
    chance = random.Random(7)
    step = DAYS * DAY // rows
    for first in range(1, rows + 1, BATCH):
        facts = [
            _fact(number, Time(START + number * step), chance) for number in range(first, min(first + BATCH, rows + 1))
        ]
        database.write_now(lambda tx, facts=facts: tx.accesses.index(facts, facts[-1].sequence))  # type: ignore[misc]


def _fact(number: int, moment: Time, chance: random.Random) -> AccessFactRow:
    action = chance.choice(_ACTIONS)
    plate = f"BH{chance.randrange(10_000):04d}AA" if action == "plates.search" and chance.random() < 0.5 else ""
    camera = f"IZ-{chance.randrange(30) + 1:02d}"
    purpose = "offence" if action in ("playback.view", "plates.search") else "duty"
    return AccessFactRow(number, camera, moment, f"person{chance.randrange(30)}", action, purpose, False, plate)


def works() -> dict[str, Callable[[Transaction], object]]:
    """Each question by its name."""
    end = Time(START + DAYS * DAY)
    month, day = Span(Time(end - 30 * DAY), end), Span(Time(end - DAY), end)
    return {
        "30 days by person": lambda tx: tx.accesses.by_person(month),
        "30 days by place": lambda tx: tx.accesses.by_camera(month),
        "30 days by purpose": lambda tx: tx.accesses.by_purpose(month),
        "rows of a person, newest 100": lambda tx: tx.accesses.rows(AccessQuery(month, actor="person7")),
        "rows of a place, newest 100": lambda tx: tx.accesses.rows(AccessQuery(month, camera_id="IZ-07")),
        "unusual looking, a day": lambda tx: unusual(tx, day),
        "unusual looking, 30 days": lambda tx: unusual(tx, month),
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
    """Fill, measure, write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="istros-oversight-") as folder:
        place = Path(folder) / "istros.sqlite3"
        database = open_database(f"sqlite:///{place}", InlineWorkers())
        fill(database, rows)
        found = {name: timed(database, work) for name, work in works().items()}
        database.close()
        size = place.stat().st_size / 1e9
    lines = [f"| {name} | {cpu:.0f} | {wall:.0f} |" for name, (wall, cpu) in found.items()]
    today = to_iso(Time(time.time_ns() // 1000))[:10]
    RESULT.write_text(
        f"""# The officer's questions

`python -m tools.bench_oversight`: {rows:,} accesses of 30 people and 30 cameras over a year on SQLite
({size:.2f} GB), through `istros.store`; {REPEATS} calls each, medians.
{today}, {platform.machine()}, Python {platform.python_version()}, 2 cores shared with other work: wall time depends on it, CPU does not.

| | CPU, ms | wall, ms |
|---|---|---|
"""
        + "\n".join(lines)
        + "\n\nUnusual looking over 30 days reads every search of those days; the rest reads counts by the hour, or a hundred rows.\n",
        encoding="utf-8",
    )
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
